"""--mode=predict --images=...: what the program prints, writes and refuses."""

import csv
import io
import os
import shutil
import sys

import numpy as np
import pytest
from PIL import Image

from estimator_mnist import errors, main, output_folder
from estimator_mnist.experiment import experiment as experiments
from estimator_mnist.experiment import training
from estimator_mnist.modes.pictures import sources
from tests.data import idx_files
from tests.data.pictures import drawings

THREE = drawings.as_image(drawings.draw(drawings.Drawing(3)))
WHITE = Image.new("RGB", (30, 40), "white")


def trained(folder, **settings):
    one = experiments.make(str(folder), model="linear", **settings)
    training.train(one, experiments.build_estimator(one), max_steps=1)
    return folder


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("run"), dataset="digits")


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "own [1]"
    folder.mkdir()
    THREE.save(folder / "b é=1,2.png")
    THREE.save(folder / "A.JPG")
    (folder / "notes.txt").write_text("no picture")
    (folder / "._a.png").write_text("left by another system")
    (folder / "c.png").mkdir()
    return folder


def run(model_dir, images, *flags):
    given = [f"--model_dir={model_dir}", f"--images={images}", *flags]
    _, run_mode = main.parsed(["main", "--mode=predict", *given])
    run_mode()


def pixels_of(path):
    with Image.open(path) as image:
        return np.asarray(image)


def rows_of(folder):
    with open(folder / "predictions.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_each_picture_gets_a_line_a_row_and_what_was_seen(
    model_dir, pictures, tmp_path, capsys
):
    out = tmp_path / "out"
    run(model_dir, pictures, f"--output_dir={out}")
    printed = capsys.readouterr().out
    names = [f"{pictures}/A.JPG", f"{pictures}/b é=1,2.png"]
    rows = rows_of(out)
    assert [row["file"] for row in rows] == names
    assert [row["seen"] for row in rows] == ["seen-A.png", "seen-b_é_1_2.png"]
    for row in rows:
        assert list(row) == [
            *("file", "class", "probability", "runner-up", "its probability"),
            *("seen", "error"),
        ]
        likely, unlikely = float(row["probability"]), float(row["its probability"])
        assert 0 <= unlikely <= likely <= 1 and likely + unlikely <= 1.001
        assert row["class"] != row["runner-up"] and not row["error"]
        line = next(line for line in printed.splitlines() if row["file"] in line)
        assert line.split()[-4:-3] == [row["class"]] and f"{likely:.4f}" in line
        seen = pixels_of(out / row["seen"])
        assert seen.shape == (224, 224) and seen.max() > 200
    hidden = output_folder.LIST
    assert sorted(os.listdir(out)) == sorted(
        [hidden, "predictions.csv", "seen-A.png", "seen-b_é_1_2.png"]
    )


def test_one_bad_picture_is_named_and_the_others_go_on(
    model_dir, pictures, tmp_path, capsys
):
    (pictures / "bad.png").write_text("text")
    WHITE.save(pictures / "empty page.png")
    os.mkfifo(pictures / "pipe.png")
    images = f"{pictures},{tmp_path}/gone.png,{tmp_path}/nul\0.png"
    with pytest.raises(errors.DataError, match="^5 of 7 pictures could not be used"):
        run(model_dir, images, f"--output_dir={tmp_path}/out")
    lines = capsys.readouterr().err.splitlines()
    errors_of = [line for line in lines if line.startswith("error: ")]
    assert len(errors_of) == 5
    for name, words in {
        "bad.png": "it is not a PNG, JPEG or BMP picture",
        "empty page.png": "nothing is written on it",
        "pipe.png": "it is a pipe, not a file",
        "gone.png": "No such file or directory",
        "nul\\x00.png": "null byte",
    }.items():
        (line,) = (line for line in errors_of if name in line)
        assert words in line and line.count(name) == 1
    rows = rows_of(tmp_path / "out")
    assert [bool(row["class"]) for row in rows] == [True, True, *[False] * 5]
    assert all(bool(row["error"]) != bool(row["class"]) for row in rows)


@pytest.mark.parametrize(
    "images, words",
    [
        ("{}/text.png", "^{}/text.png: it is not a PNG"),
        ("{}/gone.png", "^{}/gone.png: No such file"),
        ("", "names no picture"),
        ("-,-", "- twice"),
        ("{}", "{} has no pictures: their names end in .png"),
        ("-", "standard input: it is empty"),
    ],
)
def test_where_nothing_can_be_used_there_is_one_line_and_no_output(
    images, words, model_dir, tmp_path, monkeypatch
):
    text = tmp_path / "text.png"
    if "text" in images:
        text.write_text("text")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    with pytest.raises(errors.DataError, match=words.format(tmp_path)):
        run(model_dir, images.format(tmp_path), f"--output_dir={tmp_path}/out")
    assert not (tmp_path / "out").exists()


