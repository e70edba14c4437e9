"""The package that is built has every module, and folders that one can look over."""

import pathlib
import runpy

import pytest
import setuptools

ROOT = pathlib.Path(__file__).parents[1]
PACKAGE = ROOT / "estimator_mnist"
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
    patterns = given["package_data"]["estimator_mnist.formats.page"]
    page = PACKAGE / "formats" / "page"
    files = {path for path in page.iterdir() if path.is_file() and path.suffix != ".py"}
    assert files == {path for pattern in patterns for path in page.glob(pattern)}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: str(f.relative_to(ROOT)))
def test_a_folder_has_at_most_15_files(folder):
    files = [path.name for path in folder.iterdir() if path.is_file()]
    assert len(files) <= 15, f"{folder}: {sorted(files)}"
