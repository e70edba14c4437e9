"""What RunConfig makes of the environment variable TF_CONFIG."""

import json

import pytest
import tensorflow as tf

from tests.contract.small_models_wide import linear_model_fn

CLUSTER = {"chief": ["h0:1"], "worker": ["h1:1", "h2:1"], "ps": ["p0:1"]}


@pytest.fixture
def tf_config(monkeypatch):
    """Sets TF_CONFIG to the keyword arguments."""
    return lambda **config: monkeypatch.setenv("TF_CONFIG", json.dumps(config))


def job(task_type, index):
    return {"type": task_type, "index": index}


@pytest.mark.parametrize(
    "task, master, is_chief, global_id",
    [
        (job("chief", 0), "grpc://h0:1", True, 0),
        (job("worker", 0), "grpc://h1:1", False, 1),
        (job("worker", 1), "grpc://h2:1", False, 2),
        (job("worker", "1"), "grpc://h2:1", False, 2),
        (job("ps", 0), "grpc://p0:1", False, 3),
    ],
)
def test_task_of_a_cluster(est, tf_config, task, master, is_chief, global_id):
    tf_config(cluster=CLUSTER, task=task)
    config = est.RunConfig()
    assert config.cluster_spec.as_dict() == CLUSTER
    assert (config.task_type, config.task_id) == (task["type"], int(task["index"]))
    assert config.master == master
    assert config.is_chief is is_chief
    assert config.global_id_in_cluster == global_id
    assert (config.num_ps_replicas, config.num_worker_replicas) == (1, 3)


@pytest.mark.parametrize(
    "task, is_chief, global_id",
    [(job("master", 0), True, 0), (job("worker", 0), False, 1)],
)
def test_master_may_stand_for_chief(est, tf_config, task, is_chief, global_id):
    tf_config(cluster={"master": ["h0:1"], "worker": ["h1:1"]}, task=task)
    config = est.RunConfig()
    assert config.is_chief is is_chief
    assert config.global_id_in_cluster == global_id
    assert (config.num_ps_replicas, config.num_worker_replicas) == (0, 2)


@pytest.mark.parametrize("index", [0, 1])
def test_evaluator_stands_outside_the_cluster(est, tf_config, index):
    tf_config(cluster=CLUSTER, task=job("evaluator", index))
    config = est.RunConfig()
    assert (config.task_type, config.task_id) == ("evaluator", index)
    assert config.cluster_spec.as_dict() == {}
    assert config.master == ""
    assert not config.is_chief
    assert (config.num_ps_replicas, config.num_worker_replicas) == (0, 0)
    assert config.global_id_in_cluster is None


def test_lone_chief_runs_locally(est, tf_config):
    tf_config(cluster={"chief": ["h0:1"]}, task=job("chief", 0))
    config = est.RunConfig()
    assert config.master == ""
    assert config.is_chief
    assert config.num_worker_replicas == 1


@pytest.mark.parametrize("task", [None, {}, job("worker", 0)])
def test_without_cluster_it_is_the_local_default(est, tf_config, task):
    tf_config(**({} if task is None else {"task": task}))
    config = est.RunConfig()
    assert (config.task_type, config.task_id) == ("worker", 0)
    assert config.is_chief
    assert config.cluster_spec.as_dict() == {}


