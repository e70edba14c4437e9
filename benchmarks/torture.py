"""Kills a training again and again, and compares its end with one left in peace.

python -m benchmarks.torture --kills=200 --model=cnn --dataset=digits

Each life of the trainer is ended by SIGKILL after a random time, or as soon as it
writes a checkpoint, an evaluation or the best weights. When a run reaches its last
step, its variables are compared bit by bit with those of the uninterrupted run, its
events with the steps they should hold, and its folder with what belongs there; then
the next run begins, until all kills are spent. Exit code 0 if nothing was wrong.
"""

import argparse
import dataclasses
import multiprocessing
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

from estimator_mnist import main as program
from estimator_mnist.estimator.checkpoint import integrity, paths

tf1 = tf.compat.v1

SUMMARY_STEPS = 5
PATIENCE_SECS = 600
# What tells that the trainer is in the midst of something, by a pattern of a new file.
MOMENTS = (
    "*_temp*",
    "*.index",
    ".*.manifest.json.*",
    "eval*/*",
    "best/*",
    None,
)


@dataclasses.dataclass(frozen=True)
class Settings:
    """What is trained, and how it is disturbed."""

    model: str = "cnn"
    dataset: str = "digits"
    data_dir: str | None = None
    max_steps: int = 60
    save_steps: int = 10
    longest_life: float = 6.0  # seconds
    seed: int = 0
    flags: str = ""  # more of the program's, apart by blanks


class TortureError(AssertionError):
    """A killed run ended otherwise than one left in peace."""


def torture(settings: Settings, kills: int, folder: str, say=print) -> int:
    """Runs and kills; returns the number of runs that were finished and compared.

    Raises TortureError at the first difference.
    """
    chance = random.Random(settings.seed)
    peaceful = os.path.join(folder, "peaceful")
    live(settings, peaceful)
    wanted = variables(peaceful)
    done = runs = 0
    while done < kills:
        model_dir = os.path.join(folder, f"killed-{runs}")
        lives = 0
        # A run whose kills are spent is let live to its end.
        while not live(settings, model_dir, chance if done < kills else None):
            lives, done = lives + 1, done + 1
        compare(settings, model_dir, wanted)
        runs += 1
        say(
            f"run {runs}: killed {lives} times, then as if it had not been.", flush=True
        )
    say(
        f"{done} kills in {runs} runs of {settings.model} on {settings.dataset}: "
        "all as one left in peace."
    )
    return runs


def live(settings: Settings, model_dir: str, chance=None) -> bool:
    """One life of a trainer; whether it came to its end before it was killed."""
    # A fork of a process that has imported TensorFlow already lives at once.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["estimator_mnist.main", "estimator_mnist.experiment.training"]
    )
    flags = flags_of(settings, model_dir)
    trainer = context.Process(target=train, args=(flags, f"{model_dir}.log"))
    trainer.start()
    if chance:
        wait_for_the_moment(settings, trainer, model_dir, chance)
        trainer.kill()
    trainer.join(PATIENCE_SECS)
    code = trainer.exitcode
    if code not in (0, -signal.SIGKILL):
        last = pathlib.Path(f"{model_dir}.log").read_text(errors="replace")[-3000:]
        raise TortureError(
            f"the trainer of {model_dir} ended with code {code}:\n{last}"
        )
    return code == 0


def train(flags: list[str], log: str) -> None:
    """What the trainer's process does: the program, its output added to a file."""
    with open(log, "ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.argv = ["estimator_mnist.main", *flags]
    program.console()


def flags_of(settings: Settings, model_dir: str) -> list[str]:
    """Trains and evaluates on the way, as a user would."""
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


def wait_for_the_moment(settings, trainer, model_dir, chance) -> None:
    """Until something is being written, or a while is over, or the trainer ends."""
    pattern = chance.choice(MOMENTS)
    end = time.monotonic() + chance.uniform(0, settings.longest_life)
    before = files_like(model_dir, pattern)
    # Writing is waited for longer, else it would hardly ever be met.
    limit = end + settings.longest_life * bool(pattern)
    while time.monotonic() < limit and trainer.is_alive():
        if pattern and files_like(model_dir, pattern) - before:
            time.sleep(chance.uniform(0, 0.02))
            return
        if not pattern and time.monotonic() > end:
            return
        time.sleep(0.002)


def files_like(folder: str, pattern: str | None) -> set:
    """Paths below `folder` with their times, so that a rewritten file is new."""
    found = set()
    for path in pathlib.Path(folder).glob(pattern) if pattern else []:
        try:
            found.add((str(path), path.stat().st_mtime_ns))
        except FileNotFoundError:
            continue
    return found


def variables(model_dir: str) -> dict:
    """All of the newest checkpoint, name -> array."""
    path = paths.latest(model_dir)
    reader = tf.train.load_checkpoint(path)
    return {name: reader.get_tensor(name) for name, _ in tf.train.list_variables(path)}


def compare(settings: Settings, model_dir: str, wanted: dict) -> None:
    """Raises TortureError where the run is not as the one left in peace."""
    found = variables(model_dir)
    if found.keys() != wanted.keys():
        raise TortureError(
            f"{model_dir}: other variables: {found.keys() ^ wanted.keys()}"
        )
    other = [n for n in wanted if not np.array_equal(found[n], wanted[n])]
    if other:
        raise TortureError(f"{model_dir}: other values in {', '.join(other)}")
    check_events(settings, model_dir)
    left = integrity.leftovers(model_dir) + [
        str(path) for path in pathlib.Path(model_dir).glob("*.damaged")
    ]
    if left or os.path.exists(os.path.join(model_dir, "trainer.json")):
        raise TortureError(f"{model_dir}: something was left: {left}")


def check_events(settings: Settings, model_dir: str) -> None:
    """Each step of the loss once, and no gap longer than between two summaries."""
    steps = loss_steps(model_dir)
    gaps = np.diff([0, *steps, settings.max_steps])
    # A resumed run writes its first step, whatever its number.
    if min(gaps[:-1]) < 1 or max(gaps) > SUMMARY_STEPS + 1:
        raise TortureError(f"{model_dir}: events of the steps {steps}")


def loss_steps(model_dir: str) -> list[int]:
    """Steps at which the loss was written, as TensorBoard understands the events.

    A start of a session voids what a killed one wrote for later steps.
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
    arguments = vars(parser.parse_args())
    kills = arguments.pop("kills")
    tf.get_logger().setLevel("ERROR")
    folder = tempfile.mkdtemp()
    torture(Settings(**arguments), kills, folder)
    shutil.rmtree(folder)  # what went wrong stays to be looked at


if __name__ == "__main__":
    try:
        main()
    except TortureError as error:
        sys.exit(f"error: {error}")
