"""tf.contrib.lookup: tables of strings and their numbers."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from estimator_mnist.tf1 import replacements

tf1 = tf.compat.v1

_SAME = {
    "HashTable": "lookup.StaticHashTable",
    "KeyValueTensorInitializer": "lookup.KeyValueTensorInitializer",
    "MutableDenseHashTable": "lookup.experimental.DenseHashTable",
    "MutableHashTable": "lookup.experimental.MutableHashTable",
    "TextFileIndex": "lookup.TextFileIndex",
    "TextFileInitializer": "lookup.TextFileInitializer",
}
__all__ = [
    "FastHashSpec",
    "HasherSpec",
    "TextFileIdTableInitializer",
    "TextFileStringTableInitializer",
    "index_table_from_file",
    "index_table_from_tensor",
    "index_to_string",
    "index_to_string_table_from_file",
    "index_to_string_table_from_tensor",
    "string_to_index",
    "string_to_index_table_from_file",
    "string_to_index_table_from_tensor",
    *_SAME,
]

_LINE, _NUMBER = (
    tf1.lookup.TextFileIndex.WHOLE_LINE,
    tf1.lookup.TextFileIndex.LINE_NUMBER,
)


class HasherSpec(NamedTuple):
    """The hash of words that are not in the vocabulary."""

    hasher: str
    key: Any


FastHashSpec = HasherSpec("fasthash", None)


def TextFileIdTableInitializer(
    filename: str,
    key_column_index: int = _LINE,
    value_column_index: int = _NUMBER,
    vocab_size: int | None = None,
    delimiter: str = "\t",
    name: str = "text_file_id_table_init",
    key_dtype: tf.DType = tf.string,
) -> Any:
    """Returns an initializer: from the lines of a file to their numbers, int64."""
    return tf1.lookup.TextFileInitializer(
        filename,
        key_dtype,
        key_column_index,
        tf.int64,
        value_column_index,
        vocab_size,
        delimiter,
        name=name,
    )


def TextFileStringTableInitializer(
    filename: str,
    key_column_index: int = _NUMBER,
    value_column_index: int = _LINE,
    vocab_size: int | None = None,
    delimiter: str = "\t",
    name: str = "text_file_string_table_init",
) -> Any:
    """Returns an initializer: from the numbers of lines, int64, to the lines."""
    return tf1.lookup.TextFileInitializer(
        filename,
        tf.int64,
        key_column_index,
        tf.string,
        value_column_index,
        vocab_size,
        delimiter,
        name=name,
    )


def index_table_from_file(
    vocabulary_file: str | None = None,
    num_oov_buckets: int = 0,
    vocab_size: int | None = None,
    default_value: int = -1,
    hasher_spec: HasherSpec = FastHashSpec,
    key_dtype: tf.DType = tf.string,
    name: str | None = None,
    key_column_index: int = _LINE,
    value_column_index: int = _NUMBER,
    delimiter: str = "\t",
) -> Any:
    """Returns a table from the lines of a file to their numbers, int64.

    Args:
      vocabulary_file: one word a line.
      num_oov_buckets: other words are hashed to as many further numbers.
      vocab_size: the number of lines that count; None: all.
      default_value: of other words, without such numbers.
      hasher_spec: `FastHashSpec`.
      key_dtype: of the words.
      name: of the table.
      key_column_index, value_column_index, delimiter: of a file with columns.

    Raises:
      ValueError: there is no file, a number is negative, or the hash is another one.
    """
    if not vocabulary_file:
        raise ValueError("vocabulary_file must be specified and must not be empty.")
    if vocab_size is not None and vocab_size < 1:
        raise ValueError(f"vocab_size must be greater than 0, got {vocab_size}.")
    key_dtype = tf.as_dtype(key_dtype)
    initializer = TextFileIdTableInitializer(
        vocabulary_file,
        key_column_index,
        value_column_index,
        vocab_size,
        delimiter,
        key_dtype=tf.int64 if key_dtype.is_integer else key_dtype,
    )
    buckets = (num_oov_buckets, hasher_spec)
    return _table(initializer, default_value, *buckets, key_dtype, name)


def index_table_from_tensor(
    mapping: Any,
    num_oov_buckets: int = 0,
    default_value: int = -1,
    hasher_spec: HasherSpec = FastHashSpec,
    dtype: tf.DType = tf.string,
    name: str | None = None,
) -> Any:
    """Returns a table from the words `mapping` [n] to their numbers, int64.

    Raises:
      ValueError: there is no `mapping`; else as `index_table_from_file`.
    """
    if mapping is None:
        raise ValueError("mapping must be specified.")
    dtype = tf.as_dtype(dtype)
    words = tf.convert_to_tensor(mapping)
    words = tf.cast(words, tf.int64) if dtype.is_integer else words
    numbers = tf.range(tf.size(words, tf.int64), dtype=tf.int64)
    initializer = tf1.lookup.KeyValueTensorInitializer(words, numbers)
    buckets = (num_oov_buckets, hasher_spec)
    return _table(initializer, default_value, *buckets, dtype, name)


def string_to_index_table_from_file(
    vocabulary_file: str | None = None,
    num_oov_buckets: int = 0,
    vocab_size: int | None = None,
    default_value: int = -1,
    hasher_spec: HasherSpec = FastHashSpec,
    name: str | None = None,
) -> Any:
    """Returns `index_table_from_file` of strings."""
    return index_table_from_file(
        vocabulary_file,
        num_oov_buckets,
        vocab_size,
        default_value,
        hasher_spec,
        name=name,
    )


def string_to_index_table_from_tensor(
    mapping: Any,
    num_oov_buckets: int = 0,
    default_value: int = -1,
    hasher_spec: HasherSpec = FastHashSpec,
    name: str | None = None,
) -> Any:
    """Returns `index_table_from_tensor` of strings."""
    return index_table_from_tensor(
        mapping, num_oov_buckets, default_value, hasher_spec, name=name
    )


def index_to_string_table_from_file(
    vocabulary_file: str,
    vocab_size: int | None = None,
    default_value: str = "UNK",
    name: str | None = None,
    key_column_index: int = _NUMBER,
    value_column_index: int = _LINE,
    delimiter: str = "\t",
) -> Any:
    """Returns a table from the numbers of lines, int64, to the lines of a file."""
    initializer = TextFileStringTableInitializer(
        vocabulary_file, key_column_index, value_column_index, vocab_size, delimiter
    )
    return tf1.lookup.StaticHashTable(initializer, default_value, name)


def index_to_string_table_from_tensor(
    mapping: Any, default_value: str = "UNK", name: str | None = None
) -> Any:
    """Returns a table from numbers, int64, to the words `mapping` [n]."""
    words = tf.convert_to_tensor(mapping, tf.string)
    numbers = tf.range(tf.size(words, tf.int64), dtype=tf.int64)
    initializer = tf1.lookup.KeyValueTensorInitializer(numbers, words)
    return tf1.lookup.StaticHashTable(initializer, default_value, name)


def string_to_index(
    tensor: tf.Tensor, mapping: Any, default_value: int = -1, name: str | None = None
) -> tf.Tensor:
    """Returns the numbers of words; see `index_table_from_tensor`."""
    table = index_table_from_tensor(mapping, default_value=default_value)
    return table.lookup(tensor, name)


def index_to_string(
    tensor: tf.Tensor,
    mapping: Sequence[str],
    default_value: str = "UNK",
    name: str | None = None,
) -> tf.Tensor:
    """Returns the words of numbers; see `index_to_string_table_from_tensor`."""
    table = index_to_string_table_from_tensor(mapping, default_value)
    return table.lookup(tf.cast(tensor, tf.int64), name)


def _table(
    initializer: Any,
    default_value: int,
    num_oov_buckets: int,
    hasher_spec: HasherSpec,
    key_dtype: tf.DType,
    name: str | None,
) -> Any:
    if num_oov_buckets < 0:
        raise ValueError(f"num_oov_buckets must be >= 0, got {num_oov_buckets}.")
    if hasher_spec.hasher != FastHashSpec.hasher:
        raise ValueError(f"Unknown hasher {hasher_spec.hasher}: use FastHashSpec.")
    if num_oov_buckets:
        return tf1.lookup.StaticVocabularyTable(
            initializer, num_oov_buckets, key_dtype, name=name
        )
    return tf1.lookup.StaticHashTable(initializer, default_value, name)


__path__: list[str] = []  # imports of modules below it are explained, too
__getattr__ = replacements.module_getattr("tf.contrib.lookup", names=_SAME)
