"""Decides where keeping a graph, or a session, gives certainly the original's result.

The original calls input_fn and model_fn, and opens a session, for each call of predict
and for each evaluation. What it thereby gives is the rule. Predictor, Keeper and
CheckpointEvaluator keep what they built only where every row for them holds:

| row | predict | evaluation | seen by |
| --- | --- | --- | --- |
| no hook sees a session begin and end | x | x | check_no_hooks |
| the Scaffold is a plain one | x | x | check_scaffold |
| there is a checkpoint, and this process runs the session | x | | check_session |
| input_fn gives the same data in each call | | x | check_evaluation_input |
| the input is arrays in order, or a Dataset alone in its graph | x | | check_input |
| the features are tensors of the same types, in the same order | x | | layout |
| the same objects are behind all that model_fn names | x | x | witness_of_model |
| predictions reach the input by the features alone | x | | check_predictions |
| each reaches it, so that all end with it | x | | check_end |
| they draw no random number, count nothing, read no file | x | | check_predictions |
| no table, local variable or queue has a state to begin with | x | | check_state |
| the model calls no Python while it runs | | x | check_no_python |

Each check raises UncertainError, which says why, and passes where the row holds. An
evaluation has a session of its own each time, so that variables and seeds begin again.
train_and_evaluate keeps even the session, where two more rows hold:

| row | seen by |
| --- | --- |
| this process runs the session | check_own_process |
| all that has a state is set back, and no file is read | check_begins_again |
"""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeGuard

import numpy as np
import tensorflow as tf

from estimator_mnist.estimator import python_state
from estimator_mnist.estimator.inputs import ArrayInput
from estimator_mnist.estimator.python_state import (
    FunctionOfArguments,
    UncertainError,
    Witness,
)
from estimator_mnist.estimator.run_config import RunConfig
from estimator_mnist.estimator.session import model_graph
from estimator_mnist.estimator.session.model_graph import (
    REFERENCE_VARIABLES,
    InputGraph,
    ModelGraph,
)
from estimator_mnist.estimator.session.user_functions import UserFunctions

tf1 = tf.compat.v1

_KEYS = tf1.GraphKeys
# A session begins with what is in these, by ops or threads.
_BEGINNINGS = (
    _KEYS.LOCAL_VARIABLES,
    _KEYS.TABLE_INITIALIZERS,
    _KEYS.QUEUE_RUNNERS,
    _KEYS.SAVEABLE_OBJECTS,
    _KEYS.SAVERS,
    _KEYS.INIT_OP,
    _KEYS.LOCAL_INIT_OP,
    _KEYS.READY_OP,
    _KEYS.READY_FOR_LOCAL_INIT_OP,
)
_SCAFFOLD_PARTS = (
    "init_op",
    "init_feed_dict",
    "init_fn",
    "ready_op",
    "ready_for_local_init_op",
    "local_init_op",
    "saver",
)
# Ops with a state that is the checkpoint's as long as nothing assigns to it.
_READS_OF_VARIABLES = {
    *("VarHandleOp", "ReadVariableOp", "VarIsInitializedOp", "ResourceGather"),
    *("ResourceGatherNd", "VariableShape"),
    *REFERENCE_VARIABLES,
}
# Differs in a session that is not new, where another variable may begin with it, too.
_ASKS_FOR_VALUES = {"VarIsInitializedOp", "IsVariableInitialized"}
_VARIABLES = {"VarHandleOp", *REFERENCE_VARIABLES}
# What a restored checkpoint, initializers and a new iterator set back.
_BEGINS_AGAIN = {
    *_READS_OF_VARIABLES,
    *("AssignVariableOp", "AssignAddVariableOp", "AssignSubVariableOp"),
    *("IteratorV2", "MakeIterator", "IteratorGetNext"),
}
_DATASETS_WITHOUT_STATE = {
    *("RangeDataset", "TensorDataset", "TensorSliceDataset", "MapDataset"),
    *("ParallelMapDatasetV2", "FlatMapDataset", "PrefetchDataset", "BatchDatasetV2"),
    *("TakeDataset", "SkipDataset", "ZipDataset", "ConcatenateDataset"),
    *("OptionsDataset", "AssertCardinalityDataset"),
}
# A session may compute them once for all its runs.
_READS_OF_FILES = {
    *("ReadFile", "MatchingFiles", "WholeFileReader", "WholeFileReaderV2"),
    *("ImmutableConst", "GenerateVocabRemapping", "LoadAndRemapMatrix"),
    *("DecodeProtoV2", "RestoreV2", "Restore", "RestoreSlice"),
}
_PYTHON_OPS = {"PyFunc", "PyFuncStateless", "EagerPyFunc"}
_PREDICT = "predict builds its graph in each call"
_EVALUATE = "evaluate builds its graph in each call"
_UNFEEDABLE = (tf.resource, tf.variant)


