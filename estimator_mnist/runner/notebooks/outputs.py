"""Shows what a notebook's cells print, display and draw, and keeps it to be saved."""

import base64
import contextlib
import inspect
import logging
import platform
import pprint
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from absl import logging as absl_logging

from estimator_mnist import errors, files

# MIME type -> the method with which objects show themselves to Jupyter.
_METHODS = {
    "text/html": "_repr_html_",
    "text/markdown": "_repr_markdown_",
    "text/latex": "_repr_latex_",
    "image/svg+xml": "_repr_svg_",
    "image/png": "_repr_png_",
    "image/jpeg": "_repr_jpeg_",
    "application/json": "_repr_json_",
    "application/javascript": "_repr_javascript_",
}
_LINE = 79  # as wide as Jupyter prints containers
_CONTAINERS = (dict, list, tuple, set, frozenset)
# An output of a cell in the form of nbformat 4, but for `display_id`, and for the text
# of a stream, which is in pieces.
Output = dict[str, Any]


class Captured(NamedTuple):
    """What `%%capture NAME` gives to a name."""

    stdout: str
    stderr: str
    outputs: list[Output]

    def show(self) -> None:
        """Prints what was captured."""
        print(self.stdout, end="")
        print(self.stderr, end="", file=sys.stderr)


class Outputs:
    """Prints what cells show, and keeps it in the form of nbformat 4."""

    def __init__(self, keeps: bool = True) -> None:
        """Takes whether to keep outputs; those that are captured are kept anyway."""
        self._keeps = keeps
        self._of_cells: dict[int, list[Output]] = {}
        self._current: list[Output] = []
        self._outside: list[Output] | None = None  # of the cell, while captured
        self._clears_next = False
        # The terminal; the cells themselves write to what `recorded` puts in its place.
        self._out, self._err = sys.stdout, sys.stderr

    @contextlib.contextmanager
    def recorded(self) -> Iterator[None]:
        """Keeps what is written to sys.stdout and sys.stderr, and logged to stderr."""
        self._out, self._err = sys.stdout, sys.stderr
        out, err = (
            _Stream(self, name, stream)
            for name, stream in (("stdout", self._out), ("stderr", self._err))
        )
        with (
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            _logged_to(err, self._err),
        ):
            yield

    def begin(self, cell: int) -> None:
        """Begins with the outputs of a cell."""
        self.end_capture()
        self._current = self._of_cells[cell] = []
        self._clears_next = False

    def begin_capture(self) -> None:
        """Shows nothing from here on."""
        if self._outside is None:
            self._outside, self._current = self._current, []

    def end_capture(self) -> Captured | None:
        """Shows again; returns what was not shown, or None if all was."""
        if self._outside is None:
            return None
        captured, self._current = self._current, self._outside
        self._outside = None
        texts = {"stdout": "", "stderr": ""}
        for output in captured:
            if output["output_type"] == "stream":
                texts[output["name"]] += "".join(output["text"])
        shown = [output for output in captured if output["output_type"] != "stream"]
        return Captured(**texts, outputs=shown)

    def is_capturing(self) -> bool:
        """Returns whether `%%capture` is on."""
        return self._outside is not None

    def stream(self, name: str, text: str) -> None:
        """Keeps what was written to `name`, "stdout" or "stderr"."""
        self._clear_if_due()
        last = self._current[-1] if self._current else {}
        if last.get("name") == name:
            last["text"].append(text)
        else:
            self._add("stream", name=name, text=[text])

    def display(
        self, shown: Any, display_id: str | None = None, raw: bool = False
    ) -> None:
        """Shows an object, as `display` does; `raw` is a dict of its forms."""
        forms = shown if raw else bundle(shown)
        self._print(forms.get("text/plain", ""))
        self._add_bundle("display_data", forms, display_id=display_id)

    def update(self, shown: object, display_id: str) -> None:
        """Shows an object in place of what was displayed with that id."""
        self._print(text(shown))
        for cell in self._of_cells.values():
            for output in cell:
                if output.get("display_id") == display_id:
                    output["data"] = bundle(shown)

    def result(self, cell: int, value: object) -> None:
        """Shows the value of an expression of the cell."""
        shown = text(value)
        self._print(f"Out[{cell}]:{_between(shown)}{shown}")
        self._add_bundle("execute_result", bundle(value), execution_count=cell)

    def figure(self, png: bytes, shown: str) -> None:
        """Keeps a figure that has been saved; `shown` describes it in words."""
        data = {"image/png": _base64(png), "text/plain": shown}
        self._add_bundle("display_data", data)

    def error(self, error: BaseException, explained: str) -> None:
        """Prints what went wrong in a cell, and keeps it.

        Args:
          error: what the cell raised.
          explained: the program's frames, and what to write instead.
        """
        self.end_capture()
        self.say(explained.rstrip("\n"))
        self._add(
            "error",
            ename=type(error).__name__,
            evalue=str(error),
            traceback=explained.splitlines(),
        )

    def clear(self, wait: bool = False) -> None:
        """Forgets the cell's outputs; with `wait` when the next one comes."""
        self._clears_next = wait
        if not wait:
            self._current.clear()

    def say(self, message: str) -> None:
        """Prints a message of the runner itself, which no notebook keeps."""
        print(message, file=self._err, flush=True)

    def save(self, notebook: Path, saved: Path) -> None:
        """Writes the notebook with the outputs of the cells that have run.

        Raises:
          ScriptError: as `read`, or the file cannot be written.
        """
        content = read(notebook)
        code = [cell for cell in content.cells if cell.cell_type == "code"]
        for cell in code:
            cell.execution_count, cell.outputs = None, []
        # Numbered as `sources` numbers them.
        numbered = enumerate((cell for cell in code if cell.source.strip()), 1)
        for number, cell in numbered:
            if number in self._of_cells:
                kept = [_finished(output) for output in self._of_cells[number]]
                cell.execution_count, cell.outputs = number, _nodes(kept)
        content.metadata.language_info = _nodes(
            {"name": "python", "version": platform.python_version()}
        )
        try:
            files.write_text(str(saved), _nbformat().writes(content) + "\n")
        except OSError as error:
            raise errors.ScriptError(f"--save={saved}: {error.strerror}") from error

    def _print(self, shown: str) -> None:
        if not self.is_capturing():
            print(shown, file=self._out, flush=True)

    def _add_bundle(self, kind: str, data: dict[str, Any], **others: object) -> None:
        self._clear_if_due()
        self._add(kind, data=data, metadata={}, **others)

    def _add(self, kind: str, **fields: object) -> None:
        if self._keeps or self.is_capturing():
            self._current.append({"output_type": kind, **fields})

    def _clear_if_due(self) -> None:
        if self._clears_next:
            self.clear()


