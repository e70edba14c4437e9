"""What TensorBoard and a reader of the log find: tags, steps, files, lines."""

import re

import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import text_format

from tests.contract.small_models import (
    averager,
    count_step,
    event_list,
    files,
    line,
    log_of,
    numbers,
    scalar_steps,
    scalars,
)

tf1 = tf.compat.v1


def trained(est, folder, steps=5, model_fn=None, **config):
    """Train a model with this RunConfig on the batches 1.5, 3.5, 1.5, ..."""
    run_config = est.RunConfig(**config)
    estimator = est.Estimator(model_fn or averager(est), str(folder), run_config)
    return estimator.train(numbers(), steps=steps)


def tags(folder):
    """List the tags of everything in the events of `folder`, each once."""
    events = event_list(folder)
    return sorted({value.tag for event in events for value in event.summary.value})


def kinds(folder):
    """List what the events of `folder` hold, each kind once."""
    return {event.WhichOneof("what") for event in event_list(folder)}


# Events of training


def test_training_writes_loss_and_speed(est, tmp_path):
    trained(est, tmp_path, log_step_count_steps=2)
    assert tags(tmp_path) == ["global_step/sec", "loss"]


@pytest.mark.parametrize(
    ("every", "steps"), [(1, [1, 2, 3, 4, 5]), (2, [1, 3, 5]), (100, [1])]
)
def test_the_loss_is_written_every_so_many_steps(est, tmp_path, every, steps):
    trained(est, tmp_path, save_summary_steps=every)
    assert scalar_steps(tmp_path, "loss") == steps


def test_the_loss_is_that_of_its_step(est, tmp_path):
    trained(est, tmp_path, save_summary_steps=1, log_step_count_steps=None)
    assert scalars(tmp_path) == [
        (1, "loss", 1.5),
        (2, "loss", 3.5),
        (3, "loss", 1.5),
        (4, "loss", 3.5),
        (5, "loss", 1.5),
    ]


@pytest.mark.parametrize(("every", "steps"), [(1, [2, 3, 4, 5]), (2, [3, 5])])
def test_the_speed_is_written_every_so_many_steps(est, tmp_path, every, steps):
    trained(est, tmp_path, log_step_count_steps=every)
    assert scalar_steps(tmp_path, "global_step/sec") == steps
    speeds = [value for _, tag, value in scalars(tmp_path) if tag != "loss"]
    assert all(speed > 0 for speed in speeds)


def test_without_log_step_count_steps_there_is_no_speed(est, tmp_path):
    trained(est, tmp_path, log_step_count_steps=None)
    assert tags(tmp_path) == ["loss"]


@pytest.mark.parametrize("every", [0, None])
def test_without_save_summary_steps_there_are_no_summaries(est, tmp_path, every):
    trained(est, tmp_path, save_summary_steps=every)
    assert tags(tmp_path) == []


def test_a_resumed_run_goes_on_with_the_steps(est, tmp_path):
    estimator = trained(est, tmp_path, steps=3, save_summary_steps=1)
    estimator.train(numbers(), steps=2)
    assert scalar_steps(tmp_path, "loss") == [1, 2, 3, 4, 5]


def test_each_start_of_a_run_is_marked_for_tensorboard(est, tmp_path):
    estimator = trained(est, tmp_path, steps=3)
    estimator.train(numbers(), steps=2)
    start = tf1.SessionLog.START
    events = event_list(tmp_path)
    steps = [event.step for event in events if event.session_log.status == start]
    assert steps == [1, 4]


def test_the_models_summaries_are_written_with_the_loss(est, tmp_path):
    def model_fn(features, labels, mode):
        mean = tf.reduce_mean(features["x"])
        tf1.summary.scalar("average", mean)
        tf1.summary.histogram("x", features["x"])
        with tf1.name_scope("layer"):
            tf1.summary.scalar("three", 3.0)
        return est.EstimatorSpec(mode, loss=mean, train_op=count_step(mean))

    trained(est, tmp_path, model_fn=model_fn, save_summary_steps=2)
    assert tags(tmp_path) == ["average", "layer/three", "loss", "x"]
    for tag in ("layer/three", "average", "loss"):
        assert scalar_steps(tmp_path, tag) == [1, 3, 5]


