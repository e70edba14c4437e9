"""Runs a few tests on each pair of Python and TensorFlow that has wheels.

    python -m tests.matrix [--only=3.12:2.18 ...] [--work=FOLDER]

Each pair has an environment of its own, made by pip and removed again: 2 GB of disk,
and minutes. A table in Markdown is printed, which BUILD.md has. Pythons are those of
pyenv and of the path (python3.12); those that are missing are named.
"""

import argparse
import datetime
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
TENSORFLOWS = tuple(f"2.{minor}" for minor in range(15, 22))
NO_WHEEL = "no wheel"
# A program that trains, old programs, the runtime's parts that depend on the versions.
TESTS = (
    "tests/commands",
    "tests/test_main.py",
    "tests/runner/test_run.py",
    "tests/estimator/keras",
    "tests/tf1/test_layers.py",
    "tests/contract/test_surface.py",
    "tests/contract/test_train_and_evaluate.py",
)


def main() -> int:
    """Prints the table; returns 1 where a pair with wheels has not passed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", help="pairs, as 3.12:2.18")
    parser.add_argument("--work", type=pathlib.Path, help="folder of environments")
    options = parser.parse_args()
    pairs = [(p, t) for p in PYTHONS for t in TENSORFLOWS]
    if options.only:
        pairs = [tuple(one.split(":")) for one in options.only]
    results = {}
    for python, tensorflow in pairs:
        results[python, tensorflow] = result_of(python, tensorflow, options.work)
        print(f"{python} {tensorflow}: {results[python, tensorflow]}", flush=True)
    print(table(results))
    good = ("passed", NO_WHEEL, "no Python")
    return int(any(not one.endswith(good) for one in results.values()))


def result_of(python: str, tensorflow: str, work: pathlib.Path | None) -> str:
    """Returns `57 passed`, `1 failed, 56 passed`, or why there is no such pair."""
    interpreter = find(python)
    if not interpreter:
        return "no Python"
    if work:
        work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=work) as folder:
        environment = pathlib.Path(folder, "environment")
        subprocess.run([interpreter, "-m", "venv", environment], check=True)
        wanted = [f"{name}=={tensorflow}.*" for name in ("tensorflow", "tf_keras")]
        wanted += ["protobuf<7"] if tensorflow == "2.20" else []
        binary = environment / "bin" / "python"
        installed = output(
            binary, "-m", "pip", "install", "-q", "-e", ".[test]", *wanted
        )
        if installed.returncode:
            missing = (
                "No matching distribution found for tensorflow" in installed.stdout
            )
            return NO_WHEEL if missing else f"pip: {installed.stdout[-300:]}"
        done = output(binary, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS)
        pathlib.Path(work or ROOT, f"matrix-{python}-{tensorflow}.log").write_text(
            done.stdout
        )
        return summary(done.stdout)


def output(*command: str | pathlib.Path) -> subprocess.CompletedProcess:
    """Runs a command at the top of the checkout; stdout has both of its outputs."""
    return subprocess.run(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def summary(text: str) -> str:
    """Returns how many tests passed and failed, of what pytest prints."""
    counts = re.findall(r"\d+ (?:failed|passed|errors?)\b", text.splitlines()[-1])
    return ", ".join(counts) or "no tests ran"


def find(python: str) -> str | None:
    """Returns the path of a Python of this version; None where there is none."""
    pyenv = pathlib.Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
    found = sorted(pyenv.glob(f"versions/{python}.*/bin/python"))
    return str(found[-1]) if found else shutil.which(f"python{python}")


def table(results: dict[tuple[str, str], str]) -> str:
    """Returns the results as Markdown, a line for each TensorFlow."""
    pythons = sorted({python for python, _ in results}, key=PYTHONS.index)
    tensorflows = dict.fromkeys(tensorflow for _, tensorflow in results)
    today = datetime.date.today().isoformat()
    lines = [f"| {today} | {' | '.join(f'Python {one}' for one in pythons)} |"]
    lines.append("| --- " * (len(pythons) + 1) + "|")
    for tensorflow in tensorflows:
        cells = [results.get((python, tensorflow), "") for python in pythons]
        lines.append(f"| TensorFlow {tensorflow} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
