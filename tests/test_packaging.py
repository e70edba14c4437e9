"""The package that is built has every module, and folders that one can look over."""

import os
import pathlib
import runpy
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile

import pytest
import setuptools

from estimator_mnist import __version__ as VERSION

ROOT = pathlib.Path(__file__).parents[1]
PACKAGE = ROOT / "estimator_mnist"
FLAGFILES = sorted((ROOT / "flags").glob("*.flags"))
SOURCES = ["estimator_mnist", "flags", "docs", "setup.py", "pyproject.toml", "LICENSE"]
SOURCES += [path.name for path in [*ROOT.glob("*.md"), *ROOT.glob("*.in")]]
FOLDERS = sorted(
    folder
    for top in ("benchmarks", "estimator_mnist", "tests")
    for folder in [ROOT / top, *(ROOT / top).rglob("*")]
    if folder.is_dir() and folder.name != "__pycache__"
)


def test_every_folder_with_modules_is_a_package():
    # find_packages leaves out a folder without __init__.py, and all below it.
    folders = {module.parent for module in PACKAGE.rglob("*.py")}
    assert [f for f in folders if not (f / "__init__.py").exists()] == []


def test_type_checkers_of_users_see_the_types():
    assert (PACKAGE / "py.typed").exists()


def test_the_package_has_the_files_that_modules_read(monkeypatch):
    given = {}
    monkeypatch.setattr(setuptools, "setup", lambda **settings: given.update(settings))
    runpy.run_path(str(ROOT / "setup.py"))
    patterns = given["package_data"][""]
    page = PACKAGE / "formats" / "page"
    files = {path for path in page.iterdir() if path.is_file() and path.suffix != ".py"}
    assert files == {path for pattern in patterns for path in page.glob(pattern)}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: str(f.relative_to(ROOT)))
def test_a_folder_has_at_most_15_files(folder):
    files = [path.name for path in folder.iterdir() if path.is_file()]
    assert len(files) <= 15, f"{folder}: {sorted(files)}"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder with the wheel and the sdist."""
    pytest.importorskip("build", reason="build is not installed")
    source, folder = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    ignored = shutil.ignore_patterns("__pycache__")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, source)
    run(sys.executable, "-m", "build", source, "-o", folder, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory):
    """`bin` of a new environment with the wheel, and with the libraries of this one."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    (wheel,) = built.glob("*.whl")
    binaries = folder / ("Scripts" if os.name == "nt" else "bin")
    run(binaries / "python", "-m", "pip", "install", "--no-deps", wheel, cwd=folder)
    where = "import sysconfig; print(sysconfig.get_paths()['purelib'], end='')"
    site_packages = pathlib.Path(run(binaries / "python", "-c", where, cwd=folder))
    # Theirs, but not what this one has of this package.
    libraries = [path for path in sys.path if path.endswith("-packages")]
    (site_packages / "libraries.pth").write_text("\n".join(libraries))
    return binaries


def run(*command, cwd):
    """Runs a command without the checkout in its path; returns what it prints."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_wheel_and_the_sdist_are_whole(built):
    (wheel,), (sdist,) = built.glob("*.whl"), built.glob("*.tar.gz")
    assert wheel.name == f"estimator_mnist-{VERSION}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        (metadata,) = (name for name in names if name.endswith("/METADATA"))
        text = archive.read(metadata).decode()
    package = {str(path.relative_to(ROOT)) for path in PACKAGE.rglob("*.py")}
    flagfiles = {f"estimator_mnist/flags/{path.name}" for path in FLAGFILES}
    assert package | flagfiles | {"estimator_mnist/py.typed"} <= names
    assert not [name for name in names if name.startswith(("tests", "flags"))]
    with tarfile.open(sdist) as archive:
        files = {name.partition("/")[2] for name in archive.getnames()}
    assert {"setup.py", "README.md", "LICENSE", "flags/smoke.flags"} <= files
    for minor in range(10, 14):
        assert f"Classifier: Programming Language :: Python :: 3.{minor}\n" in text
    # What a page of an index could not show.
    assert "![](" not in text and "](docs/" not in text


@pytest.mark.slow
def test_the_wheel_runs_elsewhere(installed, tmp_path):
    version = run(installed / "estimator-mnist", "--version", cwd=tmp_path)
    assert version.startswith(f"estimator_mnist {VERSION} ")
    for name in ("estimator-mnist", "estimator-mnist-run", "estimator-mnist-launch"):
        assert f"usage: {name} " in run(installed / name, "--help", cwd=tmp_path)
    flags = ["--flagfile=smoke", "--max_steps=1", "--model_dir=run"]
    trained = run(installed / "estimator-mnist", *flags, cwd=tmp_path)
    assert "Trained from step 0 to 1 in run." in trained
    (tmp_path / "old.py").write_text("import tensorflow as tf\nprint(tf.Session)\n")
    printed = run(installed / "estimator-mnist-run", "old.py", cwd=tmp_path)
    assert "Session" in printed
    code = "import estimator_mnist.flags as one; print(*one.__path__)"
    where = run(installed / "python", "-c", code, cwd=tmp_path)
    assert str(installed.parent) in where
