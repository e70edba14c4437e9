"""Bad labels, weights and arguments of canned estimators, and their answers."""

import tensorflow as tf

from tests.contract.words import calls

tf1 = tf.compat.v1

ROWS = {"x": [[1.0], [2.0]], "w": [1.0, 2.0]}


def spec(e, made, labels, weights=ROWS["w"]):
    """Give the TRAIN spec of a canned estimator `made`, for two rows."""
    tf1.train.get_or_create_global_step()
    features = {"x": tf.constant(ROWS["x"]), "w": tf.constant(weights)}
    if not isinstance(labels, (tf.SparseTensor, type(None))):
        labels = tf.constant(labels)
    return made.model_fn(features, labels, e.ModeKeys.TRAIN, made.config)


def two(e, **options):
    return e.BaselineClassifier(calls.folder(), **options)


def three(e, **options):
    return e.BaselineClassifier(calls.folder(), n_classes=3, **options)


def number(e, **options):
    return e.BaselineRegressor(calls.folder(), **options)


BAD_CALLS = {
    "canned n_classes none": calls.Bad(
        lambda e: two(e, n_classes=None), ValueError, "n_classes cannot be None"
    ),
    "canned n_classes 1": calls.Bad(
        lambda e: two(e, n_classes=1), ValueError, "n_classes must be > 2: 1."
    ),
    "canned dimension": calls.Bad(
        lambda e: number(e, label_dimension=0),
        ValueError,
        "Invalid label_dimension 0.",
    ),
    "canned vocabulary": calls.Bad(
        lambda e: three(e, label_vocabulary="abc"),
        ValueError,
        "label_vocabulary should be a list or a tuple. Given type:",
    ),
    "canned vocabulary of two": calls.Bad(
        lambda e: two(e, label_vocabulary="ab"),
        TypeError,
        "label_vocabulary should be a list or tuple. Given type:",
    ),
    "canned reduction": calls.Bad(
        lambda e: number(e, loss_reduction="sum"),
        ValueError,
        "Invalid loss_reduction: sum",
    ),
    "canned reduction none": calls.Bad(
        lambda e: two(e, loss_reduction=tf1.losses.Reduction.NONE),
        ValueError,
        "Invalid loss_reduction: none",
    ),
    "canned labels none": calls.Bad(
        lambda e: spec(e, two(e), None),
        ValueError,
        "You must provide a labels Tensor. Given: None.",
    ),
    "canned labels wide": calls.Bad(
        lambda e: spec(e, three(e), [[0, 1, 0], [1, 0, 0]]),
        ValueError,
        "Mismatched label shape. Expected labels dimension=1.",
    ),
    "canned labels batch": calls.Bad(
        lambda e: spec(e, three(e), [1]),
        ValueError,
        "`labels.shape` must equal `logits.shape` except for the last",
    ),
    "canned labels float": calls.Bad(
        lambda e: spec(e, three(e), [[1.0], [2.0]]),
        ValueError,
        "Labels dtype should be integer. Instead got <dtype: 'float32'>.",
    ),
    "canned labels strings": calls.Bad(
        lambda e: spec(e, three(e), [["a"], ["b"]]),
        ValueError,
        "Labels dtype should be integer. Instead got <dtype: 'string'>.",
    ),
    "canned labels vocabulary": calls.Bad(
        lambda e: spec(e, three(e, label_vocabulary=["a", "b", "c"]), [[1], [2]]),
        ValueError,
        "Labels dtype should be string if there is a vocabulary. Instead",
    ),
    "canned labels sparse": calls.Bad(
        lambda e: spec(e, number(e), tf.sparse.from_dense([[1.0], [2.0]])),
        ValueError,
        "SparseTensor labels are not supported.",
    ),
    "canned labels dimension": calls.Bad(
        lambda e: spec(e, number(e, label_dimension=2), [[1.0], [2.0]]),
        ValueError,
        "Mismatched label shape. Expected labels dimension=2.",
    ),
    "canned weight missing": calls.Bad(
        lambda e: spec(e, two(e, weight_column="z"), [[0], [1]]),
        ValueError,
        "Feature z is not in features dictionary.",
    ),
    "canned weight type": calls.Bad(
        lambda e: spec(e, two(e, weight_column=3), [[0], [1]]),
        TypeError,
        "Weight column must be either a string or ",
    ),
    "canned weight shape": calls.Bad(
        lambda e: spec(e, two(e, weight_column="w"), [[0], [1]], [1.0, 2.0, 3.0]),
        ValueError,
        "",
    ),
}
