"""Open matplotlib figures -> PNG files, named by the cell that drew them."""

import sys
import types
from pathlib import Path

import matplotlib
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg

_BACKEND = "estimator_mnist_figures"


class Figures:
    """The figures of a program: `FOLDER/NAME.png`, `FOLDER/NAME-2.png`."""

    def __init__(self, folder: Path, name: str):
        self._folder = folder
        self.begin(name)

    def begin(self, name: str) -> None:
        """The figures from here on are those of `name`."""
        self._name, self._count = name, 0

    def save(self) -> None:
        """Saves and closes what is open, and says where it is."""
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is None:
            return
        for number in pyplot.get_fignums():
            self._save(pyplot.figure(number))
        pyplot.close("all")

    def _save(self, figure):
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
    """Makes `plt.show()` save and close the open figures, in this process."""

    class Manager(FigureManagerBase):
        @classmethod
        def pyplot_show(cls, *, block=None):
            if block is not False:  # plt.pause() shows without blocking
                figures.save()

    class Canvas(FigureCanvasAgg):
        manager_class = Manager

    backend = types.ModuleType(_BACKEND)
    backend.FigureCanvas, backend.FigureManager = Canvas, Manager
    sys.modules[_BACKEND] = backend
    matplotlib.use(f"module://{_BACKEND}")
    # A program that asks for a window has no use for one here.
    matplotlib.use = lambda backend, *, force=True: None
