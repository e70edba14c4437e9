"""Training by several tasks, as TF_CONFIG describes them: what the program adds.

The chief keeps the record, shows progress and says what was reached; workers and
parameter servers only help, an evaluator follows on the validation images.
"""

import os

from estimator_mnist import errors, estimator
from estimator_mnist.data import input_fns
from estimator_mnist.estimator import tf_config
from estimator_mnist.estimator.cluster import servers, tasks

CHIEF, PS, EVALUATOR = tf_config.CHIEF, tf_config.PS, tf_config.EVALUATOR
SECS_BETWEEN_EVALUATIONS = 10


def role() -> str | None:
    """This process's task, the master's as the chief's; None where it is alone.

    Raises ClusterConfigError where TF_CONFIG is wrong.
    """
    try:
        config = estimator.RunConfig()
        if tasks.is_alone(config):
            return None
        if config.task_type not in (PS, EVALUATOR):
            servers.check(config)
    except (ValueError, TypeError) as error:
        raise errors.ClusterConfigError(f"TF_CONFIG: {error}") from error
    return CHIEF if config.is_chief else config.task_type


def serve() -> None:
    """Holds variables until the chief is done; no data is loaded."""
    tasks.serve(estimator.RunConfig())


def refuse(**flags) -> None:
    """Raises ClusterConfigError where a flag that needs one process is given."""
    for name, value in flags.items():
        if value:
            raise errors.ClusterConfigError(
                f"--{name} is for one machine alone: leave it out, or unset the "
                "environment variable TF_CONFIG."
            )


def folder(model_dir: str) -> str:
    """As all tasks of a machine find it, wherever they were started."""
    return os.path.abspath(model_dir) if role() else model_dir


def shard(config, sync_replicas: bool) -> input_fns.Shard:
    """What this task reads of the training images."""
    context = servers.input_context(config)
    return input_fns.Shard(
        context.input_pipeline_id, context.num_input_pipelines, sync_replicas
    )


def specs(train_input_fn, max_steps: int, eval_input_fn, name: str, hooks, listeners):
    """The TrainSpec and EvalSpec that all tasks share."""
    return (
        estimator.TrainSpec(train_input_fn, max_steps, hooks, listeners),
        estimator.EvalSpec(
            eval_input_fn,
            steps=None,
            name=name,
            start_delay_secs=0,
            throttle_secs=SECS_BETWEEN_EVALUATIONS,
        ),
    )
