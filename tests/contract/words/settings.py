"""Bad calls of settings, and how the original answers them."""

import json
import types

import tensorflow as tf

from tests.contract.words import calls

BAD_CALLS = {
    "RunConfig two strategies": calls.Bad(
        lambda e: e.RunConfig(
            train_distribute=tf.distribute.OneDeviceStrategy("/cpu:0"),
            experimental_distribute=types.SimpleNamespace(
                train_distribute=1, eval_distribute=None, remote_cluster=None
            ),
        ),
        ValueError,
        "Either `train_distribute` or`experimental_distribute.train_distribute`",
    ),
    "RunConfig parameter server of TensorFlow 2": calls.Bad(
        lambda e: e.RunConfig(
            train_distribute=tf.distribute.ParameterServerStrategy.__new__(
                tf.distribute.ParameterServerStrategy
            )
        ),
        ValueError,
        "Please use `tf.compat.v1.distribute.experimental.ParameterServerStrategy` for "
        "parameter server strategy with estimator.",
    ),
    "RunConfig both": calls.Bad(
        lambda e: e.RunConfig(save_checkpoints_steps=1, save_checkpoints_secs=1),
        ValueError,
        "`save_checkpoints_steps` and `save_checkpoints_secs` cannot be",
    ),
    "RunConfig device_fn args": calls.Bad(
        lambda e: e.RunConfig(device_fn=lambda a, b: 1),
        ValueError,
        'device_fn must be callable with exactly one argument "op".',
    ),
    "RunConfig replace": calls.Bad(
        lambda e: e.RunConfig().replace(master="x"),
        ValueError,
        "Replacing master is not supported. Allowed properties are",
    ),
    "RunConfig replace both": calls.Bad(
        lambda e: e.RunConfig().replace(
            save_checkpoints_steps=1, save_checkpoints_secs=1
        ),
        ValueError,
        "`save_checkpoints_steps` and `save_checkpoints_secs` cannot be",
    ),
    "RunConfig order": calls.Bad(
        lambda e: e.RunConfig(
            "", tf_random_seed=1.5, save_summary_steps=-1, keep_checkpoint_max=-1
        ),
        ValueError,
        "model_dir should be non-empty.",
    ),
    "RunConfig order2": calls.Bad(
        lambda e: e.RunConfig(save_checkpoints_steps=-1, save_checkpoints_secs=1),
        ValueError,
        "`save_checkpoints_steps` and `save_checkpoints_secs` cannot be",
    ),
    "TF_CONFIG json": calls.Bad(
        lambda e: calls.with_environment(e.RunConfig, "{"),
        json.JSONDecodeError,
        "Expecting property name enclosed in double quotes",
    ),
    "TF_CONFIG service": calls.Bad(
        lambda e: calls.with_environment(e.RunConfig, {"service": 3}),
        TypeError,
        'If "service" is set in TF_CONFIG, it must be a dict. Given',
    ),
    "TF_CONFIG empty dir": calls.Bad(
        lambda e: calls.with_environment(e.RunConfig, {"model_dir": ""}),
        ValueError,
        "model_dir in TF_CONFIG should be non-empty.",
    ),
    "TF_CONFIG dirs": calls.Bad(
        lambda e: calls.with_environment(
            lambda: e.RunConfig("/b"), {"model_dir": "/a"}
        ),
        ValueError,
        "`model_dir` provided in RunConfig construct, if set, must have",
    ),
    "TF_CONFIG no cluster ps": calls.Bad(
        lambda e: calls.with_environment(
            e.RunConfig, {"task": {"type": "ps", "index": 0}}
        ),
        ValueError,
        'If "cluster" is not set in TF_CONFIG, task type must be WORKER.',
    ),
    "TF_CONFIG no cluster 1": calls.Bad(
        lambda e: calls.with_environment(
            e.RunConfig, {"task": {"type": "worker", "index": 1}}
        ),
        ValueError,
        'If "cluster" is not set in TF_CONFIG, task index must be 0.',
    ),
    "TF_CONFIG no chief": calls.Bad(
        lambda e: calls.with_environment(
            e.RunConfig,
            {"cluster": {"worker": ["h:1"]}, "task": {"type": "worker", "index": 0}},
        ),
        ValueError,
        'If "cluster" is set in TF_CONFIG, it must have one "chief" node.',
    ),
    "TF_CONFIG two chiefs": calls.Bad(
        lambda e: calls.with_environment(
            e.RunConfig,
            {
                "cluster": {"chief": ["h:1", "h:2"]},
                "task": {"type": "chief", "index": 0},
            },
        ),
        ValueError,
        'The "cluster" in TF_CONFIG must have only one "chief" node.',
    ),
    "TF_CONFIG master chief": calls.Bad(
        lambda e: calls.with_environment(
            e.RunConfig,
            {
                "cluster": {"chief": ["h:1"], "master": ["h:2"]},
                "task": {"type": "chief", "index": 0},
            },
        ),
        ValueError,
        "If `master` node exists in `cluster`, job `chief` is not",
    ),
    "TF_CONFIG two masters": calls.Bad(
        lambda e: calls.with_environment(
            e.RunConfig,
            {
                "cluster": {"master": ["h:1", "h:2"]},
                "task": {"type": "master", "index": 0},
            },
        ),
        ValueError,
        'The "cluster" in TF_CONFIG must have only one "master" node.',
    ),
    "TF_CONFIG master eval": calls.Bad(
        lambda e: calls.with_environment(
            e.RunConfig,
            {"cluster": {"master": ["h:2"]}, "task": {"type": "evaluator", "index": 0}},
        ),
        ValueError,
        "If `master` node exists in `cluster`, task_type `evaluator` is",
    ),
    "TF_CONFIG no type": calls.Bad(
        lambda e: calls.with_environment(e.RunConfig, calls.CLUSTER),
        ValueError,
        'If "cluster" is set in TF_CONFIG, task type must be set.',
    ),
    "TF_CONFIG no index": calls.Bad(
        lambda e: calls.with_environment(
            e.RunConfig, {**calls.CLUSTER, "task": {"type": "worker"}}
        ),
        ValueError,
        'If "cluster" is set in TF_CONFIG, task index must be set.',
    ),
    "TF_CONFIG neg index": calls.Bad(
        lambda e: calls.with_environment(e.RunConfig, calls.task("worker", -1)),
        ValueError,
        "Task index must be non-negative number.",
    ),
    "TF_CONFIG bad type": calls.Bad(
        lambda e: calls.with_environment(e.RunConfig, calls.task("foo", 0)),
        ValueError,
        "foo is not a valid task_type in the cluster_spec:",
    ),
    "TF_CONFIG bad index": calls.Bad(
        lambda e: calls.with_environment(e.RunConfig, calls.task("worker", 5)),
        ValueError,
        "5 is not a valid task_id for task_type worker in the",
    ),
    "RunConfig model_dir ''": calls.Bad(
        lambda e: e.RunConfig(model_dir=""),
        ValueError,
        "model_dir should be non-empty.",
    ),
    "RunConfig tf_random_seed 1.5": calls.Bad(
        lambda e: e.RunConfig(tf_random_seed=1.5),
        ValueError,
        "tf_random_seed must be integer.",
    ),
    "RunConfig save_summary_steps -1": calls.Bad(
        lambda e: e.RunConfig(save_summary_steps=-1),
        ValueError,
        "save_summary_steps should be >= 0",
    ),
    "RunConfig save_checkpoints_steps -1": calls.Bad(
        lambda e: e.RunConfig(save_checkpoints_steps=-1),
        ValueError,
        "save_checkpoints_steps should be >= 0",
    ),
    "RunConfig save_checkpoints_secs -1": calls.Bad(
        lambda e: e.RunConfig(save_checkpoints_secs=-1),
        ValueError,
        "save_checkpoints_secs should be >= 0",
    ),
    "RunConfig session_config 3": calls.Bad(
        lambda e: e.RunConfig(session_config=3),
        ValueError,
        "session_config must be instance of ConfigProto",
    ),
    "RunConfig keep_checkpoint_max -1": calls.Bad(
        lambda e: e.RunConfig(keep_checkpoint_max=-1),
        ValueError,
        "keep_checkpoint_max should be >= 0",
    ),
    "RunConfig keep_checkpoint_every_n_hours 0": calls.Bad(
        lambda e: e.RunConfig(keep_checkpoint_every_n_hours=0),
        ValueError,
        "keep_checkpoint_every_n_hours should be > 0",
    ),
    "RunConfig log_step_count_steps 0": calls.Bad(
        lambda e: e.RunConfig(log_step_count_steps=0),
        ValueError,
        "log_step_count_steps should be > 0",
    ),
    "RunConfig device_fn 3": calls.Bad(
        lambda e: e.RunConfig(device_fn=3),
        ValueError,
        'device_fn must be callable with exactly one argument "op".',
    ),
    "RunConfig protocol 'x'": calls.Bad(
        lambda e: e.RunConfig(protocol="x"),
        ValueError,
        "protocol should be grpc or grpc+verbs",
    ),
    "RunConfig experimental_max_worker_delay_secs 1.5": calls.Bad(
        lambda e: e.RunConfig(experimental_max_worker_delay_secs=1.5),
        ValueError,
        "experimental_max_worker_delay_secs must be an integer if set.",
    ),
    "RunConfig session_creation_timeout_secs 0": calls.Bad(
        lambda e: e.RunConfig(session_creation_timeout_secs=0),
        ValueError,
        "session_creation_timeout_secs should be > 0",
    ),
}
