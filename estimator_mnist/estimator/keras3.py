"""Refuses Keras 3 where its state would get lost: in a graph that sessions run.

Keras 3 assigns to its variables as eager execution does, in ops that no session of TF
1.x runs. In a graph a Dropout would repeat one mask, moving averages and metrics would
never change, tf_random_seed and constraints would be ignored, and the variables would
have other names in each graph of a process. What has no variables, such as Flatten,
pooling, activations, losses and keras.ops, does work.
"""

import inspect
import linecache
import re
import sys
import traceback
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import tensorflow as tf

from estimator_mnist import errors

# What TensorFlow says where a variable was made in another graph, or eagerly.
_FOREIGN = re.compile("must be from the same graph|capture an EagerTensor|out of scope")
_LIBRARIES = ("keras", "tensorflow")
# What the files are called to which a Dataset's functions are translated.
_AUTOGRAPH = "__autograph_generated_file"


def call(called: str, function: Callable[..., Any], /, **arguments: Any) -> Any:
    """Returns function(**arguments), called in the graph of one mode.

    Args:
      called: what the user calls the function: "model_fn" or "input_fn".

    Raises:
      Keras3Error: it makes a variable of Keras 3, or uses one made outside this graph.
    """
    rejected: list[errors.Keras3Error] = []

    def create(create_next: Callable[..., Any], **options: Any) -> Any:
        frames = list(_frames_inside_call())
        if any(map(_is_of_keras3, map(_module, frames))):
            made = f"the variable {options.get('name')!r}{_place(frames)}"
            rejected.append(_error(f"{_made(frames)} {made}", called))
            raise rejected[0]
        return create_next(**options)

    try:
        with tf.variable_creator_scope(create):
            result = function(**arguments)
    except Exception as error:
        if not rejected and _uses_foreign_variable(error):
            frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
            place = _place(reversed(frames))
            used = f"used a variable made outside {called}{place}"
            rejected.append(_error(used, called))
        if not rejected:
            raise
        # Keras may have wrapped the error, or the function something of its own.
        raise rejected[0] from (None if error is rejected[0] else error)
    if rejected:
        raise rejected[0]
    return result


def check_metric(key: Any, metric: Any) -> None:
    """Raises Keras3Error where `metric`, an entry of eval_metric_ops, is of Keras 3."""
    if any(_is_of_keras3(kind.__module__) for kind in type(metric).__mro__):
        made = f"has made eval_metric_ops[{key!r}], a {type(metric).__name__}"
        raise _error(made, "model_fn")


def _error(what: str, called: str) -> errors.Keras3Error:
    version = sys.modules["keras"].__version__
    return errors.Keras3Error(
        f"Keras {version} {what}. Layers with variables, metrics and optimizers of "
        "Keras 3 lose their updates in an Estimator's graph. Those of Keras 2 work, "
        "and call their variables the same: `import tf_keras`, and write tf_keras "
        "there in place of tf.keras or keras, as tf_keras.layers.Dense(10); all of it "
        f"inside {called}. A variable of your own works outside of Keras 3's layers."
    )


def _made(frames: Iterable[types.FrameType]) -> str:
    """Returns who made a variable: a layer, or what a layer calls, as a Lambda does."""
    for frame in frames:
        if _module(frame).partition(".")[0] not in ("tensorflow", "estimator_mnist"):
            is_its_own = _is_of_keras3(_module(frame))
            return "made" if is_its_own else "called in a layer what made"
    return "made"


def _is_of_keras3(module: str) -> bool:
    """Returns whether the module of this name is a part of Keras 3."""
    if module.partition(".")[0] != "keras":
        return False
    version = getattr(sys.modules.get("keras"), "__version__", "")
    return bool(version) and int(version.partition(".")[0]) >= 3


def _module(frame: types.FrameType) -> str:
    return frame.f_globals.get("__name__", "")


def _frames_inside_call() -> Iterator[types.FrameType]:
    """Yields the frames of what `call` has called, the innermost first."""
    frame = inspect.currentframe()
    while frame and frame.f_code is not call.__code__:
        yield frame
        frame = frame.f_back


def _uses_foreign_variable(error: Exception) -> bool:
    frames = (frame for frame, _ in traceback.walk_tb(error.__traceback__))
    through_keras3 = any(map(_is_of_keras3, map(_module, frames)))
    return through_keras3 and bool(_FOREIGN.search(str(error)))


def _place(frames: Iterable[types.FrameType]) -> str:
    """Returns the user's line among `frames`, the innermost first, to be appended."""
    for frame in frames:
        package = _module(frame).partition(".")[0]
        generated = _AUTOGRAPH in frame.f_code.co_filename
        if package not in (*_LIBRARIES, "estimator_mnist") and not generated:
            file, line = frame.f_code.co_filename, frame.f_lineno
            text = linecache.getline(file, line).strip()
            return f" at {file}:{line}" + (f" ({text})" if text else "")
    return ""
