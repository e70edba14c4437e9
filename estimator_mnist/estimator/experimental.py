"""Names of tf.estimator.experimental."""

from estimator_mnist.estimator.canned import not_available
from estimator_mnist.estimator.canned.dnn import dnn_logit_fn_builder
from estimator_mnist.estimator.canned.linear import linear_logit_fn_builder
from estimator_mnist.estimator.canned.logit_fn import call_logit_fn
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
    "dnn_logit_fn_builder",
    "call_logit_fn",
    "linear_logit_fn_builder",
    "make_early_stopping_hook",
    "make_stop_at_checkpoint_step_hook",
    "stop_if_higher_hook",
    "stop_if_lower_hook",
    "stop_if_no_decrease_hook",
    "stop_if_no_increase_hook",
    *not_available.names(__name__),
]


def __getattr__(name: str) -> type:
    return not_available.attribute(__name__, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
