"""RunConfig of tf.contrib.learn, and names of modes and tasks."""

from typing import Any

import tensorflow as tf

from estimator_mnist import estimator as runtime

tf1 = tf.compat.v1


class ModeKeys:
    """Names of modes: those of tf.estimator, where INFER is called PREDICT."""

    TRAIN = runtime.ModeKeys.TRAIN
    EVAL = runtime.ModeKeys.EVAL
    INFER = runtime.ModeKeys.PREDICT

    @classmethod
    def validate(cls, key: str) -> None:
        """Raises ValueError for another name."""
        if key not in (cls.TRAIN, cls.EVAL, cls.INFER):
            raise ValueError(f"Invalid mode {key}.")


class TaskType:
    """Names of the tasks of a cluster."""

    MASTER = "master"
    PS = "ps"
    WORKER = "worker"


class ProblemType:
    """Kinds of problems, as in ModelFnOps.output_alternatives."""

    UNSPECIFIED = 0
    CLASSIFICATION = 1
    LINEAR_REGRESSION = 2
    LOGISTIC_REGRESSION = 3


class PredictionKey:
    """Keys of predictions."""

    CLASSES = "classes"
    PROBABILITIES = "probabilities"
    LOGITS = "logits"
    LOGISTIC = "logistic"
    SCORES = "scores"
    TOP_K = "top_k"
    GENERIC = "output"


def RunConfig(
    master: str | None = None,
    num_cores: int = 0,
    log_device_placement: bool = False,
    gpu_memory_fraction: float = 1,
    tf_random_seed: int | None = None,
    save_summary_steps: int = 100,
    save_checkpoints_secs: int | None = 0,
    save_checkpoints_steps: int | None = None,
    keep_checkpoint_max: int = 5,
    keep_checkpoint_every_n_hours: int = 10000,
    log_step_count_steps: int = 100,
    protocol: str | None = None,
    evaluation_master: str = "",
    model_dir: str | None = None,
    session_config: tf.compat.v1.ConfigProto | None = None,
    session_creation_timeout_secs: int = 7200,
) -> runtime.RunConfig:
    """Returns a RunConfig of tf.estimator.

    Args:
      master, evaluation_master: not used; TF_CONFIG says what the task is.
      num_cores: of the CPU; 0: all.
      log_device_placement, gpu_memory_fraction: of the session, without session_config.
      save_checkpoints_secs: 0: 600, unless there are save_checkpoints_steps.

    The rest is as in tf.estimator.RunConfig.
    """
    del master, evaluation_master
    if session_config is None:
        session_config = tf1.ConfigProto(
            log_device_placement=log_device_placement,
            inter_op_parallelism_threads=num_cores,
            intra_op_parallelism_threads=num_cores,
            gpu_options=tf1.GPUOptions(
                per_process_gpu_memory_fraction=gpu_memory_fraction
            ),
        )
    options: dict[str, Any] = {"tf_random_seed": tf_random_seed, "protocol": protocol}
    if save_checkpoints_steps is not None:
        options["save_checkpoints_steps"] = save_checkpoints_steps
    elif save_checkpoints_secs != 0:
        options["save_checkpoints_secs"] = save_checkpoints_secs
    return runtime.RunConfig(
        model_dir=model_dir,
        save_summary_steps=save_summary_steps,
        session_config=session_config,
        keep_checkpoint_max=keep_checkpoint_max,
        keep_checkpoint_every_n_hours=keep_checkpoint_every_n_hours,
        log_step_count_steps=log_step_count_steps,
        session_creation_timeout_secs=session_creation_timeout_secs,
        **options,
    )
