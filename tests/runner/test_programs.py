"""Programs in the manner of the MNIST tutorials of 2017 to 2019 run unedited."""

import pathlib
import re

import pytest

PROGRAMS = pathlib.Path(__file__).with_name("programs")


@pytest.fixture
def run_program(run_unedited, small_mnist):
    """Runs one of PROGRAMS and returns what it printed."""

    def run_it(name, *args):
        options = [f"--data_dir={small_mnist}"]
        return run_unedited(PROGRAMS / name, *args, options=options)

    return run_it


def numbers(pattern, text):
    return [float(number) for number in re.findall(pattern, text)]


def test_a_cnn_of_tf_layers_logs_its_tensors_and_learns(run_program, tmp_path):
    outcome = run_program(
        "cnn_mnist.py", f"--model_dir={tmp_path}/cnn", "--steps=101", "--batch_size=50"
    )
    (accuracy,) = numbers(r"'accuracy': ([\d.]+)", outcome.out)
    assert accuracy > 0.8
    assert "'global_step': 101" in outcome.out
    assert re.search(r"^INFO:tensorflow:loss = [\d.]+, step = 1$", outcome.err, re.M)
    assert outcome.err.count("INFO:tensorflow:probabilities = [[") >= 2
    assert "INFO:tensorflow:Saving checkpoints for 101 into" in outcome.err


def test_softmax_regression_with_placeholders_and_a_session(run_program):
    outcome = run_program("mnist_softmax.py", "--data_dir=MNIST_data")
    assert float(outcome.out) > 0.85


def test_train_and_evaluate_with_a_keras_model_and_exporters(run_program, tmp_path):
    outcome = run_program(
        "dataset_export.py", f"--model_dir={tmp_path}/model", "--train_steps=100"
    )
    (accuracy,) = numbers(r"Accuracy: ([\d.]+)", outcome.out)
    assert accuracy > 0.8
    assert outcome.out.splitlines()[-2:] == ["latest 2", "final 1"]


def test_a_warm_start_begins_with_what_was_learnt(run_program, tmp_path):
    outcome = run_program("warm_start.py", tmp_path)
    first, second, third = numbers(r"(?:first|second|third) ([\d.]+)", outcome.out)
    assert first > 0.8
    assert second > 0.5
    assert third == first


def test_hooks_of_ones_own_follow_and_stop_the_training(run_program, tmp_path):
    outcome = run_program("hooks.py", "--target=0.4", f"--model_dir={tmp_path}/model")
    (stopped,) = numbers(r"stopped at step (\d+), loss 0.[0123]\d|0.40", outcome.out)
    saved = numbers(r"saved step (\d+)", outcome.out)
    assert 10 <= stopped < 2000
    assert saved == sorted({*range(0, int(stopped), 50), stopped})
    assert "starting at step 0\n" in outcome.out
    assert numbers(r"global_step: (\d+)", outcome.out) == [stopped]
    assert numbers(r"accuracy: ([\d.]+)", outcome.out)[0] > 0.8


def test_a_predictor_serves_what_the_estimator_predicts(run_program, tmp_path):
    outcome = run_program("export_and_predict.py", f"--model_dir={tmp_path}/model")
    assert numbers(r"served ([\d.]+)", outcome.out)[0] > 0.8
    assert numbers(r"largest difference (\S+)", outcome.out)[0] < 1e-5
    assert "differing classes 0\n" in outcome.out


def test_contrib_layers_with_a_saver_and_a_loss_curve(run_program, tmp_path):
    outcome = run_program("contrib_layers.py", tmp_path / "logs")
    assert outcome.out.startswith("784 pixels\n")
    assert numbers(r"accuracy ([\d.]+)", outcome.out)[0] > 0.8
    assert outcome.out.splitlines()[-6:] == [
        "conv1/weights [5, 5, 1, 8]",
        "conv1/biases [8]",
        "fc1/weights [1568, 50]",
        "fc1/biases [50]",
        "logits/weights [50, 10]",
        "logits/biases [10]",
    ]
    assert (tmp_path / "contrib_layers_figures" / "figure.png").stat().st_size > 5000


def test_a_keras_model_becomes_an_estimator(run_program, tmp_path):
    outcome = run_program(
        "keras_to_estimator.py", f"--model_dir={tmp_path}/model", "--steps=100"
    )
    lines = outcome.out.splitlines()
    assert lines[0] == "Eval: ['acc', 'global_step', 'loss']"
    (accuracy,) = numbers(r"step 100, accuracy ([\d.]+)", outcome.out)
    assert accuracy > 0.8
    assert numbers(r"predicted ([\d.]+)", outcome.out) == [accuracy]
    assert lines[-1] == "['latest']"
    assert (tmp_path / "model" / "keras" / "keras_model.ckpt.index").exists()
    assert "INFO:tensorflow:Using the Keras model provided." in outcome.err
