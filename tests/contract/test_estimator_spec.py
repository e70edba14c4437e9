"""EstimatorSpec: what it needs per mode, what it refuses, what it fills in."""

import numpy as np
import pytest
import tensorflow as tf

tf1 = tf.compat.v1


@pytest.fixture(autouse=True)
def graph():
    """As inside a model_fn: an open graph that is not eager."""
    with tf.Graph().as_default() as graph:
        yield graph


def one():
    return tf.constant(1.0)


def train_spec(est, **fields):
    parts = {"loss": one(), "train_op": tf.no_op(), **fields}
    return est.EstimatorSpec(est.ModeKeys.TRAIN, **parts)


def eval_spec(est, **fields):
    return est.EstimatorSpec(est.ModeKeys.EVAL, **{"loss": one(), **fields})


def predict_spec(est, **fields):
    parts = {"predictions": tf.constant([1.0]), **fields}
    return est.EstimatorSpec(est.ModeKeys.PREDICT, **parts)


SPEC_OF = {"train": train_spec, "eval": eval_spec, "infer": predict_spec}


def test_mode_keys_are_the_strings_that_users_compare_with(est):
    keys = est.ModeKeys
    assert (keys.TRAIN, keys.EVAL, keys.PREDICT) == ("train", "eval", "infer")


def test_a_spec_is_a_tuple_with_named_fields(est):
    spec = eval_spec(est)
    assert isinstance(spec, tuple)
    assert spec.mode == spec[0] == "eval"
    assert spec._fields == (
        "mode",
        "predictions",
        "loss",
        "train_op",
        "eval_metric_ops",
        "export_outputs",
        "training_chief_hooks",
        "training_hooks",
        "scaffold",
        "evaluation_hooks",
        "prediction_hooks",
    )


def test_arguments_may_be_given_by_position(est):
    loss, train_op, predictions = one(), tf.no_op(), tf.constant([2.0])
    spec = est.EstimatorSpec(est.ModeKeys.TRAIN, predictions, loss, train_op)
    assert spec.predictions is predictions
    assert spec.loss is loss
    assert spec.train_op is train_op


def test_mode_is_required(est):
    with pytest.raises(TypeError, match="mode"):
        est.EstimatorSpec(loss=one(), train_op=tf.no_op())


@pytest.mark.parametrize(
    ("mode", "missing"),
    [
        ("train", "loss"),
        ("train", "train_op"),
        ("eval", "loss"),
        ("infer", "predictions"),
    ],
)
def test_each_mode_needs_its_parts(est, mode, missing):
    with pytest.raises(ValueError, match=f"Missing {missing}"):
        SPEC_OF[mode](est, **{missing: None})


def test_a_train_spec_needs_no_predictions(est):
    assert train_spec(est).predictions in (None, {})


def test_an_eval_spec_needs_neither_train_op_nor_metrics(est):
    spec = eval_spec(est)
    assert spec.train_op is None
    assert spec.eval_metric_ops == {}


def test_what_is_not_given_is_empty(est):
    spec = train_spec(est)
    assert spec.training_hooks == ()
    assert spec.training_chief_hooks == ()
    assert spec.evaluation_hooks == ()
    assert spec.prediction_hooks == ()


@pytest.mark.parametrize("shape", [[1], [1, 1]])
def test_a_loss_of_one_element_becomes_a_scalar(est, shape):
    assert eval_spec(est, loss=tf.ones(shape)).loss.shape.as_list() == []


def test_a_loss_of_unknown_shape_is_accepted(est):
    loss = eval_spec(est, loss=tf1.placeholder(tf.float32)).loss
    assert loss.dtype == tf.float32


@pytest.mark.parametrize("mode", ["train", "eval", "infer"])
def test_a_loss_of_two_elements_is_refused_in_every_mode(est, mode):
    with pytest.raises(ValueError, match="Loss must be scalar"):
        SPEC_OF[mode](est, loss=tf.constant([1.0, 2.0]))


