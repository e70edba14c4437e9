"""Clipped gradients and forwarded features, as TensorFlow 1.15.5 had them."""

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import estimator as runtime
from estimator_mnist.estimator import extenders

tf1 = tf.compat.v1


class TestClipGradientsByNorm:
    @pytest.fixture(autouse=True)
    def graph(self):
        with tf.Graph().as_default():
            yield

    def test_gradients_are_clipped_by_the_norm_of_all(self):
        vector = tf1.get_variable("vector", initializer=[3.0, 4.0])
        rows = tf1.get_variable("rows", initializer=np.ones([4, 2], np.float32))
        unused = tf1.get_variable("unused", initializer=1.0)
        found = tf.nn.embedding_lookup(rows, [1, 1, 2])
        loss = tf.reduce_sum(vector**2) + 100 * tf.reduce_sum(found)
        optimizer = extenders.clip_gradients_by_norm(
            tf1.train.GradientDescentOptimizer(0.1), 0.5
        )
        with tf1.Session() as session:
            train_op = optimizer.minimize(loss)
            session.run(tf1.global_variables_initializer())
            session.run(train_op)
            values = session.run([vector, rows, unused])
        # As TensorFlow 1.15.5 printed them.
        np.testing.assert_allclose(values[0], [2.9987762, 3.9983683], rtol=1e-6)
        np.testing.assert_allclose(
            values[1], [[1, 1], [0.9592092] * 2, [0.9796046] * 2, [1, 1]], rtol=1e-6
        )
        assert values[2] == 1.0

    def test_variables_have_the_optimizers_names(self):
        adam = tf1.train.AdamOptimizer(0.1)
        clipped = extenders.clip_gradients_by_norm(adam, 0.5)
        variable = tf1.get_variable("v", initializer=[3.0])
        clipped.minimize(variable**2)
        names = {found.op.name for found in tf1.global_variables()}
        assert names == {"v", "v/Adam", "v/Adam_1", "beta1_power", "beta2_power"}
        assert clipped.get_name() == "ClipByNormAdam"
        assert clipped.get_slot_names() == ["m", "v"]
        assert clipped.get_slot(variable, "m") is adam.get_slot(variable, "m")
        assert len(clipped.variables()) == 4


def input_fn():
    return {"x": tf.constant([[1.0], [2.0]]), "id": tf.constant([7, 8])}, None


def sparse_input_fn():
    words = tf.SparseTensor([[0, 0]], ["a"], [2, 2])
    return {"x": tf.constant([[1.0], [2.0]]), "words": words}, None


def model_fn(features, labels, mode):
    del labels
    predictions = {"y": features["x"] * tf1.get_variable("v", initializer=1.0)}
    step = tf1.train.get_or_create_global_step()
    outputs = {
        "serving_default": runtime.export.PredictOutput(predictions),
        "predict": runtime.export.PredictOutput(predictions),
        "other": runtime.export.PredictOutput({"z": features["x"]}),
        "number": runtime.export.RegressionOutput(features["x"]),
    }
    return runtime.EstimatorSpec(
        mode,
        predictions,
        loss=tf.reduce_sum(predictions["y"]),
        train_op=tf1.assign_add(step, 1),
        export_outputs=outputs,
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    estimator = runtime.Estimator(model_fn, str(tmp_path_factory.mktemp("model")))
    return estimator.train(input_fn, steps=1)


def predict(estimator, keys=None, source=input_fn, **options):
    forwarding = extenders.forward_features(estimator, keys, **options)
    return next(forwarding.predict(source, yield_single_examples=False))


class TestForwardFeatures:
    def test_predictions_repeat_features(self, trained):
        assert set(predict(trained, "id")) == {"y", "id"}
        assert set(predict(trained, ["x", "id"])) == {"y", "x", "id"}
        assert predict(trained)["id"].tolist() == [7, 8]
        assert set(predict(trained, [])) == {"y"}

    def test_so_do_export_outputs_of_predictions(self, trained, tmp_path):
        def receiver_fn():
            features = {"x": tf1.placeholder(tf.float32, [None, 1])}
            features["id"] = tf1.placeholder(tf.int64, [None])
            return runtime.export.ServingInputReceiver(features, features)

        forwarding = extenders.forward_features(trained, "id")
        folder = forwarding.export_saved_model(str(tmp_path), receiver_fn)
        with tf.Graph().as_default(), tf1.Session() as session:
            loaded = tf1.saved_model.load(session, ["serve"], folder)
        outputs = {
            name: set(signature.outputs)
            for name, signature in loaded.signature_def.items()
        }
        assert outputs["predict"] == outputs["serving_default"] == {"y", "id"}
        assert outputs["other"] == {"z"}

    def test_sparse_features_need_a_default_value(self, trained):
        defaults = {"words": "-"}
        found = predict(
            trained, "words", sparse_input_fn, sparse_default_values=defaults
        )
        assert found["words"].tolist() == [[b"a", b"-"], [b"-", b"-"]]
        with pytest.raises(ValueError, match=r"Feature \(words\) should be a Tensor"):
            predict(trained, "words", sparse_input_fn)

    @pytest.mark.parametrize(
        ("keys", "kind", "words"),
        [
            (3, TypeError, "keys should be either a string or a list of strings"),
            ([3], TypeError, "All items in the given keys list should be a string"),
            ("none", ValueError, 'Key "none" is not in features'),
        ],
    )
    def test_keys_that_are_none(self, trained, keys, kind, words):
        with pytest.raises(kind, match=words):
            predict(trained, keys)

    def test_a_feature_with_the_key_of_a_prediction(self, trained):
        def named_as_prediction():
            features, labels = input_fn()
            return {**features, "y": features["x"]}, labels

        with pytest.raises(ValueError, match=r"Cannot forward feature key \(y\)"):
            predict(trained, None, named_as_prediction)

    def test_predictions_that_are_no_dict(self, tmp_path):
        def one_tensor(features, labels, mode):
            spec = model_fn(features, labels, mode)
            return spec._replace(predictions=features["x"])

        estimator = runtime.Estimator(one_tensor, str(tmp_path))
        estimator.train(input_fn, steps=1)
        with pytest.raises(ValueError, match="Predictions should be a dict"):
            predict(estimator, "id")
