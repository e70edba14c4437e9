"""What the program adds to training by the tasks of a cluster, as TF_CONFIG has them.

The chief keeps the record, shows progress and reports what was reached; workers and
parameter servers only help, an evaluator follows on the validation images.
"""

import contextlib
import os
from collections.abc import Iterator

from estimator_mnist import errors, estimator
from estimator_mnist.data import input_fns
from estimator_mnist.estimator import tf_config
from estimator_mnist.estimator.cluster import servers, tasks

CHIEF, PS, EVALUATOR = tf_config.CHIEF, tf_config.PS, tf_config.EVALUATOR
SECS_BETWEEN_EVALUATIONS = 10


def role() -> str | None:
    """Returns the type of this process's task, CHIEF for a master; None if it is alone.

    Raises:
      ClusterConfigError: TF_CONFIG is wrong.
    """
    with naming_tf_config():
        config = estimator.RunConfig()
        if tasks.is_alone(config):
            return None
        if config.task_type not in (PS, EVALUATOR):
            servers.check(config)
    return CHIEF if config.is_chief else config.task_type


@contextlib.contextmanager
def naming_tf_config() -> Iterator[None]:
    """Turns an error of the runtime about TF_CONFIG into one line that names it.

    Raises:
      ClusterConfigError: a ValueError or TypeError was raised.
    """
    try:
        yield
    except (ValueError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise errors.ClusterConfigError(
            f"The environment variable TF_CONFIG: {reason.rstrip('.')}. Correct or "
            "unset it."
        ) from error


def serve() -> None:
    """Serves variables until the chief is done; no data is loaded."""
    tasks.serve(estimator.RunConfig())


def refuse(**flags: object) -> None:
    """Refuses flags that need one process.

    Raises:
      ClusterConfigError: one of `flags`, name -> value, is given, that is, true.
    """
    for name, value in flags.items():
        if value:
            raise errors.ClusterConfigError(
                f"--{name} is for one machine alone: leave it out, or unset the "
                "environment variable TF_CONFIG."
            )


def folder(model_dir: str) -> str:
    """Returns `model_dir` as an absolute path where tasks of a cluster share it.

    They may have been started in different working directories.
    """
    return os.path.abspath(model_dir) if role() else model_dir


def shard(config: estimator.RunConfig, sync_replicas: bool) -> input_fns.Shard:
    """Returns the part of the training images that this task reads."""
    context = servers.input_context(config)
    return input_fns.Shard(
        context.input_pipeline_id, context.num_input_pipelines, sync_replicas
    )
