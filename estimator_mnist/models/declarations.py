"""What a file of networks/ declares: its network, and its settings as plain data.

Nothing here imports TensorFlow, nor do the files of networks/ before their network is
built: flags, defaults and --help are made of these declarations.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Mapping
from typing import Any

from estimator_mnist import options
from estimator_mnist.data import statistics

if typing.TYPE_CHECKING:
    import tensorflow as tf

    from estimator_mnist.models.layers import Network

Params = Mapping[str, Any]  # hyperparameters by name, and what a run adds to them

MAX_UNITS = 2**16  # of a layer: weights of some GB
OPTIMIZERS = ("gradient_descent", "momentum", "rmsprop", "adam", "nadam")


@dataclasses.dataclass(frozen=True)
class Hyperparameter(options.Option):
    """A setting of a model; its name is also that of its flag and of its param."""

    shapes_variables: bool = False  # with another value, no checkpoint fits

    def with_default(self, default: Any) -> Hyperparameter:
        """Returns the same hyperparameter with another default."""
        return dataclasses.replace(self, default=default)


# What every model takes.
COMMON = {
    "optimizer": Hyperparameter(
        str, "adam", "Optimizer of the model.", choices=OPTIMIZERS
    ),
    "learning_rate": Hyperparameter(float, 1e-4, "Its learning rate.", lower_bound=0),
    "decay_steps": Hyperparameter(
        int,
        0,
        "The learning rate halves each time so many steps are over; 0 for never.",
        lower_bound=0,
    ),
}
# What several models take.
NORMALIZE = Hyperparameter(
    str,
    "none",
    "images as they are, their range onto 0..1, or each pixel to mean 0 and deviation "
    "1, as of the training images.",
    choices=statistics.NORMALIZATIONS,
)
DROPOUT_RATE = Hyperparameter(
    float,
    0.5,
    "share of dense units dropped in training.",
    lower_bound=0,
    upper_bound=0.99,
)
FILTERS = Hyperparameter(
    int, 32, "filters.", lower_bound=1, upper_bound=MAX_UNITS, shapes_variables=True
)
KERNEL_SIZE = Hyperparameter(
    int,
    5,
    "filter side, pixels.",
    lower_bound=1,
    upper_bound=40,  # the larger images' side
    shapes_variables=True,
)


@dataclasses.dataclass(frozen=True)
class Model:
    """A network and the notebook's settings for it.

    Attributes:
      network: (images float32 [batch, side, side], params, training) -> Network.
      batch_size: images per step.
      max_steps: the step to end at.
      training: defaults of COMMON that are the model's own.
      hyperparameters: those that COMMON has not, by name.
      exports: names of the predictions beside classes and probabilities.
      keras: whether formats.keras_file can write its layers.
    """

    network: Callable[[tf.Tensor, Params, bool], Network]
    batch_size: int
    max_steps: int
    training: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    hyperparameters: Mapping[str, Hyperparameter] = dataclasses.field(
        default_factory=dict
    )
    exports: tuple[str, ...] = ()
    keras: bool = False

    def __post_init__(self) -> None:
        unknown = self.training.keys() - COMMON.keys()
        if unknown:
            raise ValueError(f"training={self.training}: no model has {unknown}.")

    @property
    def params(self) -> dict[str, Any]:
        """The default of every hyperparameter, by name."""
        common = {name: one.default for name, one in COMMON.items()}
        own = {name: one.default for name, one in self.hyperparameters.items()}
        return {**common, **self.training, **own}