def test_a_loss_that_the_model_writes_itself_is_not_doubled(est, tmp_path):
    def model_fn(features, labels, mode):
        loss = tf.reduce_mean(features["x"])
        tf1.summary.scalar("loss", loss)
        return est.EstimatorSpec(mode, loss=loss, train_op=count_step(loss))

    trained(est, tmp_path, model_fn=model_fn)
    assert tags(tmp_path) == ["loss"]
    assert scalar_steps(tmp_path, "loss") == [1]


def test_a_scaffold_may_choose_the_summaries(est, tmp_path):
    def model_fn(features, labels, mode):
        loss = tf.reduce_mean(features["x"])
        tf1.summary.scalar("not_chosen", loss)
        tf1.summary.scalar("chosen", loss, collections=["mine"])
        scaffold = tf1.train.Scaffold(summary_op=tf1.summary.merge_all("mine"))
        return est.EstimatorSpec(
            mode, loss=loss, train_op=count_step(loss), scaffold=scaffold
        )

    trained(est, tmp_path, model_fn=model_fn)
    assert tags(tmp_path) == ["chosen"]


def test_a_summary_hook_of_the_user_writes_where_it_wants(est, tmp_path):
    def model_fn(features, labels, mode):
        loss = tf.reduce_mean(features["x"])
        own = tf1.train.SummarySaverHook(
            save_steps=1,
            output_dir=str(tmp_path / "own"),
            summary_op=tf1.summary.scalar("own", loss),
        )
        return est.EstimatorSpec(
            mode, loss=loss, train_op=count_step(loss), training_hooks=[own]
        )

    trained(est, tmp_path / "model", steps=3, model_fn=model_fn)
    assert scalars(tmp_path / "own") == [
        (1, "own", 1.5),
        (2, "own", 3.5),
        (3, "own", 1.5),
    ]
    assert "loss" in tags(tmp_path / "model")


def test_the_graph_is_among_the_events_of_training_and_evaluation(est, tmp_path):
    estimator = trained(est, tmp_path, steps=1)
    estimator.evaluate(numbers(), steps=1)
    for folder in (tmp_path, tmp_path / "eval"):
        assert "graph_def" in kinds(folder)


def test_graph_pbtxt_is_the_graph_of_training(est, tmp_path):
    trained(est, tmp_path, steps=1, model_fn=line(est))
    text = (tmp_path / "graph.pbtxt").read_text()
    nodes = {node.name for node in text_format.Parse(text, tf1.GraphDef()).node}
    assert {"global_step", "w"} <= nodes


# Files


def test_the_files_of_a_run(est, tmp_path):
    estimator = trained(est, tmp_path, steps=2)
    expected = ["checkpoint", "events", "graph.pbtxt"]
    for step in (0, 2):
        parts = ("data-00000-of-00001", "index", "meta")
        expected += [f"model.ckpt-{step}.{part}" for part in parts]
    assert set(expected) <= set(files(tmp_path))
    assert not (tmp_path / "eval").exists()
    estimator.evaluate(numbers(), steps=1)
    estimator.evaluate(numbers(), steps=1, name="test")
    assert {"eval/events", "eval_test/events"} <= set(files(tmp_path))


def test_evaluation_writes_no_events_into_the_model_dir(est, tmp_path):
    estimator = est.Estimator(averager(est), str(tmp_path))
    estimator.evaluate(numbers(), steps=1)
    assert files(tmp_path) == ["eval/events"]


# Events of evaluation


def evaluated(est, folder, metrics, name=None):
    """Train 2 steps, evaluate a model with `metrics(x)`, give the eval folder."""

    def model_fn(features, labels, mode):
        loss = tf.reduce_mean(features["x"])
        ops = metrics(features["x"])
        return est.EstimatorSpec(
            mode, loss=loss, train_op=count_step(loss), eval_metric_ops=ops
        )

    estimator = trained(est, folder, steps=2, model_fn=model_fn)
    estimator.evaluate(numbers(epochs=1), name=name)
    return estimator.eval_dir(name)


def value_of(folder, tag):
    """The one value with this tag in the events of `folder`."""
    events = event_list(folder)
    values = [v for event in events for v in event.summary.value if v.tag == tag]
    assert len(values) == 1
    return values[0]


@pytest.mark.parametrize("name", [None, "test"])
def test_evaluation_writes_loss_and_metrics_at_the_step(est, tmp_path, name):
    folder = evaluated(est, tmp_path, lambda x: {"m/x": tf1.metrics.mean(x)}, name)
    assert sorted(scalars(folder)) == [(2, "loss", 2.5), (2, "m/x", 2.5)]


