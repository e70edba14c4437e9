"""The names of tf.estimator.tpu, for programs that run with use_tpu=False."""

from estimator_mnist.estimator.canned import not_available
from estimator_mnist.estimator.tpu import experimental
from estimator_mnist.estimator.tpu.tpu_config import (
    InputPipelineConfig,
    RunConfig,
    TPUConfig,
)
from estimator_mnist.estimator.tpu.tpu_estimator import TPUEstimator
from estimator_mnist.estimator.tpu.tpu_estimator_spec import TPUEstimatorSpec

__all__ = [
    "InputPipelineConfig",
    "RunConfig",
    "TPUConfig",
    "TPUEstimator",
    "TPUEstimatorSpec",
    "experimental",
    *not_available.names(__name__),
]


def __getattr__(name: str) -> type:
    return not_available.attribute(__name__, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
