"""Names of tf.estimator.experimental."""

from estimator_mnist.estimator import refused
from estimator_mnist.estimator.early_stopping import (
    make_early_stopping_hook,
    make_stop_at_checkpoint_step_hook,
    stop_if_higher_hook,
    stop_if_lower_hook,
    stop_if_no_decrease_hook,
    stop_if_no_increase_hook,
)
from estimator_mnist.estimator.export import build_raw_supervised_input_receiver_fn
from estimator_mnist.estimator.in_memory_evaluator import InMemoryEvaluatorHook

__all__ = [
    "InMemoryEvaluatorHook",
    "build_raw_supervised_input_receiver_fn",
    "make_early_stopping_hook",
    "make_stop_at_checkpoint_step_hook",
    "stop_if_higher_hook",
    "stop_if_lower_hook",
    "stop_if_no_decrease_hook",
    "stop_if_no_increase_hook",
    *refused.EXPERIMENTAL_REMEDIES,
]

globals().update(
    {
        name: refused.stand_in(f"experimental.{name}", remedy)
        for name, remedy in refused.EXPERIMENTAL_REMEDIES.items()
    }
)