@pytest.mark.parametrize("loss", [1.0, np.float32(1), "loss"])
@pytest.mark.parametrize("mode", ["train", "eval", "infer"])
def test_a_loss_that_is_no_tensor_is_refused_in_every_mode(est, mode, loss):
    with pytest.raises(TypeError, match="loss must be Tensor"):
        SPEC_OF[mode](est, loss=loss)


def test_train_op_may_be_an_operation_or_a_tensor(est):
    operation, tensor = tf.no_op(), one()
    assert train_spec(est, train_op=operation).train_op is operation
    assert train_spec(est, train_op=tensor).train_op is tensor


@pytest.mark.parametrize("train_op", ["minimize", 1.0, lambda: None])
def test_any_other_train_op_is_refused(est, train_op):
    with pytest.raises(TypeError, match="train_op must be Operation or Tensor"):
        train_spec(est, train_op=train_op)


def test_a_list_of_train_ops_is_refused(est):
    with pytest.raises(TypeError, match="train_op must be Operation or Tensor"):
        train_spec(est, train_op=[tf.no_op()])


def test_predictions_may_be_a_tensor_or_a_dict_of_tensors(est):
    tensor = tf.constant([1.0])
    assert predict_spec(est, predictions=tensor).predictions is tensor
    assert predict_spec(est, predictions={"a": tensor}).predictions == {"a": tensor}


@pytest.mark.parametrize("predictions", [1.0, [1.0], np.ones(2)])
def test_other_predictions_are_refused(est, predictions):
    with pytest.raises(TypeError, match="predictions must be Tensor"):
        predict_spec(est, predictions=predictions)


@pytest.mark.parametrize("mode", ["train", "eval", "infer"])
def test_the_refusal_names_the_prediction_that_is_no_tensor(est, mode):
    with pytest.raises(TypeError, match=r"predictions\[.?b.?\] must be Tensor"):
        SPEC_OF[mode](est, predictions={"a": one(), "b": 2.0})


def test_sparse_predictions_are_refused(est):
    sparse = tf.SparseTensor([[0]], [1.0], [1])
    with pytest.raises(TypeError, match="predictions must be Tensor"):
        predict_spec(est, predictions=sparse)


def test_metric_tuples_are_kept(est):
    mean = tf1.metrics.mean(tf.constant([1.0, 2.0]))
    assert eval_spec(est, eval_metric_ops={"m": mean}).eval_metric_ops == {"m": mean}


def test_a_metric_may_be_updated_by_an_operation(est):
    pair = (one(), tf.no_op())
    assert eval_spec(est, eval_metric_ops={"m": pair}).eval_metric_ops["m"] == pair


@pytest.mark.parametrize("mode", ["train", "eval", "infer"])
def test_eval_metric_ops_must_be_a_dict(est, mode):
    with pytest.raises(TypeError, match="eval_metric_ops must be a dict"):
        SPEC_OF[mode](est, eval_metric_ops=[(one(), one())])


@pytest.mark.parametrize(
    "metric",
    [
        lambda: one(),
        lambda: (one(),),
        lambda: (one(), one(), one()),
        lambda: [one(), one()],
        lambda: None,
    ],
    ids=["tensor", "single", "triple", "list", "none"],
)
def test_metrics_must_be_pairs_and_the_refusal_names_the_key(est, metric):
    with pytest.raises(TypeError, match=r"\(metric_value, update_op\).*accuracy"):
        eval_spec(est, eval_metric_ops={"accuracy": metric()})


@pytest.mark.parametrize(
    ("mode", "fields"),
    [
        ("eval", lambda other: {"loss": other}),
        ("train", lambda other: {"train_op": other}),
        ("infer", lambda other: {"predictions": {"p": other}}),
        ("eval", lambda other: {"eval_metric_ops": {"m": (other, other)}}),
    ],
    ids=["loss", "train_op", "predictions", "eval_metric_ops"],
)
def test_parts_of_another_graph_are_refused(est, mode, fields):
    with tf.Graph().as_default():
        other = one()
    with pytest.raises(ValueError, match="graph"):
        SPEC_OF[mode](est, **fields(other))


