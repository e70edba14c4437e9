"""Exporters: SavedModels of the evaluated checkpoints, the newest, best or last."""

import dataclasses
import json
import math
import os
import tempfile
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from estimator_mnist.estimator.export import saved_model
from estimator_mnist.estimator.hooks.early_stopping import read_eval_metrics
from estimator_mnist.estimator.session.arguments import argument_names

tf1 = tf.compat.v1

# The record lies in the export itself: both appear by one rename, and when the best
# export is copied or deleted so is what is known of it.
_RECORD = "best_eval_result.json"


class Exporter:
    """Base of what EvalSpec takes as `exporters`; its name is its export folder's."""

    name: str | None = None

    def export(
        self,
        estimator,
        export_path: str,
        checkpoint_path: str,
        eval_result: dict,
        is_the_final_export: bool,
    ) -> bytes | None:
        """Called after each evaluation.

        Args:
          estimator: the Estimator that was evaluated.
          export_path: folder for this exporter's exports.
          checkpoint_path: the checkpoint that was evaluated.
          eval_result: what Estimator.evaluate returned.
          is_the_final_export: whether training has ended.

        Returns:
          The path of the new export, or None where none was made.
        """
        raise NotImplementedError(f"{type(self).__name__} has no method export.")


class LatestExporter(Exporter):
    """Exports after each evaluation, and keeps the newest exports."""

    def __init__(
        self,
        name: str,
        serving_input_receiver_fn: Callable,
        assets_extra: dict[str, str] | None = None,
        as_text: bool = False,
        exports_to_keep: int | None = 5,
    ):
        """Takes the arguments of Estimator.export_saved_model, and how many to keep.

        Raises ValueError where `exports_to_keep` is neither positive nor None (all).
        """
        self.name = name
        self._writer = _Writer(
            serving_input_receiver_fn, assets_extra, as_text, exports_to_keep
        )

    def export(
        self, estimator, export_path, checkpoint_path, eval_result, is_the_final_export
    ):
        return self._writer.write(estimator, export_path, checkpoint_path)


class FinalExporter(Exporter):
    """Exports once, when training has ended."""

    def __init__(
        self,
        name: str,
        serving_input_receiver_fn: Callable,
        assets_extra: dict[str, str] | None = None,
        as_text: bool = False,
    ):
        """Takes the arguments of Estimator.export_saved_model."""
        self.name = name
        self._writer = _Writer(serving_input_receiver_fn, assets_extra, as_text, None)

    def export(
        self, estimator, export_path, checkpoint_path, eval_result, is_the_final_export
    ):
        if not is_the_final_export:
            return None
        tf1.logging.info("Performing the final export in the end of training.")
        return self._writer.write(estimator, export_path, checkpoint_path)


def _loss_smaller(best_eval_result: dict, current_eval_result: dict) -> bool:
    best = _loss("best_eval_result", best_eval_result)
    current = _loss("current_eval_result", current_eval_result)
    # NaN is smaller than nothing, and must not stay the best for ever.
    return current < best or (math.isnan(best) and not math.isnan(current))


