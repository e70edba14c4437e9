"""--mode=report on a run that was resumed, in a folder with an unlikely name."""

import contextlib
import io
import os
import sys

import numpy as np
import pytest
import threadpoolctl

from estimator_mnist import errors, main, output_folder
from estimator_mnist.data import datasets, translation
from estimator_mnist.experiment import experiment, report_source, training
from estimator_mnist.modes import report as reporting
from estimator_mnist.report import curves, html_page, report
from tests.report.test_html_page import assert_stands_alone

PICTURES = [
    "activations",
    "confusion",
    "examples",
    "learning_curves",
    "mistakes",
    "offsets",
    "precision_recall",
    "predictions",
    "reliability",
    "tsne",
    "weights",
]


def small_experiment(model_dir):
    return experiment.make(
        str(model_dir),
        model="cnn",
        dataset="digits",
        translate=True,
        params={"filters": 3, "kernel_size": 3, "dense_units": 8},
        cadence=experiment.Cadence(save_summary_steps=5, save_checkpoints_steps=10),
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    model_dir = tmp_path_factory.mktemp("run") / "<b>run & 'co'"
    one = small_experiment(model_dir)
    for max_steps in (15, 30):
        training.train(one, experiment.build_estimator(one), max_steps=max_steps)
    experiment.evaluate(one, experiment.build_estimator(one))
    return model_dir


@pytest.fixture(scope="module")
def reported(trained, tmp_path_factory):
    """The run's folder, the report's, and what was printed; pyplot cannot be had."""
    folder, printed = tmp_path_factory.mktemp("report"), io.StringIO()
    (folder / "holiday.png").write_bytes(b"somebody's own")
    before = modification_times(trained)
    flags = ["--mode=report", f"--model_dir={trained}", "--tsne_points=40"]
    parsed = main.parsed(["main", *flags, f"--output_dir={folder}"])
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(printed):
        patch.setitem(sys.modules, "matplotlib.pyplot", None)
        patch.setattr(report_source, "OFFSET_IMAGES", 3)
        # For so few points, threads wait for each other more than they work.
        with threadpoolctl.threadpool_limits(1):
            main.main(*parsed)
    assert modification_times(trained) == before
    return trained, folder, printed.getvalue()


def modification_times(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_the_program_writes_all_pictures_and_one_page(reported):
    _, folder, out = reported
    expected = [f"{name}.png" for name in PICTURES] + ["report.html", "tsne.npz"]
    others = ["holiday.png", output_folder.LIST]
    assert sorted(os.listdir(folder)) == sorted([*expected, *others])
    assert f"11 pictures, all of them in one page: {folder}/report.html" in out
    assert "[t-SNE]" in out


def test_the_page_stands_alone_and_describes_the_run(reported):
    model_dir, folder, _ = reported
    text = (folder / "report.html").read_text("utf-8")
    page = assert_stands_alone(text)
    assert text.count("data:image/png") == len(PICTURES)
    shown = " ".join(page.text)
    assert str(model_dir) in shown and "<b>" not in text
    assert "of 300 images" in shown and "28x28 at random places on 40x40" in shown
    assert "learning_rate 0.0001" in shown and "to step 15" in shown
    assert "mean over images; the loss that --mode=evaluate prints" in shown


def test_the_report_links_to_the_newest_page_to_draw_on(tmp_path):
    folder, exported = tmp_path / "report", tmp_path / "run <1>" / "export"
    exported.mkdir(parents=True)
    assert reporting.drawing_page(str(folder), str(exported.parent)) is None
    for name in ("model-9.html", "model-10-int8.html", "model-11.keras", "a.html"):
        (exported / name).touch()
    page = reporting.drawing_page(str(folder), str(exported.parent))
    assert page == "../run <1>/export/model-10-int8.html"
    text = html_page.render("t", [], [], page)
    assert 'href="../run%20%3C1%3E/export/model-10-int8.html"' in text


def test_a_resumed_run_has_each_step_once(trained):
    loss = curves.of_run(str(trained))["train"]["loss"]
    # The last of each training too, at which no summary is due.
    assert loss.steps.tolist() == [1, 6, 11, 15, 16, 21, 26, 30]


def test_only_pictures_of_an_earlier_report_are_removed(tmp_path):
    output = output_folder.OutputFolder(str(tmp_path))
    for name in ("tsne.png", "weights.png"):
        output.write_bytes(name, b"of before")
    for name in ("confusion.png", "holiday.png"):
        (tmp_path / name).write_bytes(b"somebody's own")
    report.remove_stale(output, ["weights"])
    left = {path.name for path in tmp_path.iterdir()} - {output_folder.LIST}
    assert left == {"confusion.png", "holiday.png", "weights.png"}


def test_accuracy_by_offset_shows_where_the_model_is_wrong():
    """A model that knows the images wherever they are but in the first row."""

    def predict(split, keys, corners):
        seen = translation.place(split.images, corners)
        assert keys == ["classes"] and seen.shape == (144 * 3, 40, 40)
        return {"classes": np.where(corners[:, 0] == 0, 9, split.labels)}

    data = datasets.Split(np.full((3, 28, 28), 9, np.uint8), np.array([1, 2, 9]))
    accuracy = report_source.accuracy_by_offset(predict, data)
    assert accuracy.shape == (12, 12)
    np.testing.assert_allclose(accuracy[0], 1 / 3)
    assert (accuracy[1:] == 1).all()


def test_without_a_checkpoint_the_remedy_is_named(tmp_path):
    one = small_experiment(tmp_path / "new")
    estimator = experiment.build_estimator(one)
    with pytest.raises(errors.ExperimentError, match="--mode=train"):
        reporting.write(one, estimator, str(tmp_path / "out"))
