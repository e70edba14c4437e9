"""tf.contrib.learn: Estimator, Experiment, monitors, words as numbers, data sets."""

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.contrib.learn import (
    datasets,
    io,
    learn_runner,
    monitors,
    preprocessing,
    utils,
)
from estimator_mnist.tf1.contrib.learn.arrays import InputFnOps
from estimator_mnist.tf1.contrib.learn.estimator import (
    Estimator,
    MetricSpec,
    ModelFnOps,
    SKCompat,
)
from estimator_mnist.tf1.contrib.learn.experiment import (
    Experiment,
    ExportStrategy,
    make_export_strategy,
)
from estimator_mnist.tf1.contrib.learn.io import (
    extract_pandas_data,
    extract_pandas_labels,
    extract_pandas_matrix,
)
from estimator_mnist.tf1.contrib.learn.run_config import (
    ModeKeys,
    PredictionKey,
    ProblemType,
    RunConfig,
    TaskType,
)
from estimator_mnist.tf1.contrib.learn.utils import build_parsing_serving_input_fn

_SAME = {
    "NanLossDuringTrainingError": "train.NanLossDuringTrainingError",
}
__all__ = [
    "Estimator",
    "Experiment",
    "ExportStrategy",
    "InputFnOps",
    "MetricSpec",
    "ModeKeys",
    "ModelFnOps",
    "PredictionKey",
    "ProblemType",
    "RunConfig",
    "SKCompat",
    "TaskType",
    "build_parsing_serving_input_fn",
    "datasets",
    "extract_pandas_data",
    "extract_pandas_labels",
    "extract_pandas_matrix",
    "io",
    "learn_runner",
    "make_export_strategy",
    "monitors",
    "preprocessing",
    "utils",
]

__getattr__ = replacements.module_getattr("tf.contrib.learn", names=_SAME)
