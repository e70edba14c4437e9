"""Names of tf.estimator.experimental."""

from estimator_mnist.estimator.canned import not_available
from estimator_mnist.estimator.export.receivers import (
    build_raw_supervised_input_receiver_fn,
)
from estimator_mnist.estimator.hooks.early_stopping import (
    make_early_stopping_hook,
    make_stop_at_checkpoint_step_hook,
    stop_if_higher_hook,
    stop_if_lower_hook,
    stop_if_no_decrease_hook,
    stop_if_no_increase_hook,
)
from estimator_mnist.estimator.hooks.in_memory_evaluator import InMemoryEvaluatorHook

__all__ = [
    "InMemoryEvaluatorHook",
    "build_raw_supervised_input_receiver_fn",
    "make_early_stopping_hook",
    "make_stop_at_checkpoint_step_hook",
    "stop_if_higher_hook",
    "stop_if_lower_hook",
    "stop_if_no_decrease_hook",
    "stop_if_no_increase_hook",
    *not_available.EXPERIMENTAL_REMEDIES,
]

globals().update(
    {
        name: not_available.stand_in(f"experimental.{name}", remedy)
        for name, remedy in not_available.EXPERIMENTAL_REMEDIES.items()
    }
)
