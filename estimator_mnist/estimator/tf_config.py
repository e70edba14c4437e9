"""What the environment variable TF_CONFIG says: the cluster and this task in it."""

import dataclasses
import json
import os
from typing import Any

import tensorflow as tf

CHIEF, MASTER, WORKER, PS, EVALUATOR = "chief", "master", "worker", "ps", "evaluator"

_WITH_CLUSTER = 'If "cluster" is set in TF_CONFIG,'
_WITHOUT_CLUSTER = 'If "cluster" is not set in TF_CONFIG,'


@dataclasses.dataclass(frozen=True)
class Task:
    """Describes one task of a cluster; the defaults are a process alone."""

    cluster_spec: tf.train.ClusterSpec
    task_type: str = WORKER
    task_id: int = 0
    master: str = ""
    evaluation_master: str = ""
    num_ps_replicas: int = 0
    num_worker_replicas: int = 1
    is_chief: bool = True
    global_id_in_cluster: int | None = 0


def read() -> dict[str, Any]:
    """Returns TF_CONFIG as a dict, {} where it is not set.

    Raises:
      json.JSONDecodeError: it is not JSON.
      ValueError: it is nested too deeply.
      TypeError: it, or its `task` or `service`, is not a JSON object.
    """
    text = os.environ.get("TF_CONFIG", "{}")
    try:
        environment = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"{error.msg}. TF_CONFIG is not JSON: unset or correct it"
        raise json.JSONDecodeError(message, text, error.pos) from error
    except RecursionError:
        raise ValueError("TF_CONFIG is nested too deeply: correct it") from None
    if not isinstance(environment, dict):
        raise TypeError(f"TF_CONFIG must be a JSON object. Given: {text}")
    if not isinstance(environment.get("task", {}), dict):
        raise TypeError(
            'The "task" of TF_CONFIG must be an object such as '
            f'{{"type": "worker", "index": 0}}. Given: {environment["task"]!r}'
        )
    service = environment.get("service")
    if service is not None and not isinstance(service, dict):
        raise TypeError(
            'If "service" is set in TF_CONFIG, it must be a dict. '
            f"Given {type(service)}."
        )
    if environment:
        tf.compat.v1.logging.info("TF_CONFIG environment variable: %s", environment)
    return environment


def cluster_of(environment: dict[str, Any]) -> tf.train.ClusterSpec:
    """Returns the cluster of TF_CONFIG, an empty one where it has none."""
    return tf.train.ClusterSpec(environment.get("cluster", {}))


def agreed_model_dir(environment: dict[str, Any], model_dir: str | None) -> str | None:
    """Returns TF_CONFIG's model_dir or the given one; ValueError if they differ."""
    from_environment = environment.get("model_dir")
    if from_environment is None:
        return model_dir
    _require(from_environment, "model_dir in TF_CONFIG should be non-empty.")
    _require_text(environment, "model_dir")
    _require(
        model_dir in (None, from_environment),
        "`model_dir` provided in RunConfig construct, if set, must have the same value "
        f"as the model_dir in TF_CONFIG. model_dir: {model_dir} "
        f'TF_CONFIG["model_dir"]: {from_environment}.',
    )
    tf.compat.v1.logging.info("Using model_dir in TF_CONFIG: %s", from_environment)
    return from_environment


def task_of(environment: dict[str, Any]) -> Task:
    """Returns this process's task; ValueError where TF_CONFIG contradicts itself."""
    cluster, task = cluster_of(environment), environment.get("task", {})
    task_type, index = task.get("type"), task.get("index")
    for name in ("session_master", "eval_session_master"):
        _require_text(environment, name)
    index = None if index is None else _integer(index)
    if not cluster.jobs:
        return _lone_task(environment, cluster, task_type, index)
    _check_leader(cluster)
    _require(task_type, f"{_WITH_CLUSTER} task type must be set.")
    if index is None:
        raise ValueError(f"{_WITH_CLUSTER} task index must be set.")
    _require(index >= 0, f"Task index must be non-negative number. Given: {index}.")
    if task_type == EVALUATOR:
        return _evaluator(environment, cluster, index)
    _check_member(cluster, task_type, index)
    return _member(environment, cluster, task_type, index)


