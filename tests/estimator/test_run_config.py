"""What RunConfig does beyond the original: clear errors for what cannot be."""

import json

import pytest
import tensorflow as tf

from estimator_mnist import errors, launch
from estimator_mnist.estimator import Estimator, EstimatorSpec, RunConfig
from estimator_mnist.estimator.distribute_config import DistributeConfig
from estimator_mnist.estimator.run_config import (
    default_session_config,
    refuse_unsupported,
)

TWO_MACHINES = {
    "cluster": {"chief": ["a:1"], "worker": ["b:1"]},
    "task": {"type": "chief", "index": 0},
}


def config_of(monkeypatch, environment, **kwargs):
    monkeypatch.setenv("TF_CONFIG", json.dumps(environment))
    return RunConfig(**kwargs)


def counting_model(features, labels, mode):
    step = tf.compat.v1.assign_add(tf.compat.v1.train.get_global_step(), 1)
    return EstimatorSpec(mode, loss=tf.reduce_sum(features), train_op=step)


def test_a_plain_config_is_not_refused():
    refuse_unsupported(RunConfig())


@pytest.mark.parametrize(
    "environment, words",
    [
        (TWO_MACHINES, 'has 2 workers, but no "ps"'),
        (
            TWO_MACHINES | {"task": {"type": "evaluator", "index": 0}},
            "evaluator, does not train: call train_and_evaluate",
        ),
    ],
)
def test_training_refuses_before_anything_is_written(
    monkeypatch, tmp_path, environment, words
):
    config = config_of(monkeypatch, environment, model_dir=str(tmp_path / "run"))
    estimator = Estimator(counting_model, config=config)
    with pytest.raises(ValueError, match=words):
        estimator.train(lambda: tf.ones([1]), steps=1)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("task", ["chief", "worker"])
def test_a_server_that_is_not_there_is_named(monkeypatch, tmp_path, task):
    (port,) = launch.free_ports(1)
    cluster = {"chief": ["127.0.0.1:1"], "worker": ["127.0.0.1:1"]}
    cluster["ps"] = [f"127.0.0.1:{port}"]
    config = config_of(
        monkeypatch,
        {"cluster": cluster, "task": {"type": task, "index": 0}},
        model_dir=str(tmp_path),
        session_creation_timeout_secs=0.1,
    )
    estimator = Estimator(counting_model, config=config)
    with pytest.raises(
        errors.ClusterError, match=f"127.0.0.1:{port}, where TF_CONFIG has ps"
    ):
        estimator.train(lambda: tf.ones([1]), steps=1)


@pytest.mark.parametrize(
    "options, named",
    [
        (
            {"experimental_distribute": DistributeConfig(None, None, "cluster")},
            "experimental_distribute.remote_cluster",
        ),
    ],
)
def test_a_remote_cluster_is_refused(options, named):
    with pytest.raises(NotImplementedError, match=f"RunConfig.{named} .*leave it out"):
        refuse_unsupported(RunConfig(**options))


TWO = ["/cpu:0", "/cpu:1"]


@pytest.mark.parametrize(
    "options, named",
    [
        ({"train_distribute": "another"}, "'another'.*MirroredStrategy"),
        ({"eval_distribute": "another"}, "eval_distribute.*MirroredStrategy"),
        (
            {"eval_distribute": tf.distribute.MirroredStrategy(TWO)},
            "evaluates on one device",
        ),
        (
            {
                "train_distribute": (
                    tf.compat.v1.distribute.experimental.ParameterServerStrategy()
                )
            },
            "set TF_CONFIG",
        ),
        (
            {"train_distribute": tf.distribute.MultiWorkerMirroredStrategy()},
            "set TF_CONFIG",
        ),
    ],
)
def test_other_strategies_are_refused_when_training_starts(options, named):
    estimator = Estimator(counting_model, config=RunConfig(**options))
    with pytest.raises(NotImplementedError, match=named):
        estimator.train(lambda: tf.ones([1]), steps=1)


def test_a_cluster_of_this_machine_alone_trains(monkeypatch, tmp_path):
    environment = {
        "cluster": {"chief": ["localhost:1"]},
        "task": {"type": "chief", "index": 0},
    }
    config = config_of(monkeypatch, environment, model_dir=str(tmp_path))
    estimator = Estimator(counting_model, config=config)
    estimator.train(lambda: tf.ones([1]), steps=2)
    assert estimator.get_variable_value("global_step") == 2


@pytest.mark.parametrize("text", ["[]", "3", '"text"', "null"])
def test_a_tf_config_that_is_no_object_is_named(monkeypatch, text):
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(TypeError, match="TF_CONFIG must be a JSON object"):
        RunConfig()


@pytest.mark.parametrize("task", [None, "worker", []])
def test_a_task_that_is_no_object_is_named(monkeypatch, task):
    with pytest.raises(TypeError, match='"task" of TF_CONFIG'):
        config_of(monkeypatch, {"task": task})


def test_a_tf_config_that_is_no_json_is_named(monkeypatch):
    monkeypatch.setenv("TF_CONFIG", "{cluster:")
    with pytest.raises(ValueError, match="TF_CONFIG is not JSON: unset or correct it"):
        RunConfig()


def test_a_cluster_without_a_chief_task_is_refused(monkeypatch):
    environment = {"cluster": {"chief": []}, "task": {"type": "chief", "index": 0}}
    with pytest.raises(ValueError, match='only one "chief" node'):
        config_of(monkeypatch, environment)


@pytest.mark.parametrize(
    "options", [{"keep_checkpoint_max": -1}, {"save_checkpoints_secs": "ten"}]
)
def test_an_error_names_the_argument_and_its_value(options):
    ((name, value),) = options.items()
    with pytest.raises(ValueError, match=rf"{name} should be >= 0. Given: {value!r}"):
        RunConfig(**options)


def test_numpy_integers_are_seeds():
    seed = tf.constant(7).numpy()
    assert RunConfig(tf_random_seed=seed).tf_random_seed == 7


def test_a_copy_of_a_subclass_stays_one():
    class Named(RunConfig):
        name = "mine"

    assert Named().replace(keep_checkpoint_max=1).name == "mine"


def test_replacing_leaves_the_first_config_alone():
    first = RunConfig(save_checkpoints_steps=5)
    second = first.replace(save_checkpoints_secs=9)
    assert (first.save_checkpoints_steps, first.save_checkpoints_secs) == (5, None)
    assert (second.save_checkpoints_steps, second.save_checkpoints_secs) == (None, 9)


def test_the_default_session_may_place_ops_softly():
    config = default_session_config("/job:ps")
    assert config.allow_soft_placement
    assert list(config.device_filters) == ["/job:ps"]