def witness_of_prediction(
    functions: UserFunctions,
    input_fn: Any,
    input_graph: InputGraph,
    hooks: Sequence,
    checkpoint_path: str | None,
) -> Witness | None:
    """Returns what model_fn rests on, before it is called; None where uncertain."""
    with _doubts(_PREDICT):
        check_no_hooks(hooks)
        check_session(functions.config, checkpoint_path)
        check_input(input_fn, input_graph)
        return witness_of_model(functions)
    return None


def may_predict_again(model: ModelGraph, features: Any) -> bool:
    """Returns whether a PREDICT graph, fed features, gives the same as another one."""
    with _doubts(_PREDICT):
        layout(features)
        check_no_hooks(model.spec.prediction_hooks)
        check_scaffold(model)
        check_state(model)
        check_end(model, tf.nest.flatten(features))
        check_predictions(model, tf.nest.flatten(features))
        return True
    return False


def witness_of_evaluation(functions: UserFunctions, input_fn: Any) -> Witness | None:
    """Returns what an EVAL graph rests on, before it is built; None where uncertain."""
    with _doubts(_EVALUATE):
        check_evaluation_input(input_fn)
        witness = witness_of_model(functions)
        if isinstance(input_fn, ArrayInput):
            witness.add_elements(input_fn.sources)
        return witness
    return None


def may_evaluate_again(model: ModelGraph, hooks: Sequence) -> bool:
    """Returns whether an EVAL graph gives in a new session what another one would."""
    with _doubts(_EVALUATE):
        check_no_hooks(hooks)
        check_scaffold(model)
        check_no_python(model)
        return True
    return False


def may_begin_again(
    model: ModelGraph, config: RunConfig, ends: Sequence[tf.Operation]
) -> bool:
    """Returns whether a session of an EVAL graph can begin again as a new one would.

    Its input and model hold what witness_of_evaluation and may_evaluate_again ask for.

    Args:
      ends: the ops that the session runs for an evaluation.
    """
    with _doubts("evaluate opens a session each time"):
        check_own_process(config)
        if model.input_is_tuned:
            # What ends its iterator waits up to a minute for the thread that tunes it.
            raise UncertainError("TensorFlow tunes the input")
        check_begins_again(model, ends)
        return True
    return False


@contextlib.contextmanager
def _doubts(consequence: str) -> Iterator[None]:
    """Logs what is uncertain."""
    try:
        yield
    except UncertainError as error:
        tf1.logging.debug("%s: %s.", consequence, error)


def check_no_hooks(hooks: Iterable) -> None:
    """Passes without hooks, which may add ops, and see a session begin and end."""
    if list(hooks):
        raise UncertainError("there are hooks")


def check_scaffold(model: ModelGraph) -> None:
    """Passes for a Scaffold without functions, ops or a Saver of the model_fn's own."""
    for name in _SCAFFOLD_PARTS:
        if getattr(model.spec.scaffold, name) is not None:
            raise UncertainError(f"the Scaffold has a {name} of its own")


def check_session(config: RunConfig, checkpoint_path: str | None) -> None:
    """Passes where all variables come from a checkpoint, into this process."""
    if not checkpoint_path:
        raise UncertainError("there is no checkpoint, and initial values are drawn")
    check_own_process(config)


def check_own_process(config: RunConfig) -> None:
    """Passes where this process runs the session."""
    if config.evaluation_master:
        raise UncertainError("another process runs the session")


