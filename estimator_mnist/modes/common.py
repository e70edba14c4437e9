"""What several modes share: flags, the experiment, the folder of files."""

import contextlib
import os
import pathlib
import re
import sys
from collections.abc import Iterator
from typing import Any

from absl import flags

from estimator_mnist import errors, files
from estimator_mnist.data import datasets
from estimator_mnist.experiment import settings
from estimator_mnist.models import catalog
from estimator_mnist.options import Option
from estimator_mnist.output_folder import OutputFolder

_OF_A_NODE = re.compile(r"^Node: .*\n(.+)", re.MULTILINE)
_SMALLER = "Take a smaller --batch_size or model, or free some."
FLAGS = {
    "split": Option(
        str,
        "test",
        "evaluate, predict, report: which images.",
        choices=datasets.SPLITS,
    ),
    "output_dir": Option(
        pathlib.Path,
        None,
        "predict, export, report: folder [MODEL_DIR/predictions, /export, /report].",
    ),
}


def experiment_of_flags(
    flag_values: flags.FlagValues, **instead: Any
) -> settings.Experiment:
    """Completes the flags to an Experiment.

    Args:
      instead: values of settings and hyperparameters that go before the flags'.

    Raises what experiment.make raises.
    """
    from estimator_mnist.experiment import experiment

    return experiment.make(**given_of_flags(flag_values, **instead))


def given_of_flags(flag_values: flags.FlagValues, **instead: Any) -> dict[str, Any]:
    """Returns the arguments of experiment.make that the flags give.

    Args:
      instead: as experiment_of_flags takes them.

    Raises ExperimentError where flags contradict one another.
    """
    interval = _eval_steps_interval(flag_values)
    return settings.given(flag_values, eval_steps_interval=interval, **instead)


def _eval_steps_interval(flag_values: flags.FlagValues) -> int | None:
    """Returns a default where the accuracy decides how training goes on."""
    if not (flag_values.early_stop_patience or flag_values.restore_best):
        return flag_values.eval_steps_interval
    if flag_values.save_checkpoints_secs:
        raise errors.ExperimentError(
            "--early_stop_patience and --restore_best evaluate by steps: give "
            "--eval_steps_interval instead of --save_checkpoints_secs."
        )
    steps = flag_values.eval_steps_interval or flag_values.save_checkpoints_steps
    return steps or settings.EVAL_STEPS_INTERVAL


def output_folder(
    flag_values: flags.FlagValues, experiment: settings.Experiment, name: str
) -> str:
    """Returns --output_dir, or the folder `name` in model_dir.

    Raises ExperimentError where that is needed and read-only.
    """
    return output_folder_of(flag_values, experiment.model_dir, name)


def output_folder_of(flag_values: flags.FlagValues, model_dir: str, name: str) -> str:
    """Returns what output_folder does, for a model_dir of any program's."""
    if flag_values.output_dir:
        return flag_values.output_dir
    folder = os.path.join(model_dir, name)
    existing = folder if os.path.isdir(folder) else model_dir
    if os.path.isdir(existing) and not os.access(existing, os.W_OK):
        raise errors.ExperimentError(
            f"{existing} cannot be written to: name another folder with --output_dir."
        )
    return folder


def is_verbose(flag_values: flags.FlagValues) -> bool:
    """Returns whether --verbosity asks for more than a mode's result."""
    return "verbosity" in flag_values and flag_values.verbosity > 0


@contextlib.contextmanager
def without_log_lines() -> Iterator[None]:
    """Lets TensorFlow's warnings pass, but not the log lines of trainings."""
    import tensorflow as tf

    verbosity = tf.get_logger().level
    tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.WARN)
    try:
        yield
    finally:
        tf.compat.v1.logging.set_verbosity(verbosity)


def opened(
    experiment: settings.Experiment, folder: str, name: str, main_file: str
) -> OutputFolder:
    """Returns the output folder at `folder`.

    Args:
      name: of the folder in model_dir that is the default.
      main_file: by which the default one of an earlier version is known.
    """
    default = os.path.abspath(os.path.join(experiment.model_dir, name))
    is_default = os.path.abspath(folder) == default
    return OutputFolder(folder, main_file if is_default else None)


def user_errors() -> tuple[type[Exception], ...]:
    """Returns what ends in one message: TensorFlow's own too, once it is imported."""
    tf = sys.modules.get("tensorflow")
    ours = errors.UserError, OSError, MemoryError
    if not tf:
        return ours
    nan_loss = tf.compat.v1.train.NanLossDuringTrainingError
    return *ours, tf.errors.OpError, nan_loss


def message(error: Exception) -> str:
    """Returns what went wrong, and what the program's user can do.

    What the user has given may hold characters that control a terminal.
    """
    return errors.escaped(_message(error), keep="\n")


def _message(error: Exception) -> str:
    if isinstance(error, errors.UserError):
        return f"{error}{flags_to_match(error)}"
    if isinstance(error, MemoryError):
        return f"not enough memory ({error}). {_SMALLER}"
    text = _first_line(str(error)) or type(error).__name__
    if isinstance(error, OSError) and error.filename is not None:
        text = f"{os.fsdecode(error.filename)}: {error.strerror}"
    return f"{text.rstrip('.')}. {_remedy(error)}".rstrip()


def _first_line(text: str) -> str:
    """Returns what went wrong, without the lines of code that have made an op.

    TensorFlow's errors have them after it, or before it where they name the node.
    """
    of_node = _OF_A_NODE.search(text)
    return of_node[1] if of_node else text.partition("\n")[0]


def _remedy(error: Exception) -> str:
    code = files.full_disk_code(error)
    if code is not None:
        return errors.make_room(code)
    if isinstance(error, OSError):
        return "Mend that, or name another file or folder."
    tf = sys.modules["tensorflow"]  # whose error it is
    return _SMALLER if isinstance(error, tf.errors.ResourceExhaustedError) else ""


def flags_to_match(error: Exception) -> str:
    """Returns a line that names the flags which a CheckpointMismatchError asks for.

    It begins with a line feed; for any other error it is empty.
    """
    if not isinstance(error, errors.CheckpointMismatchError):
        return ""
    from estimator_mnist.estimator.checkpoint import compatibility

    if error.kind == compatibility.INPUT_SIZE:
        (_, model, stored), *_ = error.differences
        # A kernel's last dimension but one is its inputs, 28x28 or 40x40 pixels.
        sides = [spec.shape[-2] or 0 for spec in (model, stored) if spec]
        larger = sides[-1] > sides[0]
        return "\nThe flag to match: " + ("--translate" if larger else "--notranslate")
    if error.kind == compatibility.RENAMED:
        return "\nNo flag matches: the layers' names are in the code."
    if error.kind == compatibility.OPTIMIZER:
        return "\nFlags to match: --optimizer"
    if error.kind == compatibility.SHAPE:
        declared = catalog.hyperparameters().items()
        names = [f"--{name}" for name, one in declared if one.shapes_variables]
        return "\nFlags to match: " + ", ".join(names)
    return "\nFlags to match: --model"
