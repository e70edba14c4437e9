"""Stands for the modules of IPython and google.colab in a program."""

import importlib
import sys
import types
from collections.abc import Callable, Mapping, MutableSequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from estimator_mnist.runner.notebooks import outputs

if TYPE_CHECKING:  # it shows the objects of this module
    from estimator_mnist.runner.notebooks.shell import Shell

STANDS_IN_FOR = ("IPython", "google")

_SIGNATURES = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"<svg": "image/svg+xml",
}


class DisplayObject:
    """Stands for HTML, Image and all other objects of IPython.display."""

    mime = ""

    def __init__(
        self,
        data: Any = None,
        url: str | None = None,
        filename: str | None = None,
        **_: object,
    ) -> None:
        """Takes what is shown, or the file that holds it."""
        self.data, self.url, self.filename = data, url, filename
        if filename is not None:
            self.data = _content(Path(filename))

    def __repr__(self) -> str:
        return f"<IPython.core.display.{type(self).__name__} object>"

    def _text(self, mime: str) -> str | None:
        data = self.data.decode() if isinstance(self.data, bytes) else self.data
        return data if mime == self.mime else None

    def _repr_html_(self) -> str | None:
        return self._text("text/html")

    def _repr_markdown_(self) -> str | None:
        return self._text("text/markdown")

    def _repr_latex_(self) -> str | None:
        return self._text("text/latex")

    def _repr_svg_(self) -> str | None:
        return self._text("image/svg+xml")

    def _repr_javascript_(self) -> str | None:
        return self._text("application/javascript")


class HTML(DisplayObject):
    """Shows HTML."""

    mime = "text/html"


class Markdown(DisplayObject):
    """Shows Markdown."""

    mime = "text/markdown"


class Latex(DisplayObject):
    """Shows LaTeX."""

    mime = "text/latex"


class Math(Latex):
    """Shows a formula of LaTeX."""

    def _repr_latex_(self) -> str | None:
        return f"$\\displaystyle {self.data}$"


class SVG(DisplayObject):
    """Shows a drawing."""

    mime = "image/svg+xml"


class JSON(DisplayObject):
    """Shows lists and dicts."""

    def _repr_json_(self) -> Any:
        return self.data


class Javascript(DisplayObject):
    """Runs in a browser that shows the saved notebook."""

    mime = "application/javascript"


class Image(DisplayObject):
    """Shows an image: its bytes, or the file or address of them."""

    def __init__(
        self,
        data: Any = None,
        url: str | None = None,
        filename: str | None = None,
        **others: object,
    ) -> None:
        """Takes what is shown; text is the name of a file, or an address."""
        if isinstance(data, str) and "://" in data:
            data, url = None, data
        elif isinstance(data, str):
            data, filename = None, data
        super().__init__(data, url, filename, **others)

    def _repr_html_(self) -> str | None:
        return f'<img src="{self.url}"/>' if self.url else None

    def _repr_png_(self) -> bytes | None:
        return self._bytes("image/png")

    def _repr_jpeg_(self) -> bytes | None:
        return self._bytes("image/jpeg")

    def _bytes(self, mime: str) -> bytes | None:
        if not isinstance(self.data, bytes):
            return None
        kinds = {kind for head, kind in _SIGNATURES.items() if self._begins(head)}
        return self.data if mime in kinds else None

    def _begins(self, head: bytes) -> bool:
        return self.data.startswith(head)


def _content(path: Path) -> bytes | None:
    # A picture that was not copied along is no reason to stop.
    return path.read_bytes() if path.is_file() else None


_DISPLAY_OBJECTS = {
    kind.__name__: kind
    for kind in (
        HTML,
        Markdown,
        Latex,
        Math,
        SVG,
        JSON,
        Javascript,
        Image,
        DisplayObject,
    )
}


class _StandIn(types.ModuleType):
    """A module of the names that it is given."""

    def __init__(self, name: str, **names: object) -> None:
        super().__init__(name)
        self.__path__: MutableSequence[str] = []
        for key, value in names.items():
            setattr(self, key, value)


class _DisplayModule(_StandIn):
    """Stands for IPython.display, whose objects are many."""

    def __getattr__(self, name: str) -> type[DisplayObject]:
        if name.startswith("_"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return type(name, (DisplayObject,), {})


class _Google(_StandIn):
    """Stands for the package google: google.colab, and what is installed below it."""

    def __getattr__(self, name: str) -> Any:
        try:
            return importlib.import_module(f"google.{name}")
        except ImportError as error:
            raise AttributeError(str(error)) from None


def ipython(shell: "Shell") -> Mapping[str, types.ModuleType]:
    """Returns what stands for IPython's modules, by their names, in a program.

    They are not put into `sys.modules`: libraries find the real IPython, or none.
    """

    def get_ipython() -> "Shell":
        return shell

    shown = _DisplayModule(
        "IPython.display",
        display=shell.display,
        clear_output=shell.clear_output,
        DisplayHandle=outputs.DisplayHandle,
        **_DISPLAY_OBJECTS,
    )
    kind = type(shell)
    interactive = _StandIn("IPython.core.interactiveshell", InteractiveShell=kind)
    core = _StandIn("IPython.core", display=shown, interactiveshell=interactive)
    top = _StandIn("IPython", get_ipython=get_ipython, display=shown, core=core)
    found: list[_StandIn] = [top, shown, core, interactive]
    modules: dict[str, types.ModuleType] = {module.__name__: module for module in found}
    return modules | {
        "IPython.core.display": shown,
        "IPython.lib.display": shown,
        "IPython.core.getipython": top,
    }


def colab(shell: "Shell", data_dir: str | None) -> Mapping[str, types.ModuleType]:
    """Returns what stands for google.colab's modules, by their names, in a program.

    Args:
      shell: prints what is skipped.
      data_dir: the folder whose files `files.upload()` gives.
    """

    def skip(name: str) -> Callable[..., None]:
        return lambda *args, **_: print(
            f"skipped: google.colab.{name}({', '.join(map(repr, args))})",
            file=sys.stderr,
        )

    def upload(**_: object) -> dict[str, bytes]:
        return _uploaded(data_dir)

    def show_image(image: Any, **_: object) -> None:
        from matplotlib import pyplot

        # Of OpenCV, whose colours are in the other order.
        pyplot.imshow(image[..., ::-1] if image.ndim == 3 else image, cmap="gray")
        pyplot.show()

    below: dict[str, dict[str, Any]] = {
        "drive": {"mount": skip("drive.mount"), "flush_and_unmount": skip("drive")},
        "files": {"upload": upload, "download": skip("files.download")},
        "auth": {"authenticate_user": skip("auth.authenticate_user")},
        "output": {"clear": shell.clear_output, "eval_js": skip("output.eval_js")},
        "patches": {"cv2_imshow": show_image},
    }
    modules = {
        name: _StandIn(f"google.colab.{name}", **names) for name, names in below.items()
    }
    top = _StandIn("google.colab", **modules)
    found = {"google.colab": top, "google": _Google("google", colab=top)}
    return found | {module.__name__: module for module in modules.values()}


def _uploaded(folder: str | None) -> dict[str, bytes]:
    """Returns the content of the folder's files by name, as Colab's dialog does."""
    if folder is None:
        raise FileNotFoundError(
            "files.upload(): put the files that the notebook asks for into a folder, "
            "and run it with --data_dir=FOLDER."
        )
    paths = sorted(path for path in Path(folder).iterdir() if path.is_file())
    for path in paths:
        print(f"Saving {path.name} to {path}")
    return {path.name: path.read_bytes() for path in paths}
