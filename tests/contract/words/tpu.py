"""Bad calls of tf.estimator.tpu, and how the original answers them."""

import tensorflow as tf

from tests.contract.words import calls

tf1 = tf.compat.v1


def config(e, **settings):
    return e.tpu.RunConfig(model_dir=calls.folder(), **settings)


def model_fn(features, labels, mode, params):
    raise AssertionError("it is not to be called")


def new(e, function=model_fn, **settings):
    settings = {"config": config(e), "use_tpu": False, **settings}
    return e.tpu.TPUEstimator(function, **settings)


def trained(e, function=model_fn, input_fn=None, **settings):
    estimator = new(e, function, **settings)
    return estimator.train(input_fn or (lambda params: calls.one_batch()), steps=1)


def spec(e, mode="eval", **fields):
    return e.tpu.TPUEstimatorSpec(mode, loss=calls.one(), **fields)


def spec_with(e, function, tensors):
    return spec(e, eval_metrics=(function, tensors))


def tpu_config(e, name, value):
    return e.tpu.TPUConfig(**{name: value})


class Resolver:
    def master(self):
        return "elsewhere"


_ITERATIONS = "Invalid TPUConfig `iterations_per_loop` value."
_CONFIG = "`config` must be provided with type `tpu_config.RunConfig`"
_RESERVED = "['batch_size', 'context'] are reserved keys but existed in params"

