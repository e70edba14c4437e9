"""Prints what `--check` finds in a program, or in all programs of a folder."""

import collections
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from estimator_mnist import errors
from estimator_mnist.runner import modules, project, sources
from estimator_mnist.runner.checks import check

_SHOWN = 5  # kinds in the last line


class Report(NamedTuple):
    """What was found.

    Attributes:
      files: the number of files that were read.
      findings: one for each name and line.
    """

    files: int
    findings: list[check.Finding]

    def show(self, as_json: bool) -> None:
        """Prints a line for each finding, or JSON, and at last one that counts."""
        if as_json:
            entries = [finding._asdict() for finding in self.findings]
            kinds = dict(self._kinds())
            report = {"files": self.files, "findings": entries, "kinds": kinds}
            print(json.dumps(report, indent=1))
            return
        for finding in self.findings:
            place = sources.place(finding.part, finding.first)
            print(f"{place}: {finding.name}: {finding.replacement}")
        print(self._summary(), file=sys.stderr)

    def _kinds(self) -> list[tuple[str, int]]:
        counts = collections.Counter(finding.name for finding in self.findings)
        return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))

    def _summary(self) -> str:
        files = _count(self.files, "file")
        if not self.findings:
            return f"{files}: nothing that is gone."
        kinds = self._kinds()
        shown = ", ".join(f"{name} {count}" for name, count in kinds[:_SHOWN])
        rest = ", ..." if kinds[_SHOWN:] else ""
        findings = _count(len(self.findings), "finding")
        return f"{files}: {findings} of {_count(len(kinds), 'kind')}: {shown}{rest}"


def of_program(whole: project.Project) -> Report:
    """Reports on a program and all modules that it imports.

    Raises:
      ScriptError: a file is not Python.
    """
    files = 1 + len(whole.modules)
    return Report(files, check.findings(whole))


def of_folder(folder: Path) -> Report:
    """Reports on all scripts, modules and notebooks in a folder and below it.

    A file that is not Python, or no notebook, is a finding like others.
    """
    files, found = 0, list[check.Finding]()
    for path in _files(folder):
        files += 1
        try:
            whole = project.read(path, root=folder)
            for finding in check.findings(whole, follow=False):
                # Cells are named by the notebook's file alone.
                part = finding.part.replace(path.name, str(path))
                is_cell = path.suffix == ".ipynb"
                found.append(finding._replace(part=part) if is_cell else finding)
        except errors.ScriptError as error:
            found.append(check.Finding(str(path), 1, 1, "not Python 3", str(error)))
    return Report(files, found)


def _files(folder: Path) -> Iterator[Path]:
    """Yields the files in a folder that can be started or imported, sorted."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.is_symlink():
            continue
        if path.is_dir():
            if not (path / "pyvenv.cfg").exists():
                yield from _files(path)
        elif path.suffix in (".py", ".ipynb") and modules.is_of_program(str(path)):
            yield path


def _count(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"
