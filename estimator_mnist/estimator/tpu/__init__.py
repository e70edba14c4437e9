"""The names of tf.estimator.tpu; each says what to use instead."""

from estimator_mnist.estimator.canned import not_available
from estimator_mnist.estimator.tpu import experimental

__all__ = ["experimental", *not_available.names(__name__)]


def __getattr__(name: str) -> type:
    return not_available.attribute(__name__, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
