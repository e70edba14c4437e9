"""Runs all notebooks of a folder, each in a process of its own."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from estimator_mnist import errors


def run(
    folder: Path, flags: Callable[[Path], list[str]], left_out: Path | None = None
) -> int:
    """Runs the notebooks below a folder; returns 1 where one of them fails, else 0.

    Args:
      folder: Jupyter's copies in hidden folders are not run.
      flags: returns those for a notebook, whose path below `folder` it is given.
      left_out: a folder of notebooks that are not run.

    Raises:
      ScriptError: there are no notebooks.
    """
    notebooks = [
        path
        for path in sorted(folder.rglob("*.ipynb"))
        if not _is_hidden(path.relative_to(folder))
        and not (left_out and path.resolve().is_relative_to(left_out))
    ]
    if not notebooks:
        raise errors.ScriptError(f"{folder}: no notebooks (.ipynb) there.")
    command = [sys.executable, "-m", "estimator_mnist.run"]
    failed = []
    for notebook in notebooks:
        below = notebook.relative_to(folder)
        print(f"== {below}", file=sys.stderr, flush=True)
        done = subprocess.run([*command, *flags(below), str(notebook)], check=False)
        if done.returncode:
            failed.append(str(below))
    whole = len(notebooks) - len(failed)
    print(f"{folder}: {whole} of {len(notebooks)} notebooks ran.", file=sys.stderr)
    if failed:
        print(f"  failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
