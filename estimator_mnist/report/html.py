"""One HTML file that needs nothing else: pictures and style are in it."""

import base64
import html
import string
from typing import NamedTuple

# Pixels of the page per inch of a picture: as shown, and the least that can be read.
_SHOWN, _LEAST = 120, 62


class Section(NamedTuple):
    """A heading, a paragraph, and a picture if there is something to show."""

    name: str  # of the picture's file, and of the place in the page
    heading: str
    text: str
    png: bytes | None = None
    inches: float = 0  # how wide the picture is


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
<nav>
$contents
</nav>
$sections
</body>
</html>
""")


def page(title: str, facts: list[tuple[str, str]], sections: list[Section]) -> str:
    """The report as HTML; all texts are escaped.

    Args:
      facts: name and value, the rows of the table at its top.
    """
    rows = (f"<tr><th>{_safe(k)}</th><td>{_safe(v)}</td></tr>" for k, v in facts)
    links = (f'<a href="#{_safe(s.name)}">{_safe(s.heading)}</a>' for s in sections)
    return _PAGE.substitute(
        title=_safe(title),
        facts="\n".join(rows),
        contents="\n".join(links),
        sections="\n".join(map(_section, sections)),
    )


def _section(section):
    lines = [
        f'<section id="{_safe(section.name)}">',
        f"<h2>{_safe(section.heading)}</h2>",
        f"<p>{_safe(section.text)}</p>",
    ]
    if section.png is not None:
        lines.append(f'<div class="picture">{_image(section)}</div>')
    return "\n".join([*lines, "</section>"])


def _image(section):
    shown, least = (round(section.inches * pixels) for pixels in (_SHOWN, _LEAST))
    data = base64.b64encode(section.png).decode("ascii")
    return (
        f'<img alt="{_safe(section.heading)}" '
        f'style="width: min(100%, {shown}px); min-width: {least}px" '
        f'src="data:image/png;base64,{data}">'
    )


def _safe(text):
    return html.escape(str(text), quote=True)
