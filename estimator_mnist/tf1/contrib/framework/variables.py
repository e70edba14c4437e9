"""Variables by name, scope and collection."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from estimator_mnist.tf1.contrib.framework.arg_scopes import add_arg_scope

tf1 = tf.compat.v1
_GLOBAL, _MODEL = tf1.GraphKeys.GLOBAL_VARIABLES, tf1.GraphKeys.MODEL_VARIABLES
_LOCAL = tf1.GraphKeys.LOCAL_VARIABLES

Device = str | Callable[[tf.Operation], str] | None
Scope = Any  # a text, a tf.VariableScope or None


@add_arg_scope
def variable(
    name: str,
    shape: Sequence[int] | tf.TensorShape | None = None,
    dtype: tf.DType | None = None,
    initializer: Any = None,
    regularizer: Callable[[tf.Tensor], Any] | None = None,
    trainable: bool = True,
    collections: Sequence[str] | None = None,
    caching_device: Device = None,
    device: Device = None,
    **options: Any,
) -> tf.Variable:
    """Returns tf.get_variable's variable, on `device`.

    Args:
      name, shape, dtype, initializer, regularizer, trainable: as in tf.get_variable.
      collections: names; None: tf.GraphKeys.GLOBAL_VARIABLES.
      caching_device: as in tf.get_variable.
      device: as in tf.device.
      **options: further arguments of tf.get_variable.
    """
    names = list(_GLOBAL_ONLY if collections is None else collections)
    with tf1.device(device or ""):
        return tf1.get_variable(
            name,
            shape,
            dtype,
            initializer,
            regularizer,
            trainable,
            list(dict.fromkeys(names)),
            caching_device,
            **options,
        )


_GLOBAL_ONLY = (_GLOBAL,)


@add_arg_scope
def model_variable(
    name: str,
    shape: Sequence[int] | tf.TensorShape | None = None,
    dtype: tf.DType | None = tf.float32,
    initializer: Any = None,
    regularizer: Callable[[tf.Tensor], Any] | None = None,
    trainable: bool = True,
    collections: Sequence[str] | None = None,
    caching_device: Device = None,
    device: Device = None,
    **options: Any,
) -> tf.Variable:
    """Returns a `variable` that is in tf.GraphKeys.MODEL_VARIABLES, too."""
    return variable(
        name,
        shape=shape,
        dtype=dtype,
        initializer=initializer,
        regularizer=regularizer,
        trainable=trainable,
        collections=[*(collections or []), _GLOBAL, _MODEL],
        caching_device=caching_device,
        device=device,
        **options,
    )


def local_variable(
    initial_value: Any,
    validate_shape: bool = True,
    name: str | None = None,
    use_resource: bool | None = None,
) -> tf.Variable:
    """Returns a variable that is not saved: in tf.GraphKeys.LOCAL_VARIABLES."""
    return _not_trained(_LOCAL, initial_value, validate_shape, name, use_resource)


def global_variable(
    initial_value: Any,
    validate_shape: bool = True,
    name: str | None = None,
    use_resource: bool | None = None,
) -> tf.Variable:
    """Returns a variable that is saved and not trained."""
    return _not_trained(_GLOBAL, initial_value, validate_shape, name, use_resource)


def _not_trained(
    collection: str,
    initial_value: Any,
    validate_shape: bool,
    name: str | None,
    use_resource: bool | None,
) -> tf.Variable:
    return tf1.Variable(
        initial_value,
        trainable=False,
        collections=[collection],
        validate_shape=validate_shape,
        name=name,
        use_resource=use_resource,
    )


def get_variables(
    scope: Scope = None, suffix: str | None = None, collection: str = _GLOBAL
) -> list[tf.Variable]:
    """Returns the variables of a collection whose names begin with `scope`.

    Args:
      scope: a regular expression, or a scope.
      suffix: what the names end with.
      collection: see above.
    """
    if isinstance(scope, tf1.VariableScope):
        scope = scope.name
    if suffix is not None:
        end = suffix if ":" in suffix else f"{suffix}:"
        scope = f"{scope or ''}.*{end}"
    return tf1.get_collection(collection, scope)


def get_model_variables(
    scope: Scope = None, suffix: str | None = None
) -> list[tf.Variable]:
    """Returns `get_variables` of tf.GraphKeys.MODEL_VARIABLES."""
    return get_variables(scope, suffix, _MODEL)


def get_local_variables(
    scope: Scope = None, suffix: str | None = None
) -> list[tf.Variable]:
    """Returns `get_variables` of tf.GraphKeys.LOCAL_VARIABLES."""
    return get_variables(scope, suffix, _LOCAL)


def get_trainable_variables(
    scope: Scope = None, suffix: str | None = None
) -> list[tf.Variable]:
    """Returns `get_variables` of tf.GraphKeys.TRAINABLE_VARIABLES."""
    return get_variables(scope, suffix, tf1.GraphKeys.TRAINABLE_VARIABLES)


def get_variables_by_name(given_name: str, scope: Scope = None) -> list[tf.Variable]:
    """Returns the variables called `given_name` in their scope."""
    pattern = f"^(.+/)?{given_name}(:|$)"
    return [each for each in get_variables(scope) if re.match(pattern, each.name)]


def get_variables_by_suffix(suffix: str, scope: Scope = None) -> list[tf.Variable]:
    """Returns the variables whose names end with `suffix`."""
    return get_variables(scope, suffix)


def get_variables_to_restore(
    include: Sequence[str] | None = None, exclude: Sequence[str] | None = None
) -> list[tf.Variable]:
    """Returns the variables of the scopes `include`, less those of `exclude`.

    Args:
      include: scopes; None for all variables.
      exclude: scopes.

    Raises:
      TypeError: one of them is a text.
    """
    for name, scopes in (("include", include), ("exclude", exclude)):
        if isinstance(scopes, str):
            raise TypeError(f"{name} must be a list of scopes, not {scopes!r}.")
    chosen = _of_scopes(include) if include is not None else get_variables()
    left_out = {each.name for each in _of_scopes(exclude or [])}
    by_name = {each.name: each for each in chosen if each.name not in left_out}
    return list(by_name.values())


def get_unique_variable(var_op_name: str) -> tf.Variable:
    """Returns the variable with this name.

    Raises:
      ValueError: there is none, or there are several.
    """
    found = [each for each in get_variables(var_op_name) if each.op.name == var_op_name]
    if not found:
        raise ValueError(f"Couldn't find variable {var_op_name}")
    if len(found) > 1:
        raise ValueError(f"Variable {var_op_name} does not uniquely identify one.")
    return found[0]


def get_variable_full_name(var: tf.Variable) -> str:
    """Returns the name under which the variable is saved."""
    return var.op.name


def add_model_variable(var: tf.Variable) -> None:
    """Adds `var` to tf.GraphKeys.MODEL_VARIABLES, unless it is there."""
    if all(each is not var for each in tf1.get_collection(_MODEL)):
        tf1.add_to_collection(_MODEL, var)


def filter_variables(
    var_list: Sequence[tf.Variable],
    include_patterns: Sequence[str] | None = None,
    exclude_patterns: Sequence[str] | None = None,
    reg_search: bool = True,
) -> list[tf.Variable]:
    """Returns the variables whose names match.

    Args:
      var_list: to choose from.
      include_patterns: regular expressions, one must match; None: all match.
      exclude_patterns: regular expressions, none may match.
      reg_search: whether a pattern may match anywhere; if false, at the beginning.
    """
    match = re.search if reg_search else re.match

    def is_any(patterns: Sequence[str], each: tf.Variable) -> bool:
        return any(match(pattern, each.op.name) for pattern in patterns)

    return [
        each
        for each in var_list
        if (not include_patterns or is_any(include_patterns, each))
        and not is_any(exclude_patterns or (), each)
    ]


def assert_or_get_global_step(
    graph: tf.Graph | None = None, global_step_tensor: tf.Variable | None = None
) -> tf.Variable | None:
    """Returns `global_step_tensor`, once checked, or the graph's global step."""
    if global_step_tensor is None:
        return tf1.train.get_global_step(graph)
    tf1.train.assert_global_step(global_step_tensor)
    return global_step_tensor


def _of_scopes(scopes: Sequence[str]) -> list[tf.Variable]:
    return [each for scope in scopes for each in get_variables(scope)]
