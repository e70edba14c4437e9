"""tf.estimator's v1 API on tf.compat.v1 sessions."""

from tensorflow.compat.v1.train import (
    CheckpointSaverHook,
    CheckpointSaverListener,
    FeedFnHook,
    FinalOpsHook,
    GlobalStepWaiterHook,
    LoggingTensorHook,
    NanLossDuringTrainingError,
    NanTensorHook,
    ProfilerHook,
    SecondOrStepTimer,
    SessionRunArgs,
    SessionRunContext,
    SessionRunHook,
    SessionRunValues,
    StepCounterHook,
    StopAtStepHook,
    SummarySaverHook,
)

from estimator_mnist.errors import CheckpointMismatchError
from estimator_mnist.estimator import experimental, export, inputs, keras, tpu
from estimator_mnist.estimator.canned import not_available
from estimator_mnist.estimator.canned.baseline import (
    BaselineClassifier,
    BaselineEstimator,
    BaselineRegressor,
)
from estimator_mnist.estimator.canned.dnn import (
    DNNClassifier,
    DNNEstimator,
    DNNRegressor,
)
from estimator_mnist.estimator.canned.dnn_linear_combined import (
    DNNLinearCombinedClassifier,
    DNNLinearCombinedEstimator,
    DNNLinearCombinedRegressor,
)
from estimator_mnist.estimator.canned.linear import (
    LinearClassifier,
    LinearEstimator,
    LinearRegressor,
)
from estimator_mnist.estimator.canned.parsing_utils import (
    classifier_parse_example_spec,
    regressor_parse_example_spec,
)
from estimator_mnist.estimator.checkpoint.warm_start import VocabInfo, WarmStartSettings
from estimator_mnist.estimator.estimator import Estimator
from estimator_mnist.estimator.export.exporter import (
    BestExporter,
    Exporter,
    FinalExporter,
    LatestExporter,
)
from estimator_mnist.estimator.extenders import add_metrics
from estimator_mnist.estimator.head.base_head import Head
from estimator_mnist.estimator.head.binary_class_head import BinaryClassHead
from estimator_mnist.estimator.head.logistic_regression_head import (
    LogisticRegressionHead,
)
from estimator_mnist.estimator.head.multi_class_head import MultiClassHead
from estimator_mnist.estimator.head.multi_head import MultiHead
from estimator_mnist.estimator.head.multi_label_head import MultiLabelHead
from estimator_mnist.estimator.head.poisson_regression_head import PoissonRegressionHead
from estimator_mnist.estimator.head.regression_head import RegressionHead
from estimator_mnist.estimator.hooks.stop_on_signal import StopOnSignal
from estimator_mnist.estimator.install import install, uninstall
from estimator_mnist.estimator.mode_keys import ModeKeys
from estimator_mnist.estimator.model_fn import EstimatorSpec
from estimator_mnist.estimator.run_config import RunConfig
from estimator_mnist.estimator.session.randomness import step_seed
from estimator_mnist.estimator.training import EvalSpec, TrainSpec, train_and_evaluate

__all__ = [
    "BaselineClassifier",
    "BaselineEstimator",
    "BaselineRegressor",
    "BestExporter",
    "BinaryClassHead",
    "CheckpointMismatchError",
    "CheckpointSaverHook",
    "CheckpointSaverListener",
    "DNNClassifier",
    "DNNEstimator",
    "DNNLinearCombinedClassifier",
    "DNNLinearCombinedEstimator",
    "DNNLinearCombinedRegressor",
    "DNNRegressor",
    "Estimator",
    "EstimatorSpec",
    "EvalSpec",
    "Exporter",
    "FeedFnHook",
    "FinalExporter",
    "FinalOpsHook",
    "GlobalStepWaiterHook",
    "Head",
    "LatestExporter",
    "LinearClassifier",
    "LinearEstimator",
    "LinearRegressor",
    "LoggingTensorHook",
    "LogisticRegressionHead",
    "ModeKeys",
    "MultiClassHead",
    "MultiHead",
    "MultiLabelHead",
    "NanLossDuringTrainingError",
    "NanTensorHook",
    "PoissonRegressionHead",
    "ProfilerHook",
    "RegressionHead",
    "RunConfig",
    "SecondOrStepTimer",
    "SessionRunArgs",
    "SessionRunContext",
    "SessionRunHook",
    "SessionRunValues",
    "StepCounterHook",
    "StopAtStepHook",
    "StopOnSignal",
    "SummarySaverHook",
    "TrainSpec",
    "VocabInfo",
    "WarmStartSettings",
    "add_metrics",
    "classifier_parse_example_spec",
    "experimental",
    "export",
    "inputs",
    "install",
    "keras",
    "regressor_parse_example_spec",
    "step_seed",
    "tpu",
    "train_and_evaluate",
    "uninstall",
    *not_available.names(__name__),
]


def __getattr__(name: str) -> type:
    return not_available.attribute(__name__, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
