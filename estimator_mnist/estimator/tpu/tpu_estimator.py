"""TPUEstimator: an Estimator whose functions are told the batch size."""

import enum
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator.checkpoint.warm_start import WarmStartSettings
from estimator_mnist.estimator.estimator import Estimator, Path
from estimator_mnist.estimator.mode_keys import ModeKeys
from estimator_mnist.estimator.session.user_functions import UserFunctions
from estimator_mnist.estimator.tpu.tpu_config import RunConfig, steps_between_speeds
from estimator_mnist.estimator.tpu.tpu_functions import BATCH_SIZE, TPUFunctions

tf1 = tf.compat.v1

_RESERVED = (BATCH_SIZE, "context")


class ExportSavedModelApiVersion(enum.IntEnum):
    """Numbers the ways in which a model is exported for a TPU."""

    V1 = 1
    V2 = 2


class TPUEstimator(Estimator):
    """Trains, evaluates and predicts off the TPU, as use_tpu=False has it.

    estimator = TPUEstimator(
        model_fn, config=RunConfig(model_dir="/tmp/bert"), use_tpu=False,
        train_batch_size=32, eval_batch_size=8, predict_batch_size=8)
    estimator.train(lambda params: dataset(params["batch_size"]), steps=1000)

    model_fn and each input_fn find their batch size in params["batch_size"], model_fn
    also params["use_tpu"], which is False. model_fn returns a TPUEstimatorSpec or an
    EstimatorSpec. train, evaluate, predict and the exports are those of Estimator.
    """

    def __init__(
        self,
        model_fn: Callable[..., Any] | None = None,
        model_dir: Path | None = None,
        config: RunConfig | None = None,
        params: Any = None,
        use_tpu: bool = True,
        train_batch_size: int | None = None,
        eval_batch_size: int | None = None,
        predict_batch_size: int | None = None,
        batch_axis: Any = None,
        eval_on_tpu: bool = True,
        export_to_tpu: bool = True,
        export_to_cpu: bool = True,
        warm_start_from: str | WarmStartSettings | None = None,
        embedding_config_spec: Any = None,
        export_saved_model_api_version: int = ExportSavedModelApiVersion.V1,
    ) -> None:
        """Checks its arguments; those that are not named below are as in Estimator.

        Args:
          config: a RunConfig of this module.
          params: hyperparameters, without "batch_size" and "context".
          use_tpu: False; True is an error.
          train_batch_size, eval_batch_size, predict_batch_size: numbers of examples,
            which input_fn and model_fn get; None where they need none.
          batch_axis, eval_on_tpu, export_to_tpu, export_to_cpu: of no effect here.
          embedding_config_spec: None.
          export_saved_model_api_version: 1 or 2; of no effect here.

        Raises:
          ValueError: config is of another type, params has a reserved key, or as
            Estimator does.
          RuntimeError: use_tpu is true.
          NotImplementedError: embedding_config_spec is given.
        """
        config = _checked(config, params)
        _refuse_tpu(use_tpu, embedding_config_spec)
        if model_fn is None:
            raise TypeError("unsupported callable: model_fn is None. Give a model_fn.")
        self._batch_sizes: dict[str, int | None] = {
            ModeKeys.TRAIN: train_batch_size,
            ModeKeys.EVAL: eval_batch_size,
            ModeKeys.PREDICT: predict_batch_size,
        }
        self._steps_between_speeds = steps_between_speeds(config)
        # The speed is logged with the examples per second, and the loss is not.
        quiet = config.replace(log_step_count_steps=None)
        super().__init__(model_fn, model_dir, quiet, params, warm_start_from)
        tf1.logging.info("_TPUContext: eval_on_tpu %s", eval_on_tpu)
        if eval_on_tpu:
            tf1.logging.warning("eval_on_tpu ignored because use_tpu is False.")
        _check_version(export_saved_model_api_version)

    def _user_functions(
        self, model_fn: Callable[..., Any], params: Any
    ) -> UserFunctions:
        return TPUFunctions(
            model_fn,
            params,
            self._config,
            self._batch_sizes,
            self._steps_between_speeds,
        )


def _checked(config: Any, params: Any) -> RunConfig:
    """Returns `config`; raises ValueError where it, or params, will not do."""
    if not isinstance(config, RunConfig):
        raise ValueError(
            "`config` must be provided with type `tpu_config.RunConfig`, "
            f"tf.estimator.tpu.RunConfig. Given: {errors.sample(config)}."
        )
    if params is not None and any(key in params for key in _RESERVED):
        raise ValueError(
            f"{list(_RESERVED)} are reserved keys but existed in params "
            f"{errors.sample(params)}. TPUEstimator sets them: leave them out."
        )
    return config


def _refuse_tpu(use_tpu: bool, embedding_config_spec: Any) -> None:
    if use_tpu:
        raise RuntimeError(
            "Cannot find any TPU cores in the system. This runtime trains on CPU and "
            "GPU: give TPUEstimator(use_tpu=False), which many programs do by a flag "
            "--use_tpu=False. On a TPU use Keras."
        )
    if embedding_config_spec is not None:
        raise NotImplementedError(
            "embedding_config_spec is of a TPU: leave it out, and look embeddings up "
            "with tf.nn.embedding_lookup in model_fn."
        )


def _check_version(version: Any) -> None:
    if version not in list(ExportSavedModelApiVersion):
        raise ValueError(
            f"export_saved_model_api_version should be 1 or 2; got {version}."
        )
