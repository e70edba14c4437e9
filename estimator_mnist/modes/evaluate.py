"""--mode=evaluate: the accuracy on the images of a split."""

from __future__ import annotations

import typing
from collections.abc import Mapping

from absl import flags

from estimator_mnist.experiment.settings import Experiment
from estimator_mnist.modes import common
from estimator_mnist.options import Option

if typing.TYPE_CHECKING:
    from estimator_mnist.estimator import Estimator

FLAGS: Mapping[str, Option] = {}  # --split is in common.FLAGS


def run(flag_values: flags.FlagValues) -> None:
    """Evaluates the newest checkpoint of the experiment of the flags."""
    from estimator_mnist.experiment import experiment as experiments

    experiment = common.experiment_of_flags(flag_values)
    evaluate(flag_values, experiment, experiments.build_estimator(experiment))


def evaluate(
    flag_values: flags.FlagValues, experiment: Experiment, estimator: Estimator
) -> None:
    """Evaluates, and prints what was reached, where it is and what to try next."""
    from estimator_mnist.experiment import command_line, run_record
    from estimator_mnist.experiment import experiment as experiments

    split = flag_values.split
    # The curve of the test images has no points of other images.
    name = None if split == "test" else split
    results = experiments.evaluate(experiment, estimator, split, name)
    images = len(getattr(experiment.data, split).labels)
    print(
        f"Accuracy {results['accuracy']:.4f}, loss {results['loss']:.4f} on "
        f"{images} {split} images of {experiment.data.name} "
        f"at step {results['global_step']}."
    )
    print(f"Checkpoints and TensorBoard events: {experiment.model_dir}")
    flags = [f"--model_dir={experiment.model_dir}"]
    if run_record.read(experiment.model_dir) is None:  # that would know the others
        flags = command_line.flags_of(experiment)
    step = results["global_step"]
    more = [f"--steps={step}"] if step else []
    print(f"More training:  {command_line.program(*flags, *more)}")
    print(f"Its variables:  {command_line.program(*flags, '--mode=inspect')}")
    print(f"Predictions:    {command_line.program(*flags, '--mode=predict')}")
    print(f"Pictures:       {command_line.program(*flags, '--mode=report')}")
