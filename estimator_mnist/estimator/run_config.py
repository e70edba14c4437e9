"""RunConfig: where, how often and on which machines an Estimator runs."""

import copy
import dataclasses
import inspect
import json
import numbers
import os
from typing import Any

import tensorflow as tf

SECS_BETWEEN_CHECKPOINTS = 600
_UNSET = object()  # tells "not given" from None, which switches checkpoints off
_ENV = "Note that these values may be coming from the TF_CONFIG environment variable."

_REPLACEABLE = (
    "model_dir",
    "tf_random_seed",
    "save_summary_steps",
    "save_checkpoints_steps",
    "save_checkpoints_secs",
    "session_config",
    "keep_checkpoint_max",
    "keep_checkpoint_every_n_hours",
    "log_step_count_steps",
    "train_distribute",
    "device_fn",
    "protocol",
    "eval_distribute",
    "experimental_distribute",
    "experimental_max_worker_delay_secs",
    "session_creation_timeout_secs",
    "checkpoint_save_graph_def",
)
_AT_LEAST_ZERO = (
    "save_summary_steps",
    "save_checkpoints_steps",
    "save_checkpoints_secs",
    "keep_checkpoint_max",
)
_ABOVE_ZERO = (
    "keep_checkpoint_every_n_hours",
    "log_step_count_steps",
    "session_creation_timeout_secs",
)


class TaskType:
    """Names of the jobs of a cluster."""

    MASTER = "master"
    PS = "ps"
    WORKER = "worker"
    CHIEF = "chief"
    EVALUATOR = "evaluator"


@dataclasses.dataclass(frozen=True)
class _Task:
    """This process's place in the cluster; the defaults are one machine alone."""

    cluster_spec: Any
    task_type: str = "worker"
    task_id: int = 0
    master: str = ""
    evaluation_master: str = ""
    num_ps_replicas: int = 0
    num_worker_replicas: int = 1
    is_chief: bool = True
    global_id_in_cluster: int | None = 0


def _reader(name: str, doc: str) -> property:
    return property(lambda self: getattr(self, "_" + name), doc=doc)