def device_filters(task: Task) -> tuple[str, ...]:
    """Returns what a task of a cluster may see: itself and the parameter servers."""
    return {
        CHIEF: ("/job:ps", "/job:chief"),
        MASTER: ("/job:ps", "/job:master"),
        WORKER: ("/job:ps", f"/job:worker/task:{task.task_id}"),
        PS: ("/job:ps", "/job:worker", "/job:chief", "/job:master"),
    }.get(task.task_type, ())


def count(cluster: tf.train.ClusterSpec, *jobs: str) -> int:
    """Returns how many tasks these jobs have in all."""
    return sum(cluster.num_tasks(job) for job in jobs if job in cluster.jobs)


def _require(holds: Any, message: str) -> None:
    if not holds:
        raise ValueError(message)


def _require_text(environment: dict[str, Any], name: str) -> None:
    value = environment.get(name, "")
    if not isinstance(value, str):
        raise TypeError(f"{name} in TF_CONFIG must be a string. Given: {value!r}.")


def _integer(index: Any) -> int:
    try:
        return int(index)
    except OverflowError:
        raise ValueError(f"Task index must be an integer. Given: {index}.") from None


def _lone_task(
    environment: dict[str, Any],
    cluster: tf.train.ClusterSpec,
    task_type: str | None,
    index: int | None,
) -> Task:
    _require(
        task_type in (None, WORKER),
        f"{_WITHOUT_CLUSTER} task type must be WORKER. Given: {task_type!r}.",
    )
    _require(
        index in (None, 0), f"{_WITHOUT_CLUSTER} task index must be 0. Given: {index}."
    )
    return Task(
        cluster,
        master=environment.get("session_master", ""),
        evaluation_master=environment.get("eval_session_master", ""),
    )


def _check_leader(cluster: tf.train.ClusterSpec) -> None:
    leader = MASTER if MASTER in cluster.jobs else CHIEF
    _require(
        leader == CHIEF or CHIEF not in cluster.jobs,
        "If `master` node exists in `cluster`, job `chief` is not supported.",
    )
    _require(leader in cluster.jobs, f'{_WITH_CLUSTER} it must have one "chief" node.')
    _require(
        count(cluster, leader) == 1,
        f'The "cluster" in TF_CONFIG must have only one "{leader}" node.',
    )


def _check_member(cluster: tf.train.ClusterSpec, task_type: str, index: int) -> None:
    where = (
        f"in the cluster_spec:\n{cluster}\n\n"
        "Note that these values may be coming from the TF_CONFIG environment variable."
    )
    _require(task_type in cluster.jobs, f"{task_type} is not a valid task_type {where}")
    _require(
        index in cluster.task_indices(task_type),
        f"{index} is not a valid task_id for task_type {task_type} {where}",
    )


def _evaluator(
    environment: dict[str, Any], cluster: tf.train.ClusterSpec, index: int
) -> Task:
    _require(
        MASTER not in cluster.jobs,
        "If `master` node exists in `cluster`, task_type `evaluator` is not supported.",
    )
    return Task(
        tf.train.ClusterSpec({}),  # it sees nobody: checkpoints are all it reads
        task_type=EVALUATOR,
        task_id=index,
        evaluation_master=environment.get("eval_session_master", ""),
        num_worker_replicas=0,
        is_chief=False,
        global_id_in_cluster=None,
    )


def _member(
    environment: dict[str, Any],
    cluster: tf.train.ClusterSpec,
    task_type: str,
    index: int,
) -> Task:
    is_alone = count(cluster, *cluster.jobs) == 1
    address = cluster.task_address(task_type, index)
    return Task(
        cluster,
        task_type=task_type,
        task_id=index,
        master=environment.get(
            "session_master", "" if is_alone else f"grpc://{address}"
        ),
        num_ps_replicas=count(cluster, PS),
        num_worker_replicas=count(cluster, WORKER, CHIEF, MASTER),
        is_chief=task_type in (CHIEF, MASTER),
        global_id_in_cluster=_rank(cluster, task_type, index),
    )


def _rank(cluster: tf.train.ClusterSpec, task_type: str, index: int) -> int:
    order = {CHIEF: -1, MASTER: -1, PS: 1}
    jobs = sorted(cluster.jobs, key=lambda job: (order.get(job, 0), job))
    # A job may list its tasks sparsely, so that ranks follow the highest index.
    before = jobs[: jobs.index(task_type)]
    return sum(max(cluster.task_indices(job)) + 1 for job in before) + index
