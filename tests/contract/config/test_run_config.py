"""RunConfig: its arguments and properties, and how an Estimator takes it."""

import logging

import pytest
import tensorflow as tf

from tests.contract.small_models_wide import eval_input, linear_model_fn

ConfigProto = tf.compat.v1.ConfigProto

PROPERTY_DEFAULTS = {
    "checkpoint_save_graph_def": True,
    "device_fn": None,
    "eval_distribute": None,
    "evaluation_master": "",
    "experimental_max_worker_delay_secs": None,
    "global_id_in_cluster": 0,
    "is_chief": True,
    "keep_checkpoint_every_n_hours": 10000,
    "keep_checkpoint_max": 5,
    "log_step_count_steps": 100,
    "master": "",
    "model_dir": None,
    "num_ps_replicas": 0,
    "num_worker_replicas": 1,
    "protocol": None,
    "save_checkpoints_secs": 600,
    "save_checkpoints_steps": None,
    "save_summary_steps": 100,
    "service": None,
    "session_config": None,
    "session_creation_timeout_secs": 7200,
    "task_id": 0,
    "task_type": "worker",
    "tf_random_seed": None,
    "train_distribute": None,
}


@pytest.fixture(autouse=True)
def no_tf_config(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)


@pytest.mark.parametrize("name", PROPERTY_DEFAULTS)
def test_default_of(est, name):
    assert getattr(est.RunConfig(), name) == PROPERTY_DEFAULTS[name]


def test_default_cluster_is_empty(est):
    assert est.RunConfig().cluster_spec.as_dict() == {}


@pytest.mark.parametrize(
    "name, value",
    [
        ("model_dir", "somewhere"),
        ("tf_random_seed", 7),
        ("tf_random_seed", 0),
        ("save_summary_steps", 0),
        ("save_summary_steps", None),
        ("save_checkpoints_steps", 5),
        ("save_checkpoints_secs", 0.5),
        ("session_config", ConfigProto(log_device_placement=True)),
        ("keep_checkpoint_max", 0),
        ("keep_checkpoint_max", None),
        ("keep_checkpoint_every_n_hours", 0.5),
        ("log_step_count_steps", None),
        ("device_fn", lambda op: "/cpu:0"),
        ("protocol", "grpc"),
        ("protocol", "grpc+verbs"),
        ("experimental_max_worker_delay_secs", 3),
        ("session_creation_timeout_secs", 10),
        ("checkpoint_save_graph_def", False),
        ("train_distribute", tf.distribute.get_strategy()),
        ("eval_distribute", tf.distribute.get_strategy()),
    ],
)
def test_argument_becomes_the_property(est, name, value):
    assert getattr(est.RunConfig(**{name: value}), name) == value


@pytest.mark.parametrize(
    "name, value, words",
    [
        ("model_dir", "", "model_dir"),
        ("tf_random_seed", 1.5, "tf_random_seed.*integer"),
        ("tf_random_seed", "a", "tf_random_seed.*integer"),
        ("save_summary_steps", -1, "save_summary_steps.*>= 0"),
        ("save_checkpoints_steps", -1, "save_checkpoints_steps.*>= 0"),
        ("save_checkpoints_secs", -1, "save_checkpoints_secs.*>= 0"),
        ("session_config", "fast", "session_config.*ConfigProto"),
        ("keep_checkpoint_max", -1, "keep_checkpoint_max.*>= 0"),
        ("keep_checkpoint_every_n_hours", 0, "keep_checkpoint_every_n_hours.*> 0"),
        ("log_step_count_steps", 0, "log_step_count_steps.*> 0"),
        ("device_fn", "/cpu:0", "device_fn.*op"),
        ("device_fn", lambda: "/cpu:0", "device_fn.*op"),
        ("device_fn", lambda node: "/cpu:0", "device_fn.*op"),
        ("protocol", "http", "protocol.*grpc"),
        ("experimental_max_worker_delay_secs", 1.5, "max_worker_delay_secs.*integer"),
        ("session_creation_timeout_secs", 0, "session_creation_timeout_secs.*> 0"),
    ],
)
def test_refuses_value_naming_the_argument(est, name, value, words):
    with pytest.raises(ValueError, match=words):
        est.RunConfig(**{name: value})