def check_input(input_fn: Any, input_graph: InputGraph) -> None:
    """Passes where nothing but features can come from input_fn to the model.

    That is for arrays that are not shuffled, and for a Dataset with nothing beside it:
    no op, no member of a collection that a model_fn could find, no use of the step.
    """
    if is_arrays_in_order(input_fn):
        return
    if not isinstance(input_graph.result, tf.data.Dataset):
        raise UncertainError("input_fn returns no Dataset")
    with input_graph.graph.as_default():
        dataset = tf.data.experimental.to_variant(input_graph.result)
    behind = {op.name for op in ops_behind([dataset])}
    if behind != model_graph.op_names(input_graph.graph) - input_graph.ops_before:
        raise UncertainError("input_fn makes more than its Dataset")
    if (
        model_graph.collection_sizes(input_graph.graph)
        != input_graph.collections_before
    ):
        raise UncertainError("input_fn adds to a collection")


def is_arrays_in_order(input_fn: Any) -> TypeGuard[ArrayInput]:
    """Returns whether input_fn takes the same rows of arrays in each call."""
    return isinstance(input_fn, ArrayInput) and not input_fn.shuffles


def layout(features: Any) -> tuple:
    """Returns the structure, dtypes and shapes of tensors or their TensorSpecs.

    Layouts are equal where a model_fn cannot tell features apart. The keys of a dict
    have an order.

    Raises:
      UncertainError: there is no tensor, or there is something else.
    """
    if isinstance(features, (tf.Tensor, tf.TensorSpec)):
        if features.dtype in _UNFEEDABLE:
            raise UncertainError(f"a feature is of dtype {features.dtype.name}")
        shape = features.shape
        dimensions = None if shape.rank is None else tuple(shape.as_list())
        return features.dtype, dimensions
    if isinstance(features, dict) and features:
        _check_keys(features)
        parts = [layout(part) for part in features.values()]
        return type(features), tuple(features), tuple(parts)
    if isinstance(features, (list, tuple)) and features:
        return type(features), tuple(layout(part) for part in features)
    raise UncertainError(f"there are features of {type(features)}")


def _check_keys(features: dict) -> None:
    """Raises UncertainError where tf.nest could not put the features in an order."""
    try:
        sorted(features)
    except TypeError as error:
        raise UncertainError(f"keys of features do not compare: {error}") from error


def witness_of_model(functions: UserFunctions) -> Witness:
    """Returns the objects that model_fn names; to be taken before it is called.

    So that what a model_fn itself changes, such as a counter, is seen as changed. The
    params and the config are the Estimator's own copies, which nobody else changes; but
    a copied function is the function.
    """
    if isinstance(functions.model_fn, FunctionOfArguments):
        return Witness()
    shared = _shared_by_copies(functions.params)
    return python_state.witness(functions.model_fn, functions.config.device_fn, *shared)


def check_evaluation_input(input_fn: Any) -> None:
    """Passes where input_fn, called again, would give the same data.

    That is for arrays that are not shuffled, whose rows are read while evaluating, and
    for a function that declares to be a FunctionOfArguments.
    """
    if not is_arrays_in_order(input_fn) and not isinstance(
        input_fn, FunctionOfArguments
    ):
        raise UncertainError("input_fn may give other data at each call")


def check_predictions(model: ModelGraph, fed: Sequence[tf.Tensor]) -> None:
    """Passes where predictions are a function of the fed features and the variables."""
    predictions = tf.nest.flatten(model.spec.predictions, expand_composites=True)
    for op in ops_behind(predictions, fed):
        if op.name in model.input_ops:
            raise UncertainError(f"predictions depend on the input by {op.name}")
        if op.type in _READS_OF_FILES:
            raise UncertainError(f"predictions depend on a file by {op.name}")
        if any(argument.is_ref for argument in op.op_def.input_arg):
            raise UncertainError(f"predictions depend on an assignment by {op.name}")
        if op.op_def.is_stateful and op.type not in _READS_OF_VARIABLES:
            raise UncertainError(f"predictions depend on a state by {op.name}")


def check_end(model: ModelGraph, fed: Sequence[tf.Tensor]) -> None:
    """Passes where whichever predictions are fetched, the input is read, and ends."""
    predictions = tf.nest.flatten(model.spec.predictions, expand_composites=True)
    inputs = {tensor.op.name for tensor in fed}
    if not predictions:
        raise UncertainError("there are no predictions")
    for prediction in predictions:
        if inputs.isdisjoint(op.name for op in ops_behind([prediction])):
            raise UncertainError(f"{prediction.name} does not depend on the features")