class RunConfig:
    """Settings of a run, unchangeable; `replace` gives a changed copy.

    The cluster, the task, `service` and a `model_dir` may also come from the
    environment variable TF_CONFIG, read once, when the object is made.

    Raises:
      ValueError: an argument or TF_CONFIG is out of range or contradicts another.
      TypeError: a number or a dict was wanted and something else was given.
    """

    def __init__(
        self,
        model_dir: str | None = None,
        tf_random_seed: int | None = None,
        save_summary_steps: int | None = 100,
        save_checkpoints_steps: int | None = _UNSET,
        save_checkpoints_secs: int | None = _UNSET,
        session_config: tf.compat.v1.ConfigProto | None = None,
        keep_checkpoint_max: int | None = 5,
        keep_checkpoint_every_n_hours: float | None = 10000,
        log_step_count_steps: int | None = 100,
        train_distribute=None,
        device_fn=None,
        protocol: str | None = None,
        eval_distribute=None,
        experimental_distribute=None,
        experimental_max_worker_delay_secs: float | None = None,
        session_creation_timeout_secs: float = 7200,
        checkpoint_save_graph_def: bool = True,
    ):
        given = {name: value for name, value in locals().items() if name != "self"}
        if save_checkpoints_steps is _UNSET and save_checkpoints_secs is _UNSET:
            given["save_checkpoints_secs"] = SECS_BETWEEN_CHECKPOINTS
        given = {name: None if v is _UNSET else v for name, v in given.items()}
        self._set(**given)
        environment = _read_environment()
        self._service = _service(environment)
        self._model_dir = _agreed_model_dir(model_dir, environment)
        self._set_task(environment)

    model_dir = _reader("model_dir", "Directory of checkpoints and events, or None.")
    tf_random_seed = _reader("tf_random_seed", "The graph's seed, or None.")
    save_summary_steps = _reader("save_summary_steps", "Steps between summaries.")
    save_checkpoints_steps = _reader("save_checkpoints_steps", "Steps, or None.")
    save_checkpoints_secs = _reader("save_checkpoints_secs", "Seconds, or None.")
    session_config = _reader("session_config", "ConfigProto of the sessions, or None.")
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
    checkpoint_save_graph_def = _reader(
        "checkpoint_save_graph_def", "Whether a checkpoint has a .meta file."
    )
    service = _reader("service", "The dict `service` of TF_CONFIG, or None.")
    cluster_spec = _reader("cluster_spec", "tf.train.ClusterSpec, empty when alone.")
    task_type = _reader("task_type", "'chief', 'worker', 'ps', 'evaluator' or other.")
    task_id = _reader("task_id", "Index among the tasks of this type.")
    master = _reader("master", "Session target of training; '' is this process.")
    evaluation_master = _reader("evaluation_master", "Session target of evaluation.")
    num_ps_replicas = _reader("num_ps_replicas", "Count of parameter servers.")
    num_worker_replicas = _reader("num_worker_replicas", "Workers, chief included.")
    is_chief = _reader("is_chief", "Whether this task saves and initializes.")
    global_id_in_cluster = _reader(
        "global_id_in_cluster", "Rank among all tasks; None for an evaluator."
    )

    def replace(self, **kwargs) -> "RunConfig":
        """A copy with the named constructor arguments changed.

        Setting one of `save_checkpoints_steps` and `save_checkpoints_secs` clears
        the other. Raises ValueError for any other name or a value out of range.
        """
        changed = copy.copy(self)
        changed._set(**kwargs)
        return changed

    def _set(self, **options) -> None:
        unknown = [name for name in options if name not in _REPLACEABLE]
        if unknown:
            raise ValueError(
                f"Replacing {unknown[0]} is not supported. Allowed properties are "
                f"{list(_REPLACEABLE)}."
            )
        _validate(options)
        if options.get("save_checkpoints_steps") is not None:
            self._save_checkpoints_secs = None
        if options.get("save_checkpoints_secs") is not None:
            self._save_checkpoints_steps = None
        for name, value in options.items():
            setattr(self, "_" + name, value)

    def _set_task(self, environment: dict) -> None:
        task = _Task(cluster_spec=tf.train.ClusterSpec(environment.get("cluster", {})))
        if not self._strategy_reads_cluster():
            task = _read_task(environment, task)
            if task.cluster_spec.jobs and self._session_config is None:
                self._session_config = _session_config_of(task)
        for name, value in vars(task).items():
            setattr(self, "_" + name, value)

    def _strategy_reads_cluster(self) -> bool:
        """A strategy parses TF_CONFIG itself and may leave out the chief."""
        of_experimental = getattr(
            self._experimental_distribute, "train_distribute", None
        )
        if self._train_distribute and of_experimental:
            raise ValueError(
                "Either `train_distribute` or "
                "`experimental_distribute.train_distribute` can be set, not both."
            )
        return bool(self._train_distribute or of_experimental)


def default_session_config(*device_filters: str) -> tf.compat.v1.ConfigProto:
    """Soft placement and one pass of graph optimization: fast start, same result."""
    config = tf.compat.v1.ConfigProto(
        allow_soft_placement=True, device_filters=device_filters
    )
    config.graph_options.rewrite_options.meta_optimizer_iterations = (
        config.graph_options.rewrite_options.ONE
    )
    return config


def refuse_unsupported(config: RunConfig) -> None:
    """Raises NotImplementedError for what needs more than this one machine."""
    tasks = sum(config.cluster_spec.num_tasks(job) for job in config.cluster_spec.jobs)
    remedy = "unset the environment variable TF_CONFIG and train in one process"
    distribute = "leave it out of RunConfig: one process uses one device"
    refused = (
        ("cluster_spec", tasks > 1, config.cluster_spec, remedy),
        ("task_type", config.task_type == "evaluator", config.task_type, remedy),
        ("master", config.master, config.master, remedy),
        ("evaluation_master", config.evaluation_master, config.master, remedy),
        *(
            (name, value is not None, value, distribute)
            for name, value in _strategies(config)
        ),
    )
    for name, is_refused, value, what_to_do in refused:
        if is_refused:
            raise NotImplementedError(
                f"RunConfig.{name} = {value!r} asks for more than one machine or "
                f"device, which this runtime cannot use: {what_to_do}."
            )


def _strategies(config: RunConfig) -> list[tuple[str, Any]]:
    experimental = getattr(config, "_experimental_distribute", None)
    names = ("train_distribute", "eval_distribute")
    found = [(name, getattr(config, name)) for name in names]
    for name in (*names, "remote_cluster"):
        value = getattr(experimental, name, None)
        found.append((f"experimental_distribute.{name}", value))
    return found


