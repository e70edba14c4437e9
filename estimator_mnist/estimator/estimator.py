"""Estimator: trains, evaluates and predicts with a model_fn and a model_dir."""

import contextlib
import copy
import dataclasses
import functools
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

import tensorflow as tf

from estimator_mnist import compat, errors
from estimator_mnist.estimator.checkpoint import event_files, paths
from estimator_mnist.estimator.checkpoint.newest import NewestCheckpoint
from estimator_mnist.estimator.checkpoint.warm_start import (
    WarmStartSettings,
    warm_start_checkpoint,
    warm_start_settings,
)
from estimator_mnist.estimator.export import saved_model
from estimator_mnist.estimator.mode_keys import ModeKeys
from estimator_mnist.estimator.run_config import (
    RunConfig,
    checked_config,
    refuse_unsupported,
    with_temporary_folder,
)
from estimator_mnist.estimator.session import (
    arguments,
    certainty,
    mirrored,
    model_graph,
    prediction,
    train_loop,
    trainers,
    user_functions,
)
from estimator_mnist.estimator.session.evaluation import Evaluation, Keeper, Wanted
from estimator_mnist.estimator.session.model_graph import ModelGraph
from estimator_mnist.estimator.session.steps import multi_step
from estimator_mnist.estimator.session.trainers import StartingPoint, Trainer
from estimator_mnist.estimator.session.user_functions import UserFunctions

tf1 = tf.compat.v1

Path = str | bytes | os.PathLike

# What a subclass may have in its own way: what the original lets it override, and what
# this runtime adds. The runtime itself calls the latter on the class.
_OPEN_MEMBERS = {
    "model_fn",
    "latest_checkpoint",
    "evaluation",
    "run_evaluation",
    "with_model_fn",
}