def test_a_picture_comes_on_standard_input_and_from_the_home_folder(
    model_dir, pictures, tmp_path, monkeypatch
):
    file = io.BytesIO()
    THREE.save(file, "BMP")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(file.getvalue())))
    monkeypatch.setenv("HOME", str(pictures))
    run(model_dir, "-,~/A.JPG", f"--output_dir={tmp_path}")
    first, second = rows_of(tmp_path)
    assert first["file"] == "standard input" and second["file"].endswith("/A.JPG")
    assert (tmp_path / first["seen"]).exists()


@pytest.mark.parametrize("stdin, words", [(None, "is closed"), ("tty", "a terminal")])
def test_standard_input_without_a_picture_is_not_waited_for(stdin, words, monkeypatch):
    if stdin:
        stdin = io.StringIO()
        stdin.isatty = lambda: True
    monkeypatch.setattr(sys, "stdin", stdin)
    (source,) = sources.sources(["-"])
    with pytest.raises(errors.DataError, match=words):
        source.seen(lambda picture: picture)


def test_output_beside_the_pictures_is_ours_and_what_is_foreign_stays(
    model_dir, pictures
):
    flag = f"--output_dir={pictures}"
    run(model_dir, pictures, flag)
    THREE.save(pictures / "seen-mine.png")
    run(model_dir, pictures, flag)
    files = [os.path.basename(row["file"]) for row in rows_of(pictures)]
    assert files == ["A.JPG", "b é=1,2.png", "seen-mine.png"]
    # What an earlier call saw is removed, unless it is not ours.
    run(model_dir, pictures / "A.JPG", flag)
    left = {path.name for path in pictures.glob("seen-*")}
    assert left == {"seen-A.png", "seen-mine.png"}
    with pytest.raises(errors.ForeignFileError, match="seen-mine.png"):
        shutil.copy(pictures / "A.JPG", pictures / "mine.jpg")
        run(model_dir, pictures / "mine.jpg", flag)


def test_the_data_set_is_not_read_and_a_translated_model_sees_its_canvas(tmp_path):
    data = idx_files.write_files(tmp_path / "data", idx_files.small_arrays())
    run_dir = trained(
        tmp_path / "run", dataset="fashion_mnist", data_dir=str(data), translate=True
    )
    shutil.rmtree(data)
    THREE.save(tmp_path / "a.png")
    run(run_dir, tmp_path / "a.png")
    (row,) = rows_of(run_dir / "predictions")
    assert (
        row["class"]
        in experiments.datasets.without_examples("fashion_mnist").class_names
    )
    assert pixels_of(run_dir / "predictions" / row["seen"]).shape == (320, 320)


def test_without_a_model_dir_the_default_one_that_exists_is_taken(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert experiments.make_without_examples().model_dir == "runs/linear-mnist"
    os.makedirs("runs/linear-digits-translated")
    one = experiments.make_without_examples(translate=True)
    assert (one.model_dir, one.dataset) == ("runs/linear-digits-translated", "digits")
    assert experiments.make_without_examples(dataset="digits").dataset == "digits"
    with pytest.raises(errors.ExperimentError, match="no checkpoint"):
        run("elsewhere", "a.png")


def test_names_are_safe_and_differ():
    names = ["a/3.png", "b/3.jpg", "c/../.png", "d/3.PNG", "x" * 300, "d/..", "É 1.bmp"]
    found = sources.unique_names(names, "seen-", ".png")
    assert found[:3] == ["seen-3.png", "seen-3-2.png", "seen-.png.png"]
    assert found[3] == "seen-3-3.png" and found[6] == "seen-É_1.png"
    assert len({name.casefold() for name in found}) == len(names)
    assert all(len(name) < 100 and os.sep not in name for name in found)


def test_a_name_has_no_letter_that_the_system_cannot_write(monkeypatch):
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: "ascii")  # of LC_ALL=C
    assert sources.unique_names(["a/É 1.bmp"], "seen-", ".png") == ["seen-_1.png"]


def test_a_path_of_any_bytes_is_shown_on_one_line(tmp_path):
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xff\n\x1b[1m.png")
    THREE.save(path)
    (source,) = sources.sources([str(tmp_path)])
    assert source.path == path
    assert source.name == f"{tmp_path}/\\xff\\n\\x1b[1m.png"
    assert source.seen(lambda picture: picture).shape == (400, 300, 3)
