"""RunConfig and TPUConfig of tf.estimator.tpu."""

import pytest
import tensorflow as tf

tf1 = tf.compat.v1

DEFAULTS = {
    "iterations_per_loop": 2,
    "num_shards": None,
    "num_cores_per_replica": None,
    "per_host_input_for_training": 2,
    "tpu_job_name": None,
    "initial_infeed_sleep_secs": None,
    "input_partition_dims": None,
    "eval_training_input_configuration": 2,
    "experimental_host_call_every_n_steps": 1,
    "experimental_allow_per_host_v2_parallel_get_next": False,
    "experimental_feed_hook": None,
}


@pytest.fixture(autouse=True)
def no_tf_config(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)


def test_tpu_config_has_defaults(est):
    assert est.tpu.TPUConfig()._asdict() == DEFAULTS
    assert est.tpu.RunConfig().tpu_config == est.tpu.TPUConfig()


def test_tpu_config_keeps_what_is_given(est):
    pipeline = est.tpu.InputPipelineConfig
    given = {
        "iterations_per_loop": "90m",
        "num_shards": 8,
        "num_cores_per_replica": 2,
        "per_host_input_for_training": pipeline.PER_HOST_V2,
        "tpu_job_name": "worker",
        "initial_infeed_sleep_secs": 0,
        "input_partition_dims": [[1, 2], None],
        "eval_training_input_configuration": pipeline.SLICED,
        "experimental_host_call_every_n_steps": 7,
        "experimental_allow_per_host_v2_parallel_get_next": True,
        "experimental_feed_hook": tf1.train.SessionRunHook,
    }
    assert est.tpu.TPUConfig(**given)._asdict() == given
    numbers = [
        *(pipeline.PER_SHARD_V1, pipeline.PER_HOST_V1, pipeline.PER_HOST_V2),
        *(pipeline.BROADCAST, pipeline.SLICED),
    ]
    assert numbers == [1, 2, 3, 4, 5]
    per_shard = est.tpu.TPUConfig(per_host_input_for_training=False)
    assert per_shard.per_host_input_for_training == pipeline.PER_SHARD_V1


def test_run_config_is_one_of_an_estimator(est):
    config = est.tpu.RunConfig(model_dir="/a", save_checkpoints_steps=7)
    assert isinstance(config, est.RunConfig)
    assert (config.model_dir, config.save_checkpoints_steps) == ("/a", 7)
    assert (config.master, config.evaluation_master, config.cluster) == ("", "", None)
    assert config.session_config is None


@pytest.mark.parametrize(
    "given, masters",
    [
        ({"master": "m"}, ("m", "m")),
        ({"master": "m", "evaluation_master": "e"}, ("m", "e")),
        ({"evaluation_master": "e"}, ("", "e")),
    ],
)
def test_run_config_takes_masters(est, given, masters):
    config = est.tpu.RunConfig(**given)
    assert (config.master, config.evaluation_master) == masters


def test_run_config_is_replaced_with_its_tpu_config(est):
    config = est.tpu.RunConfig(master="m", tpu_config=est.tpu.TPUConfig(7))
    changed = config.replace(model_dir="/b")
    assert type(changed) is est.tpu.RunConfig
    assert (changed.model_dir, changed.master) == ("/b", "m")
    assert changed.tpu_config == est.tpu.TPUConfig(7)
    changed = config.replace(tpu_config=est.tpu.TPUConfig(9), tf_random_seed=3)
    assert changed.tpu_config == est.tpu.TPUConfig(9)
    assert changed.tf_random_seed == 3
    assert config.tpu_config == est.tpu.TPUConfig(7)


@pytest.mark.parametrize("given", [None, tf1.ConfigProto(log_device_placement=True)])
@pytest.mark.parametrize("jobs", [{}, {"worker": ["a:1"]}])
def test_run_config_takes_a_cluster(est, given, jobs):
    spec = tf.train.ClusterSpec(jobs)
    resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(spec, master="m")
    config = est.tpu.RunConfig(cluster=resolver, session_config=given)
    assert (config.master, config.evaluation_master) == ("m", "m")
    assert config.cluster is resolver
    assert config.cluster_spec == spec
    expected = given or tf1.ConfigProto(
        allow_soft_placement=True, isolate_session_state=True
    )
    with_cluster = tf1.ConfigProto()
    with_cluster.CopyFrom(expected)
    if jobs:
        with_cluster.cluster_def.CopyFrom(spec.as_cluster_def())
    assert config.session_config == with_cluster