def check_state(model: ModelGraph) -> None:
    """Passes where a session begins with the variables of the checkpoint alone."""
    for key in _BEGINNINGS:
        if model.graph.get_collection(key):
            raise UncertainError(f"the collection {key} is not empty")


def check_begins_again(model: ModelGraph, ends: Sequence[tf.Operation]) -> None:
    """Passes where all that `ends` need is set back by what begins an evaluation.

    That is restoring a checkpoint, the initializers of local variables and that of the
    input's iterator.
    """
    for key in (*_BEGINNINGS, "local_resources"):
        if key != _KEYS.LOCAL_VARIABLES and model.graph.get_collection(key):
            raise UncertainError(f"the collection {key} is not empty")
    makes = [op for op in model.graph.get_operations() if op.type == "MakeIterator"]
    local = model.graph.get_collection(_KEYS.LOCAL_VARIABLES)
    known = {v.op.name for v in model.graph.get_collection(_KEYS.GLOBAL_VARIABLES)}
    known |= {v.op.name for v in local}
    initializers = [variable.initializer for variable in local]
    for op in model_graph.ops_needed_by(*ends, *initializers, *makes):
        _check_set_back(op, known)
    for op in model_graph.ops_needed_by(*initializers):
        if _reads_variable(op):
            raise UncertainError(f"a variable begins with another's value by {op.name}")
    for function in model.graph.as_graph_def().library.function:
        for node in function.node_def:
            stateful = model.graph.op_def_for_type(node.op).is_stateful
            if stateful and node.op not in _PYTHON_OPS:  # input_fn declares its own
                raise UncertainError(f"a function has a state by {node.op}")
            if node.op in _READS_OF_FILES:
                raise UncertainError(f"a function reads a file by {node.op}")


def _check_set_back(op: tf.Operation, known: set[str]) -> None:
    """Passes for an op without a state, or with one that begins again.

    Args:
      known: names of the ops of global and local variables.
    """
    if "Dataset" in op.type:
        if op.type not in _DATASETS_WITHOUT_STATE:
            raise UncertainError(f"the input may go on by {op.name} ({op.type})")
    elif op.type in _VARIABLES and op.name not in known:
        raise UncertainError(f"nothing sets {op.name} back")
    elif op.type in _READS_OF_FILES | _ASKS_FOR_VALUES:
        raise UncertainError(f"a session may know the result of {op.name} from before")
    elif op.op_def.is_stateful and op.type not in _BEGINS_AGAIN:
        raise UncertainError(f"a session has a state by {op.name} ({op.type})")


def _reads_variable(op: tf.Operation) -> bool:
    references = REFERENCE_VARIABLES & {tensor.op.type for tensor in op.inputs}
    is_read = op.type in _READS_OF_VARIABLES - _VARIABLES
    return is_read or bool(references and op.type != "Assign")


def check_no_python(model: ModelGraph) -> None:
    """Passes where the model's ops run no Python function, which may have a state.

    Those of the input do not count here.
    """
    for op in model.graph.get_operations():
        if op.name not in model.input_ops and _may_call_python(op):
            raise UncertainError(f"the model may call Python by {op.name}")


def ops_behind(
    tensors: Iterable[tf.Tensor], fed: Sequence[tf.Tensor] = ()
) -> list[tf.Operation]:
    """Returns the ops that run for `tensors` in a session where `fed` are given."""
    given = {tensor.ref() for tensor in fed}
    ops: dict[str, tf.Operation] = {}
    waiting = [tensor.op for tensor in tensors if tensor.ref() not in given]
    while waiting:
        op = waiting.pop()
        if op.name in ops:
            continue
        ops[op.name] = op
        waiting.extend(part.op for part in op.inputs if part.ref() not in given)
        waiting.extend(op.control_inputs)
    return list(ops.values())


def _may_call_python(op: tf.Operation) -> bool:
    functions = any(attribute.type == "func" for attribute in op.op_def.attr)
    return op.type in _PYTHON_OPS or (functions and op.op_def.is_stateful)


def _shared_by_copies(value: Any) -> list:
    """Returns what of params a deep copy may share with the user: all but arrays."""
    if type(value) is dict:
        return [one for part in value.values() for one in _shared_by_copies(part)]
    if type(value) in (list, tuple):
        return [one for part in value for one in _shared_by_copies(part)]
    return [] if type(value) is np.ndarray else [value]
