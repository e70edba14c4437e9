"""The differences that are meant: rows of BUILD's tables that programs can see."""

import dataclasses
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from estimator_mnist import errors
from tests.contract.fuzz import programs
from tests.contract.fuzz.records import Failure, without_remedy

tf1 = tf.compat.v1

# Lines of the log that the original has no equal of: BUILD says so.
OUR_LINES = ("resuming at step", "The data starts over", "Not exported: the best")
# Said of an input whose end the original does not see.
_OF_NO_END = "Input graph does not use tf.data.Dataset or"
_NAN = tf1.train.NanLossDuringTrainingError


@dataclasses.dataclass(frozen=True)
class Row:
    """A difference that BUILD.md explains.

    Attributes:
      build: words of the row or sentence there.
      holds: function of (program, our Step, the original's, Difference).
      ends: whether the calls after this one rest on something else.
    """

    build: str
    holds: Callable[[Any, Any, Any, Any], bool]
    ends: bool = False


def _both_fail(ours, original):
    outcomes = ours.outcome, original.outcome
    return all(isinstance(outcome, Failure) for outcome in outcomes)


def _evaluates_nothing(program, ours, original, difference):
    """Returns whether only results, their events and their exports can differ."""
    call = ours.call
    if difference.where[0] not in ("outcome", "changes", "log"):
        return False
    if isinstance(call, programs.Evaluate):
        return program.inputs[call.input].batches == 0
    if isinstance(call, programs.TrainAndEvaluate):
        return program.inputs[call.eval_input].batches == 0
    return False


def _ends_with_nan(program, ours, original, difference):
    if not _both_fail(ours, original):
        return False
    kinds = ours.outcome.kind, original.outcome.kind
    if not all(issubclass(kind, _NAN) for kind in kinds):
        return False
    # Weights differ only where the original has saved a later step, which is NaN's.
    is_of_weights = difference.where[0] == "variables"
    return not is_of_weights or _step(ours) < _step(original)


def _step(step):
    """Returns the global step of the newest checkpoint; -1 for none."""
    return int(step.variables["global_step"][-1]) if step.variables else -1


def _is_about_queues(program, ours, original, difference):
    if difference.where[:2] != ("changes", "events"):
        return False
    return difference.ours == _without_queues(difference.original)


def _without_queues(events):
    if isinstance(events, dict):
        return {folder: _without_queues(found) for folder, found in events.items()}
    if not isinstance(events, list):
        return events
    return [point for point in events if not point[1].startswith("enqueue_input/")]


def _is_clearer_error(program, ours, original, difference):
    if not _both_fail(ours, original):
        return False
    accidents = (AttributeError, ZeroDivisionError)
    is_accident = original.outcome.of_runtime and original.outcome.kind in accidents
    return is_accident and issubclass(ours.outcome.kind, (TypeError, ValueError))


def _is_compared_first(program, ours, original, difference):
    """Returns whether ours has failed at the checkpoint before any hook was called."""
    if not _both_fail(ours, original):
        return False
    is_mismatch = issubclass(ours.outcome.kind, errors.CheckpointMismatchError)
    is_missing = ours.outcome.text.startswith("The passed save_path is not a valid")
    left_out = (*OUR_LINES, _OF_NO_END)
    logs = [
        [without_remedy(line) for line in step.log if not line[1].startswith(left_out)]
        for step in (ours, original)
    ]
    is_first = _begins(original.notes, ours.notes) and _begins(logs[1], logs[0])
    return (is_mismatch or is_missing) and is_first


def _begins(every, first):
    return every[: len(first)] == first


def _is_mismatch_unseen(program, ours, original, difference):
    """Returns whether the original has restored what does not fit."""
    changes = [getattr(call, "variables", None) for call in program.calls]
    if not any(changes):
        return False
    failed = [isinstance(step.outcome, Failure) for step in (ours, original)]
    if failed != [True, False]:
        return False
    return issubclass(ours.outcome.kind, errors.CheckpointMismatchError)


def _leaves_nothing(program, ours, original, difference):
    if difference.where[:2] != ("changes", "files"):
        return False
    return difference.ours == [
        name for name in difference.original if "/temp-" not in name
    ]


