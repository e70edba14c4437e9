"""--mode=train and train_and_evaluate: trains, alone or as a task of a cluster."""

from __future__ import annotations

import sys
import typing

from absl import flags

from estimator_mnist.experiment.settings import Experiment
from estimator_mnist.modes import common, evaluate
from estimator_mnist.options import Option

if typing.TYPE_CHECKING:
    from estimator_mnist.estimator import Estimator
    from estimator_mnist.experiment.training import Training

FLAGS = {
    "steps": Option(
        int,
        None,
        "How many more steps to train; excludes --max_steps.",
        lower_bound=1,
    ),
    "max_steps": Option(
        int, None, "The step to end at, in all runs together.", lower_bound=1
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
    """Trains the experiment of the flags; with TF_CONFIG, as this task of a cluster."""
    from estimator_mnist.experiment import cluster

    role = cluster.role()
    if role:
        cluster.refuse(
            steps=flag_values.steps,
            early_stop_patience=flag_values.early_stop_patience,
            restore_best=flag_values.restore_best,
            engine=flag_values.engine != "ours" and flag_values.engine,
        )
    if role == cluster.PS:
        cluster.serve()
    elif role in (None, cluster.CHIEF):
        _train_and_evaluate(flag_values)
    else:
        _join(flag_values)


def _train_and_evaluate(flag_values: flags.FlagValues) -> None:
    from estimator_mnist.experiment import experiment as experiments

    experiment = common.experiment_of_flags(flag_values)
    estimator = experiments.build_estimator(experiment)
    train(flag_values, experiment, estimator)
    if flag_values.mode == "train_and_evaluate":
        evaluate.evaluate(flag_values, experiment, estimator)


def _join(flag_values: flags.FlagValues) -> None:
    """Helps the chief as a worker, or evaluates its checkpoints."""
    from estimator_mnist.experiment import experiment as experiments
    from estimator_mnist.experiment import training

    experiment = common.experiment_of_flags(flag_values)
    estimator = experiments.build_estimator(experiment)
    results = training.join(experiment, estimator, flag_values.max_steps)
    if results:
        print(
            f"Accuracy {results['accuracy']:.4f} on the validation images at step "
            f"{results['global_step']}."
        )


def train(
    flag_values: flags.FlagValues, experiment: Experiment, estimator: Estimator
) -> None:
    """Trains to the step that the flags give, and prints how it went.

    Raises Interrupted where a signal ended the training, after a save.
    """
    from estimator_mnist.estimator.hooks import stop_on_signal

    trained = train_quietly(flag_values, experiment, estimator)
    first, last = trained.first, trained.last
    if first == last:
        print(f"Nothing to train: {experiment.model_dir} has reached step {last}.")
    else:
        print(f"Trained from step {first} to {last} in {experiment.model_dir}.")
    if trained.stopped_by:
        print(f"Stopped early: {trained.stopped_by}.")
    if trained.restored is not None:
        print(f"The best weights, of step {trained.restored}, are the newest now.")
    if trained.signum:
        raise stop_on_signal.Interrupted(trained.signum)


def train_quietly(
    flag_values: flags.FlagValues, experiment: Experiment, estimator: Estimator
) -> Training:
    """Trains to the step that the flags give, with a progress line on a terminal."""
    from estimator_mnist.experiment import early_stopping, training

    terminal = sys.stderr if sys.stderr.isatty() else None
    limits = early_stopping.Limits(
        flag_values.early_stop_patience,
        flag_values.max_minutes,
        flag_values.restore_best,
    )
    return training.train(
        experiment,
        estimator,
        flag_values.steps,
        flag_values.max_steps,
        limits,
        terminal,
    )