def test_evaluation_writes_which_checkpoint_it_took(est, tmp_path):
    folder = evaluated(est, tmp_path, lambda x: None)
    path = tf.make_ndarray(value_of(folder, "checkpoint_path").tensor).item()
    assert path == str(tmp_path / "model.ckpt-2").encode()


def test_evaluation_writes_arrays_as_tensors(est, tmp_path):
    array = np.float32([[1, 2], [3, 4]])
    folder = evaluated(
        est, tmp_path, lambda x: {"array": tf1.metrics.mean_tensor(tf.constant(array))}
    )
    written = tf.make_ndarray(value_of(folder, "array").tensor)
    np.testing.assert_array_equal(written, array)


def test_evaluation_writes_integers_as_scalars(est, tmp_path):
    folder = evaluated(est, tmp_path, lambda x: {"count": (tf.constant(3), tf.no_op())})
    assert value_of(folder, "count").simple_value == 3.0


def test_evaluation_writes_as_scalars_what_the_common_types_hold(est, tmp_path):
    types = {
        *("float16", "float32", "float64", "int8", "uint8", "int16", "int32", "int64"),
        *("bool", "complex64"),
    }
    folder = evaluated(
        est, tmp_path, lambda x: {t: (tf.ones([], t), tf.no_op()) for t in types}
    )
    written = types & set(tags(folder))
    assert written == {"float32", "float64", "int32", "int64"}


def test_evaluation_skips_what_tensorboard_cannot_show(est, tmp_path):
    folder = evaluated(
        est, tmp_path, lambda x: {"text": (tf.constant("text"), tf.no_op())}
    )
    assert "text" not in tags(folder)
    assert "loss" in tags(folder)


def test_a_metric_may_be_an_image_summary(est, tmp_path):
    def metrics(x):
        image = tf1.summary.image("image", tf.zeros([1, 2, 3, 1]))
        return {"picture": (image, tf.no_op())}

    folder = evaluated(est, tmp_path, metrics)
    images = [
        value.image
        for event in event_list(folder)
        for value in event.summary.value
        if value.WhichOneof("value") == "image"
    ]
    assert [(image.height, image.width) for image in images] == [(2, 3)]


@pytest.mark.parametrize("count", [1, 2])
def test_the_values_of_a_summary_are_counted_in_their_tags(est, tmp_path, count):
    summary = tf1.Summary()
    for _ in range(count):
        summary.value.add(tag="any", simple_value=1.0)
    text = summary.SerializeToString()
    folder = evaluated(est, tmp_path, lambda x: {"s": (tf.constant(text), tf.no_op())})
    written = [tag for tag in tags(folder) if tag.startswith("s")]
    assert written == ["s/0", "s/1"][:count]


def test_each_evaluation_adds_its_step_to_the_same_folder(est, tmp_path):
    estimator = trained(est, tmp_path, steps=2, save_checkpoints_steps=1)
    for step in (0, 1, 2):
        path = str(tmp_path / f"model.ckpt-{step}")
        estimator.evaluate(numbers(), steps=1, checkpoint_path=path)
    assert scalar_steps(tmp_path / "eval", "loss") == [0, 1, 2]


def test_summaries_of_the_model_are_not_written_by_evaluation(est, tmp_path):
    def model_fn(features, labels, mode):
        loss = tf.reduce_mean(features["x"])
        tf1.summary.scalar("average", loss)
        return est.EstimatorSpec(mode, loss=loss)

    est.Estimator(model_fn, str(tmp_path)).evaluate(numbers(), steps=1)
    assert "average" not in tags(tmp_path / "eval")


def test_a_summary_hook_of_the_spec_writes_summaries_of_an_evaluation(est, tmp_path):
    def model_fn(features, labels, mode):
        loss = tf.reduce_mean(features["x"])
        tf1.summary.scalar("average", loss)
        hook = tf1.train.SummarySaverHook(
            save_steps=1,
            output_dir=str(tmp_path / "eval"),
            summary_op=tf1.summary.merge_all(),
        )
        return est.EstimatorSpec(mode, loss=loss, evaluation_hooks=[hook])

    est.Estimator(model_fn, str(tmp_path)).evaluate(numbers(), steps=1)
    assert {"loss", "average"} <= set(tags(tmp_path / "eval"))


# Log


def train_log(est, caplog, folder, steps=5, **config):
    return log_of(caplog, lambda: trained(est, folder, steps, **config))


