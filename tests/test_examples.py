"""What examples/ and docs/ show runs as they show it."""

import pathlib
import re
import runpy
import sys

import pytest
import tensorflow as tf

ROOT = pathlib.Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md"))


@pytest.fixture
def verbosity():
    """Puts TensorFlow's log level back."""
    level = tf.get_logger().level
    yield
    tf.compat.v1.logging.set_verbosity(level)


def test_housing_learns_and_draws_its_errors(monkeypatch, capsys, tmp_path, verbosity):
    figure = tmp_path / "housing.png"
    flags = ["--periods=2", f"--figure={figure}", f"--model_dir={tmp_path}/model"]
    monkeypatch.setattr(sys, "argv", ["housing.py", *flags])
    runpy.run_path(str(ROOT / "examples" / "housing.py"), run_name="__main__")
    printed = capsys.readouterr().out
    errors = [float(error) for error in re.findall(r"period \d\d : (\S+)", printed)]
    assert errors[1] < errors[0]
    assert "RMSE on validation data: " in printed
    assert figure.stat().st_size > 5000


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_code_on_a_page_runs(page, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```$", page.read_text("utf-8"), re.M | re.S)
    assert blocks
    names = {}
    for block in blocks:
        exec(compile(block, str(page), "exec"), names)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_links_of_a_page_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
        assert (page.parent / link).exists(), link
