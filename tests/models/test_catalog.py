"""The notebooks' nets from experiment to checkpoint, on the embedded digits."""

import json
import pathlib

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import errors, main
from estimator_mnist.data import statistics
from estimator_mnist.experiment import experiment as experiments
from estimator_mnist.experiment import run_record, training, variables
from estimator_mnist.models import catalog, normalize
from estimator_mnist.modes import export, predict

FLAGFILES = sorted((pathlib.Path(__file__).parents[2] / "flags").glob("*.flags"))
SMALL = {"filters": 4, "kernel_size": 3, "dense_units": 16}
# Everything that a resumed run could get wrong: statistics, dropout, Nadam's powers.
NADAM = {**SMALL, "normalize": "pixel", "optimizer": "nadam", "learning_rate": 0.01}


def make(folder, model="cnn", **settings):
    return experiments.make(
        model_dir=str(folder), model=model, dataset="digits", **settings
    )


def trained(folder, *ends, **settings):
    """(Experiment, its Estimator), after runs up to each of `ends`."""
    for end in ends:
        experiment = make(folder, **settings)
        estimator = experiments.build_estimator(experiment)
        training.train(experiment, estimator, max_steps=end)
    return experiment, estimator


def values(estimator):
    return {
        name: estimator.get_variable_value(name)
        for name in estimator.get_variable_names()
    }


@pytest.fixture(scope="module")
def standardised(tmp_path_factory):
    """A CNN trained 12 steps on standardised pixels by Nadam."""
    return trained(tmp_path_factory.mktemp("whole"), 12, params=NADAM)


@pytest.mark.parametrize("file", FLAGFILES, ids=lambda file: file.stem)
def test_a_flagfile_fits_its_model(file):
    flag_values, _ = main.parsed(["main", f"--flagfile={file}"])
    model = catalog.MODELS[flag_values.model]
    names = catalog.hyperparameters()
    given = {name for name in names if flag_values[name].value is not None}
    assert given <= model.params.keys()
    assert flag_values.max_steps


def test_each_model_has_a_flagfile():
    named = {line for file in FLAGFILES for line in file.read_text().splitlines()}
    assert {f"--model={name}" for name in catalog.MODELS} <= named


def test_a_resumed_run_ends_with_the_same_bits(standardised, tmp_path):
    _, estimator = trained(tmp_path, 5, 12, params=NADAM)
    resumed, whole = values(estimator), values(standardised[1])
    assert resumed.keys() == whole.keys() and "conv2d/kernel/Nadam_1" in whole
    for name in whole:
        np.testing.assert_array_equal(resumed[name], whole[name], err_msg=name)


def test_statistics_of_the_training_images_are_in_the_checkpoint(standardised):
    experiment, estimator = standardised
    shift, scale = statistics.image_statistics(experiment.data.train, "pixel", False, 0)
    np.testing.assert_array_equal(
        estimator.get_variable_value("normalize/shift"), shift
    )
    np.testing.assert_array_equal(
        estimator.get_variable_value("normalize/scale"), scale
    )
    trained_names = {
        v.name for v in variables.inspect(experiment.model_dir)[1] if v.trained
    }
    assert trained_names == {
        f"{layer}/{part}"
        for layer in ("conv2d", "dense", "dense_1")
        for part in ("kernel", "bias")
    }


def test_no_pixel_statistics_get_into_the_graph(standardised):
    folder = pathlib.Path(standardised[0].model_dir)
    sizes = [f.stat().st_size for f in [*folder.glob("graph*"), *folder.glob("*.meta")]]
    assert sizes and max(sizes) < 400_000
    graph = tf.compat.v1.GraphDef()
    from google.protobuf import text_format

    text_format.Parse((folder / "graph.pbtxt").read_text(), graph)
    constants = [n.attr["value"].tensor for n in graph.node if n.op == "Const"]
    assert max(len(c.tensor_content) for c in constants) < 28 * 28


def test_an_export_takes_images_as_they_are(standardised, tmp_path):
    (one,) = export.export(*standardised, "saved_model", str(tmp_path))
    assert one.max_abs_difference <= 1e-5
    (graph,) = tmp_path.glob("saved_model/*/saved_model.pb")
    assert b"PyFunc" not in graph.read_bytes()  # which no server knows


def test_a_net_without_a_keras_form_says_so(tmp_path):
    experiment = make(tmp_path, model="lenet5")
    estimator = experiments.build_estimator(experiment)
    with pytest.raises(errors.ExperimentError, match="saved_model or tflite"):
        export.export(experiment, estimator, "keras", str(tmp_path / "export"))


def test_training_without_statistics_is_refused():
    with tf.Graph().as_default(), pytest.raises(ValueError, match="image_statistics"):
        normalize.normalize(tf.zeros([1, 28, 28]), {"normalize": "pixel"}, True)


def test_a_record_from_before_a_param_was_there_goes_on(tmp_path):
    params = {**SMALL, "learning_rate": 0.01}
    trained(tmp_path, 2, params=params)
    path = tmp_path / run_record.FILE_NAME
    old = json.loads(path.read_text())
    del old["params"]["normalize"]
    path.write_text(json.dumps(old))
    assert make(tmp_path, params=params).params["normalize"] == "none"
    with pytest.raises(errors.RunRecordError, match="normalize: recorded 'none', now"):
        make(tmp_path, params={"normalize": "range"})


def test_lenet5_trains_evaluates_predicts_and_is_exported(tmp_path):
    experiment, estimator = trained(tmp_path / "run", 40, model="lenet5")
    assert experiments.evaluate(experiment, estimator)["accuracy"] > 0.5
    shapes = predict.predict(
        experiment, estimator, str(tmp_path / "predictions"), activations_limit=3
    )
    assert shapes["features"] == (300, 84) and shapes["activations"] == (3, 28, 28, 6)
    (one,) = export.export(
        experiment, estimator, "saved_model", str(tmp_path / "export")
    )
    assert one.max_abs_difference <= 1e-5
    assert (
        sum(v.size for v in variables.inspect(experiment.model_dir)[1] if v.trained)
        == 60_000
    )
