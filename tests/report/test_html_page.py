"""The page stands alone and takes no text for markup."""

import html.parser

from estimator_mnist.report import html_page

EVIL = "<script>alert('&\"')</script>"
VOID = {"meta", "img"}


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.links, self.text = [], [], [], []
        self.feed(text)
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.links += [v for k, v in attrs if k in ("src", "href", "srcset", "action")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def assert_stands_alone(text):
    """Only embedded pictures and places in the page; no scripts, nothing fetched."""
    page = Page(text)
    assert all(link.startswith(("data:image/png;", "#")) for link in page.links)
    ids = {attrs.get("id") for _, attrs in page.tags}
    assert {link[1:] for link in page.links if link.startswith("#")} <= ids
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in page.tags}
    assert "http" not in text and "url(" not in text and "@import" not in text
    return page


def test_a_page_stands_alone():
    sections = [html_page.Section("a", "A", "words", b"png", 5.6)]
    page = assert_stands_alone(html_page.render("title", [("k", "v")], sections))
    (image,) = [attrs for tag, attrs in page.tags if tag == "img"]
    assert image["src"] == "data:image/png;base64,cG5n" and image["alt"] == "A"


def test_a_page_fits_a_phone():
    page = Page(
        html_page.render("t", [], [html_page.Section("a", "A", "", b"png", 5.6)])
    )
    (viewport,) = [a for tag, a in page.tags if a.get("name") == "viewport"]
    assert "width=device-width" in viewport["content"]
    (image,) = [attrs for tag, attrs in page.tags if tag == "img"]
    assert "width: min(100%, 672px)" in image["style"]


def test_texts_are_escaped():
    sections = [
        html_page.Section("n", EVIL, EVIL),
        html_page.Section("o", EVIL, "", b"p", 1),
    ]
    text = html_page.render(EVIL, [(EVIL, EVIL)], sections)
    page = assert_stands_alone(text)
    assert "<script" not in text
    # Title and heading, both cells, contents and headings of both, one paragraph.
    assert sum(data == EVIL for data in page.text) == 9
    (image,) = [attrs for tag, attrs in page.tags if tag == "img"]
    assert image["alt"] == EVIL
