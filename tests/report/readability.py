"""Whether a picture can be read: not blank, not clipped, labelled, nothing overlaps."""

import itertools

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

DPI = 75


def assert_readable(figure):
    figure.set_dpi(DPI)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[..., :3]
    assert_not_clipped(figure, pixels)
    assert figure.get_suptitle(), "no title"
    for axes in figure.axes:
        if axes.images or axes.has_data() or axes.axison:
            assert_shows_something(axes, pixels)
            assert_labelled(axes)
    assert_titles_apart(figure)


def assert_not_clipped(figure, pixels):
    border = [pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]
    assert all((line == 255).all() for line in border), "something reaches the edge"
    box = figure.get_tightbbox()
    width, height = figure.get_size_inches()
    assert box.x0 >= 0 and box.y0 >= 0, f"clipped: {box}"
    assert box.x1 <= width and box.y1 <= height, f"clipped: {box}"


def assert_shows_something(axes, pixels):
    box = axes.get_window_extent()
    height = len(pixels)
    rows = slice(round(height - box.y1) + 2, round(height - box.y0) - 2)
    part = pixels[rows, round(box.x0) + 2 : round(box.x1) - 2]
    assert part.size and np.ptp(part), f"blank: {axes.get_title()!r}"


def assert_labelled(axes):
    """What has ticks says what they count; axes may share the label of a lower one."""
    if not axes.axison:
        return
    shared = axes.get_shared_x_axes()
    below = [a for a in axes.figure.axes if a is axes or shared.joined(a, axes)]
    if len(axes.get_xticks()):
        assert any(a.get_xlabel() for a in below), "an axis without a label"
    if len(axes.get_yticks()):
        assert axes.get_ylabel(), "an axis without a label"


def assert_titles_apart(figure):
    titles = [axes.title for axes in figure.axes] + [figure._suptitle]
    boxes = [t.get_window_extent() for t in titles if t.get_text()]
    for one, other in itertools.combinations(boxes, 2):
        assert not one.overlaps(other), "titles overlap"
