"""tf.contrib.learn.utils: inputs and strategies of exports."""

from typing import Any

import tensorflow as tf

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.contrib.learn.arrays import InputFnOps
from estimator_mnist.tf1.contrib.learn.experiment import make_export_strategy

tf1 = tf.compat.v1

_SAME = {
    "input_fn_utils": "contrib.learn.utils",
    "saved_model_export_utils": "contrib.learn.utils",
}
__all__ = [
    "InputFnOps",
    "build_default_serving_input_fn",
    "build_parsing_serving_input_fn",
    "make_export_strategy",
    *_SAME,
]


def build_parsing_serving_input_fn(
    feature_spec: Any, default_batch_size: int | None = None
) -> Any:
    """Returns a serving_input_fn: serialized Examples, parsed by `feature_spec`."""

    def serving_input_fn() -> InputFnOps:
        examples = tf1.placeholder(
            tf.string, [default_batch_size], "input_example_tensor"
        )
        features = tf1.parse_example(examples, feature_spec)
        return InputFnOps(features, None, {"examples": examples})

    return serving_input_fn


def build_default_serving_input_fn(
    features: Any, default_batch_size: int | None = None
) -> Any:
    """Returns a serving_input_fn: placeholders like `features`, tensors by name."""

    def serving_input_fn() -> InputFnOps:
        made = {
            name: tf1.placeholder(
                each.dtype, [default_batch_size, *each.shape.as_list()[1:]], name
            )
            for name, each in features.items()
        }
        return InputFnOps(made, None, made)

    return serving_input_fn


__path__: list[str] = []  # imports of modules below it are explained, too
__getattr__ = replacements.module_getattr("tf.contrib.learn.utils", names=_SAME)
