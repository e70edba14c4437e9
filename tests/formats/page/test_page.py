"""The page in Chromium, by its own events: drawn on, read, seen and heard."""

import itertools
import re
import struct
import zlib

import pytest

SIZES = [(1280, 900), (390, 844), (320, 640)]
# Strokes in parts of the paper.
ONE = [(0.5, 0.15 + 0.07 * i) for i in range(11)]
FIVE = [(0.7, 0.15), (0.35, 0.15), (0.35, 0.45), (0.6, 0.45)]
FIVE += [(0.7, 0.6), (0.6, 0.8), (0.3, 0.85)]
CONTRAST = """(() => {
  const channel = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const luminance = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map((c) => channel(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const colour = getComputedStyle(element).backgroundColor;
    const isThere = !/, 0\\)$/.test(colour);
    return isThere || !element.parentElement ? colour : behind(element.parentElement);
  };
  const least = { ratio: 99 };
  for (const element of document.querySelectorAll("body *")) {
    const isText = (node) => node.nodeType === 3 && node.data.trim();
    if (![...element.childNodes].some(isText) || element.matches(".hidden")) continue;
    if (!element.checkVisibility()) continue;
    const [a, b] = [getComputedStyle(element).color, behind(element)].map(luminance);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < least.ratio) Object.assign(least, { ratio, text: element.textContent });
  }
  return least;
})()"""


@pytest.fixture
def opened(tab, small_page):
    """The page, just opened, in the size of a phone."""
    tab.resize(390, 844)
    tab.open(small_page)
    return tab


