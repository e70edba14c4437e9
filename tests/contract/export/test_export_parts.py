"""What goes into an export: receivers of inputs, and kinds of outputs."""

import numpy as np
import pytest
import tensorflow as tf

tf1 = tf.compat.v1


class HoldsTensor:
    """Stands for the Tensor that it has."""

    def __init__(self, tensor):
        self.tensor = tensor


class HoldsAnother:
    """Has a Tensor, but does not stand for it."""

    def __init__(self, tensor):
        self.tensor = tensor


tf.register_tensor_conversion_function(
    HoldsTensor, lambda value, dtype=None, name=None, as_ref=False: value.tensor
)


@pytest.fixture
def graph():
    """A graph in which the test makes its tensors."""
    with tf.Graph().as_default() as graph:
        yield graph


@pytest.mark.usefixtures("graph")
class TestReceivers:
    def test_fields(self, est):
        names = ("features", "receiver_tensors", "receiver_tensors_alternatives")
        assert est.export.ServingInputReceiver._fields == names
        assert est.export.TensorServingInputReceiver._fields == names

    def test_lone_tensors_get_names(self, est):
        x = tf1.placeholder(tf.float32, [None, 2])
        receiver = est.export.ServingInputReceiver(x, x, {"alt": x})
        assert receiver.features == {"feature": x}
        assert receiver.receiver_tensors == {"input": x}
        assert receiver.receiver_tensors_alternatives == {"alt": {"input": x}}

    def test_dicts_stay(self, est):
        x = tf1.placeholder(tf.float32, [None, 2])
        receiver = est.export.ServingInputReceiver({"a": x}, {"b": x})
        assert receiver.features == {"a": x}
        assert receiver.receiver_tensors == {"b": x}
        assert receiver.receiver_tensors_alternatives is None

    def test_sparse_features_are_fine(self, est):
        x = tf1.placeholder(tf.string, [None])
        sparse = tf1.sparse_placeholder(tf.float32)
        assert est.export.ServingInputReceiver({"s": sparse}, x).features["s"] is sparse

    def test_what_converts_to_its_tensor_is_fine(self, est):
        x = tf1.placeholder(tf.float32, [None, 2])
        held = HoldsTensor(x)
        receiver = est.export.ServingInputReceiver({"a": held}, {"b": held})
        assert receiver.features == {"a": held}
        assert receiver.receiver_tensors == {"b": held}
        assert est.export.ServingInputReceiver(held, x).features == {"feature": held}
        assert est.export.TensorServingInputReceiver(held, x).features is held

    def test_what_has_a_tensor_must_convert_to_it(self, est):
        x = tf1.placeholder(tf.float32, [None, 2])
        with pytest.raises(ValueError, match="feature a must be a Tensor"):
            est.export.ServingInputReceiver({"a": HoldsAnother(x)}, x)

    def test_tensor_receiver_leaves_features_alone(self, est):
        x = tf1.placeholder(tf.float32, [None, 2])
        receiver = est.export.TensorServingInputReceiver(x, x)
        assert receiver.features is x
        assert receiver.receiver_tensors == {"input": x}

    @pytest.mark.parametrize(
        "features, receiver_tensors, words",
        [
            (None, "x", "features must be defined"),
            ("x", None, "receiver_tensors must be defined"),
            ({"a": 3}, "x", "feature a must be a Tensor"),
            ({"a": np.zeros(3)}, "x", "feature a must be a Tensor"),
            ("x", {"b": 3}, "receiver_tensor b must be a Tensor"),
            ("x", {1: "x"}, "receiver_tensor keys must be strings.*1"),
        ],
    )
    def test_rejects(self, est, features, receiver_tensors, words):
        x = tf1.placeholder(tf.float32, [None, 2])

        def with_tensor(given):
            if isinstance(given, dict):
                return {k: x if v == "x" else v for k, v in given.items()}
            return x if given == "x" else given

        if isinstance(features, dict):
            features = dict(features)
        else:
            features = with_tensor(features)
        with pytest.raises(ValueError, match=words):
            est.export.ServingInputReceiver(features, with_tensor(receiver_tensors))

    @pytest.mark.parametrize(
        "alternatives, words",
        [("x", "must be a dict"), ({"a": {1: "x"}}, "keys must be strings.*1")],
    )
    def test_rejects_alternatives(self, est, alternatives, words):
        x = tf1.placeholder(tf.float32, [None, 2])
        alternatives = x if alternatives == "x" else {"a": {1: x}}
        with pytest.raises(ValueError, match=f"alternative.*{words}"):
            est.export.ServingInputReceiver(x, x, alternatives)

    def test_tensor_receiver_rejects_a_dict(self, est):
        x = tf1.placeholder(tf.float32, [None, 2])
        with pytest.raises(ValueError, match="feature.* must be a Tensor"):
            est.export.TensorServingInputReceiver({"x": x}, x)

    @pytest.mark.parametrize("default_batch_size", [None, 3])
    def test_raw_receiver_has_a_placeholder_for_each_feature(
        self, est, default_batch_size
    ):
        features = {"x": tf.zeros([7, 2]), "y": tf.zeros([7], tf.int32)}
        build = est.export.build_raw_serving_input_receiver_fn
        receiver = build(features, default_batch_size)()
        assert receiver.features["x"].shape.as_list() == [default_batch_size, 2]
        assert receiver.features["y"].shape.as_list() == [default_batch_size]
        assert receiver.features["y"].dtype == tf.int32
        assert receiver.receiver_tensors == receiver.features
        assert receiver.features["x"].op.type == "Placeholder"

    def test_raw_receiver_can_be_built_in_another_graph(self, est):
        receiver_fn = est.export.build_raw_serving_input_receiver_fn(
            {"x": tf1.placeholder(tf.float32, [None, 2])}
        )
        with tf.Graph().as_default() as other:
            assert receiver_fn().features["x"].graph is other

    @pytest.mark.parametrize("default_batch_size", [None, 2])
    def test_parsing_receiver_takes_serialized_examples(self, est, default_batch_size):
        spec = {
            "x": tf.io.FixedLenFeature([2], tf.float32),
            "v": tf.io.VarLenFeature(tf.int64),
        }
        build = est.export.build_parsing_serving_input_receiver_fn
        receiver = build(spec, default_batch_size)()
        (examples,) = receiver.receiver_tensors.values()
        assert list(receiver.receiver_tensors) == ["examples"]
        assert examples.dtype == tf.string
        assert examples.shape.as_list() == [default_batch_size]
        assert examples.name == "input_example_tensor:0"
        assert sorted(receiver.features) == ["v", "x"]
        assert receiver.features["x"].shape.as_list() == [default_batch_size, 2]

    def test_supervised_receiver_joins_features_and_labels(self, est):
        x, y = tf.zeros([4, 2]), tf.zeros([4])
        build = est.experimental.build_raw_supervised_input_receiver_fn
        receiver = build({"x": x}, {"y": y})()
        assert sorted(receiver.receiver_tensors) == ["x", "y"]
        assert receiver.receiver_tensors["x"] is receiver.features["x"]
        assert receiver.labels["y"].shape.as_list() == [None]
        assert sorted(build(x, y)().receiver_tensors) == ["input", "label"]

    def test_supervised_receiver_rejects_a_key_in_both(self, est):
        x = tf.zeros([4])
        build = est.experimental.build_raw_supervised_input_receiver_fn
        with pytest.raises(ValueError, match="distinct keys.*x"):
            build({"x": x}, {"x": x})()


