"""The program from its command line, on the embedded digits."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import main, output_folder
from estimator_mnist.estimator.checkpoint import paths
from estimator_mnist.experiment import progress
from tests.stack import LookAtStack

FRAMES = 9

SMALL = {
    "linear": [],
    "mlp": ["--hidden_units=16"],
    "cnn": ["--filters=4", "--kernel_size=3", "--dense_units=16"],
}


def flags_of(model_dir, *flags):
    return ["--dataset=digits", f"--model_dir={model_dir}", *flags]


@pytest.fixture(scope="module")
def run(run_main):
    """`run(model_dir, *flags, code=0)`: what the program prints, stdout and stderr."""
    return lambda model_dir, *flags, code=0: run_main(
        *flags_of(model_dir, *flags), code=code
    )


def variables(model_dir):
    path = paths.latest(str(model_dir))
    reader = tf.train.load_checkpoint(path)
    return {name: reader.get_tensor(name) for name, _ in tf.train.list_variables(path)}


def assert_equal(one, other):
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)


def test_trains_resumes_evaluates_predicts_and_inspects(run, tmp_path):
    model_dir = tmp_path / "cnn run é"
    flags = ["--model=cnn", "--translate", *SMALL["cnn"]]
    out, log = run(model_dir, *flags, "--max_steps=20")
    assert "Trained from step 0 to 20" in out
    assert "on 300 test images of digits at step 20" in out
    assert "loss = " in log and ", step = 0" in log
    assert "Saving dict for global step 20: accuracy = " in log

    out, log = run(model_dir, *flags, "--max_steps=30")
    assert "resuming at step 20, training to 30 (+10)" in log
    assert "Trained from step 20 to 30" in out

    # The folder alone says what it is.
    out, log = run(model_dir, "--max_steps=30")
    assert "Nothing to train" in out and "at step 30" in out

    out, _ = run(model_dir, "--mode=predict", "--activations_limit=7")
    check_predictions(model_dir / "predictions")

    out, _ = run(model_dir, "--mode=predict", "--activations_limit=0")
    assert not (model_dir / "predictions" / "activations.npy").exists()

    out, _ = run(model_dir, "--mode=inspect")
    assert "conv2d/kernel/Adam_1" in out and "21 variables, 25,826 parameters" in out


def check_predictions(folder):
    with np.load(folder / "predictions.npz") as archive:
        classes, probabilities = archive["classes"], archive["probabilities"]
        labels = archive["labels"]
    assert classes.shape == labels.shape == (300,) and probabilities.shape == (300, 10)
    np.testing.assert_array_equal(classes, probabilities.argmax(axis=1))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert np.load(folder / "features.npy").shape == (300, 16)
    activations = np.load(folder / "activations.npy")
    assert activations.shape == (7, 40, 40, 4) and (activations >= 0).all()
    assert sorted(os.listdir(folder)) == [
        output_folder.LIST,
        "activations.npy",
        "features.npy",
        "predictions.npz",
    ]


def test_a_signal_saves_and_another_trainer_is_refused(run, tmp_path):
    flags = ["--model=cnn", *SMALL["cnn"], "--max_steps=100000"]
    program = [sys.executable, "-m", "estimator_mnist"]
    log_file = tmp_path.with_suffix(".log")
    with open(log_file, "w") as log:
        process = subprocess.Popen(
            program + flags_of(tmp_path, *flags, "--save_checkpoints_steps=20"),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"},
        )
    wait_for_checkpoint(tmp_path, 20)
    _, log = run(tmp_path, *flags, code=1)
    assert f"is being trained by process {process.pid} on " in log
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 143
    assert "Interrupted: the same command goes on" in out
    # Right after a save it ends at once, without a word on training.
    assert f"to {variables(tmp_path)['global_step']} in" in out or "Trained" not in out
    assert not (tmp_path / "trainer.json").exists()
    # Nothing that TensorFlow's libraries say when they start.
    lines = log_file.read_text().splitlines()
    assert lines[0].startswith(f"INFO:tensorflow:Using config: {{model_dir: {tmp_path}")
    others = [line for line in lines if ":tensorflow:" not in line]
    assert others == []


def wait_for_checkpoint(model_dir, step):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        path = paths.latest(str(model_dir))
        if path and int(path.rpartition("-")[2]) >= step:
            return
        time.sleep(0.01)
    raise AssertionError(f"no checkpoint of step {step}")


def test_a_model_dir_holds_no_pixels(run, tmp_path):
    run(tmp_path, "--model=linear", "--translate", "--max_steps=200")
    sizes = {
        str(path): path.stat().st_size
        for path in tmp_path.rglob("*")
        if path.is_file() and "model.ckpt" not in path.name
    }
    assert sum(sizes.values()) < 1_000_000, sizes


def test_the_record_tells_what_was_trained(run, tmp_path):
    run(tmp_path, "--model=linear", "--mode=train", "--steps=3")
    run(tmp_path, "--mode=train", "--steps=4")
    record = json.loads((tmp_path / "experiment.json").read_text())
    assert record["model"] == "linear" and record["dataset"] == "digits"
    steps = [(r["from_step"], r["to_step"]) for r in record["runs"]]
    assert steps == [(0, 3), (3, 7)]


REFUSED = {
    "unknown flag": (["--modle=cnn"], "modle"),
    "unknown model": (["--model=rnn"], "--model"),
    "stray argument": (["cnn"], "unknown argument 'cnn'"),
    "both kinds of steps": (["--steps=1", "--max_steps=2"], "max_steps"),
    "negative steps": (["--max_steps=-5"], "max_steps"),
    "a word for a number": (["--max_steps=ten"], "give an integer in the range [1,"),
    "a comma for a point": (["--learning_rate=0,1"], "with a point as in 0.5"),
    "yes for true": (["--translate=yes"], "give true or false"),
    "flag of another mode": (["--images=7.png"], "add that, or leave --images out"),
    "flag of a third mode": (["--mode=doctor", "--grid=a=1"], "--mode=sweep"),
    "flag of another model": (["--model=mlp", "--filters=3"], "has no filters"),
    "nothing trained": (["--mode=evaluate"], "--mode=train"),
    "nothing to inspect": (["--mode=inspect"], "--mode=train"),
    "negative seed": (["--seed=-1"], "seed"),
    "no such data_dir": (["--dataset=mnist", "--data_dir=/no/such"], "/no/such"),
}


@pytest.mark.parametrize("case", sorted(REFUSED))
def test_a_mistake_gets_one_message_and_exit_code_1(case, run, tmp_path):
    flags, words = REFUSED[case]
    out, log = run(tmp_path / "new", *flags, code=1)
    assert words in out + log
    assert "Traceback" not in out + log
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "flag,words",
    [
        ("--model=mlp", "model: recorded 'linear', now 'mlp'"),
        ("--translate", "translate: recorded False, now True"),
        ("--learning_rate=0.1", "learning_rate: recorded 0.5, now 0.1"),
        ("--seed=5", "seed: recorded 0, now 5"),
    ],
)
def test_flags_that_contradict_the_record_are_refused(flag, words, run, trained_linear):
    before = variables(trained_linear)
    _, log = run(trained_linear, flag, code=1)
    assert words in log and "Traceback" not in log
    assert_equal(before, variables(trained_linear))


@pytest.fixture(scope="module")
def trained_linear(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("linear")
    run(folder, "--model=linear", "--mode=train", "--steps=2")
    return folder


def test_the_real_estimator_trains_the_same_variables(run, tmp_path):
    if not hasattr(tf.compat.v1, "estimator"):
        pytest.skip(f"TensorFlow {tf.__version__} has no tf.compat.v1.estimator")
    flags = ["--model=mlp", "--translate", "--hidden_units=8", "--mode=train"]
    for engine in ("ours", "tensorflow"):
        model_dir = tmp_path / engine
        run(model_dir, *flags, f"--engine={engine}", "--steps=20")
        run(model_dir, f"--engine={engine}", "--mode=train", "--steps=20")
    ours, real = variables(tmp_path / "ours"), variables(tmp_path / "tensorflow")
    assert ours.keys() == real.keys()
    for name in ours:
        np.testing.assert_allclose(ours[name], real[name], atol=1e-6, err_msg=name)


def test_the_real_engine_is_refused_where_there_is_none(run, tmp_path):
    if hasattr(tf.compat.v1, "estimator"):
        pytest.skip("this TensorFlow has one")
    _, log = run(tmp_path, "--engine=tensorflow", code=1)
    assert "no tf.compat.v1.estimator" in log and "--engine=ours" in log


def test_the_command_line_has_nothing_but_parsing_and_errors():
    assert len(pathlib.Path(main.__file__).read_text().splitlines()) < 120


@pytest.mark.parametrize("flags", [[], ["--eval_steps_interval=50"]])
def test_few_frames_lie_between_main_and_session_run(tmp_path, monkeypatch, flags):
    look = LookAtStack(every_step=False)
    monkeypatch.setattr(progress, "ProgressHook", lambda terminal, end: look)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    program = ["main", "--mode=train", "--dataset=digits", f"--model_dir={tmp_path}"]
    program += ["--max_steps=100", "--steps_per_run=10", *flags]
    main.main(*main.parsed(program))
    functions = look.functions_since("main")
    assert functions[-1].co_filename == main.__file__
    assert len(functions) <= FRAMES, [code.co_name for code in functions]