def _listens_to_another_saver(program, ours, original, difference):
    call = ours.call
    if isinstance(call, programs.TrainAndEvaluate):
        # It evaluates at other times then, but trains the same.
        listens, forms = difference.where[0] != "variables", []
    elif isinstance(call, programs.Train):
        # What listeners are told differs; where one stops, so does all that follows.
        others_agree = _not_told(ours.notes) == _not_told(original.notes)
        is_told = difference.where[0] in ("notes", "log") and others_agree
        listens = "stop" in call.listeners or (bool(call.listeners) and is_told)
        forms = list(call.hooks)
    else:
        return False
    for field, more in program.model.hooks:
        forms += more if field.startswith("training") else ()
    return listens and "saver" in forms


def _not_told(notes):
    """Returns the notes that no listener has taken, as text."""
    return [repr(note) for note in notes if "'listener'" not in repr(note)]


def _is_trained_without_keras(program, ours, original, difference):
    """Returns whether a head takes what the original's refuses."""
    if program.model.head == "none" or not isinstance(original.outcome, Failure):
        return False
    return original.outcome.text.startswith("The given optimizer is not a tf.keras")


# Lines about a graph that has been kept, by the call that may keep it.
_OF_A_GRAPH = ("Calling model_fn.", "Done calling model_fn.", "Summary name ")
_OF_A_SESSION = (
    *("Graph was finalized.", "Restoring parameters from", "Running local_init_op."),
    "Done running local_init_op.",
)
_OF_WHAT_IS_KEPT = {
    programs.TrainAndEvaluate: _OF_A_GRAPH,
    programs.Predict: _OF_A_GRAPH + _OF_A_SESSION,
}


def _says_less(difference, *beginnings):
    """Returns whether ours lacks lines with these beginnings, and no others."""
    ours, original = difference.ours, difference.original
    if difference.where[0] != "log" or len(ours) >= len(original):
        return False
    lines = [
        [line for line in side if not line[1].startswith(beginnings)]
        for side in (ours, original)
    ]
    return lines[0] == lines[1]


def _keeps_its_graph(program, ours, original, difference):
    beginnings = _OF_WHAT_IS_KEPT.get(type(ours.call))
    return bool(beginnings) and _says_less(difference, *beginnings)


def _is_written_once(program, ours, original, difference):
    return _says_less(difference, "Saving 'checkpoint_path' summary")


def _sees_an_end(program, ours, original, difference):
    return _says_less(difference, _OF_NO_END)


def _misses_warm_start_first(program, ours, original, difference):
    """Returns whether ours has missed the checkpoint; the original fails on its way."""
    if not _both_fail(ours, original):
        return False
    return "warm_start_from names no checkpoint" in ours.outcome.text


def _needs_no_warm_start(program, ours, original, difference):
    """Returns whether only the original looks where no variable begins warm."""
    if isinstance(ours.outcome, Failure) or not isinstance(original.outcome, Failure):
        return False
    return original.outcome.text == "Expected binary or unicode string, got None"


TABLE = (
    Row("reads a wrong-shaped tensor into a variable", _is_mismatch_unseen, ends=True),
    Row(
        "puts listeners into a CheckpointSaverHook of the user's own",
        _listens_to_another_saver,
        ends=True,
    ),
    Row(
        "a warm start without a checkpoint is a TypeError about None",
        _misses_warm_start_first,
    ),
    Row("a warm start without a checkpoint", _needs_no_warm_start, ends=True),
    Row("builds a new EVAL graph for each evaluation", _keeps_its_graph),
    Row("evaluating a step again doubles its points", _is_written_once),
    Row("warns that predict yields forever", _sees_an_end),
    Row("heads take Keras optimizers only", _is_trained_without_keras, ends=True),
    Row("a failed export leaves `temp-...` behind", _leaves_nothing),
    Row("names, shapes and dtypes are compared first", _is_compared_first),
    Row(
        "an evaluation of no batches is a result with a loss of 0.0",
        _evaluates_nothing,
        ends=True,
    ),
    Row("saves the step whose loss is NaN, then notices", _ends_with_nan, ends=True),
    Row("`numpy_input_fn` has no queue", _is_about_queues),
    Row(
        "an `AttributeError` of its own code for a value of the wrong type",
        _is_clearer_error,
    ),
)


def row(program, ours, original, difference):
    """Returns the row of the table that a Difference falls under; None for none."""
    for one in TABLE:
        if one.holds(program, ours, original, difference):
            return one
    return None
