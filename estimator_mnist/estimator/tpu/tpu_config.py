"""Settings of a TPUEstimator: RunConfig, and TPUConfig, which only a TPU follows."""

import collections
import numbers
import re
from typing import Any, Protocol

import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator import run_config

_CORES = (1, 2, 4, 8, 16, 32, 64, 128)
_DURATION = re.compile(r"[1-9][0-9]*[smh]")

_Fields = collections.namedtuple(
    "_Fields",
    [
        "iterations_per_loop",
        "num_shards",
        "num_cores_per_replica",
        "per_host_input_for_training",
        "tpu_job_name",
        "initial_infeed_sleep_secs",
        "input_partition_dims",
        "eval_training_input_configuration",
        "experimental_host_call_every_n_steps",
        "experimental_allow_per_host_v2_parallel_get_next",
        "experimental_feed_hook",
    ],
)


class InputPipelineConfig:
    """Numbers the ways in which hosts of a TPU share out their input."""

    PER_SHARD_V1 = 1
    PER_HOST_V1 = 2
    PER_HOST_V2 = 3
    BROADCAST = 4
    SLICED = 5


class TPUConfig(_Fields):
    """Holds what a TPU needs to know; checked, kept, and of no effect off a TPU.

    But for `iterations_per_loop`: the steps between log lines of the speed are
    RunConfig.log_step_count_steps, divided by it and rounded up.
    """

    __slots__ = ()

    def __new__(
        cls,
        iterations_per_loop: int | str = 2,
        num_shards: int | None = None,
        num_cores_per_replica: int | None = None,
        per_host_input_for_training: bool | int = True,
        tpu_job_name: str | None = None,
        initial_infeed_sleep_secs: int | None = None,
        input_partition_dims: Any = None,
        eval_training_input_configuration: int = InputPipelineConfig.PER_HOST_V1,
        experimental_host_call_every_n_steps: int = 1,
        experimental_allow_per_host_v2_parallel_get_next: bool = False,
        experimental_feed_hook: Any = None,
    ) -> "TPUConfig":
        """Checks the arguments.

        Args:
          iterations_per_loop: steps in one call of a TPU, or their duration, as "30s".
          per_host_input_for_training: one of InputPipelineConfig; True is PER_HOST_V1,
            False PER_SHARD_V1.
          Others are kept for a TPU's sake.

        Raises:
          ValueError: an argument is out of range.
          TypeError: num_shards or initial_infeed_sleep_secs is no integer.
        """
        _check_iterations(iterations_per_loop)
        _check_positive("num_shards", num_shards)
        _check_partitions(input_partition_dims, per_host_input_for_training)
        _check_cores(num_cores_per_replica)
        _check_input_of_evaluation(eval_training_input_configuration)
        if initial_infeed_sleep_secs != 0:
            _check_positive("initial_infeed_sleep_secs", initial_infeed_sleep_secs)
        return super().__new__(
            cls,
            iterations_per_loop=iterations_per_loop,
            num_shards=num_shards,
            num_cores_per_replica=num_cores_per_replica,
            per_host_input_for_training=_input_pipeline(per_host_input_for_training),
            tpu_job_name=tpu_job_name or None,
            initial_infeed_sleep_secs=initial_infeed_sleep_secs,
            input_partition_dims=input_partition_dims,
            eval_training_input_configuration=eval_training_input_configuration,
            experimental_host_call_every_n_steps=experimental_host_call_every_n_steps,
            experimental_allow_per_host_v2_parallel_get_next=(
                experimental_allow_per_host_v2_parallel_get_next
            ),
            experimental_feed_hook=experimental_feed_hook,
        )


class Cluster(Protocol):
    """A resolver of tf.distribute.cluster_resolver."""

    def master(self) -> str:
        """Returns the session target of training."""

    def cluster_spec(self) -> tf.train.ClusterSpec:
        """Returns the cluster."""


