"""Commands that `python -m` runs execute nothing of the working directory."""

import subprocess
import sys

import pytest

_MARK = "raise SystemExit('executed: ' + __file__)\n"
_LIBRARIES = {"absl", "matplotlib", "numpy", "requests", "tensorflow"}


@pytest.fixture(scope="module")
def shadows(tmp_path_factory):
    """A folder with a file for each module that Python does not import by itself."""
    folder = tmp_path_factory.mktemp("shadows")
    script = folder / "empty.py"
    script.write_text("import sys; print(*sys.modules)")
    printed = subprocess.check_output([sys.executable, "-m", "empty"], cwd=folder)
    for name in _LIBRARIES | sys.stdlib_module_names - set(printed.decode().split()):
        (folder / f"{name}.py").write_text(_MARK)
    (folder / "sitecustomize.py").write_text(_MARK)
    (folder / "old.ipynb").write_text("{")
    return folder


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["run", "--check", "old.ipynb"], "error: old.ipynb: no Jupyter notebook"),
        (["run", "--help"], "usage: python -m estimator_mnist.run"),
        (["launch", "--help"], "usage: python -m estimator_mnist.launch"),
        (["main", "--helpshort"], "Folder with the IDX files"),
    ],
)
def test_a_command_imports_nothing_of_the_working_directory(shadows, command, said):
    name, *arguments = command
    outcome = subprocess.run(
        [sys.executable, "-m", f"estimator_mnist.{name}", *arguments],
        cwd=shadows,
        capture_output=True,
        text=True,
    )
    assert said in outcome.stdout + outcome.stderr
    assert "executed" not in outcome.stderr
