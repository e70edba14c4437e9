"""Every block of README.md and docs/ runs, and prints what is shown beside it."""

import re

import pytest

from tests.pages import blocks

PAGES = pytest.mark.parametrize("page", blocks.PAGES, ids=lambda page: page.stem)


def run_page(shell, page, slow=False):
    """Runs the blocks of a page in their order, each as a program of its own."""
    for block in blocks.of(page.read_text("utf-8")):
        if block.file:
            (shell.folder / block.file).write_text(block.text)
        elif slow or "slow" not in block.words:
            run_block(shell, block)


def run_block(shell, block):
    done = (shell.sh if block.language == "sh" else shell.python)(block.text)
    assert done.code == ("fails" in block.words), f"{block.text}\n{done.out}{done.err}"
    if block.prints is not None:
        # A page may leave out what is said meanwhile, on the standard error.
        line = blocks.differs(block.prints, done.out)
        if line and blocks.differs(block.prints, done.out + done.err):
            raise AssertionError(f"{block.text}\nnot as shown: {line}\n{done}")


@PAGES
def test_the_blocks_of_a_page_do_what_it_says(page, shell):
    run_page(shell, page)


@PAGES
def test_a_page_has_no_block_that_nothing_runs(page):
    text = page.read_text("utf-8")
    for block in blocks.of(text):
        assert block.language in ("sh", "python"), block
    outside = blocks.outside(text)
    assert not re.search(r"^(```|    \S)", outside, re.MULTILINE)


@PAGES
def test_the_links_of_a_page_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
        assert (page.parent / link).exists(), link
