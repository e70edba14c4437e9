"""Saves open matplotlib figures as PNG files, named by the cell that drew them."""

import sys
import types
from pathlib import Path

import matplotlib
import matplotlib.figure
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg

_BACKEND = "estimator_mnist_figures"


class Figures:
    """Writes the figures of a program: `FOLDER/NAME.png`, `FOLDER/NAME-2.png`."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name, self._count = folder, name, 0

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
        if not figure.get_children()[1:]:  # nothing but its background
            print(f"figure: {figure!r} is empty", file=sys.stderr, flush=True)
            return
        self._count += 1
        suffix = f"-{self._count}" if self._count > 1 else ""
        path = self._folder / f"{self._name}{suffix}.png"
        self._folder.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, bbox_inches="tight")
        print(f"figure: {path}", file=sys.stderr, flush=True)


def show_by_saving(figures: Figures) -> None:
    """Makes `plt.show()` save and close the open figures.

    Replaces matplotlib's backend and `matplotlib.use`, for the rest of this process.
    """

    sys.modules[_BACKEND] = _Backend(figures)
    matplotlib.use(f"module://{_BACKEND}")
    # A program that asks for a backend of its own gets this one all the same.
    matplotlib.use = lambda backend, *, force=True: None


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
