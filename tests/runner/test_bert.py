"""A program of BERT's shape runs unedited: fine-tuning with a TPUEstimator."""

import re

import numpy as np
import pytest
import tensorflow as tf

from tests import children
from tests.runner import pairs

tf1 = tf.compat.v1

# Of the original TPUEstimator, on TensorFlow 2.15.
LOSSES = [
    0.6892388,
    0.6751836,
    0.7199921,
    0.5683206,
    0.7427140,
    0.6080985,
    0.6643576,
    0.5795768,
    0.8543972,
]
RESULTS = {"eval_accuracy": 0.4, "eval_loss": 0.833561, "loss": 0.821282}
PROBABILITIES = [0.676883, 0.323117]
CLOSE = 1e-5

# Runs the program with the original in the place of ours.
ORIGINAL = """
import sys
import tensorflow as tf
from estimator_mnist import run, tf1
original = tf.compat.v1.estimator
for name in dir(original.tpu):
    if name in vars(tf1.contrib.tpu) and not name.startswith("_"):
        setattr(tf1.contrib.tpu, name, getattr(original.tpu, name))
tf1.estimator = original
sys.exit(run.main({argv!r}))
"""


@pytest.fixture
def run_with(request, run, fork_server, tmp_path):
    """`run_with(runtime, argv)`: runs the program, and returns what it printed."""

    def run_with(runtime, argv):
        if runtime == "ours":
            outcome = run(tmp_path, *argv)
        elif not hasattr(tf1, "estimator"):
            pytest.skip(f"TensorFlow {tf.__version__} has no tf.compat.v1.estimator")
        else:
            source = ORIGINAL.format(argv=[str(argument) for argument in argv])
            outcome = children.run(fork_server, "script", [source], tmp_path, tmp_path)
        assert outcome.code == 0, outcome.err
        return outcome.err

    return run_with


@pytest.mark.parametrize(
    "runtime", ["ours", pytest.param("tensorflow", marks=pytest.mark.slow)]
)
def test_fine_tunes_evaluates_and_predicts_as_the_original(runtime, run_with, tmp_path):
    folder, output = tmp_path / "data", tmp_path / "output"
    pairs.write(folder)
    before = pairs.PROGRAM.read_bytes()
    todo = ["--do_train", "--do_eval", "--do_predict", "--do_export"]
    said = run_with(runtime, [pairs.PROGRAM, *pairs.arguments(folder, output, *todo)])
    assert pairs.PROGRAM.read_bytes() == before
    np.testing.assert_allclose(pairs.losses(output), LOSSES, CLOSE, CLOSE)
    results = pairs.evaluation(output)
    assert results.pop("global_step") == len(LOSSES)
    assert results == pytest.approx(RESULTS, rel=CLOSE, abs=CLOSE)
    rows = pairs.predictions(output)
    assert rows.shape == (6, 2)
    np.testing.assert_allclose(rows[0], PROBABILITIES, CLOSE, CLOSE)
    # What came from the pre-trained checkpoint, and what did not.
    came = re.findall(r"name = (\S+):0, shape = .*(INIT_FROM_CKPT)?", said)
    named = re.findall(r"name = (\S+):0, .*\*INIT_FROM_CKPT\*", said)
    assert {"bert/pooler/dense/kernel", "bert/embeddings/LayerNorm/beta"} < set(named)
    assert {"output_weights", "output_bias"} == {n for n, _ in came} - set(named)
    assert "INFO:tensorflow:Running train on CPU/GPU" in said
    assert re.search(r"INFO:tensorflow:examples/sec: [\d.]+", said)
    check_export(output, rows)


def check_export(output, rows):
    """Serves the first examples of test.tsv, which the program wrote as records."""
    (exported,) = (output / "exported").iterdir()
    records = tf1.io.tf_record_iterator(str(output / "predict.tf_record"))
    with tf.Graph().as_default(), tf1.Session() as session:
        model = tf1.saved_model.load(session, ["serve"], str(exported))
        signature = model.signature_def["serving_default"]
        served = session.run(
            signature.outputs["probabilities"].name,
            {signature.inputs["examples"].name: list(records)},
        )
    np.testing.assert_allclose(served, rows, CLOSE, CLOSE)


def test_a_flag_for_a_tpu_is_one_clear_error(run, tmp_path):
    pairs.write(tmp_path / "data")
    argv = pairs.arguments(tmp_path / "data", tmp_path / "output", "--do_train")
    outcome = run(tmp_path, pairs.PROGRAM, *argv, "--use_tpu=True")
    assert outcome.code == 1
    assert "RuntimeError: Cannot find any TPU cores in the system." in outcome.err
    assert "TPUEstimator(use_tpu=False)" in outcome.err


@pytest.mark.slow
def test_a_checkpoint_of_100_mb_resumes_exports_and_predicts(run, tmp_path):
    """Its encoder is the larger part: 8.7 million numbers, and two slots for each."""
    folder, output = tmp_path / "data", tmp_path / "output"
    pairs.write(folder, vocab_size=65000, hidden_size=128, intermediate_size=512)
    once = pairs.arguments(folder, output, "--do_train", "--num_train_epochs=1")
    assert run(tmp_path, pairs.PROGRAM, *once).code == 0
    size = max(file.stat().st_size for file in output.glob("model.ckpt-3.data*"))
    assert size > 100e6
    again = [*once[:-1], "--num_train_epochs=2", "--do_predict", "--do_export"]
    outcome = run(tmp_path, pairs.PROGRAM, *again)
    assert outcome.code == 0, outcome.err
    assert "resuming at step 3, training to 6 (+3)" in outcome.err
    assert len(pairs.losses(output)) == 6
    check_export(output, pairs.predictions(output))
