"""The models: a line of import and an entry for each file of networks/."""

from absl import flags

from estimator_mnist import options
from estimator_mnist.models.declarations import COMMON, Hyperparameter, Model
from estimator_mnist.models.networks import (
    cnn,
    cnn_deep,
    cnn_same,
    dense,
    fashion,
    lenet5,
    linear,
    mlp,
)

MODELS: dict[str, Model] = {
    "linear": linear.MODEL,
    "mlp": mlp.MODEL,
    "cnn": cnn.MODEL,
    "cnn_deep": cnn_deep.MODEL,
    "dense": dense.MODEL,
    "cnn_same": cnn_same.MODEL,
    "fashion": fashion.MODEL,
    "lenet5": lenet5.MODEL,
}


def hyperparameters() -> dict[str, Hyperparameter]:
    """Returns the hyperparameters of all models by name, each once, without default.

    Raises ValueError where models declare one name differently, defaults aside.
    """
    found = {name: one.with_default(None) for name, one in COMMON.items()}
    for model, declared in MODELS.items():
        for name, one in declared.hyperparameters.items():
            known = found.setdefault(name, one.with_default(None))
            if known != one.with_default(None):
                raise ValueError(
                    f"{model} declares {name} otherwise than a model before it: {one}, "
                    f"not {known}."
                )
    return found


def users(name: str) -> list[str]:
    """Returns the models that declare a hyperparameter which not every model has."""
    return [model for model, one in MODELS.items() if name in one.hyperparameters]


def define_flags(flag_values: flags.FlagValues) -> None:
    """Defines a flag for each hyperparameter.

    Raises ValueError where models declare one name differently.
    """
    options.define_flags(flag_values, hyperparameters())
