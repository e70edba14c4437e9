"""How the blocks of a page are read and compared."""

import pytest

from tests.pages import blocks


def test_a_block_has_the_lines_that_are_shown_below_it():
    page = (
        "Say:\n\n```sh slow\necho a\n```\n\n```text\na\n```\n\n```python b.py\nc\n```\n"
    )
    first, second = blocks.of(page)
    assert (first.language, first.text, first.prints) == ("sh", "echo a\n", "a\n")
    assert first.words == {"slow"} and first.file is None
    assert (second.file, second.prints) == ("b.py", None)
    assert blocks.outside(page).split() == ["Say:"]


@pytest.mark.parametrize(
    ("shown", "printed", "first"),
    [
        ("a\nb\n", "a\nb\n", None),
        ("a\n...\n", "a\nb\nc\n", None),
        ("...\nb\n", "a\nb\n", None),
        ("...\na\n", "b\n", "a"),
        ("a\n", "a\nb\n", "b"),
        ("a\nb\n", "a\n", "b"),
        ("...\nb\na\n", "a\nb\n", "a"),
        ("took ... s\n", "took 12 s\n", None),
        ("loss 0.50, step 3\n", "loss 0.52, step 3\n", None),
        ("loss 0.50, step 3\n", "loss 0.52, step 4\n", "loss 0.50, step 3"),
        ("loss 0.50\n", "loss 0.60\n", "loss 0.50"),
        ("loss (0.50)\n", "loss [0.50]\n", "loss (0.50)"),
    ],
)
def test_what_is_shown_is_what_is_printed(shown, printed, first):
    assert blocks.differs(shown, printed) == first
