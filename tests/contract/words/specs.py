"""Bad calls of specs, and how the original answers them."""

import tensorflow as tf

from tests.contract.words import calls

BAD_CALLS = {
    "spec predict none": calls.Bad(
        lambda e: e.EstimatorSpec("infer"), ValueError, "Missing predictions."
    ),
    "spec train none": calls.Bad(
        lambda e: e.EstimatorSpec("train"), ValueError, "Missing train_op."
    ),
    "spec train no op": calls.Bad(
        lambda e: e.EstimatorSpec("train", loss=calls.one()),
        ValueError,
        "Missing train_op.",
    ),
    "spec train no loss": calls.Bad(
        lambda e: e.EstimatorSpec("train", train_op=tf.no_op()),
        ValueError,
        "Missing loss.",
    ),
    "spec eval none": calls.Bad(
        lambda e: e.EstimatorSpec("eval"), ValueError, "Missing loss."
    ),
    "spec pred type": calls.Bad(
        lambda e: e.EstimatorSpec("infer", predictions=3),
        TypeError,
        "predictions must be Tensor, given: 3",
    ),
    "spec pred dict type": calls.Bad(
        lambda e: e.EstimatorSpec("infer", predictions={"a": 3}),
        TypeError,
        "predictions[a] must be Tensor, given: 3",
    ),
    "spec loss type": calls.Bad(
        lambda e: e.EstimatorSpec("eval", loss=3.0),
        TypeError,
        "loss must be Tensor, given: 3.0",
    ),
    "spec loss op": calls.Bad(
        lambda e: e.EstimatorSpec("eval", loss=tf.no_op()),
        TypeError,
        "loss must be Tensor, given:",
    ),
    "spec loss shape": calls.Bad(
        lambda e: e.EstimatorSpec("eval", loss=tf.constant([1.0, 2.0])),
        ValueError,
        "Loss must be scalar, given:",
    ),
    "spec train_op type": calls.Bad(
        lambda e: e.EstimatorSpec("train", loss=calls.one(), train_op=3),
        TypeError,
        "train_op must be Operation or Tensor, given: 3",
    ),
    "spec metrics type": calls.Bad(
        lambda e: e.EstimatorSpec("eval", loss=calls.one(), eval_metric_ops=[3]),
        TypeError,
        "eval_metric_ops must be a dict, given: [3]",
    ),
    "spec metrics str": calls.Bad(
        lambda e: e.EstimatorSpec("eval", loss=calls.one(), eval_metric_ops="abc"),
        TypeError,
        "eval_metric_ops must be a dict, given:",
    ),
    "spec metric val": calls.Bad(
        lambda e: e.EstimatorSpec("eval", loss=calls.one(), eval_metric_ops={"a": 3}),
        TypeError,
        "Values of eval_metric_ops must be (metric_value, update_op)",
    ),
    "spec metric triple": calls.Bad(
        lambda e: e.EstimatorSpec(
            "eval",
            loss=calls.one(),
            eval_metric_ops={"a": (calls.one(), calls.one(), calls.one())},
        ),
        TypeError,
        "Values of eval_metric_ops must be (metric_value, update_op)",
    ),
    "spec exports type": calls.Bad(
        lambda e: e.EstimatorSpec("infer", predictions=calls.one(), export_outputs=3),
        TypeError,
        "`export_outputs` must be dict, received: 3.",
    ),
    "spec export val": calls.Bad(
        lambda e: e.EstimatorSpec(
            "infer", predictions=calls.one(), export_outputs={"a": 3}
        ),
        TypeError,
        "Values in `export_outputs` must be ExportOutput objects,",
    ),
    "spec exports several": calls.Bad(
        lambda e: e.EstimatorSpec(
            "infer",
            predictions=calls.one(),
            export_outputs={
                "a": e.export.PredictOutput({"a": calls.one()}),
                "b": e.export.PredictOutput({"a": calls.one()}),
            },
        ),
        ValueError,
        "Multiple `export_outputs` were provided, but none of them are",
    ),
    "spec hook": calls.Bad(
        lambda e: e.EstimatorSpec("eval", loss=calls.one(), evaluation_hooks=[3]),
        TypeError,
        "All hooks must be SessionRunHook instances, given: 3",
    ),
    "spec thook": calls.Bad(
        lambda e: e.EstimatorSpec(
            "train", loss=calls.one(), train_op=tf.no_op(), training_hooks=[3]
        ),
        TypeError,
        "All hooks must be SessionRunHook instances, given: 3",
    ),
    "spec hook single": calls.Bad(
        lambda e: e.EstimatorSpec("eval", loss=calls.one(), evaluation_hooks=3),
        TypeError,
        "'int' object is not iterable",
    ),
    "spec scaffold": calls.Bad(
        lambda e: e.EstimatorSpec("eval", loss=calls.one(), scaffold=3),
        TypeError,
        "scaffold must be tf.train.Scaffold",
    ),
    "spec other pred": calls.Bad(
        lambda e: e.EstimatorSpec("infer", predictions={"a": calls.other()}),
        ValueError,
        'prediction values with "a: Const:0" must be from the default',
    ),
    "spec other loss": calls.Bad(
        lambda e: e.EstimatorSpec("eval", loss=calls.other()),
        ValueError,
        'loss with "Const:0" must be from the default graph.',
    ),
    "spec other op": calls.Bad(
        lambda e: e.EstimatorSpec("train", loss=calls.one(), train_op=calls.other()),
        ValueError,
        'train_op with "Const:0" must be from the default graph.',
    ),
    "spec other metric": calls.Bad(
        lambda e: e.EstimatorSpec(
            "eval",
            loss=calls.one(),
            eval_metric_ops={"m": (calls.other(), calls.one())},
        ),
        ValueError,
        'eval_metric_ops with "m: Const:0" must be from the default',
    ),
    "spec replace mode": calls.Bad(
        lambda e: e.EstimatorSpec("eval", loss=calls.one())._replace(mode="train"),
        ValueError,
        "mode of EstimatorSpec cannot be changed.",
    ),
    "spec order loss/train_op": calls.Bad(
        lambda e: e.EstimatorSpec("train", loss=3, train_op=3),
        TypeError,
        "train_op must be Operation or Tensor, given: 3",
    ),
    "spec order pred/loss": calls.Bad(
        lambda e: e.EstimatorSpec("train", predictions=3, loss=3),
        ValueError,
        "Missing train_op.",
    ),
    "spec order train_op/loss missing": calls.Bad(
        lambda e: e.EstimatorSpec("train", train_op=3),
        TypeError,
        "train_op must be Operation or Tensor, given: 3",
    ),
    "spec order metric/pred": calls.Bad(
        lambda e: e.EstimatorSpec("eval", predictions=3, eval_metric_ops=3),
        ValueError,
        "Missing loss.",
    ),
    "spec order exports/hooks": calls.Bad(
        lambda e: e.EstimatorSpec(
            "infer",
            predictions=calls.one(),
            export_outputs=3,
            prediction_hooks=[3],
            scaffold=3,
        ),
        TypeError,
        "`export_outputs` must be dict, received: 3.",
    ),
    "spec order scaffold/hooks": calls.Bad(
        lambda e: e.EstimatorSpec(
            "eval", loss=calls.one(), prediction_hooks=[3], scaffold=3
        ),
        TypeError,
        "All hooks must be SessionRunHook instances, given: 3",
    ),
    "spec order metric/loss": calls.Bad(
        lambda e: e.EstimatorSpec("eval", eval_metric_ops=3),
        ValueError,
        "Missing loss.",
    ),
    "TrainSpec fn": calls.Bad(
        lambda e: e.TrainSpec(3), TypeError, "`input_fn` must be callable, given: 3"
    ),
    "TrainSpec fn max": calls.Bad(
        lambda e: e.TrainSpec(3, max_steps=0),
        TypeError,
        "`input_fn` must be callable, given: 3",
    ),
    "TrainSpec max": calls.Bad(
        lambda e: e.TrainSpec(calls.one_batch, max_steps=0),
        ValueError,
        "Must specify max_steps > 0, given: 0",
    ),
    "TrainSpec hook": calls.Bad(
        lambda e: e.TrainSpec(calls.one_batch, hooks=[3]),
        TypeError,
        "All hooks must be `SessionRunHook` instances, given: 3",
    ),
    "TrainSpec listener": calls.Bad(
        lambda e: e.TrainSpec(calls.one_batch, saving_listeners=[3]),
        TypeError,
        "All saving_listeners must be `CheckpointSaverListener`",
    ),
    "TrainSpec hook max": calls.Bad(
        lambda e: e.TrainSpec(calls.one_batch, hooks=[3], max_steps=0),
        ValueError,
        "Must specify max_steps > 0, given: 0",
    ),
    "EvalSpec fn": calls.Bad(
        lambda e: e.EvalSpec(3), TypeError, "`input_fn` must be callable, given: 3"
    ),
    "EvalSpec steps": calls.Bad(
        lambda e: e.EvalSpec(calls.one_batch, steps=0),
        ValueError,
        "Must specify steps > 0, given: 0",
    ),
    "EvalSpec name": calls.Bad(
        lambda e: e.EvalSpec(calls.one_batch, name=3),
        TypeError,
        "`name` must be string, given: 3",
    ),
    "EvalSpec hook": calls.Bad(
        lambda e: e.EvalSpec(calls.one_batch, hooks=[3]),
        TypeError,
        "All hooks must be `SessionRunHook` instances, given: 3",
    ),
    "EvalSpec exporter": calls.Bad(
        lambda e: e.EvalSpec(calls.one_batch, exporters=[3]),
        TypeError,
        "`exporters` must be an Exporter, an iterable of Exporter, or",
    ),
    "EvalSpec exporter one": calls.Bad(
        lambda e: e.EvalSpec(calls.one_batch, exporters=3),
        TypeError,
        "`exporters` must be an Exporter, an iterable of Exporter, or",
    ),
    "EvalSpec exporter none name": calls.Bad(
        lambda e: e.EvalSpec(calls.one_batch, exporters=calls.exporter(e, None)),
        ValueError,
        "An Exporter cannot have a name that is `None` or empty. All",
    ),
    "EvalSpec exporter empty name": calls.Bad(
        lambda e: e.EvalSpec(calls.one_batch, exporters=calls.exporter(e, "")),
        ValueError,
        "An Exporter cannot have a name that is `None` or empty. All",
    ),
    "EvalSpec exporter int name": calls.Bad(
        lambda e: e.EvalSpec(calls.one_batch, exporters=calls.exporter(e, 3)),
        ValueError,
        "An Exporter must have a string name",
    ),
    "EvalSpec exporter dup": calls.Bad(
        lambda e: e.EvalSpec(
            calls.one_batch, exporters=[calls.exporter(e, "a"), calls.exporter(e, "a")]
        ),
        ValueError,
        "`exporters` must have unique names. Such a name cannot be",
    ),
    "EvalSpec delay": calls.Bad(
        lambda e: e.EvalSpec(calls.one_batch, start_delay_secs=-1),
        ValueError,
        "Must specify start_delay_secs >= 0, given: -1",
    ),
    "EvalSpec throttle": calls.Bad(
        lambda e: e.EvalSpec(calls.one_batch, throttle_secs=-1),
        ValueError,
        "Must specify throttle_secs >= 0, given: -1",
    ),
    "EvalSpec order": calls.Bad(
        lambda e: e.EvalSpec(
            calls.one_batch, name=3, hooks=[3], exporters=[3], start_delay_secs=-1
        ),
        TypeError,
        "`name` must be string, given: 3",
    ),
    "EvalSpec order2": calls.Bad(
        lambda e: e.EvalSpec(
            calls.one_batch, exporters=[3], start_delay_secs=-1, hooks=[3]
        ),
        TypeError,
        "All hooks must be `SessionRunHook` instances, given: 3",
    ),
    "EvalSpec order3": calls.Bad(
        lambda e: e.EvalSpec(calls.one_batch, exporters=[3], start_delay_secs=-1),
        TypeError,
        "`exporters` must be an Exporter, an iterable of Exporter, or",
    ),
    "EvalSpec order4": calls.Bad(
        lambda e: e.EvalSpec(calls.one_batch, throttle_secs=-1, start_delay_secs=-1),
        ValueError,
        "Must specify start_delay_secs >= 0, given: -1",
    ),
    "train_and_evaluate est": calls.Bad(
        lambda e: e.train_and_evaluate(
            3, e.TrainSpec(calls.one_batch), e.EvalSpec(calls.one_batch)
        ),
        TypeError,
        "`estimator` must have type `tf.estimator.Estimator`. Got:",
    ),
    "train_and_evaluate ts": calls.Bad(
        lambda e: e.train_and_evaluate(calls.new(e), 3, e.EvalSpec(calls.one_batch)),
        TypeError,
        "`train_spec` must have type `tf.estimator.TrainSpec`. Got:",
    ),
    "train_and_evaluate es": calls.Bad(
        lambda e: e.train_and_evaluate(calls.new(e), e.TrainSpec(calls.one_batch), 3),
        TypeError,
        "`eval_spec` must have type `tf.estimator.EvalSpec`. Got: <class",
    ),
    "train_and_evaluate all": calls.Bad(
        lambda e: e.train_and_evaluate(3, 3, 3),
        TypeError,
        "`eval_spec` must have type `tf.estimator.EvalSpec`. Got: <class",
    ),
    "train_and_evaluate est ts": calls.Bad(
        lambda e: e.train_and_evaluate(3, 3, e.EvalSpec(calls.one_batch)),
        TypeError,
        "`estimator` must have type `tf.estimator.Estimator`. Got:",
    ),
    "spec other bare pred": calls.Bad(
        lambda e: e.EstimatorSpec("infer", predictions=calls.other()),
        ValueError,
        'prediction values with "Const:0" must be from the default',
    ),
    "train_and_evaluate evaluator 1": calls.Bad(
        lambda e: calls.with_environment(
            lambda: e.train_and_evaluate(
                e.Estimator(calls.model_fn_of(e), calls.folder()),
                e.TrainSpec(calls.one_batch, max_steps=1),
                e.EvalSpec(calls.one_batch),
            ),
            calls.task("evaluator", 1),
        ),
        ValueError,
        "For distributed training, there can only be one `evaluator`",
    ),
    "train_and_evaluate ts es": calls.Bad(
        lambda e: e.train_and_evaluate(calls.new(e), 3, 3),
        TypeError,
        "`eval_spec` must have type `tf.estimator.EvalSpec`. Got: <class",
    ),
}
