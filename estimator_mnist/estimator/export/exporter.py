"""Exporters: write SavedModels of evaluated checkpoints, the newest, best or last."""

import dataclasses
import glob
import json
import math
import os
import tempfile
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from estimator_mnist import errors, json_files
from estimator_mnist.estimator.checkpoint import paths
from estimator_mnist.estimator.export import saved_model
from estimator_mnist.estimator.hooks.early_stopping import read_eval_metrics
from estimator_mnist.estimator.session.arguments import check_arguments

tf1 = tf.compat.v1

# What Estimator.evaluate returns: dict name -> number, array or serialized summary.
EvalResult = dict[str, Any]

# The record lies in the export itself: both appear by one rename, and when the best
# export is copied or deleted so is what is known of it.
_RECORD = "best_eval_result.json"


class ExportableEstimator(Protocol):
    """Declares what exporters use of an Estimator."""

    @property
    def model_dir(self) -> str: ...

    def export_saved_model(
        self,
        export_dir_base: str,
        serving_input_receiver_fn: Callable | None,
        assets_extra: dict[str, str] | None = None,
        as_text: bool = False,
        checkpoint_path: str | None = None,
    ) -> bytes:
        """Writes a SavedModel of a checkpoint, and returns its path."""


class Exporter:
    """Base of what EvalSpec takes as `exporters`.

    Attributes:
      name: of the exporter and of the folder of its exports.
    """

    name: str | None = None

    def export(
        self,
        estimator: ExportableEstimator,
        export_path: str,
        checkpoint_path: str,
        eval_result: EvalResult,
        is_the_final_export: bool,
    ) -> bytes | None:
        """Exports the estimator, or decides not to, after an evaluation.

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
    ) -> None:
        """Initializes the exporter.

        Args:
          name: the exporter's name.
          serving_input_receiver_fn, assets_extra, as_text: as in export_saved_model.
          exports_to_keep: how many of the newest exports stay; None for all.

        Raises:
          ValueError: `exports_to_keep` is not positive.
        """
        self.name = name
        self._writer = _Writer(
            serving_input_receiver_fn, assets_extra, as_text, exports_to_keep
        )

    def export(
        self,
        estimator: ExportableEstimator,
        export_path: str,
        checkpoint_path: str,
        eval_result: EvalResult,
        is_the_final_export: bool,
    ) -> bytes | None:
        """Exports, and removes the oldest exports beyond `exports_to_keep`."""
        return self._writer.write(estimator, export_path, checkpoint_path)


class FinalExporter(Exporter):
    """Exports once, when training has ended."""

    def __init__(
        self,
        name: str,
        serving_input_receiver_fn: Callable,
        assets_extra: dict[str, str] | None = None,
        as_text: bool = False,
    ) -> None:
        """Initializes the exporter; the arguments are those of LatestExporter."""
        self.name = name
        self._writer = _Writer(serving_input_receiver_fn, assets_extra, as_text, None)

    def export(
        self,
        estimator: ExportableEstimator,
        export_path: str,
        checkpoint_path: str,
        eval_result: EvalResult,
        is_the_final_export: bool,
    ) -> bytes | None:
        """Exports where training has ended."""
        if not is_the_final_export:
            return None
        tf1.logging.info("Performing the final export in the end of training.")
        return self._writer.write(estimator, export_path, checkpoint_path)


def _loss_smaller(
    best_eval_result: EvalResult, current_eval_result: EvalResult
) -> bool:
    best = _loss("best_eval_result", best_eval_result)
    current = _loss("current_eval_result", current_eval_result)
    # No number is smaller than NaN, which therefore would stay the best.
    return current < best or (math.isnan(best) and not math.isnan(current))


class BestExporter(Exporter):
    """Exports each model that is better than all before it, in earlier runs too."""

    def __init__(
        self,
        name: str = "best_exporter",
        serving_input_receiver_fn: Callable | None = None,
        event_file_pattern: str | None = "eval/*.tfevents.*",
        compare_fn: Callable[..., bool] = _loss_smaller,
        assets_extra: dict[str, str] | None = None,
        as_text: bool = False,
        exports_to_keep: int | None = 5,
    ) -> None:
        """Initializes the exporter; arguments not listed are those of LatestExporter.

        Args:
          event_file_pattern: path below model_dir of the event files with earlier
            evaluations. They are read only where exports exist that hold no record of
            their evaluation; None for no event files.
          compare_fn: compare_fn(best_eval_result, current_eval_result), called with
            the arguments' names, returns whether the current result is better.

        Raises:
          ValueError: compare_fn has other arguments, or `exports_to_keep` is not
            positive.
        """
        self.name = name
        self._writer = _Writer(
            serving_input_receiver_fn, assets_extra, as_text, exports_to_keep
        )
        _check_compare_fn(compare_fn)
        self._compare_fn = compare_fn
        self._event_file_pattern = event_file_pattern
        self._best: dict[str, EvalResult | None] = {}  # by export_path

    def export(
        self,
        estimator: ExportableEstimator,
        export_path: str,
        checkpoint_path: str,
        eval_result: EvalResult,
        is_the_final_export: bool,
    ) -> bytes | None:
        """Exports where `eval_result` is better than the best before it."""
        if export_path not in self._best:
            if self._event_file_pattern:
                tf1.logging.info("Loading best metric from event files.")
            self._best[export_path] = self._earlier(estimator, export_path, eval_result)
        best = self._best[export_path]
        if best is not None and not self._is_better(eval_result, best):
            tf1.logging.info("Not exported: the best model so far is %s.", best)
            return None
        tf1.logging.info("Performing best model export.")
        with tempfile.TemporaryDirectory() as folder:
            record = os.path.join(folder, _RECORD)
            with open(record, "w") as file:
                json.dump(_plain(eval_result), file)
            path = self._writer.write(
                estimator, export_path, checkpoint_path, {_RECORD: record}
            )
        self._best[export_path] = eval_result
        return path

    def _is_better(self, current: EvalResult, best: EvalResult) -> bool:
        return self._compare_fn(best_eval_result=best, current_eval_result=current)

    def _earlier(
        self, estimator: ExportableEstimator, export_path: str, eval_result: EvalResult
    ) -> EvalResult | None:
        """Returns the best result of earlier processes; None without exports."""
        folders = saved_model.exports(export_path)
        for folder in reversed(folders):
            record = _read_record(folder)
            if record is not None:
                return record
        if not folders or not self._event_file_pattern:
            return None
        pattern = os.path.dirname(self._event_file_pattern)
        folders = sorted(_folders_like(estimator.model_dir, pattern))
        return self._best_in_events(folders, eval_result)

    def _best_in_events(
        self, folders: list[str], eval_result: EvalResult
    ) -> EvalResult | None:
        results: dict[int | None, dict[str, float]] = {}
        for folder in folders:
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
    """Writes exports, and removes the oldest exports beyond `exports_to_keep`."""

    serving_input_receiver_fn: Callable | None
    assets_extra: dict[str, str] | None
    as_text: bool
    exports_to_keep: int | None

    def __post_init__(self) -> None:
        if self.exports_to_keep is not None and self.exports_to_keep <= 0:
            raise ValueError(
                "`exports_to_keep`, if provided, must be a positive number. "
                f"Got {self.exports_to_keep}"
            )

    def write(
        self,
        estimator: ExportableEstimator,
        export_path: str,
        checkpoint_path: str,
        more_assets: dict[str, str] | None = None,
    ) -> bytes:
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


def _folders_like(model_dir: str, pattern: str) -> list[str]:
    """Returns the paths that match `pattern` in `model_dir`, which is none itself."""
    if paths.is_local(model_dir):
        return glob.glob(os.path.join(glob.escape(model_dir), pattern))
    return tf.io.gfile.glob(os.path.join(model_dir, pattern))


def _loss(argument: str, eval_result: EvalResult) -> Any:
    if not eval_result or "loss" not in eval_result:
        raise ValueError(f"{argument} cannot be empty or no loss is found in it.")
    return eval_result["loss"]


def _check_compare_fn(compare_fn: Callable[..., bool]) -> None:
    if compare_fn is None:
        raise ValueError("`compare_fn` must not be None.")
    arguments = ("best_eval_result", "current_eval_result")
    check_arguments(compare_fn, "compare_fn", required=arguments, allowed=arguments)


def _plain(eval_result: EvalResult) -> EvalResult:
    """Returns what JSON can hold of it: numbers and arrays, no serialized summaries."""
    return eval_result and {
        key: np.asarray(value).tolist()
        for key, value in eval_result.items()
        if _is_numeric(value)
    }


def _is_numeric(value: Any) -> bool:
    """Returns whether a metric is a number or an array of some, and not a structure."""
    try:
        return np.asarray(value).dtype.kind in "biuf"
    except ValueError:  # of parts with different shapes
        return False


def _read_record(folder: str) -> EvalResult | None:
    """Returns the evaluation that an export records; None without a record."""
    path = os.path.join(folder, saved_model.ASSETS_EXTRA, _RECORD)
    if not tf.io.gfile.exists(path):
        return None
    try:
        with tf.io.gfile.GFile(path) as file:
            record = json_files.parse(file.read())
        if not isinstance(record, dict | None):
            raise ValueError(f"it is no object, but {errors.sample(record)}")
    except ValueError as error:
        tf1.logging.warning("Ignoring the damaged record %s: %s", path, error)
        return None
    return record and {
        key: np.asarray(value) if isinstance(value, list) else value
        for key, value in record.items()
    }
