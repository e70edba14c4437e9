"""Kills training repeatedly, and compares the result with an undisturbed run.

python -m benchmarks.torture --kills=200 --model=cnn --dataset=digits
python -m benchmarks.torture --kills=200 --model=dnn_classifier
python -m benchmarks.torture --every_operation --command=predict [--signal=TERM]

A model is one of the program's, or one of benchmarks/canned_models.py. Each process of
the trainer is ended by SIGKILL after a random time, or as soon as it writes a
checkpoint, an evaluation or the best weights. When a run reaches its last step, its
variables are compared bit by bit with those of the undisturbed run, its events with the
steps they should hold, and all names in its folder with that one's; then the next run
begins, until there were `--kills` kills. Exit code 0 if all agree.

With --every_operation, kills/every_operation.py ends any command after each of its
operations on files instead.
"""

import argparse
import dataclasses
import os
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import time

import numpy as np
import tensorflow as tf

from benchmarks import canned_models, processes
from benchmarks.kills import every_operation, file_operations, listing
from estimator_mnist.estimator.checkpoint import paths

tf1 = tf.compat.v1

SUMMARY_STEPS = 5
TIMEOUT_SECS = 600
# A new file of one of these patterns shows that the trainer is writing.
PATTERNS = (
    "*_temp*",
    "*.index",
    ".*.manifest.json.*",
    "best/.*",
    "eval*/*",
    "best/*",
    None,
)


@dataclasses.dataclass(frozen=True)
class Settings:
    """What is trained, and when it is killed."""

    model: str = "cnn"
    # Those of canned_models have their own data, and take no flags.
    dataset: str = "digits"
    data_dir: str | None = None
    max_steps: int = 60
    save_steps: int = 10
    longest_life: float = 6.0  # seconds
    seed: int = 0
    flags: str = ""  # more of the program's, separated by blanks


class TortureError(AssertionError):
    """A killed run ended differently from the undisturbed one."""


def torture(settings: Settings, kills: int, folder: str) -> int:
    """Runs and kills; returns the number of runs that were finished and compared.

    Raises TortureError at the first difference.
    """
    rng = random.Random(settings.seed)
    undisturbed = os.path.join(folder, "peaceful")
    run_trainer(settings, undisturbed)
    expected = variables(undisturbed), listing.describe(undisturbed)
    total_kills = runs = 0
    while total_kills < kills:
        model_dir = os.path.join(folder, f"killed-{runs}")
        run_kills = 0
        # After the last kill, the run may go on to its end.
        while not run_trainer(
            settings, model_dir, rng if total_kills < kills else None
        ):
            run_kills, total_kills = run_kills + 1, total_kills + 1
        compare(settings, model_dir, *expected)
        runs += 1
        print(
            f"run {runs}: killed {run_kills} times, then as if it had not been.",
            flush=True,
        )
    print(
        f"{total_kills} kills in {runs} runs of {settings.model}: all as one left in "
        "peace."
    )
    return runs


def run_trainer(settings: Settings, model_dir: str, rng=None) -> bool:
    """Starts a trainer and, given `rng`, kills it; returns whether it ended before."""
    trainer = processes.forked(train, settings, model_dir)
    if rng:
        wait_to_kill(settings, trainer, model_dir, rng)
        trainer.kill()
    trainer.join(TIMEOUT_SECS)
    code = trainer.exitcode
    if code not in (0, -signal.SIGKILL):
        last = pathlib.Path(f"{model_dir}.log").read_text(errors="replace")[-3000:]
        raise TortureError(
            f"the trainer of {model_dir} ended with code {code}:\n{last}"
        )
    return code == 0