class RunConfig(run_config.RunConfig):
    """Holds a run's settings, and those for a TPU."""

    def __init__(
        self,
        tpu_config: TPUConfig | None = None,
        evaluation_master: str | None = None,
        master: str | None = None,
        cluster: Cluster | None = None,
        **kwargs: Any,
    ):
        """Takes those of a TPU; `kwargs` are the arguments of tf.estimator.RunConfig.

        Args:
          tpu_config: None for the defaults.
          evaluation_master: session target of evaluation; None for that of training.
          master: session target of training.
          cluster: in place of `master`; asked for its master and cluster_spec now.

        Raises:
          ValueError: both `master` and `cluster` are given; and as the base does.
        """
        super().__init__(**kwargs)
        self._tpu_config = tpu_config or TPUConfig()
        self._cluster = cluster
        if cluster and master:
            raise ValueError("Both master and cluster are set. Give one of them.")
        if cluster:
            master = cluster.master()
            self._cluster_spec = cluster.cluster_spec()
            self._session_config = _within(self._cluster_spec, self._session_config)
        if master is not None:
            self._master = master
        if evaluation_master is not None:
            self._evaluation_master = evaluation_master
        elif master is not None:
            self._evaluation_master = master

    @property
    def tpu_config(self) -> TPUConfig:
        """Returns the settings for a TPU."""
        return self._tpu_config

    @property
    def cluster(self) -> Cluster | None:
        """Returns the resolver that was given."""
        return self._cluster

    def replace(self, **kwargs: Any) -> "RunConfig":
        """Returns a changed copy, as the base does; also with another `tpu_config`.

        Raises:
          ValueError: another name, or a value out of range.
        """
        tpu_config = kwargs.pop("tpu_config", self._tpu_config)
        changed = super().replace(**kwargs)
        assert isinstance(changed, RunConfig)
        vars(changed).update(_tpu_config=tpu_config)
        return changed


def steps_between_speeds(config: RunConfig) -> int | None:
    """Returns how many steps are between log lines of the speed; None for no lines."""
    per_call = config.tpu_config.iterations_per_loop
    if not config.log_step_count_steps or not isinstance(per_call, int):
        return None
    return -(-config.log_step_count_steps // per_call)


def _check_iterations(iterations: Any) -> None:
    is_count = isinstance(iterations, numbers.Integral) and int(iterations) > 0
    is_time = isinstance(iterations, str) and _DURATION.fullmatch(iterations)
    if not is_count and not is_time:
        raise ValueError(
            "Invalid TPUConfig `iterations_per_loop` value. Given: "
            f"{errors.sample(iterations)}. It is a positive number of steps, or a time "
            "such as '3600s', '60m' or '1h'."
        )


def _check_positive(name: str, value: Any) -> None:
    if value is None:
        return
    if not isinstance(value, numbers.Integral):
        raise TypeError(f"TPUConfig {name} must be int, got {type(value)}")
    if int(value) <= 0:
        raise ValueError(f"TPUConfig {name} must be positive, got {value}")


def _check_partitions(dims: Any, pipeline: Any) -> None:
    if dims is None:
        return
    if len(dims) not in (1, 2):
        raise ValueError(
            "input_partition_dims must be a list/tuple with one or two elements. "
            f"Given: {errors.sample(dims)}."
        )
    if _input_pipeline(pipeline) != InputPipelineConfig.PER_HOST_V2:
        raise ValueError(
            "input_partition_dims is only supported in PER_HOST_V2 mode. Give "
            "per_host_input_for_training=InputPipelineConfig.PER_HOST_V2 with it."
        )


def _check_cores(count: int | None) -> None:
    if count is not None and count not in _CORES:
        raise ValueError(
            f"num_cores_per_replica must be {', '.join(map(str, _CORES))}; got {count}"
        )


def _check_input_of_evaluation(choice: int) -> None:
    if choice not in (InputPipelineConfig.PER_HOST_V1, InputPipelineConfig.SLICED):
        raise ValueError(
            "eval_training_input_configuration must be PER_HOST_V1 or SLICED; got "
            f"{choice}"
        )


def _input_pipeline(choice: bool | int) -> int:
    names: dict[Any, int] = {
        True: InputPipelineConfig.PER_HOST_V1,
        False: InputPipelineConfig.PER_SHARD_V1,
    }
    return names[choice] if isinstance(choice, bool) else choice


def _within(
    spec: tf.train.ClusterSpec, given: tf.compat.v1.ConfigProto | None
) -> tf.compat.v1.ConfigProto:
    """Returns `given`, or a config that isolates sessions, with the cluster in it."""
    config = tf.compat.v1.ConfigProto()
    if given is None:
        config.allow_soft_placement = config.isolate_session_state = True
    else:
        config.CopyFrom(given)
    if spec.jobs:
        config.cluster_def.CopyFrom(spec.as_cluster_def())
    return config
