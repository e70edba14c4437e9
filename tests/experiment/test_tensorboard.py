"""What TensorBoard finds in the events of a run that was killed and resumed."""

import json
import os

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import main
from estimator_mnist.estimator.checkpoint import event_files
from estimator_mnist.estimator.checkpoint import paths as checkpoints
from estimator_mnist.experiment import experiment as experiments
from estimator_mnist.experiment import tensorboard_hparams, training
from estimator_mnist.modes import common

tf1 = tf.compat.v1

PARAMS = {"filters": 4, "kernel_size": 3, "dense_units": 16}


def train(folder, end, evaluate=True, **cadence):
    """Trains up to step `end`; returns the Experiment and its Estimator."""
    if evaluate:
        cadence["eval_steps_interval"] = 4
    experiment = experiments.make(
        model_dir=str(folder),
        model="cnn",
        dataset="digits",
        params=PARAMS,
        cadence=experiments.Cadence(save_summary_steps=2, **cadence),
    )
    estimator = experiments.build_estimator(experiment)
    training.train(experiment, estimator, max_steps=end)
    if evaluate:
        experiments.evaluate(experiment, estimator)
    return experiment, estimator


def variables(folder):
    reader = tf.train.load_checkpoint(checkpoints.latest(str(folder)))
    return {
        name: reader.get_tensor(name) for name in reader.get_variable_to_dtype_map()
    }


@pytest.fixture(scope="module")
def resumed(tmp_path_factory):
    """A run with histograms to step 8, killed behind its checkpoint 4, then to 12."""
    folder = tmp_path_factory.mktemp("resumed")
    train(folder, 8, histograms=True)
    for path in folder.glob("model.ckpt-8.*"):
        path.unlink()
    checkpoints.write_state(str(folder), [str(folder / "model.ckpt-4")])
    return folder, *train(folder, 12)


def points(folder):
    """Tag -> {step: the Summary.Value}, and that no step is there twice."""
    found = {}
    for step, summary in event_files.summaries(str(folder)):
        for value in summary.value:
            assert step not in found.setdefault(value.tag, {}), value.tag
            found[value.tag][step] = value
    return found


def png(value):
    """The picture of a Summary.Value, uint8 [height, width, channels]."""
    old = value.image.encoded_image_string
    return tf.io.decode_png(old or value.tensor.string_val[2]).numpy()


def test_training_shows_inputs_filters_and_the_loss(resumed):
    folder, experiment, _ = resumed
    found = points(folder)
    due = [1, 3, 5, 7, 9, 11]
    assert sorted(found["loss"]) == [*due, 12]  # the curve ends where training does
    for tag in ("network/inputs/image", "network/filters/image"):
        assert sorted(found[tag]) == due
    inputs = png(found["network/inputs/image"][11])
    assert inputs.shape == (28, 8 * 29, 1) and (inputs[:, 28::29] == 255).all()
    images = inputs[..., 0].reshape(28, 8, 29)[..., :28].swapaxes(0, 1)
    batches = experiment.data.train.images
    assert {image.tobytes() for image in images} <= {x.tobytes() for x in batches}
    filters = png(found["network/filters/image"][11])
    assert filters.shape == (4, 16, 1) and np.ptp(filters[:3, :3]) > 50
    assert (filters[3] == 255).all() and (filters[:, 3::4] == 255).all()


def test_histograms_are_there_as_long_as_they_are_asked_for(resumed):
    found = points(resumed[0])
    shown = {tag for tag, one in found.items() if one.popitem()[1].HasField("histo")}
    names = ["conv2d", "dense", "dense_1"]
    weights = {f"weights/{n}/{part}" for n in names for part in ("kernel", "bias")}
    layers = ("first_convolution", "penultimate", "logits")
    assert shown == weights | {f"activations/{name}" for name in layers}
    assert sorted(points(resumed[0])["weights/dense/bias"]) == [1, 3]


