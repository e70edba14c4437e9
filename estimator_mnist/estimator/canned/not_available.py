"""Names of tf.estimator that this runtime does not have, and what to use instead."""

_CUSTOM = (
    "write a model_fn that calls your layers and {head}.create_estimator_spec, and "
    "pass it to Estimator"
)
_CLASSIFIER = _CUSTOM.format(head="MultiClassHead or BinaryClassHead")
_REGRESSOR = _CUSTOM.format(head="RegressionHead")
_ANY_HEAD = _CUSTOM.format(head="a head")
_OWN_LOSS = "compute loss and predictions in model_fn, and return an EstimatorSpec"
_PARSE = "give tf.io.parse_example a dict of tf.io.FixedLenFeature of your own"

REMEDIES = {
    "BaselineClassifier": _CLASSIFIER,
    "BaselineEstimator": _ANY_HEAD,
    "BaselineRegressor": _REGRESSOR,
    "DNNClassifier": _CLASSIFIER,
    "DNNEstimator": _ANY_HEAD,
    "DNNLinearCombinedClassifier": _CLASSIFIER,
    "DNNLinearCombinedEstimator": _ANY_HEAD,
    "DNNLinearCombinedRegressor": _REGRESSOR,
    "DNNRegressor": _REGRESSOR,
    "LinearClassifier": _CLASSIFIER,
    "LinearEstimator": _ANY_HEAD,
    "LinearRegressor": _REGRESSOR,
    "LogisticRegressionHead": "use BinaryClassHead, or " + _OWN_LOSS,
    "MultiHead": _OWN_LOSS,
    "MultiLabelHead": _OWN_LOSS,
    "PoissonRegressionHead": "use RegressionHead with a loss_fn, or " + _OWN_LOSS,
    "classifier_parse_example_spec": _PARSE,
    "regressor_parse_example_spec": _PARSE,
}
EXPERIMENTAL_REMEDIES = {
    "KMeans": "use sklearn.cluster.KMeans",
    "LinearSDCA": "use an optimizer of tf.compat.v1.train in a model_fn",
    "RNNClassifier": _CLASSIFIER,
    "RNNEstimator": _ANY_HEAD,
    "call_logit_fn": "call the function itself",
    "dnn_logit_fn_builder": "call your dense layers in model_fn",
    "linear_logit_fn_builder": "call a dense layer in model_fn",
}


def stand_in(name: str, remedy: str):
    """A function that raises NotImplementedError, saying what to do instead."""

    def refuse(*args, **kwargs):
        del args, kwargs
        raise NotImplementedError(
            f"estimator.{name} is not part of this runtime. Instead: {remedy}."
        )

    refuse.__name__ = refuse.__qualname__ = name
    refuse.__doc__ = f"Not part of this runtime. Instead: {remedy}."
    return refuse


class Tpu:
    """Stands where tf.estimator has its module `tpu`."""

    def __getattr__(self, name: str):
        if name.startswith("__"):
            raise AttributeError(name)
        return stand_in(
            f"tpu.{name}",
            "use Estimator, RunConfig and EstimatorSpec: this runtime runs on CPU and "
            "GPU; on a TPU use Keras",
        )
