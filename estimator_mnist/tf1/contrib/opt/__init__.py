"""tf.contrib.opt: optimizers with weight decay, moving averages, and kin of Adam."""

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.contrib.opt.averages import MovingAverageOptimizer
from estimator_mnist.tf1.contrib.opt.decay import (
    AdamWOptimizer,
    DecoupledWeightDecayExtension,
    MomentumWOptimizer,
    extend_with_decoupled_weight_decay,
)
from estimator_mnist.tf1.contrib.opt.external import (
    ExternalOptimizerInterface,
    ScipyOptimizerInterface,
)
from estimator_mnist.tf1.contrib.opt.moments import (
    AdaMaxOptimizer,
    LazyAdamOptimizer,
    NadamOptimizer,
)

__all__ = [
    "AdaMaxOptimizer",
    "AdamWOptimizer",
    "DecoupledWeightDecayExtension",
    "ExternalOptimizerInterface",
    "LazyAdamOptimizer",
    "MomentumWOptimizer",
    "MovingAverageOptimizer",
    "NadamOptimizer",
    "ScipyOptimizerInterface",
    "extend_with_decoupled_weight_decay",
]

__getattr__ = replacements.module_getattr("tf.contrib.opt")
