"""RunConfig: where, how often and on which machines an Estimator runs."""

import copy
import inspect
import numbers
import operator
import os
import tempfile
from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator import distribute_config, tf_config
from estimator_mnist.estimator.session import precision as precisions

SECS_BETWEEN_CHECKPOINTS = 600
# Tells "not given" from None, which switches checkpoints off.
_UNSET: Any = object()


class TaskType:
    """Names the jobs of a cluster."""

    MASTER = tf_config.MASTER
    PS = tf_config.PS
    WORKER = tf_config.WORKER
    CHIEF = tf_config.CHIEF
    EVALUATOR = tf_config.EVALUATOR


def _reader(name: str, doc: str) -> property:
    return property(lambda self: getattr(self, "_" + name), doc=doc)


class RunConfig:
    """Holds the settings of a run, unchangeable; `replace` gives a changed copy.

    The cluster, the task, `service` and a `model_dir` may also come from the
    environment variable TF_CONFIG, read once, when the object is made.

    Raises:
      ValueError: an argument or TF_CONFIG is out of range or contradicts another.
      TypeError: TF_CONFIG holds something else where a JSON object is wanted.
    """

    def __init__(
        self,
        model_dir: str | bytes | os.PathLike | None = None,
        tf_random_seed: int | None = None,
        save_summary_steps: int | None = 100,
        save_checkpoints_steps: int | None = _UNSET,
        save_checkpoints_secs: int | None = _UNSET,
        session_config: tf.compat.v1.ConfigProto | None = None,
        keep_checkpoint_max: int | None = 5,
        keep_checkpoint_every_n_hours: float | None = 10000,
        log_step_count_steps: int | None = 100,
        train_distribute: Any = None,
        device_fn: Callable | None = None,
        protocol: str | None = None,
        eval_distribute: Any = None,
        experimental_distribute: Any = None,
        experimental_max_worker_delay_secs: int | None = None,
        session_creation_timeout_secs: float = 7200,
        checkpoint_save_graph_def: bool = True,
        steps_per_run: int | None = None,
        precision: str = precisions.FLOAT32,
    ):
        if save_checkpoints_steps is _UNSET and save_checkpoints_secs is _UNSET:
            save_checkpoints_secs = SECS_BETWEEN_CHECKPOINTS
        self._model_dir = _text(model_dir)
        self._tf_random_seed = tf_random_seed
        self._save_summary_steps = save_summary_steps
        self._save_checkpoints_steps = _none_if_unset(save_checkpoints_steps)
        self._save_checkpoints_secs = _none_if_unset(save_checkpoints_secs)
        self._session_config = session_config
        self._keep_checkpoint_max = keep_checkpoint_max
        self._keep_checkpoint_every_n_hours = keep_checkpoint_every_n_hours
        self._log_step_count_steps = log_step_count_steps
        self._device_fn = device_fn
        self._protocol = protocol
        self._train_distribute = train_distribute
        self._eval_distribute = eval_distribute
        self._experimental_distribute = experimental_distribute
        self._experimental_max_worker_delay_secs = experimental_max_worker_delay_secs
        self._session_creation_timeout_secs = session_creation_timeout_secs
        self._checkpoint_save_graph_def = checkpoint_save_graph_def
        self._steps_per_run = steps_per_run
        self._precision = precision
        _validate({name: getattr(self, f"_{name}") for name in _argument_names()})
        environment = tf_config.read()
        self._model_dir = tf_config.agreed_model_dir(environment, self._model_dir)
        self._service = environment.get("service")
        task = self._task(environment)
        self._cluster_spec = task.cluster_spec
        self._task_type = task.task_type
        self._task_id = task.task_id
        self._master = task.master
        self._evaluation_master = task.evaluation_master
        self._num_ps_replicas = task.num_ps_replicas
        self._num_worker_replicas = task.num_worker_replicas
        self._is_chief = task.is_chief
        self._global_id_in_cluster = task.global_id_in_cluster
        filters = tf_config.device_filters(task) if task.cluster_spec.jobs else ()
        if filters and session_config is None:
            self._session_config = default_session_config(*filters)

    model_dir = _reader("model_dir", "Folder of checkpoints and events, or None.")
    tf_random_seed = _reader("tf_random_seed", "The graph's seed, or None.")
    save_summary_steps = _reader("save_summary_steps", "Steps between summaries.")
    save_checkpoints_steps = _reader("save_checkpoints_steps", "Steps, or None.")
    save_checkpoints_secs = _reader("save_checkpoints_secs", "Seconds, or None.")
    session_config = _reader("session_config", "The sessions' ConfigProto, or None.")
    keep_checkpoint_max = _reader("keep_checkpoint_max", "0 or None: keep all.")
    keep_checkpoint_every_n_hours = _reader(
        "keep_checkpoint_every_n_hours", "One checkpoint per so many hours is kept."
    )
    log_step_count_steps = _reader("log_step_count_steps", "Steps between log lines.")
    train_distribute = _reader("train_distribute", "tf.distribute.Strategy or None.")
    eval_distribute = _reader("eval_distribute", "tf.distribute.Strategy or None.")
    device_fn = _reader("device_fn", "Function of an op giving its device, or None.")
    protocol = _reader("protocol", "None, 'grpc' or 'grpc+verbs'.")
    experimental_max_worker_delay_secs = _reader(
        "experimental_max_worker_delay_secs", "Longest wait before a worker starts."
    )
    session_creation_timeout_secs = _reader(
        "session_creation_timeout_secs", "Longest wait for a session, in seconds."
    )
    checkpoint_save_graph_def = _reader("checkpoint_save_graph_def", "Write .meta?")
    steps_per_run = _reader(
        "steps_per_run",
        "Steps in one session.run, whose last one hooks see; None: as fits.",
    )
    precision = _reader("precision", "Of training: 'float32' or 'bfloat16'.")
    service = _reader("service", "The dict `service` of TF_CONFIG, or None.")
    cluster_spec = _reader("cluster_spec", "tf.train.ClusterSpec, empty when alone.")
    task_type = _reader("task_type", "One of TaskType, or another job's name.")
    task_id = _reader("task_id", "Index among the tasks of this type.")
    master = _reader("master", "Session target of training; '' is this process.")
    evaluation_master = _reader("evaluation_master", "Session target of evaluation.")
    num_ps_replicas = _reader("num_ps_replicas", "Count of parameter servers.")
    num_worker_replicas = _reader("num_worker_replicas", "Workers, with the chief.")
    is_chief = _reader("is_chief", "Whether this task saves and initializes.")
    global_id_in_cluster = _reader("global_id_in_cluster", "Rank; evaluator: None.")

    def replace(self, **kwargs: Any) -> "RunConfig":
        """Returns a copy with the named constructor arguments changed.

        Setting one of `save_checkpoints_steps` and `save_checkpoints_secs` clears
        the other.

        Raises:
          ValueError: another name, or a value out of range.
        """
        allowed = _argument_names()
        for name in kwargs:
            if name not in allowed:
                raise ValueError(
                    f"Replacing {name} is not supported. Allowed properties are "
                    f"{allowed}."
                )
        if "model_dir" in kwargs:
            kwargs["model_dir"] = _text(kwargs["model_dir"])
        _validate(kwargs)
        changed = copy.copy(self)
        for name, value in (kwargs | _cleared(kwargs)).items():
            setattr(changed, f"_{name}", value)
        return changed

    def unsupported_strategies(self) -> dict[str, Any]:
        """Returns what this runtime does not use, by its name."""
        remote = getattr(self._experimental_distribute, "remote_cluster", None)
        return {"experimental_distribute.remote_cluster": remote} if remote else {}

    def _use_experimental_strategies(self) -> None:
        """Takes the strategies of `experimental_distribute`, and checks all."""
        experimental = self._experimental_distribute
        self._train_distribute = self._train_distribute or _strategy(experimental)
        of_evaluation = getattr(experimental, "eval_distribute", None)
        self._eval_distribute = self._eval_distribute or of_evaluation
        strategies = (self._train_distribute, self._eval_distribute)
        distribute_config.refuse_parameter_server_of_2(*strategies)
        if any(strategies):
            tf.compat.v1.logging.info(
                "Initializing RunConfig with distribution strategies."
            )
            tf.compat.v1.logging.info("Not using Distribute Coordinator.")

    def _task(self, environment: dict[str, Any]) -> tf_config.Task:
        self._use_experimental_strategies()
        # A strategy parses TF_CONFIG itself, by rules of its own.
        if self._train_distribute:
            return tf_config.Task(tf_config.cluster_of(environment))
        return tf_config.task_of(environment)


