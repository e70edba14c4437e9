"""The report as one HTML file that holds its pictures and its style."""

import base64
import html
import string
import urllib.parse
from typing import NamedTuple

# Pixels of the page per inch of a picture: the usual size, and the smallest legible.
_PIXELS, _LEAST_PIXELS = 120, 62


class Section(NamedTuple):
    """A heading, a paragraph and, if there is something to show, a picture."""

    name: str  # of the picture's file, and the id in the page
    heading: str
    text: str
    png: bytes | None = None
    inches: float = 0  # width of the picture


_PAGE = string.Template("""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; color: #1c1c1c; background: #fff;
  margin: 0 auto; max-width: 72rem; padding: 0.75rem; }
h1, h2, p, nav, table { max-width: 42rem; margin: 0.5rem auto; }
h1, p, td { overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.2; }
h2 { font-size: 1.2rem; margin-top: 2.5rem; }
nav { columns: 2 12rem; }
nav a { display: block; padding: 0.15rem 0; }
a { color: #0057a3; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #ddd; padding: 0.3rem 0.6rem 0.3rem 0;
  text-align: left; vertical-align: top; font-variant-numeric: tabular-nums; }
th { font-weight: 600; width: 30%; }
.picture { overflow-x: auto; }
.picture img { display: block; height: auto; margin: 0 auto; }
</style>
</head>
<body>
<h1>$title</h1>
<table>
$facts
</table>
$page
<nav>
$contents
</nav>
$sections
</body>
</html>
""")


def render(
    title: str,
    facts: list[tuple[str, str]],
    sections: list[Section],
    page: str | None = None,
) -> str:
    """Returns the page as HTML, with all texts escaped.

    Args:
      facts: name and value of each row of the table at the top.
      page: relative path of a page to draw on, with slashes; None for no link.
    """
    rows = (f"<tr><th>{_escape(k)}</th><td>{_escape(v)}</td></tr>" for k, v in facts)
    links = (f'<a href="#{_escape(s.name)}">{_escape(s.heading)}</a>' for s in sections)
    return _PAGE.substitute(
        title=_escape(title),
        facts="\n".join(rows),
        page=_link(page) if page else "",
        contents="\n".join(links),
        sections="\n".join(map(_section, sections)),
    )


def _link(page: str) -> str:
    address, name = urllib.parse.quote(page), page.rpartition("/")[2]
    text = f"Draw, and see what the model makes of it: {name}"
    return f'<p><a href="{_escape(address)}">{_escape(text)}</a></p>'


def _section(section: Section) -> str:
    lines = [
        f'<section id="{_escape(section.name)}">',
        f"<h2>{_escape(section.heading)}</h2>",
        f"<p>{_escape(section.text)}</p>",
    ]
    if section.png is not None:
        picture = _image(section.heading, section.png, section.inches)
        lines.append(f'<div class="picture">{picture}</div>')
    return "\n".join([*lines, "</section>"])


def _image(alt: str, png: bytes, inches: float) -> str:
    width, least_width = round(inches * _PIXELS), round(inches * _LEAST_PIXELS)
    data = base64.b64encode(png).decode("ascii")
    return (
        f'<img alt="{_escape(alt)}" '
        f'style="width: min(100%, {width}px); min-width: {least_width}px" '
        f'src="data:image/png;base64,{data}">'
    )


def _escape(text: str) -> str:
    return html.escape(text, quote=True)