class DisplayHandle:
    """What `display(..., display_id=...)` returns: shows another in its place."""

    def __init__(self, shown: Outputs, display_id: str) -> None:
        self._outputs, self.display_id = shown, display_id

    def update(self, shown: object) -> None:
        """Shows an object in place of the former one."""
        self._outputs.update(shown, self.display_id)


class _Stream:
    """Stands for sys.stdout or sys.stderr: passes on what is written, and keeps it."""

    def __init__(self, outputs: Outputs, name: str, stream: TextIO) -> None:
        self._outputs, self._name, self._stream = outputs, name, stream

    def write(self, text: str) -> int:
        """Writes to the terminal, unless `%%capture` is on; keeps the text."""
        self._outputs.stream(self._name, text)
        return len(text) if self._outputs.is_capturing() else self._stream.write(text)

    def writelines(self, lines: list[str]) -> None:
        """Writes the lines."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def read(notebook: Path) -> Any:
    """Returns a notebook as nbformat reads it, in format 4.

    Raises:
      ScriptError: nbformat is not installed, or cannot read it.
    """
    try:
        # Not nbformat.reads, which complains of what is set right here.
        as_written = _nbformat().reader.reads(notebook.read_text("utf-8-sig"))
        content = _nbformat().convert(as_written, 4)
        for node in (content, *content.cells):
            node.setdefault("metadata", _nodes({}))
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise errors.ScriptError(
            f"--save: {notebook} is not of a format that nbformat reads: {error!r}"
        ) from error
    return content


def _nbformat() -> Any:
    try:
        import nbformat
    except ImportError:
        raise errors.ScriptError(
            "--save needs nbformat, which writes notebooks: pip install nbformat"
        ) from None
    return nbformat


def _nodes(value: Any) -> Any:
    return _nbformat().from_dict(value)


def text(value: object) -> str:
    """Returns `repr(value)`, or what Jupyter has in its place.

    That is one item a line for a long container, `module.Name` for a class, and the
    signature of a function.
    """
    if type(value) is type:
        return _dotted(value)
    if isinstance(value, types.FunctionType):
        return f"<function {_dotted(value)}{inspect.signature(value)}>"
    shown = repr(value)
    if type(value) in _CONTAINERS and len(shown) > _LINE and "\n" not in shown:
        return pprint.pformat(value, width=_LINE, sort_dicts=False)
    return shown


def _dotted(value: type | types.FunctionType) -> str:
    module = value.__module__
    inside = "" if module in ("builtins", None) else f"{module}."
    return inside + value.__qualname__


def bundle(value: object) -> dict[str, Any]:
    """Returns the forms in which Jupyter shows a value, by their MIME types."""
    forms: dict[str, Any] = {"text/plain": text(value)}
    if isinstance(value, type):  # its methods are for its instances
        return forms
    for mime, method in _METHODS.items():
        form = _form(value, method)
        if form is not None:
            forms[mime] = _base64(form) if isinstance(form, bytes) else form
    if png := _png_of_figure(value):
        forms["image/png"] = _base64(png)
    return forms


def _form(value: object, method: str) -> Any:
    # Of the class: objects that have an attribute of any name have no such form.
    show = getattr(type(value), method, None)
    if not callable(show):
        return None
    try:
        return show(value)
    except Exception:  # Jupyter, too, goes on with the other forms
        return None


def _png_of_figure(value: object) -> bytes | None:
    """Returns the PNG of a matplotlib figure; None for other values."""
    if "matplotlib.figure" not in sys.modules:
        return None
    from estimator_mnist.runner import figures

    return figures.png(value)


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _finished(output: Output) -> Output:
    """Returns an output in the form of nbformat 4."""
    kept = {name: value for name, value in output.items() if name != "display_id"}
    if kept["output_type"] == "stream":
        kept["text"] = "".join(kept["text"])
    return kept


def _between(shown: str) -> str:
    return "\n" if "\n" in shown else " "


@contextlib.contextmanager
def _logged_to(stream: Any, former: TextIO) -> Iterator[None]:
    """Gives the stream to the handlers of TensorFlow's logs that have stderr's."""
    handlers: list[logging.Handler] = [absl_logging.get_absl_handler().python_handler]
    for name in (None, "tensorflow"):
        handlers += logging.getLogger(name).handlers
    before = {
        handler: handler.stream
        for handler in handlers
        if isinstance(handler, logging.StreamHandler)
        and handler.stream in (sys.__stderr__, former)
    }
    for handler in before:
        handler.setStream(stream)
    try:
        yield
    finally:
        for handler, its_own in before.items():
            handler.setStream(its_own)