def default_session_config(*device_filters: str) -> tf.compat.v1.ConfigProto:
    """Returns a config with soft placement and one pass of graph optimization."""
    config = tf.compat.v1.ConfigProto(
        allow_soft_placement=True, device_filters=device_filters
    )
    # Threads that wait by spinning keep cores from those that make the next batch.
    config.experimental.disable_thread_spinning = True
    config.graph_options.rewrite_options.meta_optimizer_iterations = (
        config.graph_options.rewrite_options.ONE
    )
    return config


def config_with_model_dir(
    config: RunConfig | None, model_dir: str | bytes | os.PathLike | None
) -> RunConfig:
    """Returns the RunConfig of an Estimator, which names its model_dir.

    Args as of Estimator; without any folder, a temporary one is made.

    Raises:
      ValueError: config is of another type, or names another folder.
    """
    return with_temporary_folder(checked_config(config, model_dir))


def checked_config(
    config: RunConfig | None, model_dir: str | bytes | os.PathLike | None
) -> RunConfig:
    """Returns the RunConfig with the one model_dir, or with None.

    Raises ValueError for what is no RunConfig, and for two folders.
    """
    if config is None:
        config = RunConfig()
        tf.compat.v1.logging.info("Using default config.")
    if not isinstance(config, RunConfig):
        raise ValueError(
            f"config must be an instance of `RunConfig`, but provided "
            f"{errors.sample(config)}."
        )
    model_dir = _text(model_dir) if model_dir else None
    if model_dir and config.model_dir and model_dir != config.model_dir:
        raise ValueError(
            "`model_dir` are set both in constructor and `RunConfig`, but with "
            f"different values. In constructor: '{model_dir}', in `RunConfig`: "
            f"'{config.model_dir}'."
        )
    session_config = config.session_config or default_session_config()
    config = config.replace(session_config=session_config)
    return config.replace(model_dir=model_dir) if model_dir else config


