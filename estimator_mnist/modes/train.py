"""--mode=train and train_and_evaluate: trains, alone or as a task of a cluster."""

from __future__ import annotations

import contextlib
import os
import sys
import typing
from collections.abc import Iterator
from typing import Any

from absl import flags

from estimator_mnist import errors
from estimator_mnist.experiment import settings
from estimator_mnist.experiment.settings import Experiment
from estimator_mnist.models import catalog
from estimator_mnist.modes import common, evaluate
from estimator_mnist.options import Option

if typing.TYPE_CHECKING:
    from estimator_mnist.estimator import Estimator
    from estimator_mnist.experiment.training import TrainingResult

_MOST_STEPS = 2**53  # that a float counts one by one
FLAGS = {
    "steps": Option(
        int,
        None,
        "How many more steps to train; excludes --max_steps.",
        lower_bound=1,
        upper_bound=_MOST_STEPS,
    ),
    "max_steps": Option(
        int,
        None,
        "The step to end at, in all runs together.",
        lower_bound=1,
        upper_bound=_MOST_STEPS,
    ),
    "early_stop_patience": Option(
        int,
        None,
        "Stop after so many evaluations without a better accuracy.",
        lower_bound=1,
    ),
    "max_minutes": Option(
        float, None, "Stop after so many minutes, in all runs.", lower_bound=0
    ),
    "restore_best": Option(
        bool, False, "End with the best evaluated weights, not the last."
    ),
}


def run(flag_values: flags.FlagValues) -> None:
    """Trains the experiment of the flags; as TF_CONFIG says, if that is set.

    Raises Interrupted where a signal ended the training, after a save.
    """
    from estimator_mnist.experiment import cluster, training

    role = _role(flag_values)
    if role == cluster.PS:
        cluster.serve()
        return
    experiment, estimator = _experiment_and_estimator(flag_values)
    if role not in (None, cluster.CHIEF):
        _print_evaluation(training.join(experiment, estimator, flag_values.max_steps))
        return
    with _advising_after_nan(experiment, flag_values):
        trained = training.train(experiment, estimator, **arguments(flag_values))
    print_result(experiment, trained)
    if flag_values.mode == "train_and_evaluate":
        evaluate.evaluate(flag_values, experiment, estimator)


@contextlib.contextmanager
def _advising_after_nan(
    experiment: Experiment, flag_values: flags.FlagValues
) -> Iterator[None]:
    """Adds a command that works to an error about a loss that is NaN.

    Raises:
      ExperimentError: with the words of a NanLossDuringTrainingError.
    """
    import tensorflow as tf

    try:
        yield
    except tf.compat.v1.train.NanLossDuringTrainingError as error:
        raise errors.ExperimentError(
            f"{error} For instance: {_with_smaller_rate(experiment, flag_values)}"
        ) from error


def _with_smaller_rate(experiment: Experiment, flag_values: flags.FlagValues) -> str:
    """Returns the command for the same in a new folder, at a smaller learning rate.

    In the old folder that would be refused: a run has one learning rate.
    """
    from estimator_mnist.experiment import command_line

    rate = experiment.params["learning_rate"]
    usual = catalog.MODELS[experiment.model].params["learning_rate"]
    smaller = usual if rate > usual else rate / 10
    folder = f"{experiment.model_dir.rstrip(os.sep)}-learning_rate={smaller:g}"
    names = [*settings.CADENCE, *FLAGS, "mode"]
    asked = {
        name: flag_values[name].value for name in names if flag_values[name].present
    }
    return command_line.program(
        *command_line.flags_of(experiment, model_dir=folder, learning_rate=smaller),
        *command_line.given(asked),
    )


def arguments(flag_values: flags.FlagValues) -> dict[str, Any]:
    """Returns what flags give of training.train's arguments.

    A progress line is shown where the standard error is a terminal.
    """
    from estimator_mnist.experiment import early_stopping

    return {
        "steps": flag_values.steps,
        "max_steps": flag_values.max_steps,
        "limits": early_stopping.Limits(
            flag_values.early_stop_patience,
            flag_values.max_minutes,
            flag_values.restore_best,
        ),
        "terminal": terminal(),
    }


def terminal() -> typing.TextIO | None:
    """Returns the standard error where it is a terminal, which may show progress."""
    return sys.stderr if sys.stderr.isatty() else None


def print_result(experiment: Experiment, trained: TrainingResult) -> None:
    """Prints how a training went; raises Interrupted where a signal ended it."""
    first, last = trained.first, trained.last
    if first == last:
        print(f"Nothing to train: {experiment.model_dir} has reached step {last}.")
    else:
        print(f"Trained from step {first} to {last} in {experiment.model_dir}.")
    if trained.stopped_by:
        print(f"Stopped early: {trained.stopped_by}.")
    if trained.restored is not None:
        print(f"The best weights, of step {trained.restored}, are the newest now.")
    check_not_interrupted(trained)


def check_not_interrupted(trained: TrainingResult) -> None:
    """Raises Interrupted where a signal ended a training, after a save."""
    from estimator_mnist.estimator.hooks import stop_on_signal

    if trained.signum:
        raise stop_on_signal.Interrupted(trained.signum)


def _role(flag_values: flags.FlagValues) -> str | None:
    """Returns this process's task in a cluster, None where it is alone.

    Raises ClusterConfigError for flags that a cluster does not take.
    """
    from estimator_mnist.experiment import cluster

    role = cluster.role()
    if role:
        cluster.refuse(
            steps=flag_values.steps,
            early_stop_patience=flag_values.early_stop_patience,
            restore_best=flag_values.restore_best,
            engine=flag_values.engine != "ours" and flag_values.engine,
        )
    return role


def _experiment_and_estimator(
    flag_values: flags.FlagValues,
) -> tuple[Experiment, Estimator]:
    from estimator_mnist.experiment import experiment as experiments

    experiment = common.experiment_of_flags(flag_values)
    return experiment, experiments.build_estimator(experiment)


def _print_evaluation(results: dict[str, Any] | None) -> None:
    if results:
        print(
            f"Accuracy {results['accuracy']:.4f} on the validation images at step "
            f"{results['global_step']}."
        )