def test_refuses_unknown_argument(est):
    with pytest.raises(TypeError, match="task_type"):
        est.RunConfig(task_type="worker")


def test_refuses_checkpoints_by_seconds_and_by_steps(est):
    with pytest.raises(ValueError, match="save_checkpoints_.*save_checkpoints_.*both"):
        est.RunConfig(save_checkpoints_secs=60, save_checkpoints_steps=60)


@pytest.mark.parametrize(
    "given, secs, steps",
    [
        ({"save_checkpoints_steps": 5}, None, 5),
        ({"save_checkpoints_steps": 5, "save_checkpoints_secs": None}, None, 5),
        ({"save_checkpoints_secs": 5}, 5, None),
        ({"save_checkpoints_secs": None}, None, None),
        ({"save_checkpoints_steps": None}, None, None),
        ({"save_checkpoints_steps": None, "save_checkpoints_secs": None}, None, None),
    ],
)
def test_when_checkpoints_are_saved(est, given, secs, steps):
    config = est.RunConfig(**given)
    assert config.save_checkpoints_secs == secs
    assert config.save_checkpoints_steps == steps


def test_arguments_are_positional_in_the_documented_order(est):
    config = est.RunConfig("here", 3, 40, 50)
    assert config.model_dir == "here"
    assert config.tf_random_seed == 3
    assert config.save_summary_steps == 40
    assert config.save_checkpoints_steps == 50


@pytest.mark.parametrize("name", ["tf_random_seed", "model_dir", "task_type"])
def test_properties_are_read_only(est, name):
    with pytest.raises(AttributeError):
        setattr(est.RunConfig(), name, "other")


class TestReplace:
    @pytest.mark.parametrize(
        "name, value",
        [
            ("model_dir", "there"),
            ("tf_random_seed", 4),
            ("save_summary_steps", 5),
            ("session_config", ConfigProto()),
            ("keep_checkpoint_max", 1),
            ("keep_checkpoint_every_n_hours", 3),
            ("log_step_count_steps", 4),
            ("train_distribute", None),
            ("eval_distribute", None),
            ("device_fn", lambda op: ""),
            ("protocol", "grpc"),
            ("experimental_max_worker_delay_secs", 3),
            ("session_creation_timeout_secs", 3),
            ("checkpoint_save_graph_def", False),
        ],
    )
    def test_gives_a_changed_copy(self, est, name, value):
        config = est.RunConfig()
        changed = config.replace(**{name: value})
        assert getattr(changed, name) == value
        assert getattr(config, name) == PROPERTY_DEFAULTS[name]
        assert changed.save_checkpoints_secs == 600

    @pytest.mark.parametrize(
        "before, change, secs, steps",
        [
            ({}, {"save_checkpoints_steps": 4}, None, 4),
            ({}, {"save_checkpoints_secs": 4}, 4, None),
            ({"save_checkpoints_steps": 3}, {"save_checkpoints_secs": 5}, 5, None),
            ({"save_checkpoints_steps": 3}, {"model_dir": "x"}, None, 3),
            ({"save_checkpoints_secs": None}, {"model_dir": "x"}, None, None),
        ],
    )
    def test_one_way_of_saving_drops_the_other(self, est, before, change, secs, steps):
        config = est.RunConfig(**before).replace(**change)
        assert config.save_checkpoints_secs == secs
        assert config.save_checkpoints_steps == steps

    def test_refuses_both_ways_of_saving(self, est):
        with pytest.raises(ValueError, match="both"):
            est.RunConfig().replace(save_checkpoints_secs=4, save_checkpoints_steps=4)

    @pytest.mark.parametrize(
        "name", ["task_id", "is_chief", "cluster_spec", "nonsense"]
    )
    def test_refuses_what_is_not_an_argument(self, est, name):
        with pytest.raises(ValueError, match=f"Replacing {name} is not supported"):
            est.RunConfig().replace(**{name: 1})

    def test_validates_as_the_constructor(self, est):
        with pytest.raises(ValueError, match="keep_checkpoint_max"):
            est.RunConfig().replace(keep_checkpoint_max=-1)


