"""TensorFlow 1.x as its notebooks knew it: `from estimator_mnist import tf1 as tf`.

Has everything of tf.compat.v1, and what notebooks of the time also used: tf.layers,
tf.keras and tf.nn.rnn_cell where TensorFlow comes with Keras 3, this package's runtime
as tf.estimator, the parts of tf.contrib that have an equivalent today, and
tf.examples.tutorials.mnist. A name that is gone raises an error that says what to
write instead; `replacements` finds that.

The import switches the process to TF 1.x's behaviour, as `behave_like_tf1` says: it is
the one line to change in a program. One that computes eagerly calls
`tf.enable_v2_behavior()` after it. `estimator_mnist.estimator` switches nothing. Under
`python -m estimator_mnist.run` the import changes nothing: the runner looks at each
program for what it needs.
"""

import sys
from typing import Any

import tensorflow as tf

from estimator_mnist import compat as versions
from estimator_mnist import estimator
from estimator_mnist.tf1 import (
    compat,
    contrib,
    examples,
    legacy_keras,
    modules,
    nn,
    python2,
    replacements,
)

__all__ = [
    "behave_like_tf1",
    "compat",
    "contrib",
    "estimator",
    "examples",
    "nn",
    "python2",
    "removed",
    "replacements",
]

removed = replacements  # its former name
# Names that tf1 has and TensorFlow 1.x did not have.
OWN = ("behave_like_tf1", "python2", "removed", "replacements", "OWN")

_V1 = tf.compat.v1
_RUNNER = "estimator_mnist.runner"  # which decides itself, program by program
# Loaded at their first use, because they import Keras 2.
_LAZY = {"keras": legacy_keras.keras, "layers": versions.layers}


def behave_like_tf1() -> None:
    """Switches this process to TF 1.x's behaviour, as the import of this module does.

    It gives graphs and sessions in place of eager execution, `shape[0].value`, tensors
    that compare by identity, variables that know their shape when a checkpoint is
    restored into them, and control flow without functions. The way back, as long as
    there is no graph, is `enable_v2_behavior()`. Resource variables get back the
    `initialized_value` of TF 1.x, and keep it.
    """
    level = _V1.logging.get_verbosity()
    _V1.logging.set_verbosity(_V1.logging.ERROR)  # TensorFlow warns of the switch
    _V1.disable_v2_behavior()
    _V1.logging.set_verbosity(level)
    tf.Variable.initialized_value = _initialized_value


def _initialized_value(variable: tf.Variable) -> tf.Tensor:
    """Returns the value of `variable`, or that which it begins with until it has one.

    It depends on no other op, so that a second variable may begin with it.
    """
    return tf.cond(
        variable.is_initialized(), variable.read_value, lambda: variable.initial_value
    )


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return _LAZY[name]()
    if modules.is_old(name):
        return modules.old(name)
    if name in modules.EXTENDED:
        return modules.extended(name)
    try:
        return getattr(_V1, name)
    except AttributeError:
        raise AttributeError(replacements.explain(f"tf.{name}")) from None


def __dir__() -> list[str]:
    return sorted({*dir(_V1), *_LAZY, *modules.EXTENDED, *__all__})


sys.meta_path.append(replacements.ModuleFinder)
if _RUNNER not in sys.modules:
    behave_like_tf1()