def train(settings: Settings, model_dir: str) -> None:
    """Trains in the trainer's process; appends its output to a file."""
    with open(f"{model_dir}.log", "ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    if settings.model in canned_models.MODELS:
        steps = settings.max_steps, settings.save_steps, SUMMARY_STEPS
        canned_models.train(settings.model, model_dir, *steps)
        return
    from estimator_mnist import main

    sys.argv = ["estimator_mnist.main", *flags_of(settings, model_dir)]
    main.console()


def flags_of(settings: Settings, model_dir: str) -> list[str]:
    """Returns the flags to train, with evaluations, as a user would."""
    flags = {
        "model": settings.model,
        "dataset": settings.dataset,
        "model_dir": model_dir,
        "max_steps": settings.max_steps,
        "eval_steps_interval": settings.save_steps,
        "save_summary_steps": SUMMARY_STEPS,
    }
    if settings.data_dir:
        flags["data_dir"] = settings.data_dir
    given = [f"--{name}={value}" for name, value in flags.items()]
    return [*given, "--translate", *settings.flags.split()]


def wait_to_kill(settings, trainer, model_dir, rng) -> None:
    """Waits for a file of a random pattern, or a random time, or the trainer's end."""
    pattern = rng.choice(PATTERNS)
    end = time.monotonic() + rng.uniform(0, settings.longest_life)
    before = files_like(model_dir, pattern)
    # Longer for a file, because the trainer writes only once in a while.
    limit = end + settings.longest_life if pattern else end
    while time.monotonic() < limit and trainer.is_alive():
        if pattern and files_like(model_dir, pattern) - before:
            time.sleep(rng.uniform(0, 0.02))
            return
        if not pattern and time.monotonic() > end:
            return
        time.sleep(0.002)


def files_like(folder: str, pattern: str | None) -> set:
    """Returns paths below `folder` with their times: a rewritten file is new."""
    found = set()
    for path in pathlib.Path(folder).glob(pattern) if pattern else []:
        try:
            found.add((str(path), path.stat().st_mtime_ns))
        except FileNotFoundError:
            continue
    return found


def variables(model_dir: str) -> dict:
    """Returns the variables of the newest checkpoint, by name."""
    path = paths.latest(model_dir)
    reader = tf.train.load_checkpoint(path)
    return {name: reader.get_tensor(name) for name, _ in tf.train.list_variables(path)}


def compare(
    settings: Settings, model_dir: str, expected: dict, expected_names: dict
) -> None:
    """Raises TortureError if the run differs from the undisturbed one.

    Args:
      expected: the variables.
      expected_names: what listing.describe has returned.
    """
    found = variables(model_dir)
    if found.keys() != expected.keys():
        raise TortureError(
            f"{model_dir}: other variables: {found.keys() ^ expected.keys()}"
        )
    other = [n for n in expected if not np.array_equal(found[n], expected[n])]
    if other:
        raise TortureError(f"{model_dir}: other values in {', '.join(other)}")
    check_events(settings, model_dir)
    differences = listing.difference(listing.describe(model_dir), expected_names)
    if differences:
        raise TortureError(f"{model_dir}: {'; '.join(differences)}")


def check_events(settings: Settings, model_dir: str) -> None:
    """Raises TortureError if the steps of the loss have duplicates or gaps."""
    steps = loss_steps(model_dir)
    gaps = np.diff([0, *steps, settings.max_steps])
    # A resumed run writes its first step in any case.
    if min(gaps[:-1]) < 1 or max(gaps) > SUMMARY_STEPS + 1:
        raise TortureError(f"{model_dir}: events of the steps {steps}")


def loss_steps(model_dir: str) -> list[int]:
    """Returns the steps of the loss as TensorBoard shows them.

    The start of a session voids what a killed one wrote for later steps.
    """
    steps = []
    for path in sorted(pathlib.Path(model_dir).glob("events.*")):
        try:
            for record in tf1.io.tf_record_iterator(str(path)):
                event = tf1.Event.FromString(record)
                if event.session_log.status == tf1.SessionLog.START:
                    steps = [step for step in steps if step < event.step]
                if any(value.tag == "loss" for value in event.summary.value):
                    steps.append(event.step)
        except tf.errors.DataLossError:
            continue  # the last event was being written when the kill came
    return steps


def main() -> None:
    """Reads the settings from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    for field in dataclasses.fields(Settings):
        kind = str if field.name == "data_dir" else type(field.default)
        parser.add_argument(f"--{field.name}", type=kind, default=field.default)
    parser.add_argument("--every_operation", action="store_true")
    parser.add_argument("--command", choices=every_operation.COMMANDS, default="train")
    parser.add_argument("--signal", choices=("KILL", "TERM"), default="KILL")
    parser.add_argument("--points", type=int, help="of the operations [all]")
    arguments = vars(parser.parse_args())
    kills, every = arguments.pop("kills"), arguments.pop("every_operation")
    how = [arguments.pop(name) for name in ("command", "signal", "points")]
    tf.get_logger().setLevel("ERROR")
    folder = tempfile.mkdtemp()
    if every:
        after_every_operation(folder, *how)
    else:
        torture(Settings(**arguments), kills, folder)
    shutil.rmtree(folder)  # it stays after an error, to be examined


def after_every_operation(
    folder: str, command: str, signal_name: str, points: int | None
) -> None:
    """Ends a command after each of its operations on files; prints the counts.

    Raises TortureError where something was left, or differs.
    """
    signum = signal.Signals[f"SIG{signal_name}"]
    try:
        result = every_operation.kill_everywhere(command, folder, signum, points)
    except file_operations.UnavailableError as error:
        raise TortureError(f"not possible here: {error}") from error
    print(result)
    if result.failures:
        raise TortureError("\n".join(result.failures))


if __name__ == "__main__":
    try:
        main()
    except TortureError as error:
        sys.exit(f"error: {error}")
