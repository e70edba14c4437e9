"""Reads the blocks of a page of documentation.

A block is fenced, and its first line has its language: `sh`, `python`, or `text`, which
is what the block before it prints. Other words of that line are not shown:

- `slow`: it installs, downloads or takes minutes.
- `offline`: it runs without a network.
- `fails`: it ends with exit code 1, as the page says.
- `ci`: `.ci/run` runs it.
- `elsewhere`: it starts a server in Docker, which the tests stand in for.
- a name with a dot: a file that the reader is to write.
"""

import pathlib
import re
from typing import NamedTuple

ROOT = pathlib.Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LANGUAGES = {"sh", "python", "text"}
_FENCED = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NUMBER = re.compile(r"\d+\.\d+")
_ANYTHING = "..."


class Block(NamedTuple):
    """A block of a page.

    Attributes:
      prints: the lines shown as what it prints; None where the page does not say.
    """

    language: str
    words: frozenset[str]
    text: str
    prints: str | None = None

    @property
    def file(self) -> str | None:
        """Returns the file that the reader is to write; None for a block to run."""
        return next((word for word in self.words if "." in word), None)


def of(text: str) -> list[Block]:
    """Returns the blocks of a page, each with what it prints."""
    blocks: list[Block] = []
    for language, words, body in _FENCED.findall(text):
        if language == "text" and blocks and blocks[-1].prints is None:
            blocks[-1] = blocks[-1]._replace(prints=body)
        else:
            blocks.append(Block(language, frozenset(words.split()), body))
    return blocks


def outside(text: str) -> str:
    """Returns a page without its blocks."""
    return _FENCED.sub("", text)


def differs(shown: str, printed: str) -> str | None:
    """Returns the first line shown that was not printed; None where all were.

    They must come in the order shown; a line "..." stands for any number of lines,
    "..." within a line for anything. Fractions may differ by a tenth, since processors
    and versions of TensorFlow round differently.
    """
    left, may_skip = iter(printed.splitlines()), False
    for line in shown.splitlines():
        if line.strip() == _ANYTHING:
            may_skip = True
            continue
        if not any(_is_like(line, each) for each in _next(left, may_skip)):
            return line
        may_skip = False
    return None if may_skip else next(left, None)


def _next(lines, may_skip):
    """Yields the next line, or all that are left."""
    for line in lines:
        yield line
        if not may_skip:
            return


def _is_like(shown: str, printed: str) -> bool:
    pattern = re.escape(_NUMBER.sub("<n>", shown).rstrip())
    pattern = pattern.replace(re.escape(_ANYTHING), ".*").replace("<n>", r"(\d+\.\d+)")
    found = re.fullmatch(pattern, printed.rstrip())
    return found is not None and all(
        abs(float(number) - float(expected)) <= 0.1 * float(expected) + 1e-6
        for number, expected in zip(found.groups(), _NUMBER.findall(shown), strict=True)
    )
