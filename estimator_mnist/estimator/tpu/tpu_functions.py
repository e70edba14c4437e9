"""Calls the functions of a TPUEstimator, with the batch size in their params."""

import contextlib
import copy
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, runtime_checkable

import tensorflow as tf

from estimator_mnist.estimator.mode_keys import ModeKeys
from estimator_mnist.estimator.model_fn import EstimatorSpec
from estimator_mnist.estimator.run_config import RunConfig
from estimator_mnist.estimator.session.arguments import argument_names
from estimator_mnist.estimator.session.user_functions import UserFunctions
from estimator_mnist.estimator.tpu.session_hooks import ExamplesPerSecondHook
from estimator_mnist.estimator.tpu.tpu_estimator_spec import TPUEstimatorSpec

tf1 = tf.compat.v1

BATCH_SIZE = "batch_size"
USE_TPU = "use_tpu"
_MISSING = (
    "{what} ({function}) does not include params argument, required by TPUEstimator to "
    'pass batch size as params["batch_size"]'
)


@runtime_checkable
class HParams(Protocol):
    """Hyperparameters that are added and set by methods."""

    def __contains__(self, name: object) -> bool:
        """Returns whether there is one of that name."""

    def add_hparam(self, name: str, value: Any) -> None:
        """Adds one."""

    def set_hparam(self, name: str, value: Any) -> None:
        """Sets one that is there."""


@dataclasses.dataclass(frozen=True)
class TPUFunctions(UserFunctions):
    """A model_fn as UserFunctions has it, and what a TPUEstimator adds to its calls.

    Attributes:
      batch_sizes: of each mode, None where the user has given none.
      steps_between_speeds: steps between log lines of the speed; None for no lines.
    """

    batch_sizes: Mapping[str, int | None]
    steps_between_speeds: int | None

    def spec(
        self, features: Any, labels: Any, mode: str, config: RunConfig | None = None
    ) -> EstimatorSpec:
        """Calls model_fn with the batch size and `use_tpu` in its params.

        Raises ValueError where it takes no params, and as the base does.
        """
        batch_size = self.batch_sizes[mode]
        functions = self._with_params({BATCH_SIZE: batch_size, USE_TPU: False})
        spec = UserFunctions.spec(functions, features, labels, mode, config)
        if mode != ModeKeys.TRAIN or not batch_size or not self.steps_between_speeds:
            return spec
        folder = self.config.model_dir if self.config.is_chief else None
        hook = ExamplesPerSecondHook(batch_size, self.steps_between_speeds, folder)
        return spec._replace(training_hooks=[*spec.training_hooks, hook])

    def export_spec(self, features: Any, labels: Any, mode: str) -> EstimatorSpec:
        """Calls model_fn without a batch size: an export takes batches of any."""
        functions = self._with_params({USE_TPU: False})
        return UserFunctions.spec(functions, features, labels, mode)

    def inputs(
        self, input_fn: Callable[..., Any], mode: str, start_step: int = 0
    ) -> Any:
        """Calls input_fn with the batch size in its params.

        Raises ValueError where it takes no params.
        """
        if "params" not in argument_names(input_fn):
            raise ValueError(_MISSING.format(what="input_fn", function=input_fn))
        functions = self._with_params({BATCH_SIZE: self.batch_sizes[mode]})
        return UserFunctions.inputs(functions, input_fn, mode, start_step)

    def call_model_fn(self, mode: str, features: Any, named: dict[str, Any]) -> Any:
        """Calls model_fn; returns a TPUEstimatorSpec as an EstimatorSpec.

        Raises ValueError where it takes no params.
        """
        tf1.logging.info("Running %s on CPU/GPU", mode)
        if "params" not in named:
            raise ValueError(_MISSING.format(what="model_fn", function=self.model_fn))
        spec = super().call_model_fn(mode, features, named)
        return spec.as_estimator_spec() if isinstance(spec, TPUEstimatorSpec) else spec

    @contextlib.contextmanager
    def loop(self, name: str) -> Iterator[None]:
        """Logs that a loop has ended, and whether by an error."""
        is_error = False
        try:
            yield
        except Exception:  # not the end of a generator, for one
            is_error = True
            raise
        finally:
            tf1.logging.info("%s marked as finished", name)
            if is_error:
                tf1.logging.warning("Reraising captured error")

    def _with_params(self, added: Mapping[str, Any]) -> "TPUFunctions":
        return dataclasses.replace(self, params=_with(self.params, added))


def _with(params: Any, added: Mapping[str, Any]) -> Any:
    """Returns a copy of `params` with those of `added` that are not None."""
    params = copy.deepcopy(params)
    for name, value in added.items():
        if value is None:
            continue
        if not isinstance(params, HParams):
            params[name] = value
        elif name in params:
            params.set_hparam(name, value)
        else:
            params.add_hparam(name, value)
    return params
