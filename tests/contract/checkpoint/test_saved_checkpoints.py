"""Which checkpoints are written and kept, and how training goes on from them."""

import pytest
import tensorflow as tf

from tests.contract.small_models import (
    averager,
    checkpoint_steps,
    count_step,
    event_list,
    files,
    line,
    log_of,
    numbers,
)

tf1 = tf.compat.v1


def trained(est, folder, steps, **config):
    """Train a model under this RunConfig."""
    estimator = est.Estimator(averager(est), str(folder), est.RunConfig(**config))
    return estimator.train(numbers(), steps=steps)


def test_the_first_and_the_last_step_are_saved(est, tmp_path):
    trained(est, tmp_path, 3)
    assert checkpoint_steps(tmp_path) == [0, 3]


@pytest.mark.parametrize(
    ("every", "saved"), [(1, [0, 1, 2, 3, 4]), (2, [0, 2, 4]), (3, [0, 3, 4])]
)
def test_checkpoints_are_saved_every_so_many_steps(est, tmp_path, every, saved):
    trained(est, tmp_path, 4, save_checkpoints_steps=every)
    assert checkpoint_steps(tmp_path) == saved


def test_checkpoints_by_time_include_the_first_and_the_last(est, tmp_path):
    trained(est, tmp_path, 4, save_checkpoints_secs=1000)
    assert checkpoint_steps(tmp_path) == [0, 4]


@pytest.mark.parametrize(
    "never", [{"save_checkpoints_steps": None}, {"save_checkpoints_secs": None}]
)
def test_checkpoints_may_be_turned_off(est, tmp_path, never):
    estimator = trained(est, tmp_path, 4, **never)
    assert files(tmp_path) == ["events"]
    assert estimator.latest_checkpoint() is None


@pytest.mark.parametrize(
    ("keep", "kept"),
    [(1, [5]), (2, [4, 5]), (5, [1, 2, 3, 4, 5]), (0, [0, 1, 2, 3, 4, 5])],
)
def test_so_many_checkpoints_are_kept(est, tmp_path, keep, kept):
    config = {"save_checkpoints_steps": 1, "keep_checkpoint_max": keep}
    trained(est, tmp_path, 5, **config)
    assert checkpoint_steps(tmp_path) == kept


def test_none_keeps_all_checkpoints(est, tmp_path):
    trained(est, tmp_path, 6, save_checkpoints_steps=1, keep_checkpoint_max=None)
    assert checkpoint_steps(tmp_path) == [0, 1, 2, 3, 4, 5, 6]


def test_five_checkpoints_are_kept_by_default(est, tmp_path):
    trained(est, tmp_path, 6, save_checkpoints_steps=1)
    assert checkpoint_steps(tmp_path) == [2, 3, 4, 5, 6]


def test_a_checkpoint_that_is_not_kept_leaves_no_files(est, tmp_path):
    trained(est, tmp_path, 3, save_checkpoints_steps=1, keep_checkpoint_max=1)
    left = [name for name in files(tmp_path) if name.startswith("model.ckpt")]
    assert all(name.startswith("model.ckpt-3.") for name in left)


def test_retention_counts_over_several_calls_of_train(est, tmp_path):
    estimator = trained(est, tmp_path, 1, keep_checkpoint_max=2)
    for _ in range(3):
        estimator.train(numbers(), steps=1)
    assert checkpoint_steps(tmp_path) == [3, 4]


def test_retention_counts_over_several_estimators(est, tmp_path):
    for _ in range(4):
        trained(est, tmp_path, 1, keep_checkpoint_max=2)
    assert checkpoint_steps(tmp_path) == [3, 4]


def test_the_checkpoint_file_lists_what_is_kept(est, tmp_path):
    trained(est, tmp_path, 4, save_checkpoints_steps=1, keep_checkpoint_max=3)
    state = tf.train.get_checkpoint_state(str(tmp_path))
    assert state.model_checkpoint_path == str(tmp_path / "model.ckpt-4")
    assert list(state.all_model_checkpoint_paths) == [
        str(tmp_path / f"model.ckpt-{step}") for step in (2, 3, 4)
    ]


@pytest.mark.parametrize("keep", [0, None])
def test_where_all_are_kept_the_last_of_each_training_is_listed(est, tmp_path, keep):
    config = dict(save_checkpoints_steps=1, keep_checkpoint_max=keep)
    for _ in range(3):
        trained(est, tmp_path, 2, **config)
    state = tf.train.get_checkpoint_state(str(tmp_path))
    names = [name[-12:] for name in state.all_model_checkpoint_paths]
    assert names == ["model.ckpt-2", "model.ckpt-4", "model.ckpt-6"]
    assert checkpoint_steps(tmp_path) == list(range(7))