BAD_CALLS = {
    "TPUConfig iterations 0": calls.Bad(
        lambda e: tpu_config(e, "iterations_per_loop", 0), ValueError, _ITERATIONS
    ),
    "TPUConfig iterations text": calls.Bad(
        lambda e: tpu_config(e, "iterations_per_loop", "5x"), ValueError, _ITERATIONS
    ),
    "TPUConfig num_shards 0": calls.Bad(
        lambda e: tpu_config(e, "num_shards", 0),
        ValueError,
        "TPUConfig num_shards must be positive, got 0",
    ),
    "TPUConfig num_shards float": calls.Bad(
        lambda e: tpu_config(e, "num_shards", 1.5),
        TypeError,
        "TPUConfig num_shards must be int, got <class 'float'>",
    ),
    "TPUConfig sleep -1": calls.Bad(
        lambda e: tpu_config(e, "initial_infeed_sleep_secs", -1),
        ValueError,
        "TPUConfig initial_infeed_sleep_secs must be positive, got -1",
    ),
    "TPUConfig cores": calls.Bad(
        lambda e: tpu_config(e, "num_cores_per_replica", 3),
        ValueError,
        "num_cores_per_replica must be 1, 2, 4, 8, 16, 32, 64, 128; got 3",
    ),
    "TPUConfig eval input": calls.Bad(
        lambda e: tpu_config(e, "eval_training_input_configuration", 4),
        ValueError,
        "eval_training_input_configuration must be PER_HOST_V1 or SLICED; got 4",
    ),
    "TPUConfig partitions": calls.Bad(
        lambda e: tpu_config(e, "input_partition_dims", [1, 2, 3]),
        ValueError,
        "input_partition_dims must be a list/tuple with one or two elements.",
    ),
    "TPUConfig partitions pipeline": calls.Bad(
        lambda e: tpu_config(e, "input_partition_dims", [[1]]),
        ValueError,
        "input_partition_dims is only supported in PER_HOST_V2 mode.",
    ),
    "tpu.RunConfig unknown": calls.Bad(
        lambda e: e.tpu.RunConfig(nonsense=1),
        TypeError,
        "RunConfig.__init__() got an unexpected keyword argument 'nonsense'",
    ),
    "tpu.RunConfig master and cluster": calls.Bad(
        lambda e: e.tpu.RunConfig(master="here", cluster=Resolver()),
        ValueError,
        "Both master and cluster are set.",
    ),
    "tpu.RunConfig replace": calls.Bad(
        lambda e: e.tpu.RunConfig().replace(master="x"),
        ValueError,
        "Replacing master is not supported. Allowed properties are",
    ),
    "TPUEstimator no config": calls.Bad(
        lambda e: new(e, config=None), ValueError, _CONFIG
    ),
    "TPUEstimator other config": calls.Bad(
        lambda e: new(e, config=e.RunConfig()), ValueError, _CONFIG
    ),
    "TPUEstimator params": calls.Bad(
        lambda e: new(e, params={"batch_size": 1}), ValueError, _RESERVED
    ),
    "TPUEstimator params context": calls.Bad(
        lambda e: new(e, params={"context": 1}), ValueError, _RESERVED
    ),
    "TPUEstimator model_fn": calls.Bad(
        lambda e: new(e, None), TypeError, "unsupported callable"
    ),
    "TPUEstimator params unnamed": calls.Bad(
        lambda e: new(e, lambda features: None, params={"a": 1}),
        ValueError,
        "model_fn does not include params argument, but params ({'a': 1}) is passed",
    ),
    "TPUEstimator export version": calls.Bad(
        lambda e: new(e, export_saved_model_api_version=3),
        ValueError,
        "export_saved_model_api_version should be 1 or 2; got 3.",
    ),
    "TPUEstimator on a TPU": calls.Bad(
        lambda e: trained(e, use_tpu=True, train_batch_size=8),
        RuntimeError,
        "Cannot find any TPU cores in the system.",
    ),
    "TPUEstimator input_fn": calls.Bad(
        lambda e: trained(e, input_fn=lambda: calls.one_batch()),
        ValueError,
        "input_fn does not include params argument, required by TPUEstimator",
    ),
    "TPUEstimator no params": calls.Bad(
        lambda e: trained(e, lambda features, labels, mode: None),
        ValueError,
        "model_fn does not include params argument, required by TPUEstimator",
    ),
    "TPUEstimatorSpec no loss": calls.Bad(
        lambda e: e.tpu.TPUEstimatorSpec("eval"), ValueError, "Missing loss."
    ),
    "TPUEstimatorSpec hooks first": calls.Bad(
        lambda e: e.tpu.TPUEstimatorSpec("infer", training_hooks=[3]),
        TypeError,
        "All hooks must be SessionRunHook instances, given: 3",
    ),
    "TPUEstimatorSpec metrics dict": calls.Bad(
        lambda e: spec(e, eval_metrics={"a": 3}),
        ValueError,
        "eval_metrics should be tuple or list",
    ),
    "TPUEstimatorSpec metrics three": calls.Bad(
        lambda e: spec(e, eval_metrics=(1, 2, 3)),
        ValueError,
        "eval_metrics should have two elements.",
    ),
    "TPUEstimatorSpec metrics function": calls.Bad(
        lambda e: spec_with(e, 3, []),
        TypeError,
        "eval_metrics[0] should be callable.",
    ),
    "TPUEstimatorSpec metrics tensors": calls.Bad(
        lambda e: spec_with(e, lambda a: {}, 3),
        ValueError,
        "eval_metrics[1] should be tuple or list, or dict.",
    ),
    "TPUEstimatorSpec metrics count": calls.Bad(
        lambda e: spec_with(e, lambda a: {}, [calls.one()] * 2),
        RuntimeError,
        "In TPUEstimatorSpec.eval_metrics, length of tensors 2 does not match method "
        "args of the function, which takes 1.",
    ),
    "TPUEstimatorSpec host_call": calls.Bad(
        lambda e: spec(e, host_call=(3, [calls.one()])),
        TypeError,
        "host_call[0] should be callable.",
    ),
    "TPUEstimatorSpec both": calls.Bad(
        lambda e: spec(e, eval_metrics=3, host_call=3),
        ValueError,
        "eval_metrics should be tuple or list",
    ),
    "TPUEstimatorSpec scaffold": calls.Bad(
        lambda e: spec(e, scaffold_fn=lambda: 3).as_estimator_spec(),
        TypeError,
        "scaffold must be tf.train.Scaffold. Given: 3",
    ),
    "TPUEstimatorSpec metrics returned": calls.Bad(
        lambda e: spec_with(e, lambda a: 3, [calls.one()]).as_estimator_spec(),
        TypeError,
        "eval_metric_ops must be a dict, given: 3",
    ),
}