def on_paper(tab, points):
    paper = "document.getElementById('paper')"
    box = tab.evaluate(f"{paper}.getBoundingClientRect().toJSON()")
    return [
        (box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in points
    ]


def wait_for_answer(tab, digit):
    shown = "document.querySelector('#answer strong')?.textContent"
    tab.wait(f"{shown} === '{digit}'")


def text(tab, name):
    return tab.evaluate(f"document.getElementById('{name}').textContent")


def test_strokes_of_the_mouse_are_recognised_while_one_draws(opened):
    first, *others = on_paper(opened, FIVE)
    opened.mouse("mousePressed", *first)
    for point in others:
        opened.mouse("mouseMoved", *point)
    wait_for_answer(opened, "5")
    opened.mouse("mouseReleased", *others[-1])
    bars = opened.evaluate("[...document.querySelectorAll('#bars li')].map(String)")
    assert len(bars) == 10
    assert (
        opened.evaluate("document.querySelector('#bars .best .name').textContent")
        == "5"
    )
    lit = """[...document.querySelectorAll('figure canvas')].map((canvas) => canvas
      .getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data
      .filter((value, i) => i % 4 === 0 && value > 128).length)"""
    assert min(opened.evaluate(lit)) > 50  # in the image, and in the activations


def test_a_finger_draws_and_buttons_take_back(opened):
    opened.touch(*on_paper(opened, ONE))
    wait_for_answer(opened, "1")
    before = text(opened, "answer")
    opened.touch(*on_paper(opened, FIVE))
    opened.wait(f"document.getElementById('answer').textContent !== '{before}'")
    click = "document.getElementById('{}').click()"
    opened.evaluate(click.format("undo"))
    opened.wait(f"document.getElementById('answer').textContent === '{before}'")
    opened.evaluate(click.format("clear"))
    opened.wait("document.getElementById('answer').textContent.startsWith('Nothing')")
    assert opened.evaluate("document.getElementById('undo').disabled")


def test_keys_draw_and_the_answer_is_said(opened):
    opened.evaluate("document.getElementById('paper').focus()")
    for _ in range(4):
        opened.press("ArrowUp", 38, modifiers=8)
    opened.press(" ", 32, " ")
    assert text(opened, "spoken") == "Pen down"
    for _ in range(7):
        opened.press("ArrowDown", 40, modifiers=8)
    opened.press(" ", 32, " ")
    wait_for_answer(opened, "1")
    opened.wait("document.getElementById('spoken').textContent.startsWith('1 at ')")
    opened.press("Backspace", 8)
    opened.wait("document.getElementById('spoken').textContent.startsWith('Nothing')")


def test_all_that_can_be_operated_has_a_name_and_the_answer_is_live(opened):
    opened.draw(*on_paper(opened, ONE))
    wait_for_answer(opened, "1")
    nodes = opened.call("Accessibility.getFullAXTree")["nodes"]
    found = {}
    for node in nodes:
        properties = {
            p["name"]: p["value"].get("value") for p in node.get("properties", [])
        }
        role, name = node["role"]["value"], node.get("name", {}).get("value", "")
        if properties.get("focusable") and role != "RootWebArea":
            found[name] = role
    assert found == {
        "Paper to draw on": "application",
        "Undo": "button",
        "Clear": "button",
        "Open a picture…": "button",
        "Thickness": "slider",
    }
    opened.evaluate("document.getElementById('paper').focus()")
    order = []
    for _ in range(4):
        opened.press("Tab", 9)
        order.append(opened.evaluate("document.activeElement.id"))
    assert order == ["undo", "clear", "picture", "thickness"]
    live = [node for node in nodes if node["role"]["value"] in ("status", "alert")]
    assert len(live) == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_have_contrast_and_nothing_is_wider_than_the_window(
    tab, small_page, scheme
):
    for width, height in SIZES:
        tab.resize(width, height, scheme)
        tab.open(small_page)
        tab.draw(*on_paper(tab, ONE))
        wait_for_answer(tab, "1")
        assert tab.evaluate("document.documentElement.scrollWidth") == width
        least = tab.evaluate(CONTRAST)
        assert 4.5 <= least["ratio"] < 99, least


def test_nothing_is_fetched_and_nothing_is_complained_of(opened, small_page):
    opened.draw(*on_paper(opened, FIVE))
    wait_for_answer(opened, "5")
    assert opened.requests() == [small_page.as_uri()]
    assert opened.complaints() == []


def test_who_prefers_no_motion_sees_none(opened):
    duration = "getComputedStyle(document.querySelector('.bar')).transitionDuration"
    assert opened.evaluate(duration) == "0.08s"
    opened.prefer("reduced-motion", "reduce")
    assert opened.evaluate(duration) == "0s"


def test_it_speaks_german_to_germans(tab, small_page):
    agent = tab.evaluate("navigator.userAgent")
    tab.call("Emulation.setUserAgentOverride", userAgent=agent, acceptLanguage="de-AT")
    try:
        tab.open(small_page)
        assert text(tab, "undo") == "Rückgängig"
        assert tab.evaluate("document.documentElement.lang") == "de"
    finally:
        tab.call("Emulation.setUserAgentOverride", userAgent=agent, acceptLanguage="en")


def png(width, height, rows):
    """Returns a PNG of greys."""

    def chunk(kind, content):
        body = kind + content
        return (
            struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    content = zlib.compress(b"".join(b"\0" + row for row in rows))
    parts = [(b"IHDR", header), (b"IDAT", content), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(itertools.starmap(chunk, parts))


def drop(tab, path):
    """Drops a file on the page, as a file manager does."""
    data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        tab.call("Input.dispatchDragEvent", type=kind, x=100, y=300, data=data)


def test_a_picture_of_ink_on_paper_in_a_shadow_is_recognised(opened, tmp_path):
    path = tmp_path / "one.png"
    shadow = [bytes(120 + (x + y) // 4 for x in range(200)) for y in range(300)]
    ink = bytes([40]) * 16
    rows = [
        row[:90] + ink + row[106:] if 60 < y < 240 else row
        for y, row in enumerate(shadow)
    ]
    path.write_bytes(png(200, 300, rows))
    drop(opened, path)
    wait_for_answer(opened, "1")
    assert text(opened, "message") == ""
    # 280 pixels for 300; the ink alone.
    box = opened.evaluate("boxOfInk(drawing.ink(280), 280, 280)")
    expected = {"top": 57, "bottom": 224, "left": 131, "right": 146}
    assert box == pytest.approx(expected, abs=2)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no picture at all", "is not a picture"),
        (png(9000, 9000, [bytes(9000)] * 3), "is too large"),
        (png(60, 60, [bytes([200]) * 60] * 60), "Nothing stands out"),
    ],
    ids=["text", "huge", "blank"],
)
def test_what_cannot_be_taken_gets_one_message(content, message, opened, tmp_path):
    path = tmp_path / "dropped.png"
    path.write_bytes(content)
    drop(opened, path)
    opened.wait("document.getElementById('message').textContent")
    assert re.search(
        f"dropped.png {message}|{message} in dropped.png", text(opened, "message")
    )
    assert text(opened, "answer") == "Nothing is drawn yet."