@pytest.mark.parametrize(
    "config, words",
    [
        ({"cluster": CLUSTER}, "task type must be set"),
        ({"cluster": CLUSTER, "task": {"index": 0}}, "task type must be set"),
        ({"cluster": CLUSTER, "task": {"type": "ps"}}, "task index must be set"),
        ({"cluster": CLUSTER, "task": job("worker", -1)}, "non-negative"),
        ({"cluster": CLUSTER, "task": job("worker", 2)}, "2.*task_id.*worker"),
        ({"cluster": CLUSTER, "task": job("chief", 1)}, "1.*task_id.*chief"),
        ({"cluster": CLUSTER, "task": job("cook", 0)}, "cook.*task_type"),
        (
            {"cluster": {"worker": ["a:1"]}, "task": job("worker", 0)},
            'must have one "chief"',
        ),
        (
            {"cluster": {"chief": ["a:1", "b:1"]}, "task": job("chief", 0)},
            'only one "chief"',
        ),
        (
            {"cluster": {"master": ["a:1", "b:1"]}, "task": job("master", 0)},
            'only one "master"',
        ),
        (
            {
                "cluster": {"chief": ["a:1"], "master": ["b:1"]},
                "task": job("chief", 0),
            },
            "master.*chief.*not supported",
        ),
        (
            {"cluster": {"master": ["a:1"]}, "task": job("evaluator", 0)},
            "master.*evaluator.*not supported",
        ),
        ({"task": job("worker", 1)}, "task index must be 0"),
        ({"task": job("ps", 0)}, "task type must be WORKER"),
    ],
)
def test_refuses(est, tf_config, config, words):
    tf_config(**config)
    with pytest.raises(ValueError, match=f"(?s){words}"):
        est.RunConfig()


def test_refuses_what_is_not_json(est, monkeypatch):
    monkeypatch.setenv("TF_CONFIG", "{cluster}")
    with pytest.raises(ValueError):
        est.RunConfig()


def test_session_master_replaces_the_address(est, tf_config):
    tf_config(cluster=CLUSTER, task=job("worker", 1), session_master="grpc://other")
    assert est.RunConfig().master == "grpc://other"


def test_eval_session_master_is_the_evaluation_master(est, tf_config):
    tf_config(session_master="a", eval_session_master="b")
    config = est.RunConfig()
    assert (config.master, config.evaluation_master) == ("a", "b")


def test_service_is_passed_on(est, tf_config):
    tf_config(service={"name": "x"})
    assert est.RunConfig().service == {"name": "x"}


def test_service_must_be_a_dict(est, tf_config):
    tf_config(service="x")
    with pytest.raises(TypeError, match="service.*dict"):
        est.RunConfig()


def test_model_dir(est, tf_config):
    tf_config(model_dir="from_env")
    assert est.RunConfig().model_dir == "from_env"
    assert est.RunConfig(model_dir="from_env").model_dir == "from_env"


def test_model_dir_in_conflict_with_the_argument(est, tf_config):
    tf_config(model_dir="from_env")
    with pytest.raises(ValueError, match="(?s)model_dir.*here.*from_env"):
        est.RunConfig(model_dir="here")


def test_empty_model_dir_is_refused(est, tf_config):
    tf_config(model_dir="")
    with pytest.raises(ValueError, match="model_dir.*non-empty"):
        est.RunConfig()


@pytest.mark.parametrize(
    "task, filters",
    [
        (job("chief", 0), ["/job:ps", "/job:chief"]),
        (job("worker", 1), ["/job:ps", "/job:worker/task:1"]),
        (
            job("ps", 0),
            ["/job:ps", "/job:worker", "/job:chief", "/job:master"],
        ),
    ],
)
def test_session_config_sees_only_its_own_devices(est, tf_config, task, filters):
    tf_config(cluster=CLUSTER, task=task)
    assert list(est.RunConfig().session_config.device_filters) == filters


def test_given_session_config_is_kept(est, tf_config):
    tf_config(cluster=CLUSTER, task=job("worker", 0))
    given = tf.compat.v1.ConfigProto(log_device_placement=True)
    assert est.RunConfig(session_config=given).session_config == given


def test_replace_keeps_the_task_when_the_environment_has_changed(
    est, tf_config, monkeypatch
):
    tf_config(cluster=CLUSTER, task=job("worker", 1))
    config = est.RunConfig()
    monkeypatch.delenv("TF_CONFIG")
    changed = config.replace(model_dir="x")
    assert (changed.task_type, changed.task_id) == ("worker", 1)
    assert changed.cluster_spec.as_dict() == CLUSTER
    assert not changed.is_chief


def test_estimator_takes_its_model_dir(est, tmp_path, tf_config):
    tf_config(model_dir=str(tmp_path))
    assert est.Estimator(linear_model_fn(est)).model_dir == str(tmp_path)
