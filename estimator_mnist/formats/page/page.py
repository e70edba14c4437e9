"""Puts a program, its constants and the files of this folder into one page."""

import html
import json
import re
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any, NamedTuple

from estimator_mnist.formats.page import constants
from estimator_mnist.formats.page.program import Program

_PAGE = "template.html"
_CODE = ("image.js", "ink.js", "picture.js", "texts.js", "drawing.js", "main.js")


class About(NamedTuple):
    """What a page says of its model."""

    model: str
    step: int
    classes: Sequence[str]  # names


def render(program: Program, about: About, kernels: str) -> str:
    """Returns the page as HTML, with kernels in one of constants.TYPES."""
    stored = constants.store(program, kernels)
    described = {**about._asdict(), **program._asdict(), "constants": stored.places}
    del described["kernels"]
    parts = {
        "title": html.escape(about.model),
        "style": _text("style.css"),
        "program": _json(described),
        "constants": stored.base64,
        "network": _text("network.js"),
        "page": "".join(map(_text, _CODE)),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _text(_PAGE))


def _text(name: str) -> str:
    return (resources.files(__package__) / name).read_text("utf-8")


def _json(value: Mapping[str, Any]) -> str:
    """Returns JSON that does not end the script that it stands in."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")