def test_a_model_dir_may_be_moved(est, tmp_path):
    trained(est, tmp_path / "old", 2)
    (tmp_path / "old").rename(tmp_path / "new")
    estimator = est.Estimator(averager(est), str(tmp_path / "new"))
    assert estimator.evaluate(numbers(), steps=1)["global_step"] == 2
    estimator.train(numbers(), steps=1)
    assert checkpoint_steps(tmp_path / "new") == [0, 2, 3]
    assert not (tmp_path / "old").exists()


def test_the_graph_may_stay_out_of_checkpoints(est, tmp_path):
    trained(est, tmp_path, 2, checkpoint_save_graph_def=False)
    assert checkpoint_steps(tmp_path) == [0, 2]
    assert not [name for name in files(tmp_path) if name.endswith(".meta")]


def test_a_meta_file_imports_into_an_empty_graph(est, tmp_path):
    estimator = est.Estimator(line(est), str(tmp_path))
    estimator.train(numbers(batch_size=4), steps=1)
    with tf.Graph().as_default(), tf1.Session() as session:
        saver = tf1.train.import_meta_graph(str(tmp_path / "model.ckpt-1.meta"))
        saver.restore(session, str(tmp_path / "model.ckpt-1"))
        assert session.run(tf1.global_variables()[1]) == 3.0


def test_saves_are_marked_in_the_events(est, tmp_path):
    trained(est, tmp_path, 3, save_checkpoints_steps=2)
    saved = tf1.SessionLog.CHECKPOINT
    events = event_list(tmp_path)
    steps = [event.step for event in events if event.session_log.status == saved]
    assert steps == [0, 2, 3]


def test_only_global_variables_are_saved(est, tmp_path):
    def model_fn(features, labels, mode):
        loss = tf.reduce_mean(features["x"])
        local = [tf1.GraphKeys.LOCAL_VARIABLES]
        tf1.get_variable("local", [], collections=local)
        tf1.get_variable("fixed", [], trainable=False)
        tf1.get_variable("learnt", [])
        return est.EstimatorSpec(mode, loss=loss, train_op=count_step(loss))

    estimator = est.Estimator(model_fn, str(tmp_path)).train(numbers(), steps=1)
    names = sorted(estimator.get_variable_names())
    assert names == ["fixed", "global_step", "learnt"]


# Going on


def test_training_goes_on_from_the_newest_checkpoint(est, tmp_path, caplog):
    estimator = est.Estimator(line(est), str(tmp_path))
    estimator.train(numbers(batch_size=4), steps=2)
    again = est.Estimator(line(est), str(tmp_path))
    log = log_of(caplog, lambda: again.train(numbers(batch_size=4), steps=1))
    assert again.get_variable_value("w") == 2.25
    assert "loss = 1.875, step = 2" in log
    assert f"Restoring parameters from {tmp_path / 'model.ckpt-2'}" in log
    assert f"Saving checkpoints for 3 into {tmp_path / 'model.ckpt'}." in log


def test_a_new_run_says_nothing_of_restoring(est, tmp_path, caplog):
    log = log_of(caplog, lambda: trained(est, tmp_path, 1))
    assert not any("Restoring parameters" in message for message in log)


def test_training_starts_again_in_a_folder_that_was_emptied(est, tmp_path):
    estimator = trained(est, tmp_path / "model", 3)
    (tmp_path / "model").rename(tmp_path / "away")
    estimator.train(numbers(), steps=1)
    assert estimator.get_variable_value("global_step") == 1


def test_the_checkpoint_file_decides_which_checkpoint_is_the_newest(est, tmp_path):
    estimator = est.Estimator(
        line(est), str(tmp_path), est.RunConfig(save_checkpoints_steps=1)
    )
    estimator.train(numbers(batch_size=4), steps=3)
    tf1.train.update_checkpoint_state(str(tmp_path), str(tmp_path / "model.ckpt-1"))
    assert estimator.latest_checkpoint() == str(tmp_path / "model.ckpt-1")
    assert estimator.get_variable_value("w") == 3.0
    estimator.train(numbers(batch_size=4), max_steps=2)
    assert estimator.get_variable_value("w") == 1.5
    assert estimator.get_variable_value("global_step") == 2


def test_a_variable_that_is_missing_in_the_checkpoint_is_an_error(est, tmp_path):
    trained(est, tmp_path, 1)

    def with_more(features, labels, mode):
        tf1.get_variable("unknown", [])
        return averager(est)(features, labels, mode)

    other = est.Estimator(with_more, str(tmp_path))
    with pytest.raises((ValueError, tf.errors.OpError), match="unknown"):
        other.train(numbers(), steps=1)


def test_a_variable_that_only_the_checkpoint_has_is_ignored(est, tmp_path):
    first = est.Estimator(line(est), str(tmp_path)).train(numbers(), steps=2)
    assert "w" in first.get_variable_names()
    other = est.Estimator(averager(est), str(tmp_path)).train(numbers(), steps=1)
    assert other.get_variable_names() == ["global_step"]
    assert other.get_variable_value("global_step") == 3