def _validate(options: dict) -> None:
    if None not in (
        options.get("save_checkpoints_steps"),
        options.get("save_checkpoints_secs"),
    ):
        raise ValueError(
            "`save_checkpoints_steps` and `save_checkpoints_secs` cannot be both set: "
            "give one of them."
        )
    for name, value in options.items():
        if value is not None:
            _validate_one(name, value)


def _validate_one(name: str, value) -> None:
    if name in _AT_LEAST_ZERO:
        _check(_number(name, value) >= 0, name, "should be >= 0", value)
    elif name in _ABOVE_ZERO:
        _check(_number(name, value) > 0, name, "should be > 0", value)
    elif name == "model_dir":
        _check(value, name, "should be non-empty", value)
    elif name == "tf_random_seed":
        is_integer = isinstance(value, numbers.Integral)
        _check(is_integer, name, "must be integer", value)
    elif name == "session_config":
        is_proto = isinstance(value, tf.compat.v1.ConfigProto)
        _check(is_proto, name, "must be instance of ConfigProto", value)
    elif name == "device_fn":
        rule = 'must be callable with exactly one argument "op"'
        _check(_takes_op_alone(value), name, rule, value)
    elif name == "experimental_distribute":
        has_fields = hasattr(value, "train_distribute")
        _check(has_fields, name, "should be a DistributeConfig", value)
    elif name == "experimental_max_worker_delay_secs":
        rule = "must be an integer if set"
        _check(isinstance(value, numbers.Integral), name, rule, value)
    elif name == "protocol":
        known = value in ("grpc", "grpc+verbs")
        _check(known, name, "should be grpc or grpc+verbs", value)


def _check(holds, name: str, rule: str, value) -> None:
    if not holds:
        raise ValueError(f"{name} {rule}. Given: {value!r}.")


def _number(name: str, value) -> float:
    if not isinstance(value, numbers.Real):
        raise TypeError(f"{name} should be a number. Given: {value!r}.")
    return value


