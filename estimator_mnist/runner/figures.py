"""Saves open matplotlib figures as PNG files, named by the cell that drew them."""

import contextlib
import io
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import matplotlib
import matplotlib.figure
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg

_BACKEND = "estimator_mnist_figures"


class Figures:
    """Writes the figures of a program: `FOLDER/NAME.png`, `FOLDER/NAME-2.png`."""

    def __init__(
        self,
        folder: Path,
        name: str,
        saved: Callable[[bytes, str], None] | None = None,
    ) -> None:
        """Takes the folder, and the name of the first figures.

        Args:
          folder: it is made when there is a figure.
          name: of the files; see `begin`.
          saved: is told of each figure: its PNG, and its `repr`.
        """
        self._folder, self._name, self._count = folder, name, 0
        self._saved = saved
        self._err = sys.stderr  # messages are not the program's own output

    def begin(self, name: str) -> None:
        """Names the figures from here on `name`, counted from 1."""
        self._name, self._count = name, 0

    def save(self) -> None:
        """Saves and closes all open figures, and prints the path of each."""
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is None:
            return
        for number in pyplot.get_fignums():
            self._save(pyplot.figure(number))
        pyplot.close("all")

    def _save(self, figure: matplotlib.figure.Figure) -> None:
        content = png(figure)
        if content is None:
            self._say(f"figure: {figure!r} is empty")
            return
        self._count += 1
        suffix = f"-{self._count}" if self._count > 1 else ""
        path = self._folder / f"{self._name}{suffix}.png"
        self._folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self._say(f"figure: {path}")
        if self._saved is not None:
            self._saved(content, repr(figure))

    def _say(self, message: str) -> None:
        print(message, file=self._err, flush=True)


def png(figure: object) -> bytes | None:
    """Returns the PNG of a figure with its margins cut off.

    None for an empty figure, of which there is nothing but the background, and for all
    other objects.
    """
    if not isinstance(figure, matplotlib.figure.Figure):
        return None
    if not figure.get_children()[1:]:
        return None
    content = io.BytesIO()
    figure.savefig(content, format="png", bbox_inches="tight")
    return content.getvalue()


@contextlib.contextmanager
def shown_by_saving(figures: Figures) -> Iterator[None]:
    """Makes `plt.show()` save and close the open figures, until the block ends.

    Replaces matplotlib's backend and `matplotlib.use`, for the whole process.
    """
    # Not through get_backend(), which would choose one.
    backend = dict.__getitem__(matplotlib.rcParams, "backend")
    use = matplotlib.use
    sys.modules[_BACKEND] = _Backend(figures)
    matplotlib.use(f"module://{_BACKEND}")
    # A program that asks for a backend of its own gets this one all the same.
    matplotlib.use = lambda backend, *, force=True: None
    try:
        yield
    finally:
        matplotlib.use = use
        del sys.modules[_BACKEND]
        if pyplot := sys.modules.get("matplotlib.pyplot"):
            pyplot.switch_backend(backend)
        dict.__setitem__(matplotlib.rcParams, "backend", backend)


class _Backend(types.ModuleType):
    """A backend of matplotlib whose `show` saves."""

    def __init__(self, figures: Figures) -> None:
        super().__init__(_BACKEND)

        class Manager(FigureManagerBase):
            @classmethod
            def pyplot_show(cls, *, block: bool | None = None) -> None:
                if block is not False:  # plt.pause() shows without blocking
                    figures.save()

        class Canvas(FigureCanvasAgg):
            manager_class = Manager

        self.FigureManager, self.FigureCanvas = Manager, Canvas