class BestExporter(Exporter):
    """Exports each model that is better than all before it, in earlier runs too."""

    def __init__(
        self,
        name: str = "best_exporter",
        serving_input_receiver_fn: Callable | None = None,
        event_file_pattern: str | None = "eval/*.tfevents.*",
        compare_fn: Callable[[dict, dict], bool] = _loss_smaller,
        assets_extra: dict[str, str] | None = None,
        as_text: bool = False,
        exports_to_keep: int | None = 5,
    ):
        """Takes what LatestExporter takes, and how to find and judge the best.

        Args:
          event_file_pattern: of the event files, below model_dir, that tell how good
            earlier models were. They are read only where exports exist that hold no
            record of their evaluation; None to go without.
          compare_fn: compare_fn(best_eval_result, current_eval_result), called with
            the arguments' names, says whether the current result is better.

        Raises:
          ValueError: compare_fn has other arguments, or `exports_to_keep` is not
            positive.
        """
        self.name = name
        self._writer = _Writer(
            serving_input_receiver_fn, assets_extra, as_text, exports_to_keep
        )
        self._compare_fn = _checked_compare_fn(compare_fn)
        self._event_file_pattern = event_file_pattern
        self._best = {}  # export_path -> eval_result

    def export(
        self, estimator, export_path, checkpoint_path, eval_result, is_the_final_export
    ):
        if export_path not in self._best:
            self._best[export_path] = self._earlier(estimator, export_path, eval_result)
        best = self._best[export_path]
        if best is not None and not self._is_better(eval_result, best):
            tf1.logging.info("Not exported: the best model so far is %s.", best)
            return None
        with tempfile.TemporaryDirectory() as folder:
            record = os.path.join(folder, _RECORD)
            with open(record, "w") as file:
                json.dump(_plain(eval_result), file)
            path = self._writer.write(
                estimator, export_path, checkpoint_path, {_RECORD: record}
            )
        self._best[export_path] = eval_result
        return path

    def _is_better(self, current, best):
        return self._compare_fn(best_eval_result=best, current_eval_result=current)

    def _earlier(self, estimator, export_path, eval_result):
        """The evaluation of what was exported before this process; None if nothing."""
        folders = saved_model.exports(export_path)
        for folder in reversed(folders):
            record = _read_record(folder)
            if record is not None:
                return record
        if not folders or not self._event_file_pattern:
            return None
        return self._best_in_events(estimator.model_dir, eval_result)

    def _best_in_events(self, model_dir, eval_result):
        pattern = os.path.join(model_dir, self._event_file_pattern)
        results = {}
        for folder in sorted(tf.io.gfile.glob(os.path.dirname(pattern))):
            for step, metrics in read_eval_metrics(folder).items():
                results.setdefault(step, {}).update(metrics)
        # The evaluation at hand has been written there, too.
        results.pop((eval_result or {}).get(tf1.GraphKeys.GLOBAL_STEP), None)
        best = None
        for result in results.values():
            if best is None or self._is_better(result, best):
                best = result
        return best


@dataclasses.dataclass
class _Writer:
    """Exports, and removes the oldest exports beyond `exports_to_keep`."""

    serving_input_receiver_fn: Callable
    assets_extra: dict[str, str] | None
    as_text: bool
    exports_to_keep: int | None

    def __post_init__(self):
        if self.exports_to_keep is not None and self.exports_to_keep <= 0:
            raise ValueError(
                "`exports_to_keep`, if provided, must be a positive number. "
                f"Got {self.exports_to_keep}"
            )

    def write(self, estimator, export_path, checkpoint_path, more_assets=None):
        assets = {**(self.assets_extra or {}), **(more_assets or {})}
        path = estimator.export_saved_model(
            export_path,
            self.serving_input_receiver_fn,
            assets_extra=assets or None,
            as_text=self.as_text,
            checkpoint_path=checkpoint_path,
        )
        if self.exports_to_keep:
            for old in saved_model.exports(export_path)[: -self.exports_to_keep]:
                tf.io.gfile.rmtree(old)
        return path


def _loss(argument, eval_result):
    if not eval_result or "loss" not in eval_result:
        raise ValueError(f"{argument} cannot be empty or no loss is found in it.")
    return eval_result["loss"]


def _checked_compare_fn(compare_fn):
    if compare_fn is None:
        raise ValueError("`compare_fn` must not be None.")
    names = argument_names(compare_fn)
    expected = ("best_eval_result", "current_eval_result")
    for argument in expected:
        if argument not in names:
            raise ValueError(
                f"compare_fn ({compare_fn}) must include {argument} argument."
            )
    unknown = sorted(names - {"self", *expected})
    if unknown:
        raise ValueError(
            f"compare_fn ({compare_fn}) has following not expected args: {unknown}"
        )
    return compare_fn


def _plain(eval_result):
    """What JSON can hold of it: numbers and arrays, not serialized summaries."""
    return eval_result and {
        key: np.asarray(value).tolist()
        for key, value in eval_result.items()
        if np.asarray(value).dtype.kind in "biuf"
    }


def _read_record(folder):
    path = os.path.join(folder, saved_model.ASSETS_EXTRA, _RECORD)
    if not tf.io.gfile.exists(path):
        return None
    try:
        with tf.io.gfile.GFile(path) as file:
            record = json.load(file)
    except ValueError as error:
        tf1.logging.warning("Ignoring the damaged record %s: %s", path, error)
        return None
    return record and {
        key: np.asarray(value) if isinstance(value, list) else value
        for key, value in record.items()
    }
