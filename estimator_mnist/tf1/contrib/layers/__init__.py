"""tf.contrib.layers: layers with ReLU and Xavier initialisation by default.

Variables are called `SCOPE/weights`, `SCOPE/biases`; SCOPE is the argument `scope`, or
the first free name of `fully_connected`, `fully_connected_1` and so on.
"""

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.contrib.layers.columns import (
    bucketized_column,
    create_feature_spec_for_parsing,
    embedding_column,
    one_hot_column,
    real_valued_column,
    shared_embedding_columns,
    sparse_column_with_hash_bucket,
    sparse_column_with_integerized_feature,
    sparse_column_with_keys,
    sparse_column_with_vocabulary_file,
    weighted_sparse_column,
)
from estimator_mnist.tf1.contrib.layers.convolution import (
    conv1d,
    conv2d,
    conv2d_in_plane,
    conv3d,
    convolution,
    convolution1d,
    convolution2d,
    convolution2d_in_plane,
    convolution3d,
    separable_conv2d,
    separable_convolution2d,
)
from estimator_mnist.tf1.contrib.layers.crosses import crossed_column
from estimator_mnist.tf1.contrib.layers.dense import (
    bias_add,
    dense_to_sparse,
    dropout,
    elu,
    flatten,
    fully_connected,
    linear,
    maxout,
    one_hot_encoding,
    relu,
    relu6,
    repeat,
    scale_gradient,
    softmax,
    stack,
    unit_norm,
)
from estimator_mnist.tf1.contrib.layers.embedding import (
    bow_encoder,
    embed_sequence,
    embedding_lookup_unique,
    safe_embedding_lookup_sparse,
)
from estimator_mnist.tf1.contrib.layers.feature_columns import (
    infer_real_valued_columns,
    input_from_feature_columns,
    transform_features,
    weighted_sum_from_feature_columns,
)
from estimator_mnist.tf1.contrib.layers.initializers import (
    variance_scaling_initializer,
    xavier_initializer,
    xavier_initializer_conv2d,
)
from estimator_mnist.tf1.contrib.layers.normalization import (
    batch_norm,
    group_norm,
    instance_norm,
    layer_norm,
)
from estimator_mnist.tf1.contrib.layers.optimizers import (
    OPTIMIZER_CLS_NAMES,
    OPTIMIZER_SUMMARIES,
    optimize_loss,
)
from estimator_mnist.tf1.contrib.layers.pooling import (
    avg_pool2d,
    avg_pool3d,
    max_pool2d,
    max_pool3d,
    pool,
)
from estimator_mnist.tf1.contrib.layers.regularizers import (
    apply_regularization,
    l1_l2_regularizer,
    l1_regularizer,
    l2_regularizer,
    sum_regularizer,
)
from estimator_mnist.tf1.contrib.layers.summaries import (
    summarize_activation,
    summarize_activations,
    summarize_collection,
    summarize_tensor,
    summarize_tensors,
)
from estimator_mnist.tf1.contrib.layers.transposed import (
    conv2d_transpose,
    conv3d_transpose,
    convolution2d_transpose,
    convolution3d_transpose,
)

__all__ = [
    "OPTIMIZER_CLS_NAMES",
    "OPTIMIZER_SUMMARIES",
    "apply_regularization",
    "avg_pool2d",
    "avg_pool3d",
    "batch_norm",
    "bias_add",
    "bow_encoder",
    "bucketized_column",
    "conv1d",
    "conv2d",
    "conv2d_in_plane",
    "conv2d_transpose",
    "conv3d",
    "conv3d_transpose",
    "convolution",
    "convolution1d",
    "convolution2d",
    "convolution2d_in_plane",
    "convolution2d_transpose",
    "convolution3d",
    "convolution3d_transpose",
    "create_feature_spec_for_parsing",
    "crossed_column",
    "dense_to_sparse",
    "dropout",
    "elu",
    "embed_sequence",
    "embedding_column",
    "embedding_lookup_unique",
    "flatten",
    "fully_connected",
    "group_norm",
    "infer_real_valued_columns",
    "input_from_feature_columns",
    "instance_norm",
    "l1_l2_regularizer",
    "l1_regularizer",
    "l2_regularizer",
    "layer_norm",
    "linear",
    "max_pool2d",
    "max_pool3d",
    "maxout",
    "one_hot_column",
    "one_hot_encoding",
    "optimize_loss",
    "pool",
    "real_valued_column",
    "relu",
    "relu6",
    "repeat",
    "safe_embedding_lookup_sparse",
    "scale_gradient",
    "separable_conv2d",
    "separable_convolution2d",
    "shared_embedding_columns",
    "softmax",
    "sparse_column_with_hash_bucket",
    "sparse_column_with_integerized_feature",
    "sparse_column_with_keys",
    "sparse_column_with_vocabulary_file",
    "stack",
    "sum_regularizer",
    "summarize_activation",
    "summarize_activations",
    "summarize_collection",
    "summarize_tensor",
    "summarize_tensors",
    "transform_features",
    "unit_norm",
    "variance_scaling_initializer",
    "weighted_sparse_column",
    "weighted_sum_from_feature_columns",
    "xavier_initializer",
    "xavier_initializer_conv2d",
]

__getattr__ = replacements.module_getattr("tf.contrib.layers")