class TestInAnEstimator:
    def make(self, est, **kwargs):
        return est.Estimator(linear_model_fn(est), **kwargs)

    def test_model_dir_comes_from_the_config(self, est, tmp_path):
        estimator = self.make(est, config=est.RunConfig(model_dir=str(tmp_path)))
        assert estimator.model_dir == str(tmp_path)

    def test_model_dir_argument_reaches_the_config(self, est, tmp_path):
        config = est.RunConfig(tf_random_seed=3)
        estimator = self.make(est, model_dir=str(tmp_path), config=config)
        assert estimator.config.model_dir == str(tmp_path)
        assert estimator.config.tf_random_seed == 3
        assert config.model_dir is None

    def test_model_dir_twice_alike_is_fine(self, est, tmp_path):
        config = est.RunConfig(model_dir=str(tmp_path))
        estimator = self.make(est, model_dir=str(tmp_path), config=config)
        assert estimator.model_dir == str(tmp_path)

    def test_model_dir_twice_in_conflict(self, est, tmp_path):
        config = est.RunConfig(model_dir=str(tmp_path / "a"))
        with pytest.raises(ValueError, match="model_dir.*different values"):
            self.make(est, model_dir=str(tmp_path / "b"), config=config)

    def test_no_model_dir_means_a_temporary_one(self, est, caplog):
        caplog.set_level(logging.INFO, logger="tensorflow")
        estimator = self.make(est)
        assert tf.io.gfile.isdir(estimator.model_dir)
        assert any(
            "temporary" in line and estimator.model_dir in line
            for line in caplog.messages
        )

    def test_session_config_default_places_softly(self, est, tmp_path):
        session_config = self.make(est, model_dir=str(tmp_path)).config.session_config
        assert session_config.allow_soft_placement
        rewrites = session_config.graph_options.rewrite_options
        assert rewrites.meta_optimizer_iterations == rewrites.ONE

    def test_session_config_given_is_kept(self, est, tmp_path):
        given = ConfigProto(allow_soft_placement=False)
        config = est.RunConfig(str(tmp_path), session_config=given)
        assert self.make(est, config=config).config.session_config == given

    def test_config_must_be_a_run_config(self, est, tmp_path):
        with pytest.raises(ValueError, match="RunConfig"):
            self.make(est, model_dir=str(tmp_path), config={"tf_random_seed": 3})

    def test_config_is_logged_with_underscored_names(self, est, tmp_path, caplog):
        caplog.set_level(logging.INFO, logger="tensorflow")
        self.make(est, config=est.RunConfig(str(tmp_path), tf_random_seed=3))
        (line,) = [x for x in caplog.messages if x.startswith("Using config: {")]
        assert f"'_model_dir': '{tmp_path}'" in line
        assert "'_tf_random_seed': 3" in line
        assert "'_save_checkpoints_secs': 600" in line
        assert "'_save_checkpoints_steps': None" in line
        for name in PROPERTY_DEFAULTS:
            assert f"'_{name}': " in line

    def test_default_config_is_announced(self, est, tmp_path, caplog):
        caplog.set_level(logging.INFO, logger="tensorflow")
        self.make(est, model_dir=str(tmp_path))
        assert "Using default config." in caplog.messages

    def test_seed_and_device_fn_shape_the_graph(self, est, tmp_path):
        seen = {}

        def model_fn(features, labels, mode):
            spec = linear_model_fn(est)(features, labels, mode)
            graph = tf.compat.v1.get_default_graph()
            seen.update(seed=graph.seed, device=spec.loss.op.device)
            return spec

        config = est.RunConfig(
            str(tmp_path), tf_random_seed=3, device_fn=lambda op: "/device:CPU:0"
        )
        est.Estimator(model_fn, config=config).train(eval_input)
        assert seen == {"seed": 3, "device": "/device:CPU:0"}


def test_model_dir_may_be_a_path(est, tmp_path):
    assert est.RunConfig(model_dir=tmp_path).model_dir == str(tmp_path)
