"""tf.contrib.slim.utils: outputs of layers by their scopes, sizes of variables."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.contrib.layers.common import last_dimension

tf1 = tf.compat.v1

__all__ = [
    "analyze_vars",
    "collect_named_outputs",
    "convert_collection_to_dict",
    "gather_tensors_aliases",
    "get_tensor_aliases",
    "last_dimension",
    "n_positive_integers",
    "tensor_description",
    "two_element_tuple",
]


def collect_named_outputs(
    collections: str | Sequence[str] | None, alias: str, outputs: tf.Tensor
) -> tf.Tensor:
    """Adds `outputs` to collections under an alias, and returns it."""
    if collections:
        outputs.aliases = [*get_tensor_aliases(outputs, own=False), alias]
        tf1.add_to_collections(collections, outputs)
    return outputs


def get_tensor_aliases(tensor: tf.Tensor, own: bool = True) -> list[str]:
    """Returns the aliases of a tensor; without any, its own name if `own`."""
    name = tensor.name.removesuffix(":0")
    return list(vars(tensor).get("aliases", [])) or ([name] if own else [])


def gather_tensors_aliases(tensors: Sequence[tf.Tensor]) -> list[str]:
    """Returns the aliases of all tensors."""
    return [alias for tensor in tensors for alias in get_tensor_aliases(tensor)]


def convert_collection_to_dict(
    collection: str, clear_collection: bool = False
) -> dict[str, Any]:
    """Returns the tensors of a collection by their aliases: the scopes of layers."""
    tensors = tf1.get_collection(collection)
    named = {
        alias: tensor for tensor in tensors for alias in get_tensor_aliases(tensor)
    }
    if clear_collection:
        tf1.get_default_graph().clear_collection(collection)
    return named


def two_element_tuple(value: int | Sequence[int]) -> tuple[int, int]:
    """Returns a number twice, or two numbers as a tuple."""
    first, second = n_positive_integers(2, value)
    return first, second


def n_positive_integers(n: int, value: int | Sequence[int]) -> tuple[int, ...]:
    """Returns a number n times, or n numbers as a tuple; ValueError for others."""
    values = (value,) * n if isinstance(value, int) else tuple(value)
    if len(values) != n or any(each < 1 for each in values):
        raise ValueError(f"{n} positive integers are wanted, not {value}.")
    return values


def tensor_description(var: tf.Tensor) -> str:
    """Returns type and shape, as "(float32_ref 3x4)" without the ref."""
    shape = "x".join(str(size) for size in var.shape.as_list())
    return f"({var.dtype.base_dtype.name} {shape})"


def analyze_vars(
    variables: Sequence[tf.Variable], print_info: bool = False
) -> tuple[int, int]:
    """Returns how many numbers and bytes the variables are; may print a line each."""
    if print_info:
        print("---------")
        print("Variables: name (type shape) [size]")
        print("---------")
    total, total_bytes = 0, 0
    for var in variables:
        size = var.shape.num_elements() or 0
        n_bytes = size * var.dtype.base_dtype.size
        total, total_bytes = total + size, total_bytes + n_bytes
        if print_info:
            print(var.name, tensor_description(var), f"[{size}, bytes: {n_bytes}]")
    if print_info:
        print(f"Total size of variables: {total}")
        print(f"Total bytes of variables: {total_bytes}")
    return total, total_bytes


__path__: list[str] = []  # imports of modules below it are explained, too
__getattr__ = replacements.module_getattr("tf.contrib.slim.utils")
