"""Runs a program on one runtime, and returns what it has done, call by call."""

import dataclasses
import itertools
import os
import shutil
from typing import Any

import tensorflow as tf

from tests.contract.fuzz import exports, hooks, inputs, models, programs, records

tf1 = tf.compat.v1


@dataclasses.dataclass
class Step:
    """What one call has done.

    Attributes:
      outcome: the described result, or a Failure.
      notes: what recording functions, hooks and listeners were called with.
      changes: files that came and went, and new events.
      variables: of the newest checkpoint.
      log: lines of TensorFlow's logger.
    """

    call: Any
    outcome: Any
    notes: list
    changes: dict
    variables: Any
    log: list


class Run:
    """An Estimator of one runtime, and the calls of a program on it."""

    def __init__(self, est, program, folder):
        self.est, self.program = est, program
        self.root, self.folder = folder, os.path.join(folder, "model_0")
        self.notes = []
        self.scale = {"scale": 1.0}
        self.input_fns = {}
        self.estimator = None

    def note(self, *what):
        self.notes.append(records.describe(what))

    def steps(self):
        """Yields the Step of each call."""
        watched = records.Folder(self.root)
        calls = [programs.NewEstimator(), *self.program.calls]
        for call in calls:
            self.notes = []
            with records.Log() as log:
                try:
                    outcome = CALLS[type(call)](self, call)
                except Exception as error:
                    outcome = records.failure(error, watched)
            yield Step(
                call,
                _anonymous(outcome, watched),
                [watched.anonymous(note) for note in self.notes],
                watched.changes(),
                self.variables(),
                [watched.anonymous(line) for line in log.lines],
            )
            if self.estimator is None:
                return

    def variables(self):
        """Returns those of the newest checkpoint, as the Estimator sees it."""
        path = self.estimator and self.estimator.latest_checkpoint()
        return records.variables(path) if path else None

    def input_fn(self, index):
        """Returns the input_fn with this index, the same in each call."""
        if index not in self.input_fns:
            made = inputs.make(self.est, self.program, index, self.note)
            self.input_fns[index] = made
        return self.input_fns[index]

    def checkpoint(self, which):
        return which and os.path.join(self.folder, which)

    def new_estimator(self, call):
        warm_start = None
        if call.warm_start != "none":
            warm_start = _warm_start(self.est, call.warm_start, self.folder)
            number = int(self.folder.rpartition("_")[2])
            self.folder = os.path.join(self.root, f"model_{number + 1}")
        program = self.program
        if call.variables:
            model = dataclasses.replace(program.model, variables=call.variables)
            program = dataclasses.replace(program, model=model)
        model_fn = models.make(self.est, program, self.note, self.folder, self.scale)
        self.estimator = self.est.Estimator(
            model_fn,
            self.folder,
            self.est.RunConfig(**dataclasses.asdict(program.config)),
            {"scale": 2.0} if program.params else None,
            warm_start,
        )
        return "new"

    def train(self, call):
        trained = self.estimator.train(
            self.input_fn(call.input),
            hooks.make(call.hooks, self.note, "call", self.folder),
            call.steps,
            call.max_steps,
            hooks.listeners(call.listeners, self.note),
        )
        return trained is self.estimator

    def evaluate(self, call):
        results = self.estimator.evaluate(
            self.input_fn(call.input),
            call.steps,
            hooks.make(call.hooks, self.note, "call", self.folder),
            self.checkpoint(call.checkpoint),
            call.name,
        )
        return records.describe(results)

    def predict(self, call):
        # Without predictions there are no examples, and no end of batches.
        has_examples = bool(inputs.leaves(self.program.model.predictions))
        predictions = self.estimator.predict(
            self.input_fn(call.input),
            list(call.keys) if isinstance(call.keys, tuple) else call.keys,
            hooks.make(call.hooks, self.note, "call", self.folder),
            self.checkpoint(call.checkpoint),
            call.single and has_examples,
        )
        taken = [
            records.describe(one) for one in itertools.islice(predictions, call.take)
        ]
        predictions.close()
        return taken

    def export(self, call):
        base = os.path.join(self.root, "exports")
        fns = {
            mode: exports.receiver_fn(self.est, self.program, form)
            for mode, form in call.receivers
        }
        extra = exports.extra(call.extra, self.root)
        given = (extra, call.text, self.checkpoint(call.checkpoint))
        if len(fns) == 1 and "infer" in fns:
            path = self.estimator.export_saved_model(base, fns["infer"], *given)
        else:
            export = self.estimator.experimental_export_all_saved_models
            path = export(base, fns, *given)
        found = exports.described(path)
        shutil.rmtree(path)  # its name is a time
        return found

    def train_and_evaluate(self, call):
        est = self.est
        train_spec = est.TrainSpec(self.input_fn(call.input), call.max_steps)
        eval_spec = est.EvalSpec(
            self.input_fn(call.eval_input),
            call.eval_steps,
            call.name,
            exporters=[_exporter(est, self.program, kind) for kind in call.exporters],
            start_delay_secs=0,
            throttle_secs=0,
        )
        results, exported = est.train_and_evaluate(
            self.estimator, train_spec, eval_spec
        )
        found = [path and exports.described(path) for path in exported or ()]
        shutil.rmtree(os.path.join(self.folder, "export"), ignore_errors=True)
        return records.describe(results), found

    def change(self, call):
        if call.what == "closure":
            self.scale["scale"] += 0.5
        if call.what == "empty":
            tf1.summary.FileWriterCache.clear()
            shutil.rmtree(self.folder, ignore_errors=True)
        return "changed"


CALLS = {
    programs.NewEstimator: Run.new_estimator,
    programs.Train: Run.train,
    programs.Evaluate: Run.evaluate,
    programs.Predict: Run.predict,
    programs.Export: Run.export,
    programs.TrainAndEvaluate: Run.train_and_evaluate,
    programs.Change: Run.change,
}


def _warm_start(est, form, folder):
    """Gives warm_start_from."""
    if form == "folder":
        return folder
    if form == "newest":
        return tf.train.latest_checkpoint(folder) or folder
    vars_to_warm_start, names = {
        "some": ("w", None),
        "none at all": (None, None),
        "list": (["w"], None),
        "renamed": ("w", {"w": "w"}),
        "other name": (".*", {"w": "no_such_variable"}),
    }[form]
    return est.WarmStartSettings(folder, vars_to_warm_start, None, names)


def _exporter(est, program, form):
    receiver_fn = exports.receiver_fn(est, program, "serving")
    kinds = {
        "final": est.FinalExporter,
        "latest": est.LatestExporter,
        "best": est.BestExporter,
    }
    return kinds[form](form, receiver_fn)


def _anonymous(outcome, folder):
    is_plain = isinstance(outcome, tuple) and not isinstance(outcome, records.Failure)
    return folder.anonymous(outcome) if is_plain else outcome