HOOKS = ("training_hooks", "training_chief_hooks", "evaluation_hooks")
HOOKS += ("prediction_hooks",)


@pytest.mark.parametrize("argument", HOOKS)
def test_hooks_become_a_tuple(est, argument):
    hook = tf1.train.SessionRunHook()
    assert getattr(train_spec(est, **{argument: [hook]}), argument) == (hook,)


@pytest.mark.parametrize("argument", HOOKS)
def test_what_is_no_hook_is_refused(est, argument):
    with pytest.raises(TypeError, match="hooks must be SessionRunHook"):
        train_spec(est, **{argument: ["hook"]})


@pytest.mark.parametrize("argument", HOOKS)
def test_a_hook_without_its_list_is_refused(est, argument):
    with pytest.raises(TypeError):
        train_spec(est, **{argument: tf1.train.SessionRunHook()})


def test_a_scaffold_is_kept(est):
    scaffold = tf1.train.Scaffold()
    assert train_spec(est, scaffold=scaffold).scaffold is scaffold


def test_a_scaffold_is_made_where_none_is_given(est):
    assert isinstance(train_spec(est).scaffold, tf1.train.Scaffold)


def test_anything_else_as_scaffold_is_refused(est):
    with pytest.raises(TypeError, match="scaffold must be .*Scaffold"):
        train_spec(est, scaffold="scaffold")


DEFAULT = tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY


@pytest.mark.parametrize("predictions", [lambda: one(), lambda: {"a": one()}])
def test_predict_without_export_outputs_exports_the_predictions(est, predictions):
    outputs = predict_spec(est, predictions=predictions()).export_outputs
    assert list(outputs) == [DEFAULT]
    assert isinstance(outputs[DEFAULT], est.export.PredictOutput)


@pytest.mark.parametrize("mode", ["train", "eval"])
def test_other_modes_have_no_export_outputs(est, mode):
    assert SPEC_OF[mode](est).export_outputs is None


@pytest.mark.parametrize("mode", ["train", "eval"])
def test_other_modes_keep_any_export_outputs_as_they_are(est, mode):
    output = est.export.PredictOutput(one())
    for given in ({"a": output}, {"a": output, "b": output}, {"a": 1}, [1]):
        assert SPEC_OF[mode](est, export_outputs=given).export_outputs == given


def test_a_single_export_output_is_the_default_too(est):
    output = est.export.PredictOutput(one())
    outputs = predict_spec(est, export_outputs={"head": output}).export_outputs
    assert outputs == {"head": output, DEFAULT: output}


def test_of_several_export_outputs_one_must_be_the_default(est):
    output = est.export.PredictOutput(one())
    with pytest.raises(ValueError, match="default"):
        predict_spec(est, export_outputs={"a": output, "b": output})


def test_several_export_outputs_with_a_default_are_kept(est):
    output = est.export.PredictOutput(one())
    given = {"a": output, DEFAULT: output}
    assert predict_spec(est, export_outputs=given).export_outputs == given


def test_export_outputs_must_be_a_dict(est):
    with pytest.raises(TypeError, match="export_outputs.*must be dict"):
        predict_spec(est, export_outputs=[1])


def test_export_outputs_must_hold_export_outputs(est):
    with pytest.raises(TypeError, match="ExportOutput"):
        predict_spec(est, export_outputs={"a": one()})


def test_a_copy_may_replace_parts(est):
    other = tf.constant(2.0)
    spec = train_spec(est)
    assert spec._replace(loss=other).loss is other
    assert spec._replace(loss=other).train_op is spec.train_op


def test_a_copy_may_not_change_the_mode(est):
    with pytest.raises(ValueError, match="mode"):
        eval_spec(est)._replace(mode=est.ModeKeys.TRAIN)


def test_a_spec_cannot_be_changed(est):
    with pytest.raises(AttributeError):
        eval_spec(est).mode = "train"
