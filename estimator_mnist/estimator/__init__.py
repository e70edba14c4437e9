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

from estimator_mnist.estimator import experimental, export, inputs, refused
from estimator_mnist.estimator.add_metrics import add_metrics
from estimator_mnist.estimator.estimator import Estimator
from estimator_mnist.estimator.exporter import (
    BestExporter,
    Exporter,
    FinalExporter,
    LatestExporter,
)
from estimator_mnist.estimator.heads import (
    BinaryClassHead,
    Head,
    MultiClassHead,
    RegressionHead,
)
from estimator_mnist.estimator.install import install, uninstall
from estimator_mnist.estimator.mismatch import CheckpointMismatchError
from estimator_mnist.estimator.randomness import step_seed
from estimator_mnist.estimator.run_config import RunConfig
from estimator_mnist.estimator.signals import StopOnSignal
from estimator_mnist.estimator.spec import EstimatorSpec, ModeKeys
from estimator_mnist.estimator.training import EvalSpec, TrainSpec, train_and_evaluate
from estimator_mnist.estimator.warm_start import VocabInfo, WarmStartSettings

__all__ = [
    "BestExporter",
    "BinaryClassHead",
    "CheckpointMismatchError",
    "CheckpointSaverHook",
    "CheckpointSaverListener",
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
    "LoggingTensorHook",
    "ModeKeys",
    "MultiClassHead",
    "NanLossDuringTrainingError",
    "NanTensorHook",
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
    "experimental",
    "export",
    "inputs",
    "install",
    "step_seed",
    "tpu",
    "train_and_evaluate",
    "uninstall",
    *refused.REMEDIES,
]

tpu = refused.Tpu()
globals().update(
    {name: refused.stand_in(name, remedy) for name, remedy in refused.REMEDIES.items()}
)