def test_histograms_change_neither_variables_nor_the_record(resumed, tmp_path):
    train(tmp_path, 12, evaluate=False)
    one, other = variables(resumed[0]), variables(tmp_path)
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)
    recorded = json.loads((resumed[0] / "experiment.json").read_text())
    assert "histograms" not in recorded["params"]


def test_evaluations_show_a_point_a_picture_and_curves_per_step(resumed):
    for name, steps in (("eval_validation", [4, 8, 12]), ("eval", [8, 12])):
        found = points(resumed[0] / name)
        for tag in ("accuracy", "confusion_matrix/0", "pr_curves/class_9/0"):
            assert sorted(found[tag]) == steps
        assert png(found["confusion_matrix/0"][12]).shape[2] == 3
        curve = tf.make_ndarray(found["pr_curves/all_classes/0"][12].tensor)
        assert curve.shape == (6, 51) and curve[5, 0] == 1


def test_each_training_writes_its_graph_once(resumed):
    sizes = [
        len(event.graph_def)
        for path in sorted(resumed[0].glob("events.*"))
        for event in tf1.train.summary_iterator(str(path))
        if event.WhichOneof("what") == "graph_def"
    ]
    # Those of a writer that was opened are empty.
    assert sum(size > 1000 for size in sizes) == 2


def test_to_evaluate_again_adds_nothing(resumed):
    folder, experiment, estimator = resumed
    before = sorted(os.listdir(folder / "eval"))
    results = experiments.evaluate(experiment, estimator)
    assert results["global_step"] == 12
    assert sorted(os.listdir(folder / "eval")) == before


def test_a_run_with_all_of_it_stays_small(resumed):
    paths = [path for path in resumed[0].rglob("*") if path.is_file()]
    sizes = {str(p): p.stat().st_size for p in paths if "model.ckpt" not in p.name}
    # Three graphs, as the run was made by three trainings.
    assert sum(sizes.values()) < 2_000_000, sizes


@pytest.mark.parametrize("folder", ["", "eval", "eval_validation"])
def test_tensorboard_shows_no_point_twice(resumed, folder):
    accumulator = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator",
        reason="TensorBoard is not installed",
    ).EventAccumulator(str(resumed[0] / folder))
    accumulator.Reload()
    tags = accumulator.Tags()["scalars"]
    assert ("accuracy" in tags) == bool(folder)
    for tag in tags:
        steps = [event.step for event in accumulator.Scalars(tag)]
        assert steps == sorted(set(steps)), tag


def test_hparams_tell_the_settings_of_the_run(resumed):
    plugin = pytest.importorskip(
        "tensorboard.plugins.hparams.plugin_data_pb2",
        reason="TensorBoard is not installed",
    )
    (value,) = points(resumed[0] / "eval")[tensorboard_hparams.TAG].values()
    data = plugin.HParamsPluginData.FromString(value.metadata.plugin_data.content)
    content = data.session_start_info.hparams
    assert (
        content["model"].string_value == "cnn" and not content["translate"].bool_value
    )
    assert content["filters"].number_value == 4
    assert content["learning_rate"].number_value == 1e-4
    assert value.metadata.plugin_data.plugin_name == "hparams"


def test_hparams_may_be_longer_than_a_byte_can_tell():
    plugin = pytest.importorskip(
        "tensorboard.plugins.hparams.plugin_data_pb2",
        reason="TensorBoard is not installed",
    )
    settings = {f"setting_{i}": "x" * 100 for i in range(300)}
    data = plugin.HParamsPluginData.FromString(
        tensorboard_hparams.session_start(settings)
    )
    content = data.session_start_info.hparams
    assert {name: value.string_value for name, value in content.items()} == settings


def test_the_flag_goes_to_the_cadence():
    for flag, histograms in (("--histograms", True), ("--nohistograms", False)):
        flag_values, _ = main.parsed(["main", "--dataset=digits", flag])
        cadence = common.experiment_of_flags(flag_values).cadence
        assert cadence.histograms is histograms
