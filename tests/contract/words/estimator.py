"""Bad calls of estimator, and how the original answers them."""

import tensorflow as tf

from tests.contract.words import calls

tf1 = tf.compat.v1

BAD_CALLS = {
    "warm start from nowhere": calls.Bad(
        lambda e: calls.new(e, warm_start_from="/nowhere").train(
            calls.one_batch, steps=1
        ),
        tf.errors.NotFoundError,
        "Unsuccessful TensorSliceReader constructor: Failed to find any matching files",
    ),
    "Estimator none model_fn": calls.Bad(
        lambda e: e.Estimator(None),
        ValueError,
        "model_fn must be provided to Estimator.",
    ),
    "Estimator none model_fn, bad config": calls.Bad(
        lambda e: e.Estimator(None, config="c"),
        ValueError,
        "config must be an instance of `RunConfig`, but provided",
    ),
    "Estimator bad config": calls.Bad(
        lambda e: e.Estimator(calls.model_fn_of(e), config="c"),
        ValueError,
        "config must be an instance of `RunConfig`, but provided",
    ),
    "Estimator bad config bad model_fn": calls.Bad(
        lambda e: e.Estimator(lambda x: 1, config="c"),
        ValueError,
        "config must be an instance of `RunConfig`, but provided",
    ),
    "Estimator two dirs": calls.Bad(
        lambda e: e.Estimator(calls.model_fn_of(e), "/tmp/a", e.RunConfig("/tmp/b")),
        ValueError,
        "`model_dir` are set both in constructor and `RunConfig`, but",
    ),
    "Estimator two dirs, none fn": calls.Bad(
        lambda e: e.Estimator(None, "/tmp/a", e.RunConfig("/tmp/b")),
        ValueError,
        "`model_dir` are set both in constructor and `RunConfig`, but",
    ),
    "Estimator fn without features": calls.Bad(
        lambda e: e.Estimator(lambda x, labels: 1),
        ValueError,
        "model_fn must include features argument.",
    ),
    "Estimator fn unknown": calls.Bad(
        lambda e: e.Estimator(lambda features, q: 1),
        ValueError,
        "model_fn has following not expected args: ['q']",
    ),
    "Estimator fn unknown, params missing": calls.Bad(
        lambda e: e.Estimator(lambda features, q: 1, params={"a": 1}),
        ValueError,
        "model_fn does not include params argument, but params ({'a':",
    ),
    "Estimator params missing": calls.Bad(
        lambda e: e.Estimator(lambda features, labels: 1, params={"a": 1}),
        ValueError,
        "model_fn does not include params argument, but params ({'a':",
    ),
    "Estimator warm start type": calls.Bad(
        lambda e: e.Estimator(calls.model_fn_of(e), warm_start_from=3),
        ValueError,
        "warm_start_from must be a string or a WarmStartSettings,",
    ),
    "Estimator warm start type none fn": calls.Bad(
        lambda e: e.Estimator(None, warm_start_from=3),
        ValueError,
        "model_fn must be provided to Estimator.",
    ),
    "warm none": calls.Bad(
        lambda e: e.WarmStartSettings(None),
        ValueError,
        "`ckpt_to_initialize_from` MUST be set in WarmStartSettings",
    ),
    "warm empty": calls.Bad(
        lambda e: e.WarmStartSettings(""),
        ValueError,
        "`ckpt_to_initialize_from` MUST be set in WarmStartSettings",
    ),
    "subclass train": calls.Bad(
        lambda e: calls.overriding(e, "train"),
        ValueError,
        "Subclasses of Estimator cannot override members of Estimator.",
    ),
    "subclass evaluate": calls.Bad(
        lambda e: calls.overriding(e, "evaluate"),
        ValueError,
        "Subclasses of Estimator cannot override members of Estimator.",
    ),
    "train both": calls.Bad(
        lambda e: calls.new(e).train(calls.one_batch, steps=1, max_steps=1),
        ValueError,
        "Can not provide both steps and max_steps.",
    ),
    "train both zero": calls.Bad(
        lambda e: calls.new(e).train(calls.one_batch, steps=0, max_steps=1),
        ValueError,
        "Can not provide both steps and max_steps.",
    ),
    "train steps 0": calls.Bad(
        lambda e: calls.new(e).train(calls.one_batch, steps=0),
        ValueError,
        "Must specify steps > 0, given: 0",
    ),
    "train steps -1": calls.Bad(
        lambda e: calls.new(e).train(calls.one_batch, steps=-1),
        ValueError,
        "Must specify steps > 0, given: -1",
    ),
    "train max 0": calls.Bad(
        lambda e: calls.new(e).train(calls.one_batch, max_steps=0),
        ValueError,
        "Must specify max_steps > 0, given: 0",
    ),
    "train hook": calls.Bad(
        lambda e: calls.new(e).train(calls.one_batch, hooks=[3], steps=1),
        TypeError,
        "Hooks must be a SessionRunHook, given: 3",
    ),
    "train hook and steps": calls.Bad(
        lambda e: calls.new(e).train(calls.one_batch, hooks=[3], steps=0),
        ValueError,
        "Must specify steps > 0, given: 0",
    ),
    "train listener": calls.Bad(
        lambda e: calls.new(e).train(calls.one_batch, steps=1, saving_listeners=[3]),
        TypeError,
        "saving_listeners must be a list of CheckpointSaverListener,",
    ),
    "train listeners no saver": calls.Bad(
        lambda e: calls.new(
            e,
            config=e.RunConfig(save_checkpoints_steps=None, save_checkpoints_secs=None),
        ).train(
            calls.one_batch,
            steps=1,
            saving_listeners=[tf1.train.CheckpointSaverListener()],
        ),
        ValueError,
        "There should be a CheckpointSaverHook to use saving_listeners.",
    ),
    "train input 3-tuple": calls.Bad(
        lambda e: calls.new(e).train(lambda: (1, 2, 3), steps=1),
        ValueError,
        "input_fn should return (features, labels) as a len 2 tuple",
    ),
    "train input list1": calls.Bad(
        lambda e: calls.new(e).train(lambda: (tf.constant(1.0),), steps=1),
        ValueError,
        "input_fn should return (features, labels) as a len 2 tuple",
    ),
    "eval steps 0": calls.Bad(
        lambda e: calls.new(e).evaluate(calls.one_batch, 0),
        ValueError,
        "Must specify steps > 0, given: 0",
    ),
    "eval hook": calls.Bad(
        lambda e: calls.new(e).evaluate(calls.one_batch, 1, hooks=[3]),
        TypeError,
        "Hooks must be a SessionRunHook, given: 3",
    ),
    "eval ckpt": calls.Bad(
        lambda e: calls.new(e).evaluate(
            calls.one_batch, 1, checkpoint_path="/nowhere/model.ckpt-1"
        ),
        ValueError,
        "The passed save_path is not a valid checkpoint:",
    ),
    "predict hook": calls.Bad(
        lambda e: next(calls.new(e).predict(calls.one_batch, hooks=[3])),
        TypeError,
        "Hooks must be a SessionRunHook, given: 3",
    ),
    "predict ckpt": calls.Bad(
        lambda e: next(
            calls.new(e).predict(
                calls.one_batch, checkpoint_path="/nowhere/model.ckpt-1"
            )
        ),
        ValueError,
        "The passed save_path is not a valid checkpoint:",
    ),
    "predict keys": calls.Bad(
        lambda e: next(calls.new(e).predict(calls.one_batch, predict_keys=["z"])),
        ValueError,
        "Expected to run at least one output from",
    ),
    "predict keys nondict": calls.Bad(
        lambda e: next(
            e.Estimator(
                lambda features, mode: e.EstimatorSpec(mode, predictions=features["x"])
            ).predict(lambda: {"x": tf.constant([[1.0]])}, predict_keys=["z"])
        ),
        ValueError,
        "predict_keys argument is not valid in case of non-dict",
    ),
    "predict lengths": calls.Bad(
        lambda e: next(
            e.Estimator(
                lambda features, mode: e.EstimatorSpec(
                    mode, predictions={"a": tf.zeros([2]), "b": tf.zeros([3])}
                )
            ).predict(lambda: {"x": tf.constant([[1.0]])})
        ),
        ValueError,
        "Batch length of predictions should be same. b has different",
    ),
    "predict 3-tuple": calls.Bad(
        lambda e: next(calls.new(e).predict(lambda: (1, 2, 3))),
        ValueError,
        "input_fn should return (features, labels) as a len 2 tuple",
    ),
    "names untrained": calls.Bad(
        lambda e: calls.new(e).get_variable_names(),
        ValueError,
        "Could not find trained model in model_dir:",
    ),
    "value untrained": calls.Bad(
        lambda e: calls.new(e).get_variable_value("w"),
        ValueError,
        "Could not find trained model in model_dir:",
    ),
    "export untrained": calls.Bad(
        lambda e: calls.new(e).export_saved_model(
            calls.folder(), lambda: calls.receiver(e)
        ),
        ValueError,
        "Couldn't find trained model at",
    ),
    "export None fn": calls.Bad(
        lambda e: calls.trained(e).export_saved_model(calls.folder(), None),
        ValueError,
        "An input_receiver_fn must be defined.",
    ),
    "export the old way, None fn": calls.Bad(
        lambda e: calls.trained(e).export_savedmodel(calls.folder(), None),
        ValueError,
        "An input_receiver_fn must be defined.",
    ),
    "export no modes": calls.Bad(
        lambda e: calls.trained(e).experimental_export_all_saved_models(
            calls.folder(), {"a": lambda: calls.receiver(e)}
        ),
        ValueError,
        "No valid modes for exporting found. Got dict_keys(['a'])",
    ),
    "export no modes untrained": calls.Bad(
        lambda e: calls.new(e).experimental_export_all_saved_models(calls.folder(), {}),
        ValueError,
        "Couldn't find trained model at",
    ),
    "export None fn untrained": calls.Bad(
        lambda e: calls.new(e).export_saved_model(calls.folder(), None),
        ValueError,
        "An input_receiver_fn must be defined.",
    ),
    "labels unwanted": calls.Bad(
        lambda e: e.Estimator(lambda features, mode: 1).train(calls.one_batch, steps=1),
        ValueError,
        "model_fn does not take labels, but input_fn returns labels.",
    ),
    "fn returns 3": calls.Bad(
        lambda e: calls.returning(e, 3),
        ValueError,
        "model_fn should return an EstimatorSpec.",
    ),
    "fn returns None": calls.Bad(
        lambda e: calls.returning(e, None),
        ValueError,
        "model_fn should return an EstimatorSpec.",
    ),
    "metric loss": calls.Bad(
        lambda e: calls.returning(
            e,
            lambda e, m: e.EstimatorSpec(
                m, loss=calls.one(), eval_metric_ops={"loss": (calls.one(), tf.no_op())}
            ),
            "eval",
        ),
        ValueError,
        'Metric with name "loss" is not allowed, because Estimator',
    ),
    "metric global_step": calls.Bad(
        lambda e: calls.returning(
            e,
            lambda e, m: e.EstimatorSpec(
                m,
                loss=calls.one(),
                eval_metric_ops={"global_step": (calls.one(), tf.no_op())},
            ),
            "eval",
        ),
        ValueError,
        "Metric with name `global_step` is not allowed, because",
    ),
    "export outputs missing": calls.Bad(
        lambda e: e.Estimator(calls.model_fn_of(e)).export_saved_model(
            calls.folder(), lambda: calls.receiver(e), checkpoint_path="/nowhere/c"
        ),
        ValueError,
        "The passed save_path is not a valid checkpoint:",
    ),
}
