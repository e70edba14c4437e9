"""What TensorFlow's libraries say when they start is kept back, a failure is not."""

import logging
import os
import signal
import subprocess
import sys

import pytest
import tensorflow as tf

from estimator_mnist import estimator
from estimator_mnist.commands import logs, quiet, sift
from estimator_mnist.estimator.checkpoint import compatibility
from tests import children

MISMATCH = compatibility.MissingVariablesError(
    "model.ckpt-3", [], compatibility.Diagnosis(compatibility.RENAMED, "Names.", "")
)
NOISE = [
    b"WARNING: All log messages before absl::InitializeLog() is called are written\n",
    b"I0000 00:00 1 port.cc:153] oneDNN custom operations are on. You may see\n",
    b"2026 E xla/stream_executor/cuda_dnn.cc:9261] Unable to register cuDNN factory\n",
    b"2026 I cpu_feature_guard.cc] This TensorFlow binary is optimized to use avail\n",
    b"To enable the following instructions: AVX2, in other operations, rebuild Tenso"
    b"rFlow with the appropriate compiler flags.\n",
]
OF_A_GPU = b"E0000 cuda_platform.cc:52] failed call to cuInit: INTERNAL: CUDA error\n"
FAILURE = b"F0000 core/framework/tensor.cc:7] Check failed: dtype() == expected\n"


class Output(list):
    """What is written, with the writes."""

    def flush(self):
        self.append(b"")

    def writelines(self, lines):
        self.extend(lines)

    write = list.append


def sifted(*lines, has_gpu=False):
    shown, answers = Output(), Output()
    sift.sift(lines, sift.noise(has_gpu), shown, answers)
    return b"".join(shown), b"".join(answers)


def test_known_noise_is_kept_back_until_a_death():
    lines = [*NOISE, OF_A_GPU, b"ours\n"]
    assert sifted(*lines, sift.FORGET) == (b"ours\n", b"")
    assert sifted(*lines) == (b"ours\n" + b"".join([*NOISE, OF_A_GPU]), b"")


def test_what_is_not_known_is_shown_at_once_and_in_order():
    shown = sifted(b"one\n", NOISE[0], FAILURE, b"part" + sift.SYNC, sift.FORGET)
    assert shown == (b"one\n" + FAILURE + b"part", b"\n")


def test_where_there_is_a_gpu_its_failure_is_no_noise():
    assert sifted(OF_A_GPU, sift.FORGET, has_gpu=True) == (OF_A_GPU, b"")


PROGRAM = """
import os, sys
from estimator_mnist.commands import quiet
sieve = quiet.Sieve()
os.write(2, b"oneDNN custom operations are on\\n")
print("ours", file=sys.stderr)
os.write(2, b"what nobody knows\\n")
sieve.open()
print("after", file=sys.stderr)
os.write(2, b"oneDNN custom operations are on, says the program\\n")
"""
SHOWN = "ours\nwhat nobody knows\nafter\noneDNN custom operations are on, says the prog"
KEPT = "oneDNN custom operations are on\n"


@pytest.mark.parametrize(
    ("end", "code", "is_shown"),
    [
        ("sieve.end(forget=True)", 0, False),
        ("sieve.end(forget=False)", 0, True),
        ("os._exit(3)", 3, True),
        ("os.abort()", -signal.SIGABRT, True),
        ("os.kill(os.getpid(), 9)", -signal.SIGKILL, True),
    ],
)
def test_the_standard_error_is_held_for_the_start_alone(end, code, is_shown):
    command = [sys.executable, "-c", PROGRAM + end]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    assert done.stderr == SHOWN + "ram\n" + KEPT * is_shown


def test_where_there_is_no_standard_error_nothing_can_be_held():
    code = """
from estimator_mnist.commands import quiet
try:
    quiet.Sieve()
except OSError:
    raise SystemExit(1)
"""
    done = subprocess.run(["bash", "-c", f"'{sys.executable}' -c '{code}' 2>&-"])
    assert done.returncode == 1