def _takes_op_alone(function) -> bool:
    if not callable(function):
        return False
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:  # some builtins have no signature
        return False
    by_position = [
        p.name
        for p in parameters
        if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    return by_position == ["op"]


def _read_environment() -> dict:
    text = os.environ.get("TF_CONFIG", "{}")
    try:
        environment = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"TF_CONFIG is not JSON, unset or correct it: {error.msg}"
        raise json.JSONDecodeError(message, text, error.pos) from error
    task = environment.get("task", {}) if isinstance(environment, dict) else None
    if not isinstance(task, dict):
        raise TypeError(
            "TF_CONFIG and its `task` must be JSON objects, as in "
            '{"task": {"type": "worker", "index": 0}}. Given: ' + text
        )
    if environment:
        tf.compat.v1.logging.info("TF_CONFIG environment variable: %s", environment)
    return environment


def _service(environment: dict) -> dict | None:
    service = environment.get("service")
    if service is not None and not isinstance(service, dict):
        raise TypeError(
            'If "service" is set in TF_CONFIG, it must be a dict. '
            f"Given {type(service)}."
        )
    return service


def _agreed_model_dir(model_dir: str | None, environment: dict) -> str | None:
    from_environment = environment.get("model_dir")
    if from_environment is None:
        return model_dir
    _check(from_environment, "model_dir in TF_CONFIG", "should be non-empty", "")
    if model_dir not in (None, from_environment):
        raise ValueError(
            "`model_dir` provided in RunConfig, if set, must have the same value as "
            f"the model_dir in TF_CONFIG. model_dir: {model_dir}\n"
            f'TF_CONFIG["model_dir"]: {from_environment}.'
        )
    tf.compat.v1.logging.info("Using model_dir in TF_CONFIG: %s", from_environment)
    return from_environment


def _read_task(environment: dict, alone: _Task) -> _Task:
    task = environment.get("task", {})
    index = task.get("index")
    index = None if index is None else int(index)
    if not alone.cluster_spec.jobs:
        return _read_lone_task(environment, task.get("type"), index, alone)
    task_type = _checked_task(alone.cluster_spec, task.get("type"), index)
    if task_type == "evaluator":
        return _Task(
            cluster_spec=tf.train.ClusterSpec({}),
            task_type=task_type,
            task_id=index,
            evaluation_master=environment.get("eval_session_master", ""),
            num_worker_replicas=0,
            is_chief=False,
            global_id_in_cluster=None,
        )
    return _read_cluster_task(environment, alone.cluster_spec, task_type, index)


def _read_lone_task(environment, task_type, index, alone: _Task) -> _Task:
    no_cluster = 'If "cluster" is not set in TF_CONFIG,'
    if task_type not in (None, "worker"):
        raise ValueError(
            f"{no_cluster} task type must be WORKER. Given: {task_type!r}."
        )
    if index not in (None, 0):
        raise ValueError(f"{no_cluster} task index must be 0. Given: {index}.")
    return dataclasses.replace(
        alone,
        master=environment.get("session_master", ""),
        evaluation_master=environment.get("eval_session_master", ""),
    )


def _checked_task(cluster: tf.train.ClusterSpec, task_type, index) -> str:
    leaders = _checked_leaders(cluster)
    if not task_type:
        raise ValueError('If "cluster" is set in TF_CONFIG, task type must be set.')
    if index is None:
        raise ValueError('If "cluster" is set in TF_CONFIG, task index must be set.')
    if index < 0:
        raise ValueError(f"Task index must be non-negative number. Given: {index}.")
    if task_type == "evaluator":
        if leaders == "master":
            raise ValueError(
                "If `master` node exists in `cluster`, task_type `evaluator` is not "
                "supported."
            )
        return task_type
    if task_type not in cluster.jobs:
        raise ValueError(
            f"{task_type} is not a valid task_type in the cluster_spec:\n{cluster}\n\n"
            f"{_ENV}"
        )
    if index not in cluster.task_indices(task_type):
        raise ValueError(
            f"{index} is not a valid task_id for task_type {task_type} in the "
            f"cluster_spec:\n{cluster}\n\n{_ENV}"
        )
    return task_type


def _checked_leaders(cluster: tf.train.ClusterSpec) -> str:
    """The job of the one leading task: 'chief', or 'master' in older clusters."""
    leader = "master" if "master" in cluster.jobs else "chief"
    if leader == "master" and "chief" in cluster.jobs:
        raise ValueError(
            "If `master` node exists in `cluster`, job `chief` is not supported."
        )
    if leader not in cluster.jobs:
        raise ValueError(
            'If "cluster" is set in TF_CONFIG, it must have one "chief" node.'
        )
    if cluster.num_tasks(leader) != 1:
        raise ValueError(
            f'The "cluster" in TF_CONFIG must have only one "{leader}" node.'
        )
    return leader


def _read_cluster_task(environment, cluster, task_type: str, index: int) -> _Task:
    master = environment.get("session_master")
    if master is None:
        address = cluster.task_address(task_type, index)
        master = "" if _is_alone(cluster) else f"grpc://{address}"
    return _Task(
        cluster_spec=cluster,
        task_type=task_type,
        task_id=index,
        master=master,
        num_ps_replicas=_count(cluster, "ps"),
        num_worker_replicas=_count(cluster, "worker", "chief", "master"),
        is_chief=task_type in ("chief", "master"),
        global_id_in_cluster=_rank(cluster, task_type, index),
    )


def _is_alone(cluster: tf.train.ClusterSpec) -> bool:
    return _count(cluster, *cluster.jobs) == 1


def _count(cluster: tf.train.ClusterSpec, *jobs: str) -> int:
    return sum(cluster.num_tasks(job) for job in jobs if job in cluster.jobs)


def _rank(cluster: tf.train.ClusterSpec, task_type: str, index: int) -> int:
    order = {"chief": -1, "master": -1, "ps": 1}
    jobs = sorted(cluster.jobs, key=lambda job: (order.get(job, 0), job))
    # A job may list its tasks sparsely, so that ranks follow the highest index.
    sizes = {job: max(cluster.task_indices(job)) + 1 for job in jobs}
    return sum(sizes[job] for job in jobs[: jobs.index(task_type)]) + index


def _session_config_of(task: _Task) -> tf.compat.v1.ConfigProto | None:
    """In a cluster a task sees itself and the parameter servers only."""
    filters = {
        "chief": ("/job:ps", "/job:chief"),
        "master": ("/job:ps", "/job:master"),
        "worker": ("/job:ps", f"/job:worker/task:{task.task_id}"),
        "ps": ("/job:ps", "/job:worker", "/job:chief", "/job:master"),
    }.get(task.task_type)
    return default_session_config(*filters) if filters else None
