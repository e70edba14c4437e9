"""Writes a program in Python 3: `--convert`."""

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from estimator_mnist import errors, files
from estimator_mnist.runner import project, sources

# The line that names the encoding, among the first two.
_CODING = re.compile(r"\A((?:.*\n)?#.*?coding[:=][ \t]*)[-\w.]+")


def write(whole: project.Project, folder: Path) -> tuple[int, int]:
    """Writes all files of a program below a folder, those of Python 2 converted.

    Returns the number of files that were converted, and of all that were written. They
    lie to each other as they did before. Where nothing is Python 2, nothing is written.

    Args:
      whole: the program.
      folder: it is made; nothing in it is overwritten.

    Raises:
      ScriptError: a file is there already.
    """
    start = whole.program.path.resolve()
    parts = {start: list(whole.program.parts)}
    parts |= {Path(part.name).resolve(): [part] for part in whole.modules}
    converted = {path for path in parts if any(part.lines for part in parts[path])}
    if not converted:
        return 0, 0
    root = Path(os.path.commonpath([whole.program.folder, *(p.parent for p in parts)]))
    for path in parts:
        if (folder / path.relative_to(root)).exists():
            raise errors.ScriptError(
                f"--convert={folder}: {path.relative_to(root)} is there already: name "
                "another folder."
            )
    for path in parts:
        target = folder / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path in converted:
            files.write_text(str(target), _text(path, parts[path]))
        else:
            shutil.copyfile(path, target)
    return len(converted), len(parts)


def _text(path: Path, parts: Sequence[sources.Part]) -> str:
    if path.suffix == ".ipynb":
        codes = {part.cell or 0: part.code for part in parts if part.lines}
        return sources.notebook_with(path, codes)
    (part,) = parts
    return _CODING.sub(r"\1utf-8", part.code, count=1)