def test_a_library_that_imports_the_runtime_keeps_its_standard_error(
    fork_server, tmp_path
):
    code = """
import os, sys
before = os.fstat(2)
import estimator_mnist.estimator
assert os.path.samestat(os.fstat(2), before)
assert not [name for name in sys.modules if name.startswith("estimator_mnist.command")]
"""
    outcome = children.run(fork_server, "script", [code], tmp_path, tmp_path)
    assert outcome.code == 0, outcome.err


def test_what_tensorflow_makes_is_not_gone_through_for_garbage():
    code = """
import gc
from estimator_mnist.commands import quiet
whole = [0]
gc.callbacks.append(
    lambda phase, info: whole.append(phase == "start" and info["generation"] == 2)
)
for _ in range(2):
    with quiet.imported(wanted=False, finds_devices=False):
        import tensorflow as tf
        assert gc.isenabled()
        assert gc.get_freeze_count() > 100_000
assert sum(whole) == 0, sum(whole)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("error", "is_failure"),
    [
        (RuntimeError(), True),
        (KeyboardInterrupt(), False),
        (SystemExit(1), False),
    ],
)
def test_noise_is_shown_with_failures_alone(error, is_failure):
    assert quiet.is_failure(error) is is_failure


@pytest.mark.parametrize(
    ("error", "is_failure"),
    [
        (tf.errors.InternalError(None, None, "no device"), True),
        (MISMATCH, False),
    ],
)
def test_an_error_of_tensorflow_in_one_message_is_a_failure(error, is_failure):
    try:
        try:
            raise error
        except tf.errors.OpError:
            sys.exit(1)
    except SystemExit as end:
        assert quiet.is_failure(end) is is_failure


@pytest.fixture
def shortened():
    """What the program's log shows of an Estimator's line about its config."""
    records = []

    class Handler(logging.Handler):
        def emit(self, record):
            records.append(record.getMessage())

    handler = Handler()
    handler.addFilter(logs.shorten)
    logger = tf.get_logger()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield records
    logger.removeHandler(handler)
    logger.setLevel(level)


def test_the_program_logs_of_the_config_what_is_not_the_default(shortened, tmp_path):
    config = estimator.RunConfig(save_checkpoints_secs=60, keep_checkpoint_max=3)
    estimator.Estimator(lambda features: None, str(tmp_path), config)
    assert shortened == [
        f"Using config: {{model_dir: {tmp_path}, save_checkpoints_secs: 60, "
        "keep_checkpoint_max: 3}"
    ]


@pytest.mark.slow
@pytest.mark.parametrize("level", [None, "0"])
def test_nothing_but_our_own_words_is_on_the_standard_error(tmp_path, level):
    command = [sys.executable, "-m", "estimator_mnist", "--model=linear"]
    flags = ["--dataset=digits", f"--model_dir={tmp_path}", "--max_steps=1"]
    environment = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    if level:
        environment["TF_CPP_MIN_LOG_LEVEL"] = level
    done = subprocess.run(
        [*command, *flags], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0
    lines = done.stderr.splitlines()
    ours = all(line.startswith("INFO:tensorflow:") for line in lines)
    assert lines and ours is (level is None), done.stderr


PRINTS = """
import os, sys
import tensorflow as tf
print("one", file=sys.stderr)
os.write(2, b"oneDNN custom operations are on, says the program\\n")
with tf.Session() as session:
    print(session.run(tf.constant(2)), file=sys.stderr)
os.write(2, b"three\\n")
"""


@pytest.mark.slow
def test_what_an_old_program_prints_is_not_sifted(tmp_path):
    (tmp_path / "old.py").write_text(PRINTS)
    command = [sys.executable, "-m", "estimator_mnist.run", "old.py"]
    environment = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, env=environment
    )
    assert done.returncode == 0
    expected = "one\noneDNN custom operations are on, says the program\n2\nthree\n"
    assert done.stderr == expected
