"""Prints an error of a program with the lines of the program alone."""

import re
import traceback
from collections.abc import Collection, Sequence
from pathlib import Path

from estimator_mnist import errors
from estimator_mnist.runner import project, python2, sources
from estimator_mnist.runner.checks import check

_FRAME = re.compile(r'^ +File "(.*)", line \d+, in .*\n', re.MULTILINE)
# What the use of a missing name raises.
_OF_MISSING_NAMES = (
    AttributeError,
    ImportError,
    NameError,
    NotImplementedError,
    TypeError,
)


def text(error: BaseException, own: Collection[str], whole: project.Project) -> str:
    """Returns the program's own frames of the traceback, and what to write instead.

    Args:
      error: what the program raised.
      own: names of the program's files and cells.
      whole: the program.
    """
    summary = traceback.TracebackException.from_exception(error)
    _keep_frames(summary, own)
    formatted = _format(summary, own, whole.program.parts)
    hints = []
    if isinstance(error, _OF_MISSING_NAMES) and summary.stack:
        for finding in _findings_at(summary.stack[-1], whole):
            if finding.replacement not in formatted:
                hints.append(f"Instead of {finding.name}: {finding.replacement}\n")
    if isinstance(error, SyntaxError) and (hint := sources.python_2_hint(formatted)):
        hints.append(f"{hint}\n")
    return formatted + "".join(hints)


def _keep_frames(summary: traceback.TracebackException, own: Collection[str]) -> None:
    """Keeps the program's own frames, and the causes that were raised in them."""
    summary.stack[:] = [frame for frame in summary.stack if frame.filename in own]
    for earlier in (summary.__cause__, summary.__context__):
        if earlier is not None:
            _keep_frames(earlier, own)
    if summary.__cause__ is not None and not summary.__cause__.stack:
        summary.__cause__ = None
    if summary.__context__ is not None and not summary.__context__.stack:
        summary.__context__ = None


def _format(
    summary: traceback.TracebackException,
    own: Collection[str],
    parts: Sequence[sources.Part],
) -> str:
    text = "".join(summary.format())
    # TensorFlow's messages hold all frames of the place where an op was made.
    text = _FRAME.sub(lambda frame: frame[0] if frame[1] in own else "", text)
    for part in parts:
        if part.cell:
            text = text.replace(f'File "{part.name}", line', f"{part.name}, line")
    return text


def _findings_at(
    frame: traceback.FrameSummary, whole: project.Project
) -> list[check.Finding]:
    """Returns what `check` finds in the line of this frame."""
    parts = whole.program.parts
    if not any(part.name == frame.filename for part in parts):
        parts = [part for part in whole.modules if part.name == frame.filename]
    try:
        parts = parts or python2.converted(sources.read(Path(frame.filename)))
        program = whole.program._replace(parts=parts)
        found = check.findings(whole._replace(program=program), follow=False)
    except errors.ScriptError:
        return []
    line = frame.lineno or 0
    return [
        finding
        for finding in found
        if finding.part == frame.filename and finding.first <= line <= finding.last
    ]
