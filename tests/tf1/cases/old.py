"""Names that TensorFlow 1.0 removed: recorded by the names that took their place."""

import numpy as np

A = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)
PAIRS = [
    ("mul", "multiply", (A, A)),
    ("sub", "subtract", (A, 2 * A)),
    ("neg", "negative", (A,)),
    ("inv", "reciprocal", (A,)),
    ("pack", "stack", ([A, A],)),
    ("unpack", "unstack", (A,)),
    ("select", "where", (A > 2, A, -A)),
    ("complex_abs", "abs", (np.complex64([3 + 4j]),)),
    ("listdiff", "setdiff1d", ([1, 2, 3], [2])),
    ("batch_matmul", "matmul", (A, A)),
    ("batch_matrix_inverse", "matrix_inverse", (A,)),
    ("batch_matrix_determinant", "matrix_determinant", (A,)),
    ("batch_matrix_diag", "matrix_diag", (A,)),
    ("batch_cholesky", "cholesky", (A @ A.T,)),
]


def arithmetic(tf):
    return [
        (getattr(tf, old) if hasattr(tf, old) else getattr(tf, new))(*arguments)
        for old, new, arguments in PAIRS
    ]


def _is_old(tf):
    return hasattr(tf, "pack")


def arguments(tf):
    logits, labels = tf.constant(A), tf.constant([0, 1])
    one_hot = tf.one_hot(labels, 2)
    if _is_old(tf):
        return [
            tf.concat(0, [A, A]),
            tf.split(1, 2, A),
            tf.nn.sparse_softmax_cross_entropy_with_logits(logits, labels),
            tf.nn.softmax_cross_entropy_with_logits(logits, one_hot),
            tf.nn.sigmoid_cross_entropy_with_logits(logits, one_hot),
            tf.concat([A, A], 1),
            tf.split(A, 2, 0),
            tf.reduce_sum(A, reduction_indices=[1]),
        ]
    return [
        tf.concat([A, A], 0),
        tf.split(A, 2, 1),
        tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits),
        tf.nn.softmax_cross_entropy_with_logits(labels=one_hot, logits=logits),
        tf.nn.sigmoid_cross_entropy_with_logits(labels=one_hot, logits=logits),
        tf.concat([A, A], 1),
        tf.split(A, 2, 0),
        tf.reduce_sum(A, reduction_indices=[1]),
    ]


def summaries(tf):
    if _is_old(tf):
        tf.scalar_summary("loss", tf.constant(2.5))
        tf.scalar_summary(["a", "b"], tf.constant([1.0, 2.0]))
        tf.histogram_summary("weights", A)
        tf.image_summary("pictures", A.reshape(1, 2, 2, 1))
        merged = tf.merge_all_summaries()
    else:
        from tensorflow.python.ops import gen_logging_ops as ops

        merged = tf.summary.merge(
            [
                ops.scalar_summary("loss", tf.constant(2.5)),
                ops.scalar_summary(["a", "b"], tf.constant([1.0, 2.0])),
                ops.histogram_summary("weights", A),
                ops.image_summary("pictures", A.reshape(1, 2, 2, 1)),
            ]
        )
    return lambda session: [
        [v.tag, v.simple_value, v.histo.sum, v.image.height]
        for v in tf.Summary.FromString(session.run(merged)).value
    ]
