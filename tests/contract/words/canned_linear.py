"""Bad calls of linear estimators and baselines."""

import tensorflow as tf

from tests.contract.words.calls import Bad, folder, one_batch

tf1 = tf.compat.v1
fc = tf.feature_column

X = fc.numeric_column("x")


def train(e, columns=(X,), batch=one_batch, kind="LinearClassifier", **options):
    """Trains a linear estimator of these columns for one step."""
    estimator = getattr(e, kind)(columns, folder(), **options)
    return estimator.train(batch, steps=1)


def logits_of(e, value):
    return e.experimental.call_logit_fn(lambda features: value, {}, "train", None, None)


BAD_CALLS = {
    "linear_without_columns": Bad(
        lambda e: train(e, None, optimizer="no such"),
        ValueError,
        "feature_columns must not be empty.",
    ),
    "linear_of_one_column": Bad(
        lambda e: train(e, X),
        ValueError,
        "Items of feature_columns must be a _FeatureColumn. Given (type ",
    ),
    "linear_of_a_name": Bad(
        lambda e: train(e, ["x"]),
        ValueError,
        "Items of feature_columns must be a _FeatureColumn. Given (type ",
    ),
    "linear_of_a_sequence": Bad(
        lambda e: train(e, [fc.sequence_numeric_column("x")]),
        ValueError,
        "Items of feature_columns must be either a DenseColumn or CategoricalColumn. ",
    ),
    "linear_of_a_column_twice": Bad(
        lambda e: train(e, [X, X]),
        ValueError,
        "Duplicate feature column name found for columns: ",
    ),
    "linear_of_features_in_no_dict": Bad(
        lambda e: train(e, batch=lambda: (tf.constant([[1.0]]), tf.constant([[1]]))),
        ValueError,
        "features should be a dictionary of `Tensor`s. Given type: ",
    ),
    "optimizer_of_an_unknown_name": Bad(
        lambda e: train(e, optimizer="Momentum"),
        ValueError,
        "Unsupported optimizer name: Momentum. Supported names are: ('Adagrad', "
        "'Adam', 'Ftrl', 'RMSProp', 'SGD')",
    ),
    "optimizer_that_is_a_number": Bad(
        lambda e: train(e, optimizer=3),
        ValueError,
        "The given object is not an Optimizer instance. Given: 3",
    ),
    "optimizer_that_a_function_does_not_return": Bad(
        lambda e: train(e, optimizer=lambda: None),
        ValueError,
        "The given object is not an Optimizer instance. Given: None",
    ),
    "optimizer_class_that_needs_a_rate": Bad(
        lambda e: train(e, optimizer=tf1.train.GradientDescentOptimizer),
        TypeError,
        "GradientDescentOptimizer.__init__() missing 1 required positional argument: "
        "'learning_rate'",
    ),
    "baseline_without_optimizer": Bad(
        lambda e: e.BaselineClassifier(folder(), optimizer=None).train(one_batch),
        ValueError,
        "The given object is not an Optimizer instance. Given: None",
    ),
    "linear_of_one_class": Bad(
        lambda e: e.LinearClassifier([X], folder(), n_classes=1),
        ValueError,
        "n_classes must be > 2: 1.",
    ),
    "baseline_of_no_dimension": Bad(
        lambda e: e.BaselineRegressor(folder(), label_dimension=0),
        ValueError,
        "Invalid label_dimension 0.",
    ),
    "logit_fn_of_a_number": Bad(
        lambda e: logits_of(e, 3),
        ValueError,
        "logit_fn should return a Tensor or a dictionary mapping strings to Tensors. ",
    ),
    "logit_fn_of_numbers": Bad(
        lambda e: logits_of(e, {"a": 3}),
        ValueError,
        "logit_fn should return a Tensor or a dictionary mapping strings to Tensors. ",
    ),
}