@pytest.mark.usefixtures("graph")
class TestExportOutputs:
    def test_all_are_export_outputs(self, est):
        for name in ("Classification", "Eval", "Predict", "Regression"):
            kind = getattr(est.export, name + "Output")
            assert issubclass(kind, est.export.ExportOutput)

    def test_predict_names_a_lone_tensor_output(self, est):
        x = tf.zeros([2])
        assert est.export.PredictOutput(x).outputs == {"output": x}
        assert est.export.PredictOutput({"a": x}).outputs == {"a": x}

    @pytest.mark.parametrize(
        "make, words",
        [
            (lambda: {"a": 3}, "must be a Tensor.*3"),
            (lambda: None, "must be a Tensor"),
            (lambda: {1: tf.zeros([2])}, "key must be a string.*1"),
        ],
    )
    def test_predict_rejects(self, est, make, words):
        with pytest.raises(ValueError, match=words):
            est.export.PredictOutput(make())

    def test_classification_keeps_scores_and_classes(self, est):
        scores, classes = tf.zeros([2, 3]), tf.constant([["a", "b", "c"]] * 2)
        output = est.export.ClassificationOutput(scores, classes)
        assert output.scores is scores
        assert output.classes is classes
        assert est.export.ClassificationOutput(classes=classes).scores is None

    @pytest.mark.parametrize(
        "make, words",
        [
            (lambda: {}, "scores.*classes"),
            (lambda: {"scores": tf.constant([1])}, "scores.*float32"),
            (lambda: {"scores": [0.5]}, "scores.*float32"),
            (lambda: {"classes": tf.constant([1])}, "classes.*string"),
        ],
    )
    def test_classification_rejects(self, est, make, words):
        with pytest.raises(ValueError, match=words):
            est.export.ClassificationOutput(**make())

    @pytest.mark.parametrize("make", [lambda: tf.constant(["a"]), lambda: 3.0])
    def test_regression_rejects_what_is_not_a_float_tensor(self, est, make):
        value = tf.zeros([2])
        assert est.export.RegressionOutput(value).value is value
        with pytest.raises(ValueError, match="value must be a float32 Tensor"):
            est.export.RegressionOutput(make())

    def test_eval_prefixes_its_keys(self, est):
        x = tf.zeros([])
        output = est.export.EvalOutput(
            loss=x, predictions={"a": x}, metrics={"m": (x, x)}
        )
        assert list(output.loss) == ["loss"]
        assert list(output.predictions) == ["predictions/a"]
        assert sorted(output.metrics) == ["metrics/m/update_op", "metrics/m/value"]
        assert est.export.EvalOutput(loss=x).predictions is None
