"""Draws digits with a pen on paper, and photographs of them, by fixed seeds."""

import dataclasses

import numpy as np
from PIL import Image, ImageDraw

SIZE = (400, 300)  # height and width, pixels
# Strokes of each digit: points (x, y) from 0 to 1, which a curve goes through; straight
# lines where the first element is "line".
STROKES = {
    0: [
        [
            (0.5, 0),
            (0.12, 0.2),
            (0, 0.55),
            (0.2, 0.95),
            (0.5, 1),
            (0.85, 0.85),
            (0.95, 0.45),
            (0.8, 0.1),
            (0.48, 0.01),
        ]
    ],
    1: [["line", (0.3, 0.18), (0.55, 0), (0.5, 1)]],
    2: [
        [
            (0.05, 0.25),
            (0.25, 0.03),
            (0.65, 0.02),
            (0.88, 0.25),
            (0.7, 0.55),
            (0.3, 0.82),
            (0.05, 0.98),
        ],
        ["line", (0.05, 0.98), (0.95, 0.96)],
    ],
    3: [
        [(0.08, 0.12), (0.4, 0), (0.8, 0.12), (0.78, 0.36), (0.4, 0.48)],
        [(0.4, 0.48), (0.82, 0.58), (0.92, 0.8), (0.6, 1), (0.2, 0.97), (0, 0.84)],
    ],
    4: [
        ["line", (0.55, 0), (0.05, 0.62), (0.98, 0.6)],
        ["line", (0.7, 0.3), (0.66, 1)],
    ],
    5: [
        ["line", (0.88, 0.02), (0.22, 0.03), (0.14, 0.45)],
        [(0.14, 0.45), (0.5, 0.36), (0.88, 0.55), (0.85, 0.85), (0.45, 1), (0.05, 0.9)],
    ],
    6: [
        [
            (0.75, 0),
            (0.4, 0.2),
            (0.12, 0.55),
            (0.15, 0.9),
            (0.5, 1),
            (0.85, 0.85),
            (0.8, 0.6),
            (0.48, 0.5),
            (0.15, 0.68),
        ]
    ],
    7: [["line", (0.03, 0.05), (0.93, 0.03), (0.4, 1)]],
    8: [
        [
            (0.82, 0.12),
            (0.5, 0),
            (0.18, 0.14),
            (0.3, 0.38),
            (0.68, 0.58),
            (0.84, 0.82),
            (0.5, 1),
            (0.15, 0.84),
            (0.3, 0.58),
            (0.7, 0.36),
            (0.83, 0.12),
        ]
    ],
    9: [
        [
            (0.85, 0.2),
            (0.5, 0.01),
            (0.15, 0.18),
            (0.2, 0.45),
            (0.55, 0.52),
            (0.84, 0.22),
        ],
        [(0.85, 0.2), (0.82, 0.6), (0.7, 1)],
    ],
}


@dataclasses.dataclass(frozen=True)
class Drawing:
    """How a digit is drawn."""

    digit: int
    seed: int = 0
    pen: float = 14  # pixels
    height: float = 200  # of the digit, pixels
    centre: tuple[float, float] = (0.5, 0.5)  # x, y in parts of the page
    ink: tuple[int, int, int] = (25, 25, 35)
    paper: tuple[int, int, int] = (255, 255, 255)
    tilt: float = 0  # degrees


def points_of(drawing):
    """Returns the strokes as arrays of points in pixels, with a hand's irregularity."""
    rng = np.random.default_rng([drawing.seed, drawing.digit])
    aspect, slant = rng.uniform(0.55, 0.75), rng.uniform(-0.05, 0.2)
    angle = np.deg2rad(drawing.tilt)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.array(drawing.centre) * SIZE[::-1]
    strokes = []
    for stroke in STROKES[drawing.digit]:
        straight = stroke[0] == "line"
        points = np.array(stroke[1:] if straight else stroke, float)
        points += rng.normal(0, 0.018, points.shape)
        points = points if straight else _curve(points)
        x = (points[:, 0] - 0.5) * aspect + slant * (0.5 - points[:, 1])
        flat = np.stack([x, points[:, 1] - 0.5], 1) * drawing.height
        strokes.append(flat @ turn.T + middle)
    return strokes


def draw(drawing, fine=3):
    """Returns the page, float [400, 300, 3] from 0 to 1, as a scanner would have it."""
    height, width = SIZE
    page = Image.new("RGB", (width * fine, height * fine), drawing.paper)
    pencil = ImageDraw.Draw(page)
    radius = drawing.pen * fine / 2
    for stroke in points_of(drawing):
        points = [tuple(point * fine) for point in stroke]
        pencil.line(points, drawing.ink, max(1, round(2 * radius)), joint="curve")
        for x, y in (points[0], points[-1]):
            box = (x - radius, y - radius, x + radius, y + radius)
            pencil.ellipse(box, drawing.ink)
    small = page.resize((width, height), Image.Resampling.BOX)
    return np.asarray(small, float) / 255