class Estimator:
    """Trains, evaluates and predicts with a `model_fn`, in a `model_dir`.

    estimator = Estimator(model_fn, "/tmp/digits", params={"learning_rate": 0.5})
    estimator.train(input_fn, steps=1000)
    print(estimator.evaluate(eval_input_fn)["accuracy"])
    """

    def __init__(
        self,
        model_fn: Callable[..., Any],
        model_dir: Path | None = None,
        config: RunConfig | None = None,
        params: dict | None = None,
        warm_start_from: str | WarmStartSettings | None = None,
    ):
        """Checks its arguments; model_fn is not called yet, and nothing is written.

        Args:
          model_fn: called as model_fn(features, labels, mode, params, config) with
            those of the arguments that it names; returns an EstimatorSpec.
          model_dir: folder for checkpoints and events; else config.model_dir; else a
            temporary folder, which is made here.
          config: RunConfig; None for its defaults.
          params: dict of hyperparameters for model_fn; copied.
          warm_start_from: checkpoint, folder, or WarmStartSettings whose variables
            the first training begins with.

        Raises:
          ValueError: model_fn does not take these arguments, config is of another
            type, model_dir and config.model_dir differ, or a subclass overrides a
            public member other than `model_fn` and `latest_checkpoint`.
        """
        self._assert_members_are_not_overridden(self)
        config = checked_config(config, model_dir)
        if config.model_dir:  # else the log waits for it
            tf1.logging.info("Using config: %s", vars(config))
        if model_fn is None:
            raise ValueError("model_fn must be provided to Estimator.")
        user_functions.check_model_fn(model_fn, params)
        params = copy.deepcopy(params or {})
        self._warm_start = warm_start_settings(warm_start_from)
        self._config = with_temporary_folder(config)
        self._functions = self._user_functions(model_fn, params)
        self._predictor = prediction.Predictor(self._functions, self._warm_start)
        self._evaluations = Keeper()
        self._newest = NewestCheckpoint(self.model_dir)
        if not config.model_dir:
            tf1.logging.info("Using config: %s", vars(self._config))

    @property
    def model_dir(self) -> str:
        """Returns the folder of checkpoints and events."""
        return self._config.model_dir

    @property
    def config(self) -> RunConfig:
        """Returns a copy of the RunConfig."""
        return copy.deepcopy(self._config)

    @property
    def params(self) -> dict:
        """Returns a copy of the hyperparameters."""
        return copy.deepcopy(self._functions.params)

    @property
    def model_fn(self) -> Callable[..., Any]:
        """Returns model_fn as a function of (features, labels, mode, config)."""

        return self._functions.spec

    def with_model_fn(self, model_fn: Callable[..., Any]) -> "Estimator":
        """Returns an Estimator with this one's model_dir, config and warm start.

        Args:
          model_fn: takes no params; those of this Estimator are within its model_fn.
        """
        return Estimator(
            model_fn, config=self._config, warm_start_from=self._warm_start
        )

    def train(
        self,
        input_fn: Callable[..., Any],
        hooks: Sequence | None = None,
        steps: int | None = None,
        max_steps: int | None = None,
        saving_listeners: Sequence | None = None,
    ) -> "Estimator":
        """Trains, going on from the newest checkpoint in model_dir.

        Args:
          input_fn: returns a Dataset of, or the tensors, (features, labels). It may
            name the arguments mode, params, config and start_step, the number of
            steps done so far.
          hooks: SessionRunHooks.
          steps: how many more steps to make; None for as long as the input lasts.
          max_steps: global step to end at; nothing is done where it is reached.
          saving_listeners: CheckpointSaverListeners, called at each save.

        Returns:
          self.

        Raises:
          ValueError: steps and max_steps both given, or not positive.
          TypeError: hooks or listeners of the wrong type.
          CheckpointMismatchError: the newest checkpoint is another model's.
          DamagedCheckpointError: there are checkpoints, but none can be read.
          ModelDirInUseError: another process trains in model_dir.
          SaveError: the last checkpoint could not be written.
          NanLossDuringTrainingError: the loss became NaN.
          ClusterError: a task that TF_CONFIG names does not answer.
          MissingRuntimeError: this TensorFlow cannot train with this protobuf.
        """
        with self._functions.loop("training_loop"):
            if steps is not None and max_steps is not None:
                raise ValueError("Can not provide both steps and max_steps.")
            _check_steps("steps", steps)
            _check_steps("max_steps", max_steps)
            hooks = arguments.hooks(hooks)
            listeners = arguments.instances(
                saving_listeners,
                tf1.train.CheckpointSaverListener,
                "saving_listeners must be a list of CheckpointSaverListener",
            )
            compat.check_protobuf()
            refuse_unsupported(self._config)
            mirrored.check(self._config)
            trainer = trainers.trainer_of(self._config)
            if max_steps is not None and self._newest.step() >= max_steps:
                tf1.logging.info("Skipping training since max_steps has already saved.")
                return self
            if steps or max_steps:
                hooks = [*hooks, multi_step.StopAtStep(steps, max_steps)]
            self._predictor.forget()
            for attempt in trainer.attempts():
                with attempt, trainer.start(max_steps) as start:
                    _log_resuming(start, steps, max_steps, input_fn)
                    model = self._training_graph(input_fn, start.step, trainer)
                    loss = train_loop.run(
                        model, self._config, trainer, start, hooks, listeners
                    )
                    tf1.logging.info("Loss for final step: %s.", loss)
        return self

    def evaluate(
        self,
        input_fn: Callable[..., Any],
        steps: int | None = None,
        hooks: Sequence | None = None,
        checkpoint_path: Path | None = None,
        name: str | None = None,
    ) -> dict[str, Any]:
        """Evaluates one checkpoint, and writes the results to eval_dir(name).

        Args:
          input_fn: as for train; it must end, unless `steps` is given.
          steps: number of batches; None for all.
          hooks: SessionRunHooks.
          checkpoint_path: None for the newest checkpoint; where there is none, the
            model is evaluated with its initial values.
          name: of this evaluation, where there are several.

        Returns:
          dict of the eval_metric_ops' values, `loss` and `global_step`.
        """
        _check_steps("steps", steps)
        hooks = arguments.hooks(hooks)
        if not checkpoint_path:
            self._newest.intact_for("evaluate")
        restored = checkpoint_path or paths.latest(self.model_dir)
        wanted = Wanted(input_fn, steps, begins_warm=not restored)
        evaluation = None if hooks else self._evaluations.take(wanted)
        evaluation = evaluation or Estimator.evaluation(
            self, input_fn, steps, hooks, checkpoint_path
        )
        results = Estimator.run_evaluation(self, evaluation, checkpoint_path, name)
        if not hooks:
            self._evaluations.keep(wanted, evaluation)
        return results

    def evaluation(
        self,
        input_fn: Callable[..., Any],
        steps: int | None = None,
        hooks: Sequence | None = None,
        checkpoint_path: Path | None = None,
    ) -> Evaluation:
        """Builds the EVAL graph, for run_evaluation to use as often as needed.

        It begins warm only where there is no checkpoint, given or newest.
        """
        _check_steps("steps", steps)
        hooks = arguments.hooks(hooks)
        witness = certainty.witness_of_evaluation(self._functions, input_fn)
        model = model_graph.build(self._functions, input_fn, ModeKeys.EVAL)
        restored = checkpoint_path or paths.latest(self.model_dir)
        model.warm_start(self._warm_start, restored and paths.as_text(restored))
        return Evaluation(model, self._config, steps, hooks, witness)

    def run_evaluation(
        self,
        evaluation: Evaluation,
        checkpoint_path: Path | None = None,
        name: str | None = None,
    ) -> dict[str, Any]:
        """Evaluates a checkpoint with an EVAL graph that `evaluation` built.

        Where model_dir is renamed, deleted or replaced meanwhile, nothing is written.
        """
        before = paths.identity(self.model_dir)
        with self._functions.loop("evaluation_loop"):
            path, results = self._newest.given_or_newest(
                checkpoint_path, evaluation.run
            )
            if before and paths.identity(self.model_dir) != before:
                tf1.logging.warning(
                    "Evaluation not written: %s was renamed, deleted or replaced.",
                    self.model_dir,
                )
            elif evaluation.batches:
                event_files.write_results(self.eval_dir(name), results, path)
        return results

    def predict(
        self,
        input_fn: Callable[..., Any],
        predict_keys: Sequence[str] | str | None = None,
        hooks: Sequence | None = None,
        checkpoint_path: Path | None = None,
        yield_single_examples: bool = True,
    ) -> Iterator[Any]:
        """Yields predictions, one per example, for as long as the input lasts.

        Each call has a graph and a session, unless session.certainty says that those of
        an earlier call give the same.

        Args:
          input_fn: returns a Dataset of, or the tensors, features or (features,
            labels); labels are dropped.
          predict_keys: the keys of a dict of predictions to yield; None for all.
          hooks: SessionRunHooks.
          checkpoint_path: None for the newest checkpoint; where there is none, the
            model predicts with its initial values.
          yield_single_examples: False to yield whole batches.

        Yields:
          numpy arrays, or dicts of them, as model_fn's predictions.

        Raises:
          ValueError: unknown predict_keys, or batches of unequal lengths.
        """
        hooks = arguments.hooks(hooks)

        def begin(path: str | None) -> Generator[Any, None, None]:
            fingerprint = self._newest.fingerprint
            if checkpoint_path and path:
                fingerprint = paths.fingerprint(path)
            return prediction.begun(
                self._predictor.batches(
                    prediction.Request(input_fn, predict_keys, hooks, path, fingerprint)
                )
            )

        with self._functions.loop("prediction_loop"):
            if checkpoint_path:
                # Whether it exists is asked as late as in the original, after the
                # user's functions have been called.
                batches = begin(paths.as_text(checkpoint_path))
            else:
                find = functools.partial(self._newest.intact_for, "predict")
                _, batches = self._newest.while_it_exists(find, begin)
            with contextlib.closing(batches):
                for batch in batches:
                    if yield_single_examples:
                        yield from prediction.examples(batch)
                    else:
                        yield batch

    def get_variable_names(self) -> list[str]:
        """Returns the names of all variables in the newest checkpoint, sorted.

        Raises ValueError where there is none.
        """
        return self._newest.read(
            lambda reader: sorted(reader.get_variable_to_shape_map())
        )

    def get_variable_value(self, name: str) -> Any:
        """Returns the variable `name` of the newest checkpoint as a numpy array.

        Args:
          name: as in the checkpoint, or that of the Tensor, with `:0`.

        Raises ValueError where there is no checkpoint.
        """
        name = name.removesuffix(":0")
        return self._newest.read(lambda reader: reader.get_tensor(name))

    def latest_checkpoint(self) -> str | None:
        """Returns the path prefix of the newest checkpoint in model_dir, or None."""
        return paths.latest(self.model_dir)

    def eval_dir(self, name: str | None = None) -> str:
        """Returns the folder that evaluate(name=name) writes its events to."""
        return os.path.join(self.model_dir, f"eval_{name}" if name else "eval")

    def export_saved_model(
        self,
        export_dir_base: Path,
        serving_input_receiver_fn: Callable[[], Any],
        assets_extra: dict[str, str] | None = None,
        as_text: bool = False,
        checkpoint_path: Path | None = None,
        experimental_mode: str = ModeKeys.PREDICT,
    ) -> bytes:
        """Writes one mode as a SavedModel to a timestamped folder.

        Args:
          export_dir_base: the folder that holds the timestamped ones.
          serving_input_receiver_fn: returns a ServingInputReceiver.
          assets_extra: dict relative path in the export's assets.extra -> file.
          as_text: write saved_model.pbtxt instead of saved_model.pb.
          checkpoint_path: None for the newest checkpoint or, without any, that of
            `warm_start_from`.
          experimental_mode: the mode to call model_fn with.

        Returns:
          The folder's path, as bytes.

        Raises ValueError where there is no checkpoint.
        """
        if serving_input_receiver_fn is None:
            raise ValueError("An input_receiver_fn must be defined.")
        return self.experimental_export_all_saved_models(
            export_dir_base,
            {experimental_mode: serving_input_receiver_fn},
            assets_extra,
            as_text,
            checkpoint_path,
        )

    def export_savedmodel(
        self,
        export_dir_base: Path,
        serving_input_receiver_fn: Callable[[], Any],
        assets_extra: dict[str, str] | None = None,
        as_text: bool = False,
        checkpoint_path: Path | None = None,
        strip_default_attrs: bool = False,
    ) -> bytes:
        """Writes as export_saved_model does, by default with all attributes of ops.

        Args:
          strip_default_attrs: True to leave out those that have their default value,
            as export_saved_model does.
        """
        if serving_input_receiver_fn is None:
            raise ValueError("An input_receiver_fn must be defined.")
        return self._export(
            export_dir_base,
            {ModeKeys.PREDICT: serving_input_receiver_fn},
            assets_extra,
            as_text,
            checkpoint_path,
            strip_default_attrs,
        )

    def experimental_export_all_saved_models(
        self,
        export_dir_base: Path,
        input_receiver_fn_map: dict[str, Callable[[], Any]],
        assets_extra: dict[str, str] | None = None,
        as_text: bool = False,
        checkpoint_path: Path | None = None,
    ) -> bytes:
        """Writes several modes as one SavedModel; see export_saved_model.

        Args:
          input_receiver_fn_map: dict mode -> function that returns its receiver.
        """
        return self._export(
            export_dir_base,
            input_receiver_fn_map,
            assets_extra,
            as_text,
            checkpoint_path,
            strip_default_attrs=True,
        )

    def _export(
        self,
        export_dir_base: Path,
        input_receiver_fn_map: dict[str, Callable[[], Any]],
        assets_extra: dict[str, str] | None,
        as_text: bool,
        checkpoint_path: Path | None,
        strip_default_attrs: bool,
    ) -> bytes:
        def write(path: str) -> bytes:
            return saved_model.write(
                paths.as_text(export_dir_base),
                path,
                input_receiver_fn_map,
                self._functions.export_spec,
                self._config.session_config,
                assets_extra,
                as_text,
                strip_default_attrs,
                self._config.tf_random_seed,
            )

        if checkpoint_path:
            return write(paths.as_text(checkpoint_path))
        if self._warm_start:  # of which the modes are known before its checkpoint
            saved_model.checked_modes(input_receiver_fn_map)
        return self._newest.while_it_exists(self._trained_or_warm_start, write)[1]

    def _user_functions(
        self, model_fn: Callable[..., Any], params: Any
    ) -> UserFunctions:
        """Returns what calls model_fn and input_fns, once `_config` is there."""
        return UserFunctions(model_fn, params, self._config)

    # What libraries that were written for the original use beside the public members.

    @property
    def _model_fn(self) -> Callable[..., Any]:
        return self._functions.model_fn

    @_model_fn.setter
    def _model_fn(self, model_fn: Callable[..., Any]) -> None:
        self._functions = dataclasses.replace(self._functions, model_fn=model_fn)
        self._predictor = prediction.Predictor(self._functions, self._warm_start)
        self._evaluations = Keeper()

    @property
    def _model_dir(self) -> str:
        return self.model_dir

    def _call_input_fn(
        self, input_fn: Callable[..., Any], mode: str, input_context: Any = None
    ) -> Any:
        del input_context
        return self._functions.inputs(input_fn, mode)

    def _create_and_assert_global_step(self, graph: tf.Graph) -> tf.Variable:
        return tf1.train.get_or_create_global_step(graph)

    @staticmethod
    def _assert_members_are_not_overridden(self: "Estimator") -> None:
        overridden = [
            name
            for name in sorted(vars(Estimator).keys() - _OPEN_MEMBERS)
            if not name.startswith("_")
            and getattr(type(self), name) is not getattr(Estimator, name)
        ]
        if overridden:
            raise ValueError(
                "Subclasses of Estimator cannot override members of Estimator. "
                f"{type(self)} does override {overridden}"
            )

    def _training_graph(
        self, input_fn: Callable[..., Any], start_step: int, trainer: Trainer
    ) -> ModelGraph:
        device_fn = trainer.device_fn()
        model = model_graph.build(
            self._functions, input_fn, ModeKeys.TRAIN, start_step, device_fn
        )
        model.warm_start(self._warm_start, paths.latest(self.model_dir))
        return model

    def _trained_or_warm_start(self) -> str:
        """Returns the newest checkpoint, or the one that training would begin with."""
        if self._warm_start and not self._newest.intact():
            return warm_start_checkpoint(self._warm_start)
        return self._newest.of_trained()


def _check_steps(name: str, steps: int | None) -> None:
    if steps is not None and steps <= 0:
        raise ValueError(f"Must specify {name} > 0, given: {errors.sample(steps)}")


def _log_resuming(
    start: StartingPoint,
    steps: int | None,
    max_steps: int | None,
    input_fn: Callable[..., Any],
) -> None:
    """Logs where training goes on, and warns where its input does not."""
    if not start.checkpoint:
        return
    end = max_steps or (steps and start.step + steps)
    until = f", training to {end} (+{end - start.step})" if end else ""
    tf1.logging.info("resuming at step %d%s", start.step, until)
    if start.step and not user_functions.names_start_step(input_fn):
        tf1.logging.warning(
            "The data starts over: input_fn does not take the argument start_step, by "
            "which it could go on where the last run stopped."
        )
