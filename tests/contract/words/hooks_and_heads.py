"""Bad calls of hooks and heads, and how the original answers them."""

import tensorflow as tf

from tests.contract.words import calls

tf1 = tf.compat.v1


def two_heads(e):
    return e.MultiHead([e.RegressionHead(name="a"), e.RegressionHead(name="b")])


def loss_of(head, labels, weights=None):
    return head.loss(labels, tf.zeros([2, 1]), {"w": weights}, "train")


BAD_CALLS = {
    "head sparse labels": calls.Bad(
        lambda e: loss_of(e.RegressionHead(), tf.sparse.from_dense([[1.0], [2.0]])),
        ValueError,
        "SparseTensor labels are not supported. Labels must be a Tensor of shape",
    ),
    "head weight column": calls.Bad(
        lambda e: loss_of(e.RegressionHead(weight_column=3), tf.ones([2, 1])),
        TypeError,
        "Weight column must be either a string or NumericColumn. Given type:",
    ),
    "head weight of rank 0": calls.Bad(
        lambda e: loss_of(
            e.RegressionHead(weight_column="w"), tf.ones([2, 1]), calls.one()
        ),
        ValueError,
        "Feature (key: w) cannot have rank 0. Given: ",
    ),
    "head keras without variables": calls.Bad(
        lambda e: e.RegressionHead().create_estimator_spec(
            {},
            "train",
            tf.zeros([2, 1]),
            labels=tf.ones([2, 1]),
            optimizer=tf.keras.optimizers.SGD(),
        ),
        ValueError,
        "trainable_variables cannot be None. Give",
    ),
    "head keras with a variable": calls.Bad(
        lambda e: e.RegressionHead().create_estimator_spec(
            {},
            "train",
            tf.zeros([2, 1]),
            labels=tf.ones([2, 1]),
            optimizer=tf.keras.optimizers.SGD(),
            trainable_variables=3,
        ),
        ValueError,
        "trainable_variables should be a list or a tuple. Given type:",
    ),
    "InMemoryEvaluatorHook ps": calls.Bad(
        lambda e: calls.with_environment(
            lambda: e.experimental.InMemoryEvaluatorHook(calls.new(e), calls.one_batch),
            calls.task("worker"),
        ),
        ValueError,
        "InMemoryEvaluator supports only single machine (aka Local)",
    ),
    "InMemoryEvaluatorHook workers": calls.Bad(
        lambda e: calls.with_environment(
            lambda: e.experimental.InMemoryEvaluatorHook(calls.new(e), calls.one_batch),
            {
                "cluster": {"chief": ["h:1"], "worker": ["h:2"]},
                "task": {"type": "worker", "index": 0},
            },
        ),
        ValueError,
        "InMemoryEvaluator supports only single machine (aka Local)",
    ),
    "InMemoryEvaluatorHook saver": calls.Bad(
        lambda e: calls.in_memory(
            e, scaffold=lambda: tf1.train.Scaffold(saver=tf1.train.Saver())
        ),
        ValueError,
        "InMemoryEvaluator does not support custom saver",
    ),
    "InMemoryEvaluatorHook init_fn": calls.Bad(
        lambda e: calls.in_memory(
            e, scaffold=lambda: tf1.train.Scaffold(init_fn=lambda s, q: None)
        ),
        ValueError,
        "InMemoryEvaluator does not support custom init_fn",
    ),
    "InMemoryEvaluatorHook saveable": calls.Bad(
        lambda e: calls.in_memory(e, saveable=True),
        ValueError,
        "InMemoryEvaluator does not support saveables other than global variables",
    ),
    "stop step none": calls.Bad(
        lambda e: e.experimental.make_stop_at_checkpoint_step_hook(
            calls.new(e), 1
        ).begin(),
        RuntimeError,
        "Global step should be created",
    ),
    "stop est": calls.Bad(
        lambda e: e.experimental.make_early_stopping_hook(3, lambda: 1),
        TypeError,
        "`estimator` must have type `tf.estimator.Estimator`. Got:",
    ),
    "stop fn": calls.Bad(
        lambda e: e.experimental.make_early_stopping_hook(calls.new(e), 3),
        TypeError,
        "`should_stop_fn` must be callable.",
    ),
    "stop both": calls.Bad(
        lambda e: e.experimental.make_early_stopping_hook(
            calls.new(e), lambda: 1, run_every_secs=1, run_every_steps=1
        ),
        ValueError,
        "Only one of `run_every_secs` and `run_every_steps` must be set.",
    ),
    "stop none": calls.Bad(
        lambda e: e.experimental.make_early_stopping_hook(
            calls.new(e), lambda: 1, run_every_secs=None, run_every_steps=None
        ),
        ValueError,
        "Either every_secs or every_steps should be provided.",
    ),
    "InMemoryEvaluatorHook every": calls.Bad(
        lambda e: e.experimental.InMemoryEvaluatorHook(
            calls.new(e), calls.one_batch, every_n_iter=0
        ),
        ValueError,
        "invalid every_n_iter=0.",
    ),
    "InMemoryEvaluatorHook every none": calls.Bad(
        lambda e: e.experimental.InMemoryEvaluatorHook(
            calls.new(e), calls.one_batch, every_n_iter=None
        ),
        ValueError,
        "invalid every_n_iter=None.",
    ),
    "InMemoryEvaluatorHook hooks": calls.Bad(
        lambda e: e.experimental.InMemoryEvaluatorHook(
            calls.new(e), calls.one_batch, hooks=[3]
        ),
        TypeError,
        "Hooks must be a SessionRunHook, given: 3",
    ),
    "InMemoryEvaluatorHook steps": calls.Bad(
        lambda e: e.experimental.InMemoryEvaluatorHook(
            calls.new(e), calls.one_batch, steps=0
        ),
        ValueError,
        "Must specify steps > 0, given: 0",
    ),
    "InMemoryEvaluatorHook order": calls.Bad(
        lambda e: e.experimental.InMemoryEvaluatorHook(
            3, calls.one_batch, every_n_iter=0
        ),
        ValueError,
        "invalid every_n_iter=0.",
    ),
    "add_metrics est": calls.Bad(
        lambda e: e.add_metrics(3, lambda: 1),
        AttributeError,
        "'int' object has no attribute 'model_",
    ),
    "add_metrics args": calls.Bad(
        lambda e: e.add_metrics(calls.new(e), lambda foo: 1),
        ValueError,
        "metric_fn has following not expected args: ['foo']",
    ),
    "MultiClassHead none": calls.Bad(
        lambda e: e.MultiClassHead(None), ValueError, "n_classes cannot be None"
    ),
    "MultiClassHead 2": calls.Bad(
        lambda e: e.MultiClassHead(2), ValueError, "n_classes must be > 2: 2."
    ),
    "MultiClassHead vocab type": calls.Bad(
        lambda e: e.MultiClassHead(3, label_vocabulary="abc"),
        ValueError,
        "label_vocabulary should be a list or a tuple. Given type:",
    ),
    "MultiClassHead vocab len": calls.Bad(
        lambda e: e.MultiClassHead(3, label_vocabulary=["a"]),
        ValueError,
        '"label_vocabulary" does not have "n_classes" items.',
    ),
    "MultiClassHead red": calls.Bad(
        lambda e: e.MultiClassHead(3, loss_reduction="x"),
        ValueError,
        "Invalid loss_reduction:",
    ),
    "MultiClassHead loss_fn logits": calls.Bad(
        lambda e: e.MultiClassHead(3, loss_fn=lambda labels: 1),
        ValueError,
        "loss_fn must contain argument: logits. Given arguments:",
    ),
    "MultiClassHead loss_fn labels": calls.Bad(
        lambda e: e.MultiClassHead(3, loss_fn=lambda logits: 1),
        ValueError,
        "loss_fn must contain argument: labels. Given arguments:",
    ),
    "MultiClassHead loss_fn more": calls.Bad(
        lambda e: e.MultiClassHead(3, loss_fn=lambda labels, logits, q: 1),
        ValueError,
        "loss_fn has unexpected args: ['q']",
    ),
    "BinaryClassHead thr": calls.Bad(
        lambda e: e.BinaryClassHead(thresholds=[2.0]),
        ValueError,
        "thresholds not in (0, 1): (",
    ),
    "RegressionHead dim": calls.Bad(
        lambda e: e.RegressionHead(label_dimension=0),
        ValueError,
        "Invalid label_dimension 0.",
    ),
    "MultiClassHead logits": calls.Bad(
        lambda e: e.MultiClassHead(3).predictions(tf.zeros([2, 2])),
        ValueError,
        "logits shape must be [D0, D1, ... DN, logits_dimension], got",
    ),
    "MultiClassHead logits rank": calls.Bad(
        lambda e: e.MultiClassHead(3).predictions(tf.zeros([3])),
        ValueError,
        "logits shape must be [D0, D1, ... DN, logits_dimension]",
    ),
    "MultiClassHead key": calls.Bad(
        lambda e: e.MultiClassHead(3).predictions(tf.zeros([2, 3]), ["z"]),
        ValueError,
        "Prediction key must be in PredictionKeys, given: z.",
    ),
    "MultiClassHead labels none": calls.Bad(
        lambda e: e.MultiClassHead(3).loss(None, tf.zeros([2, 3])),
        ValueError,
        "You must provide a labels Tensor. Given: None.",
    ),
    "MultiClassHead labels dtype": calls.Bad(
        lambda e: e.MultiClassHead(3).loss(tf.zeros([2, 1]), tf.zeros([2, 3])),
        ValueError,
        "Labels dtype should be integer. Instead got <dtype: 'float32'>.",
    ),
    "MultiClassHead labels shape": calls.Bad(
        lambda e: e.MultiClassHead(3).loss(
            tf.zeros([2, 3], tf.int64), tf.zeros([2, 3])
        ),
        ValueError,
        "Mismatched label shape. Expected labels dimension=1.",
    ),
    "MultiClassHead labels batch": calls.Bad(
        lambda e: e.MultiClassHead(3).loss(
            tf.zeros([4, 1], tf.int64), tf.zeros([2, 3])
        ),
        ValueError,
        "`labels.shape` must equal `logits.shape` except for the last",
    ),
    "MultiClassHead labels vocab": calls.Bad(
        lambda e: e.MultiClassHead(3, label_vocabulary=["a", "b", "c"]).loss(
            tf.zeros([2, 1], tf.int64), tf.zeros([2, 3])
        ),
        ValueError,
        "Labels dtype should be string if there is a vocabulary. Instead",
    ),
    "MultiClassHead weight missing": calls.Bad(
        lambda e: e.MultiClassHead(3, weight_column="w").loss(
            tf.zeros([2, 1], tf.int64), tf.zeros([2, 3]), {}
        ),
        ValueError,
        "Feature w is not in features dictionary.",
    ),
    "MultiClassHead spec none": calls.Bad(
        lambda e: e.MultiClassHead(3).create_estimator_spec(
            {}, "train", tf.zeros([2, 3]), tf.zeros([2, 1], tf.int64)
        ),
        ValueError,
        "train_op_fn and optimizer cannot both be None.",
    ),
    "MultiClassHead spec both": calls.Bad(
        lambda e: e.MultiClassHead(3).create_estimator_spec(
            {},
            "train",
            tf.zeros([2, 3]),
            tf.zeros([2, 1], tf.int64),
            optimizer=tf1.train.AdamOptimizer(1.0),
            train_op_fn=lambda loss: 1,
        ),
        ValueError,
        "train_op_fn and optimizer cannot both be set.",
    ),
    "MultiClassHead spec opt": calls.Bad(
        lambda e: e.MultiClassHead(3).create_estimator_spec(
            {}, "train", tf.zeros([2, 3]), tf.zeros([2, 1], tf.int64), optimizer=3
        ),
        ValueError,
        "The given optimizer is not a tf.keras.optimizers.Optimizer",
    ),
    "MultiClassHead spec no labels": calls.Bad(
        lambda e: e.MultiClassHead(3).create_estimator_spec(
            {}, "eval", tf.zeros([2, 3])
        ),
        ValueError,
        "You must provide a labels Tensor. Given: None.",
    ),
    "MultiClassHead spec mode": calls.Bad(
        lambda e: e.MultiClassHead(3).create_estimator_spec(
            {}, "foo", tf.zeros([2, 3]), tf.zeros([2, 1], tf.int64)
        ),
        ValueError,
        "train_op_fn and optimizer cannot both be None.",
    ),
    "BinaryClassHead labels shape": calls.Bad(
        lambda e: e.BinaryClassHead().loss(tf.zeros([2, 3]), tf.zeros([2, 1])),
        ValueError,
        "Mismatched label shape. Expected labels dimension=1.",
    ),
    "RegressionHead labels shape": calls.Bad(
        lambda e: e.RegressionHead().loss(tf.zeros([2, 3]), tf.zeros([2, 1])),
        ValueError,
        "Mismatched label shape. Expected labels dimension=1.",
    ),
    "RegressionHead labels none": calls.Bad(
        lambda e: e.RegressionHead().loss(None, tf.zeros([2, 1])),
        ValueError,
        "You must provide a labels Tensor. Given: None.",
    ),
    "MultiLabelHead 1": calls.Bad(
        lambda e: e.MultiLabelHead(1),
        ValueError,
        "n_classes must be > 1 for multi-label classification. Given: 1",
    ),
    "MultiLabelHead none": calls.Bad(
        lambda e: e.MultiLabelHead(None),
        ValueError,
        "n_classes must be > 1 for multi-label classification. Given: None",
    ),
    "MultiLabelHead vocab type": calls.Bad(
        lambda e: e.MultiLabelHead(3, label_vocabulary="abc"),
        ValueError,
        "label_vocabulary must be a list or tuple. Given type:",
    ),
    "MultiLabelHead vocab len": calls.Bad(
        lambda e: e.MultiLabelHead(3, label_vocabulary=["a"]),
        ValueError,
        "Length of label_vocabulary must be n_classes (3). Given: 1",
    ),
    "MultiLabelHead thr": calls.Bad(
        lambda e: e.MultiLabelHead(3, thresholds=[1.0]),
        ValueError,
        "thresholds must be in (0, 1) range. Given: 1.0",
    ),
    "MultiLabelHead classes strings": calls.Bad(
        lambda e: e.MultiLabelHead(3, classes_for_class_based_metrics=["a"]),
        ValueError,
        "label_vocabulary must be provided when classes_for_class_based_metrics are",
    ),
    "MultiLabelHead classes unknown": calls.Bad(
        lambda e: e.MultiLabelHead(
            2, label_vocabulary=["a", "b"], classes_for_class_based_metrics=["z"]
        ),
        ValueError,
        "'z' is not in list",
    ),
    "MultiLabelHead classes range": calls.Bad(
        lambda e: e.MultiLabelHead(3, classes_for_class_based_metrics=[3]),
        ValueError,
        "All classes_for_class_based_metrics must be in range [0, 2]. Given: 3",
    ),
    "MultiLabelHead labels none": calls.Bad(
        lambda e: e.MultiLabelHead(3).loss(None, tf.zeros([2, 3])),
        ValueError,
        "You must provide a labels Tensor. Given: None.",
    ),
    "MultiLabelHead labels shape": calls.Bad(
        lambda e: e.MultiLabelHead(3).loss(
            tf.zeros([2, 4], tf.int64), tf.zeros([2, 3])
        ),
        ValueError,
        "Mismatched label shape. Expected labels dimension=3.",
    ),
    "MultiLabelHead labels strings": calls.Bad(
        lambda e: e.MultiLabelHead(1 + 1).loss(
            tf.constant([["a", "b"]]), tf.zeros([1, 2])
        ),
        TypeError,
        "",
    ),
    "MultiLabelHead sparse dtype": calls.Bad(
        lambda e: e.MultiLabelHead(3).loss(
            tf.SparseTensor([[0, 0]], [1.0], [2, 1]), tf.zeros([2, 3])
        ),
        ValueError,
        "Labels dtype should be integer. Instead got <dtype: 'float32'>.",
    ),
    "MultiLabelHead key": calls.Bad(
        lambda e: e.MultiLabelHead(3).predictions(tf.zeros([2, 3]), ["z"]),
        ValueError,
        "Prediction key must be in PredictionKeys, given: z.",
    ),
    "PoissonRegressionHead dim": calls.Bad(
        lambda e: e.PoissonRegressionHead(label_dimension=0),
        ValueError,
        "Invalid label_dimension 0.",
    ),
    "LogisticRegressionHead red": calls.Bad(
        lambda e: e.LogisticRegressionHead(loss_reduction="x"),
        ValueError,
        "Invalid loss_reduction: x",
    ),
    "MultiHead none": calls.Bad(
        lambda e: e.MultiHead(None), ValueError, "Must specify heads. Given: None"
    ),
    "MultiHead empty": calls.Bad(
        lambda e: e.MultiHead([]), ValueError, "Must specify heads. Given: []"
    ),
    "MultiHead name": calls.Bad(
        lambda e: e.MultiHead([e.BinaryClassHead()]),
        ValueError,
        "All given heads must have name specified. Given:",
    ),
    "MultiHead weights": calls.Bad(
        lambda e: e.MultiHead([e.BinaryClassHead(name="a")], [1.0, 2.0]),
        ValueError,
        "heads and head_weights must have the same size. Given len(heads): 1. Given",
    ),
    "MultiHead logits missing": calls.Bad(
        lambda e: two_heads(e).predictions({"a": tf.zeros([2, 1])}),
        ValueError,
        "logits has missing values for head(s): ['b']",
    ),
    "MultiHead logits width": calls.Bad(
        lambda e: two_heads(e).predictions(tf.zeros([2, 3])),
        ValueError,
        "Could not split logits of shape [2, 3] among the heads with individual",
    ),
    "MultiHead labels type": calls.Bad(
        lambda e: two_heads(e).loss(tf.zeros([2, 1]), tf.zeros([2, 2]), {}),
        ValueError,
        "labels must be a dict. Given: ",
    ),
    "MultiHead labels missing": calls.Bad(
        lambda e: two_heads(e).loss({"a": tf.zeros([2, 1])}, tf.zeros([2, 2]), {}),
        ValueError,
        "labels has missing values for head(s): ['b']",
    ),
    "MultiHead spec none": calls.Bad(
        lambda e: two_heads(e).create_estimator_spec(
            {},
            "train",
            tf.zeros([2, 2]),
            {"a": tf.zeros([2, 1]), "b": tf.zeros([2, 1])},
        ),
        ValueError,
        "train_op_fn and optimizer cannot both be None.",
    ),
}
