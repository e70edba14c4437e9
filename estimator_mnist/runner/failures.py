"""An error of a program, told in the program's own lines."""

import re
import sys
import traceback
from collections.abc import Collection, Sequence
from pathlib import Path

from estimator_mnist import errors
from estimator_mnist.runner import check, sources

_FRAME = re.compile(r'^ +File "(.*)", line \d+, in .*\n', re.MULTILINE)
# What the use of something that is gone raises.
_GONE = (AttributeError, ImportError, NameError, NotImplementedError, TypeError)


def show(error: Exception, own: Collection[str], parts: Sequence, folder: Path) -> None:
    """Prints the traceback less all frames but the program's, and what to write.

    Args:
      own: names of the program's files and cells.
      parts: `sources.Part`s of the program.
      folder: where its other modules are.
    """
    told = traceback.TracebackException.from_exception(error)
    _keep(told, own)
    text = "".join(told.format())
    # TensorFlow tells in the message where an op was made, in all frames.
    text = _FRAME.sub(lambda frame: frame[0] if frame[1] in own else "", text)
    for part in parts:
        if part.cell:
            text = text.replace(f'File "{part.name}", line', f"{part.name}, line")
    print(text, end="", file=sys.stderr)
    for finding in _at(told, parts, folder) if isinstance(error, _GONE) else ():
        if finding.mend not in text:
            print(f"Instead of {finding.name}: {finding.mend}", file=sys.stderr)
    hint = isinstance(error, SyntaxError) and sources.python_2_hint(text)
    if hint:
        print(hint, file=sys.stderr)


def _keep(told, own):
    """Keeps the program's own frames, and the causes that happened in them."""
    told.stack[:] = [frame for frame in told.stack if frame.filename in own]
    for name in ("__cause__", "__context__"):
        earlier = getattr(told, name)
        if earlier is not None:
            _keep(earlier, own)
            if not earlier.stack:
                setattr(told, name, None)


def _at(told, parts, folder):
    """What `check` finds in the line where the program was last."""
    try:
        last = told.stack[-1]
        found = check.findings(parts, folder)
    except (IndexError, errors.ScriptError):
        return []
    return [
        finding
        for finding in found
        if finding.part == last.filename
        and finding.first <= last.lineno <= finding.last
    ]