def with_temporary_folder(config: RunConfig) -> RunConfig:
    """Returns `config` with a model_dir: a new folder, where it has none."""
    if config.model_dir:
        return config
    model_dir = tempfile.mkdtemp()
    tf.compat.v1.logging.warning(
        "Using temporary folder as model directory: %s", model_dir
    )
    return config.replace(model_dir=model_dir)


def refuse_unsupported(config: RunConfig) -> None:
    """Raises NotImplementedError for what of tf.distribute the runtime lacks."""
    for name, value in config.unsupported_strategies().items():
        raise NotImplementedError(
            f"RunConfig.{name} = {value!r} is not used by this runtime: leave it "
            "out. It trains with RunConfig.train_distribute, or in a cluster as "
            "TF_CONFIG describes, and evaluates on one device."
        )


def _argument_names() -> list[str]:
    return list(inspect.signature(RunConfig).parameters)


def _text(path: str | bytes | os.PathLike | None) -> str | None:
    return None if path is None else os.fsdecode(path)


def _none_if_unset(value: int | None) -> int | None:
    return None if value is _UNSET else value


def _cleared(options: dict[str, Any]) -> dict[str, None]:
    """Returns what goes as one of the two ways to save is set."""
    steps, secs = "save_checkpoints_steps", "save_checkpoints_secs"
    pairs = ((steps, secs), (secs, steps))
    return {other: None for one, other in pairs if options.get(one) is not None}


def _validate(options: dict[str, Any]) -> None:
    cadences = ("save_checkpoints_steps", "save_checkpoints_secs")
    if all(options.get(name) is not None for name in cadences):
        raise ValueError(
            "`save_checkpoints_steps` and `save_checkpoints_secs` cannot be both set. "
            "Give one of them."
        )
    for name, value in options.items():
        rule = _RULES.get(name)
        if rule and value is not None and not rule.holds(value):
            raise ValueError(f"{name} {rule.words}. Given: {errors.sample(value)}.")
    experimental = _strategy(options.get("experimental_distribute"))
    if options.get("train_distribute") and experimental:
        raise ValueError(
            "Either `train_distribute` or`experimental_distribute.train_distribute` "
            "can be set. Both are."
        )


def _strategy(experimental_distribute: Any) -> Any:
    return getattr(experimental_distribute, "train_distribute", None)


def _not_negative(value: Any) -> bool:
    return isinstance(value, numbers.Real) and operator.ge(value, 0)


def _positive(value: Any) -> bool:
    return isinstance(value, numbers.Real) and operator.gt(value, 0)


def _integer(value: Any) -> bool:
    return isinstance(value, numbers.Integral)


def _count(value: Any) -> bool:
    return _integer(value) and value > 0


def _takes_op_alone(function: Any) -> bool:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # not callable, or a builtin without signature
        return False
    by_position = (
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
    )
    return [p.name for p in parameters if p.kind in by_position] == ["op"]


class _Rule(NamedTuple):
    """What holds for a value other than None, and how an error says so."""

    holds: Callable[[Any], Any]
    words: str


_RULES = {
    "model_dir": _Rule(bool, "should be non-empty"),
    "tf_random_seed": _Rule(_integer, "must be integer"),
    "save_summary_steps": _Rule(_not_negative, "should be >= 0"),
    "save_checkpoints_steps": _Rule(_not_negative, "should be >= 0"),
    "save_checkpoints_secs": _Rule(_not_negative, "should be >= 0"),
    "session_config": _Rule(
        lambda value: isinstance(value, tf.compat.v1.ConfigProto),
        "must be instance of ConfigProto",
    ),
    "keep_checkpoint_max": _Rule(_not_negative, "should be >= 0"),
    "keep_checkpoint_every_n_hours": _Rule(_positive, "should be > 0"),
    "log_step_count_steps": _Rule(_positive, "should be > 0"),
    "device_fn": _Rule(
        _takes_op_alone,
        'must be callable with exactly one argument "op"',
    ),
    "protocol": _Rule(
        lambda value: value in ("grpc", "grpc+verbs"),
        "should be grpc or grpc+verbs",
    ),
    "experimental_distribute": _Rule(
        lambda value: hasattr(value, "train_distribute"),
        "should be a DistributeConfig",
    ),
    "experimental_max_worker_delay_secs": _Rule(_integer, "must be an integer if set"),
    "session_creation_timeout_secs": _Rule(_positive, "should be > 0"),
    "steps_per_run": _Rule(_count, "should be an integer > 0"),
    "precision": _Rule(
        lambda value: value in precisions.PRECISIONS,
        f"should be one of {', '.join(precisions.PRECISIONS)}",
    ),
}
