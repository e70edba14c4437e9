"""What the runtime logs, line by line, as readers of 2018 know it."""

import pytest
import tensorflow as tf

from tests.contract.small_models import any_spec, line, log_of, numbers, run

tf1 = tf.compat.v1

SIGNATURES = "Signatures INCLUDED in export for"
EXCLUDED = (
    "Signatures EXCLUDED from export because they cannot be be served via TensorFlow "
    "Serving APIs:"
)


@pytest.fixture
def lines(caplog):
    """Gives a function of a call that returns the lines which the call has logged."""

    def of(call):
        found = log_of(caplog, call)
        return [text for text in found if "is deprecated and will be" not in text]

    return of


class Listener(tf1.train.CheckpointSaverListener):
    def after_save(self, session, global_step_value):
        return True

    def __str__(self):
        return "my listener"


def trained(est, folder, **config):
    estimator = est.Estimator(line(est), folder, est.RunConfig(**config))
    estimator.train(numbers(), steps=1)
    return estimator


def serving(est):
    def receiver_fn():
        x = tf1.placeholder(tf.float32, [None], "x")
        alone = {"key": tf1.placeholder(tf.string, [None], "key")}
        return est.export.ServingInputReceiver({"x": x}, {"x": x}, {"more": alone})

    return receiver_fn


class TestTrainAndEvaluate:
    def test_begins_with_where_it_runs(self, est, tmp_path, lines):
        spec = est.TrainSpec(numbers(), 2), est.EvalSpec(numbers(epochs=1))
        estimator = est.Estimator(line(est), str(tmp_path))
        logged = lines(lambda: est.train_and_evaluate(estimator, *spec))
        first = logged.index("Not using Distribute Coordinator.")
        assert logged[first + 1].startswith("Running training and evaluation locally")

    def test_a_best_export_is_announced(self, est, tmp_path, lines):
        estimator = trained(est, str(tmp_path))
        exporter = est.BestExporter("best", serving(est))
        result = {"loss": 1.0, "global_step": 1}
        newest = estimator.latest_checkpoint()
        given = estimator, str(tmp_path / "best"), newest, result, False
        logged = lines(lambda: exporter.export(*given))
        assert logged[:3] == [
            "Loading best metric from event files.",
            "Performing best model export.",
            "Calling model_fn.",
        ]


def test_an_export_lists_its_signatures_by_kind(est, tmp_path, lines):
    estimator = trained(est, str(tmp_path))
    logged = lines(lambda: estimator.export_saved_model(str(tmp_path), serving(est)))
    first = logged.index(f"{SIGNATURES} Classify: None")
    assert logged[first + 1 : first + 6] == [
        f"{SIGNATURES} Regress: None",
        f"{SIGNATURES} Predict: ['serving_default']",
        f"{SIGNATURES} Train: None",
        f"{SIGNATURES} Eval: None",
        EXCLUDED,
    ]
    name, _, reason = logged[first + 6].partition(" : ")
    assert name == "'more:serving_default'"
    assert reason.startswith("The signature's input tensors ['key:0'] are insufficient")
    assert "because of the dependency on `x` which is not given" in reason


def test_an_export_without_a_default_signature_warns(est, tmp_path, lines):
    def model_fn(features, labels, mode):
        plain = any_spec(est, mode)
        outputs = {} if mode == "infer" else None
        return plain._replace(export_outputs=outputs)

    def supervised():
        x = tf1.placeholder(tf.float32, [None], "x")
        receiver = est.experimental.build_raw_supervised_input_receiver_fn
        return receiver({"x": x}, x)()

    estimator = est.Estimator(model_fn, str(tmp_path))
    estimator.train(numbers(), steps=1)
    export = estimator.experimental_export_all_saved_models
    each = {"eval": supervised, "infer": serving(est)}
    logged = lines(lambda: export(str(tmp_path), each))
    warnings = [text for text in logged if text.startswith("Export includes")]
    assert warnings == [
        "Export includes no default signature!",
        "Export includes no signatures!",
    ]


def test_evaluation_and_prediction_say_first_that_there_is_no_checkpoint(
    est, tmp_path, lines
):
    estimator = est.Estimator(line(est), str(tmp_path / "no"))
    for mode, verb in (("eval", "evaluate"), ("infer", "predict")):
        logged = lines(lambda mode=mode: run(estimator, mode, numbers(epochs=1)))
        assert logged[:2] == [
            f"Could not find trained model in model_dir: {tmp_path / 'no'}, running "
            f"initialization to {verb}.",
            "Calling model_fn.",
        ]


def test_a_warm_start_names_what_was_given(est, tmp_path, lines):
    old, new = str(tmp_path / "old"), str(tmp_path / "new")
    trained(est, old)
    estimator = est.Estimator(line(est), new, warm_start_from=old)
    logged = lines(lambda: estimator.train(numbers(), steps=1))
    assert f"Warm-starting from: {old}" in logged


def test_a_new_estimator_shows_its_config_before_it_looks_at_model_fn(
    est, tmp_path, lines
):
    def model_fn(features, labels, mode, params):
        return any_spec(est, mode)

    warned = lines(lambda: est.Estimator(model_fn, str(tmp_path), est.RunConfig()))
    assert [text.split(":")[0].split(" (")[0] for text in warned] == [
        "Using config",
        "Estimator's model_fn",
    ]
    with pytest.raises(ValueError, match="other"):
        est.Estimator(lambda features, other: None, str(tmp_path))


def test_endless_predictions_are_warned_of_before_model_fn_is_called(
    est, tmp_path, lines
):
    estimator = trained(est, str(tmp_path))
    tensors = lambda: {"x": tf.constant([1.0])}  # noqa: E731
    logged = lines(lambda: next(estimator.predict(tensors)))
    assert logged[:2] == [
        "Input graph does not use tf.data.Dataset or contain a QueueRunner. That "
        "means predict yields forever. This is probably a mistake.",
        "Calling model_fn.",
    ]


def test_a_result_that_is_no_summary_says_what_may_be_one(est, tmp_path, lines):
    def model_fn(features, labels, mode):
        nested = (tf.constant(1.0), (tf.constant(2.0),)), tf.no_op()
        return any_spec(est, mode)._replace(eval_metric_ops={"m": nested})

    estimator = est.Estimator(model_fn, str(tmp_path))
    assert (
        "Skipping summary for m, must be a float, np.float32, np.int64, np.int32 or "
        "int or np.ndarray or a serialized string of Summary."
    ) in lines(lambda: run(estimator, "eval", numbers()))


def test_a_listener_that_stops_training_is_named_as_it_is(est, tmp_path, lines):
    estimator = est.Estimator(line(est), str(tmp_path))
    stops = lambda: estimator.train(  # noqa: E731
        numbers(), steps=3, saving_listeners=[Listener()]
    )
    assert (
        "A CheckpointSaverListener requested that training be stopped. listener: "
        "my listener"
    ) in lines(stops)


def test_a_save_that_keeps_all_says_so_but_for_the_checkpoint_restored(
    est, tmp_path, lines
):
    estimator = trained(est, str(tmp_path), keep_checkpoint_max=0)
    logged = lines(lambda: estimator.train(numbers(), steps=1))
    ending = " is not in all_model_checkpoint_paths. Manually adding it."
    listed = [text for text in logged if text.endswith(ending)]
    assert listed == [f"model.ckpt-2{ending}"]
