"""Embeddings of ids."""

from collections.abc import Sequence

import tensorflow as tf

from estimator_mnist.tf1.contrib.layers import common
from estimator_mnist.tf1.contrib.layers.common import Initializer, Regularizer

tf1 = tf.compat.v1


def embed_sequence(
    ids: tf.Tensor,
    vocab_size: int | None = None,
    embed_dim: int | None = None,
    unique: bool = False,
    initializer: Initializer | None = None,
    regularizer: Regularizer | None = None,
    trainable: bool = True,
    scope: str | tf.compat.v1.VariableScope | None = None,
    reuse: bool | None = None,
) -> tf.Tensor:
    """Returns rows of `SCOPE/embeddings`, float32 [..., embed_dim].

    Args:
      ids: int [...].
      vocab_size, embed_dim: shape of the variable; known where it is reused.
      unique: whether each id is looked up once.
      initializer, regularizer, trainable, scope, reuse: of the variable.

    Raises:
      ValueError: there is no shape, and no `reuse`.
    """
    if not (reuse or (vocab_size and embed_dim)):
        raise ValueError(
            "Must specify vocab size and embedding dimension when not "
            f"reusing. Got vocab_size={vocab_size}, embed_dim={embed_dim}"
        )
    with tf1.variable_scope(scope, "EmbedSequence", [ids], reuse=reuse):
        embeddings = _embeddings(
            vocab_size, embed_dim, initializer, regularizer, trainable
        )
        if unique:
            return embedding_lookup_unique(embeddings, ids)
        return tf1.nn.embedding_lookup(embeddings, ids)


def bow_encoder(
    ids: tf.Tensor | tf.SparseTensor,
    vocab_size: int,
    embed_dim: int,
    sparse_lookup: bool = True,
    initializer: Initializer | None = None,
    regularizer: Regularizer | None = None,
    trainable: bool = True,
    scope: str | tf.compat.v1.VariableScope | None = None,
    reuse: bool | None = None,
) -> tf.Tensor:
    """Returns the mean of the embeddings of a document, float32 [batch, embed_dim].

    Args:
      ids: int [batch, words]. With `sparse_lookup`, 0 is no word.
      sparse_lookup: see above.

    The rest is as in `embed_sequence`.
    """
    with tf1.variable_scope(scope, "bow_encoder", [ids], reuse=reuse):
        embeddings = _embeddings(
            vocab_size, embed_dim, initializer, regularizer, trainable
        )
        if not sparse_lookup:
            return tf.reduce_mean(tf1.nn.embedding_lookup(embeddings, ids), axis=1)
        if not isinstance(ids, tf.SparseTensor):
            places = tf.where(tf.not_equal(ids, 0))
            shape = tf.shape(ids, out_type=tf.int64)
            ids = tf.SparseTensor(places, tf.gather_nd(ids, places), shape)
        return tf1.nn.embedding_lookup_sparse(embeddings, ids, None, combiner="mean")


def embedding_lookup_unique(
    params: tf.Tensor | Sequence[tf.Tensor],
    ids: tf.Tensor,
    partition_strategy: str = "mod",
    name: str | None = None,
) -> tf.Tensor:
    """Returns tf.nn.embedding_lookup, which looks up each id once."""
    with tf1.name_scope(name, "EmbeddingLookupUnique", [params, ids]):
        ids = tf.convert_to_tensor(ids)
        unique, places = tf.unique(tf.reshape(ids, [-1]))
        rows = tf1.nn.embedding_lookup(params, unique, partition_strategy)
        found = tf.gather(rows, tf.reshape(places, tf.shape(ids)))
        return tf.ensure_shape(found, [*ids.shape.as_list(), *rows.shape[1:]])


def safe_embedding_lookup_sparse(
    embedding_weights: tf.Tensor | Sequence[tf.Tensor],
    sparse_ids: tf.SparseTensor,
    sparse_weights: tf.SparseTensor | None = None,
    combiner: str | None = None,
    default_id: int | None = None,
    name: str | None = None,
    partition_strategy: str = "div",
    max_norm: float | None = None,
) -> tf.Tensor:
    """Returns embeddings of the ids of each row; without ids, zeros or `default_id`.

    As tf.nn.safe_embedding_lookup_sparse. `combiner` is "mean" unless it is given.
    """
    if not isinstance(embedding_weights, (list, tuple)):
        embedding_weights = [embedding_weights]
    return tf1.nn.safe_embedding_lookup_sparse(
        list(embedding_weights),
        sparse_ids,
        sparse_weights,
        combiner or "mean",
        default_id,
        name,
        partition_strategy,
        max_norm,
    )


def _embeddings(
    vocab_size: int | None,
    embed_dim: int | None,
    initializer: Initializer | None,
    regularizer: Regularizer | None,
    trainable: bool,
) -> tf.Variable:
    shape = [vocab_size, embed_dim] if vocab_size and embed_dim else None
    if shape and initializer is None:  # get_variable's own, of 2015
        initializer = tf1.glorot_uniform_initializer()
    variables = common.Variables(trainable, None)
    return variables.make("embeddings", shape, initializer, regularizer)