def paste(image, seed, tilt):
    """Returns a page with an image of MNIST, uint8 [28, 28], written on it in ink."""
    rng = np.random.default_rng(seed)
    large = Image.fromarray(image).resize((224, 224), Image.Resampling.BICUBIC)
    page = Image.new("L", SIZE[::-1])
    page.paste(large, tuple(int(v) for v in rng.uniform((0, 0), (76, 176))))
    turned = page.rotate(tilt, Image.Resampling.BICUBIC)
    ink = np.asarray(turned, float)[..., None] / 255
    return 1 - ink * (1 - np.array([0.12, 0.13, 0.3]))


def photograph(page, seed):
    """Returns the page as a camera sees it: warm light, a shadow, blur, noise."""
    rng = np.random.default_rng([seed, 1])
    height, width = page.shape[:2]
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    along = (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle)
    light = 0.82 + 0.25 * along  # a lamp at one side
    edge = rng.uniform(-0.25, 0.25)
    shadow = 1 / (1 + np.exp(-(along - edge) / rng.uniform(0.02, 0.08)))
    light *= 1 - rng.uniform(0.25, 0.5) * shadow  # a hand's, with a soft edge
    grain = _blurred(rng.normal(0, 1, (height, width)), 2)
    paper = 1 + 0.02 * grain / grain.std()
    warm = np.array([1.0, 0.96, 0.88])
    seen = _blurred(page, 1) * (light * paper)[..., None] * warm
    return np.clip(seen + rng.normal(0, 0.03, seen.shape), 0, 1)


def as_image(page):
    """Returns a page, float from 0 to 1, as a picture of Pillow's."""
    return Image.fromarray(np.uint8(np.rint(255 * page)))


def _curve(points, steps=16):
    """Returns points on a Catmull-Rom spline through these."""
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    t = np.linspace(0, 1, steps)[:, None]
    parts = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        one = -a + 3 * b - 3 * c + d
        two = 2 * a - 5 * b + 4 * c - d
        parts.append(0.5 * (2 * b + (c - a) * t + two * t**2 + one * t**3))
    return np.vstack(parts)


def _blurred(values, radius):
    """Returns values [height, width, ...], each the mean over a square around it."""
    for axis in (0, 1):
        shifted = [np.roll(values, by, axis) for by in range(-radius, radius + 1)]
        values = np.mean(shifted, axis=0)
    return values


WHITE, BLACK = (255, 255, 255), (10, 10, 15)
YELLOW, GREEN, BLUE, RED = (250, 225, 90), (40, 110, 60), (30, 60, 160), (190, 30, 40)
PINK, ORANGE = (250, 190, 205), (245, 150, 40)

# kind -> how each of its pictures is drawn
PLAIN = {
    "thin": [Drawing(d, seed=1, pen=3) for d in (0, 2, 5, 7)],
    "thick": [Drawing(d, seed=2, pen=34) for d in (1, 3, 4, 9)],
    "off-centre": [
        Drawing(6, seed=3, height=110, centre=(0.2, 0.18), pen=9),
        Drawing(8, seed=3, height=110, centre=(0.8, 0.82), pen=9),
        Drawing(2, seed=3, height=60, centre=(0.15, 0.8), pen=5),
        Drawing(4, seed=3, height=330, centre=(0.5, 0.5), pen=18),
    ],
    "inverted": [Drawing(d, seed=4, ink=WHITE, paper=BLACK) for d in (1, 3, 5, 7)],
    "coloured paper": [
        Drawing(0, seed=5, ink=BLUE, paper=YELLOW),
        Drawing(9, seed=5, ink=YELLOW, paper=GREEN),
        Drawing(6, seed=5, ink=RED, paper=PINK),
        Drawing(8, seed=5, ink=YELLOW, paper=WHITE),
    ],
}
TILTS = (-15, -12, -8, -5, -2, 3, 6, 9, 12, 15)
PHOTOGRAPHS = [
    Drawing(digit, 6, 8 + 2 * (digit % 4), 120 + 15 * digit, (0.45, 0.55), tilt=tilt)
    for digit, tilt in enumerate(TILTS)
]


def plain():
    """Yields (kind, digit, page) of each drawing as a scanner would have it."""
    for kind, kept in PLAIN.items():
        for drawing in kept:
            yield kind, drawing.digit, draw(drawing)


def photographs():
    """Yields (kind, digit, page) of each drawing as a camera would have it."""
    for drawing in PHOTOGRAPHS:
        yield "photograph", drawing.digit, photograph(draw(drawing), drawing.digit)


def pasted(images, labels):
    """Yields (kind, digit, page) of images of MNIST on paper, photographed."""
    for place, (image, label) in enumerate(zip(images, labels, strict=True)):
        page = paste(image, place, TILTS[place % len(TILTS)])
        yield "MNIST on paper", int(label), photograph(page, 100 + place)
