"""tf.contrib.predictor on an Estimator and on its export."""

import numpy as np
import pytest

from estimator_mnist import tf1 as tf

predictor = tf.contrib.predictor
BOTH = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)


def model_fn(features, labels, mode):
    w = tf.get_variable("w", [], initializer=tf.constant_initializer(2.0))
    y = tf.multiply(tf.reduce_sum(features["x"], axis=1), w, name="y")
    predictions = {"y": y, "half": y / 2}
    outputs = {
        "serving_default": tf.estimator.export.PredictOutput(predictions),
        "only_half": tf.estimator.export.PredictOutput({"half": y / 2}),
    }
    train_op = None
    if mode == tf.estimator.ModeKeys.TRAIN:
        train_op = tf.assign_add(tf.train.get_global_step(), 1)
    loss = None if mode == tf.estimator.ModeKeys.PREDICT else tf.reduce_sum(y)
    return tf.estimator.EstimatorSpec(
        mode, predictions, loss, train_op, export_outputs=outputs
    )


def receiver_fn():
    x = tf.placeholder(tf.float32, [None, 2], "x")
    return tf.estimator.export.ServingInputReceiver({"x": x}, {"given": x})


@pytest.fixture(scope="module")
def estimator(tmp_path_factory):
    estimator = tf.estimator.Estimator(model_fn, str(tmp_path_factory.mktemp("model")))
    input_fn = tf.estimator.inputs.numpy_input_fn({"x": BOTH}, shuffle=False)
    return estimator.train(input_fn, steps=1)


@pytest.fixture(scope="module")
def export(estimator, tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("export"))
    return estimator.export_savedmodel(folder, receiver_fn).decode()


@pytest.fixture(params=["estimator", "saved_model"])
def predict(request, estimator, export):
    if request.param == "estimator":
        return predictor.from_estimator(estimator, receiver_fn)
    return predictor.from_saved_model(export)


def test_a_dict_of_arrays_goes_in_and_one_comes_out(predict):
    for _ in range(2):
        answer = predict({"given": BOTH})
        assert set(answer) == {"y", "half"}
        np.testing.assert_array_equal(answer["y"], [6, 14])
        np.testing.assert_array_equal(answer["half"], [3, 7])


def test_tensors_graph_and_session_are_to_be_had(predict):
    assert set(predict.feed_tensors) == {"given"}
    assert set(predict.fetch_tensors) == {"y", "half"}
    tensors = [*predict.feed_tensors.values(), *predict.fetch_tensors.values()]
    assert all(tensor.graph is predict.graph for tensor in tensors)
    y = predict.session.run(
        predict.fetch_tensors["y"], {predict.feed_tensors["given"]: BOTH}
    )
    np.testing.assert_array_equal(y, [6, 14])
    assert "feed tensors" in repr(predict)


def test_an_unknown_input_is_refused(predict):
    with pytest.raises(ValueError, match=r"unexpected keys.*\['x'\].*\['given'\]"):
        predict({"x": BOTH})


def test_another_signature_is_chosen_by_its_key(estimator, export):
    for predict in (
        predictor.from_estimator(estimator, receiver_fn, output_key="only_half"),
        predictor.from_saved_model(export, signature_def_key="only_half"),
    ):
        assert set(predict({"given": BOTH})) == {"half"}
    with pytest.raises(KeyError, match="only_half.*got 'none'"):
        predictor.from_estimator(estimator, receiver_fn, output_key="none")
    with pytest.raises(ValueError, match="Got signature_def_key 'none'.*only_half"):
        predictor.from_saved_model(export, signature_def_key="none")


def test_inputs_and_outputs_are_chosen_by_tensor(export):
    graph = tf.Graph()
    predict = predictor.from_saved_model(
        export, input_names={"in": "x:0"}, output_names={"out": "y:0"}, graph=graph
    )
    assert predict.graph is graph
    np.testing.assert_array_equal(predict({"in": BOTH})["out"], [6, 14])


def test_a_signature_def_is_taken_as_it_is(export):
    with tf.Graph().as_default(), tf.Session() as session:
        loaded = tf.saved_model.loader.load(session, ["serve"], export)
    signature = loaded.signature_def["only_half"]
    predict = predictor.from_saved_model(export, signature_def=signature, tags="serve")
    np.testing.assert_array_equal(predict({"given": BOTH})["half"], [3, 7])


def test_contradicting_choices_are_refused(export):
    with pytest.raises(ValueError, match="give both"):
        predictor.from_saved_model(export, input_names={"x": "x:0"})
    with pytest.raises(ValueError, match="Give one of"):
        predictor.from_saved_model(
            export, "only_half", input_names={"x": "x:0"}, output_names={"y": "y:0"}
        )


def test_an_untrained_estimator_is_refused(tmp_path):
    untrained = tf.estimator.Estimator(model_fn, str(tmp_path))
    with pytest.raises(ValueError, match="No checkpoint in.*train first"):
        predictor.from_estimator(untrained, receiver_fn)
    with pytest.raises(TypeError, match="must be a tf.estimator.Estimator"):
        predictor.from_estimator(object(), receiver_fn)
    with pytest.raises(NotImplementedError, match="Instead: from_estimator"):
        predictor.from_contrib_estimator(untrained, receiver_fn)