def test_the_log_tells_loss_and_step(est, tmp_path, caplog):
    log = train_log(est, caplog, tmp_path, log_step_count_steps=2)
    losses = [message for message in log if message.startswith("loss = ")]
    assert losses[0] == "loss = 1.5, step = 0"
    assert re.fullmatch(r"loss = 1\.5, step = 2 \(\d+\.\d{3} sec\)", losses[1])
    assert re.fullmatch(r"loss = 1\.5, step = 4 \(\d+\.\d{3} sec\)", losses[2])
    assert len(losses) == 3


def test_the_log_tells_the_speed(est, tmp_path, caplog):
    log = train_log(est, caplog, tmp_path, log_step_count_steps=2)
    speeds = [message for message in log if message.startswith("global_step/sec: ")]
    assert len(speeds) == 2
    assert all(re.fullmatch(r"global_step/sec: [\d.e+]+", speed) for speed in speeds)


def test_the_log_may_do_without_loss_and_speed(est, tmp_path, caplog):
    log = train_log(est, caplog, tmp_path, log_step_count_steps=None)
    assert not any(message.startswith("loss = ") for message in log)
    assert not any(message.startswith("global_step/sec") for message in log)


def test_the_log_tells_the_last_loss(est, tmp_path, caplog):
    assert "Loss for final step: 1.5." in train_log(est, caplog, tmp_path)


def test_the_log_tells_each_checkpoint(est, tmp_path, caplog):
    log = train_log(est, caplog, tmp_path, save_checkpoints_steps=2)
    saved = [message for message in log if message.startswith("Saving checkpoints")]
    where = tmp_path / "model.ckpt"
    assert saved == [f"Saving checkpoints for {n} into {where}." for n in (0, 2, 4, 5)]


def test_the_log_tells_when_the_model_is_built_and_the_session_is_ready(
    est, tmp_path, caplog
):
    log = train_log(est, caplog, tmp_path)
    lines = [
        "Calling model_fn.",
        "Done calling model_fn.",
        "Graph was finalized.",
        "Running local_init_op.",
        "Done running local_init_op.",
    ]
    assert [message for message in log if message in lines] == lines


def test_the_log_tells_the_config(est, tmp_path, caplog):
    config = est.RunConfig(tf_random_seed=1234, save_summary_steps=77)
    log = log_of(caplog, lambda: est.Estimator(line(est), str(tmp_path), config))
    config = [message for message in log if message.startswith("Using config: ")]
    assert len(config) == 1
    for part in ("tf_random_seed': 1234", "save_summary_steps': 77", str(tmp_path)):
        assert part in config[0]


def test_the_log_tells_which_checkpoint_is_restored(est, tmp_path, caplog):
    estimator = trained(est, tmp_path, steps=2)
    restored = f"Restoring parameters from {tmp_path / 'model.ckpt-2'}"
    input_fn = numbers(epochs=1)
    assert restored in log_of(caplog, lambda: estimator.evaluate(input_fn))
    assert restored in log_of(caplog, lambda: list(estimator.predict(input_fn)))
    assert restored in log_of(caplog, lambda: estimator.train(input_fn))


def test_the_log_tells_where_the_results_of_an_evaluation_belong(est, tmp_path, caplog):
    estimator = trained(est, tmp_path, steps=2)
    log = log_of(caplog, lambda: estimator.evaluate(numbers(epochs=1)))
    assert "Saving dict for global step 2: global_step = 2, loss = 2.5" in log
    path = tmp_path / "model.ckpt-2"
    assert f"Saving 'checkpoint_path' summary for global step 2: {path}" in log


def test_the_log_of_a_logging_hook_shows_its_tensors(est, tmp_path, caplog):
    def model_fn(features, labels, mode):
        loss = tf.reduce_mean(features["x"])
        tf.identity(2 * features["x"], name="doubled")
        return est.EstimatorSpec(mode, loss=loss, train_op=count_step(loss))

    hook = tf1.train.LoggingTensorHook({"twice": "doubled"}, every_n_iter=1)
    estimator = est.Estimator(model_fn, str(tmp_path))
    log = log_of(caplog, lambda: estimator.train(numbers(), hooks=[hook], steps=1))
    assert "twice = [2. 4.]" in log


def test_verbosity_keeps_the_log_quiet(est, tmp_path, caplog):
    with caplog.at_level("WARNING", logger="tensorflow"):
        caplog.clear()
        trained(est, tmp_path, steps=2).evaluate(numbers(), steps=1)
    assert [one for one in caplog.records if one.levelname == "INFO"] == []
