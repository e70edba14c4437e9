"""Copies a model of Keras 2 into the graph of one mode, compiled as it is itself."""

import contextlib
import dataclasses
import types
import warnings
from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from estimator_mnist import compat
from estimator_mnist.estimator.keras import versions
from estimator_mnist.estimator.mode_keys import ModeKeys

tf1 = tf.compat.v1


@dataclasses.dataclass(frozen=True)
class KerasModel:
    """Holds a compiled model of Keras 2, from which each mode's graph gets a copy.

    Attributes:
      model: the model; it is never changed.
      optimizer: of a kind that works in a graph.
      custom_objects: dict name -> class or function, for copying the model.
    """

    model: Any
    optimizer: Any
    custom_objects: dict[str, Any] | None

    @property
    def keras(self) -> types.ModuleType:
        """Returns the Keras that the model is of."""
        return versions.keras2_of(self.model)

    def weight_names(self) -> list[str]:
        """Returns the names of all weights, as the variables of a copy have them."""
        with tf.Graph().as_default():
            tf1.train.create_global_step()
            with self.copy(ModeKeys.PREDICT) as copy:
                return [weight.op.name for weight in copy.weights]

    def values(self) -> list | None:
        """Returns the weights as arrays; None in TF 1.x where nothing has set them."""
        if tf1.executing_eagerly_outside_functions():
            return self.model.get_weights()
        backend = compat.keras().backend
        with self.model.weights[0].graph.as_default():
            # Or else Keras's session would set those that nobody has set.
            backend.manual_variable_initialization(True)
            try:
                ready = [tf1.is_variable_initialized(one) for one in self.model.weights]
                is_set = all(backend.get_session().run(ready))
            finally:
                backend.manual_variable_initialization(False)
        return self.model.get_weights() if is_set else None

    def has_values(self) -> bool:
        """Returns whether there are weights that copies can begin with."""
        model = self.model
        return versions.is_functional(model) and model.built and bool(model.weights)

    @contextlib.contextmanager
    def copy(
        self, mode: str, inputs: list | None = None, targets: list | None = None
    ) -> Iterator[Any]:
        """Makes a copy of the model in the default graph, with variables of its own.

        The copy works as long as the context lasts.

        Args:
          mode: one of ModeKeys; the copy is compiled but for PREDICT.
          inputs: tensors, one per input of the model; None for placeholders.
          targets: tensors, one per output; None for placeholders.
        """
        clone = self.keras.__internal__.models.clone_and_build_model
        with versions.unchanged(self.model) as kinds:
            self._set_phase(mode)
            self.model.optimizer = self.optimizer
            copy = clone(
                self.model,
                inputs,
                targets,
                custom_objects=self.custom_objects,
                compile_clone=mode != ModeKeys.PREDICT,
                optimizer_iterations=tf1.train.get_global_step(),
            )
            kinds |= {type(part) for part in (*copy.submodules, *copy.metrics)}
            yield copy

    def _set_phase(self, mode: str) -> None:
        """Tells the layers of the default graph whether they are trained."""
        with warnings.catch_warnings():
            # Deprecated, and the only way for layers that nobody calls directly.
            warnings.filterwarnings("ignore", message=".*set_learning_phase")
            self.keras.backend.set_learning_phase(int(mode == ModeKeys.TRAIN))


def train_op(copy: Any) -> tf.Operation:
    """Returns the op that updates all variables of a copy and adds 1 to the step."""
    with tf1.name_scope("training"):
        updates = copy.optimizer.get_updates(
            loss=copy.total_loss, params=copy.trainable_weights
        )
        # Not those of models in it, as far as they belong to inputs of their own.
        for inputs in (None, copy.inputs):
            updates += copy.get_updates_for(inputs)
        return tf.group(*updates)
