"""Imports what a command imports late, for the server of processes.forked.

It builds nothing: TensorFlow's threads would not outlive the fork. Nor does it import
main: whoever shares the server would have the program's flags.
"""

from sklearn import datasets, preprocessing

from estimator_mnist import compat
from estimator_mnist.experiment import training
from estimator_mnist.report import compare_figure, report, sweep_figure

__all__ = [
    "compare_figure",
    "datasets",
    "preprocessing",
    "report",
    "sweep_figure",
    "training",
]

compat.layers()
