"""Warm start: which variables begin where another model ended."""

import numpy as np
import pytest
import tensorflow as tf

import estimator_mnist.estimator as ours
from tests.contract.small_models import any_spec
from tests.contract.small_models_wide import (
    eval_input,
    linear_model_fn,
    new_estimator,
    restored,
    serving_input_fn,
    train_input,
    values,
    write_checkpoint,
)

tf1 = tf.compat.v1

OLD_W, OLD_B = [[0.25], [0.25]], [0.125]
NEW_W, NEW_B = [[0.5], [0.5]], [0.0]


@pytest.fixture
def old(tmp_path):
    """The folder of a model with other weights, at step 7."""
    write_checkpoint(tmp_path / "old", 7, w=0.25, b=0.125)
    return str(tmp_path / "old")


def started(est, model_dir, warm_start_from, model_fn=None):
    """Variables after one step that leaves the weights as they began."""
    model_fn = model_fn or linear_model_fn(est, learning_rate=0.0)
    estimator = new_estimator(est, model_dir, model_fn, warm_start_from=warm_start_from)
    return values(estimator.train(train_input, steps=1))


def frozen(est, **shapes):
    """A model_fn with variables of these names and shapes, that does not learn."""

    def model_fn(features, labels, mode):
        initializer = tf1.constant_initializer(-1.0)
        variables = [
            tf1.get_variable(name, shape, initializer=initializer)
            for name, shape in shapes.items()
        ]
        loss = tf.add_n([tf.reduce_sum(variable) for variable in variables])
        optimizer = tf1.train.MomentumOptimizer(0.0, 0.5)
        step = tf1.train.get_global_step()
        return est.EstimatorSpec(
            mode, loss=loss, train_op=optimizer.minimize(loss, step)
        )

    return model_fn


class TestSettings:
    def test_warm_start_settings_fields_and_defaults(self, est):
        assert est.WarmStartSettings("somewhere")._asdict() == {
            "ckpt_to_initialize_from": "somewhere",
            "vars_to_warm_start": ".*",
            "var_name_to_vocab_info": {},
            "var_name_to_prev_var_name": {},
        }

    @pytest.mark.parametrize("checkpoint", [None, ""])
    def test_warm_start_settings_need_a_checkpoint(self, est, checkpoint):
        with pytest.raises(ValueError, match="ckpt_to_initialize_from.*MUST be set"):
            est.WarmStartSettings(checkpoint)

    def test_vocab_info_fields_and_defaults(self, est):
        assert est.VocabInfo("new.txt", 3, 1, "old.txt")._asdict() == {
            "new_vocab": "new.txt",
            "new_vocab_size": 3,
            "num_oov_buckets": 1,
            "old_vocab": "old.txt",
            "old_vocab_size": -1,
            "backup_initializer": None,
            "axis": 0,
        }

    def test_vocab_info_has_two_axes(self, est):
        assert est.VocabInfo("n", 3, 1, "o", axis=1).axis == 1
        with pytest.raises(ValueError, match="axis.*2"):
            est.VocabInfo("n", 3, 1, "o", axis=2)

    @pytest.mark.parametrize("warm_start_from", [3, {"a": 1}])
    def test_estimator_refuses_other_types(self, est, tmp_path, warm_start_from):
        kind = type(warm_start_from).__name__
        with pytest.raises(ValueError, match=f"warm_start_from.*{kind}"):
            new_estimator(est, tmp_path, warm_start_from=warm_start_from)


class TestWhereFrom:
    def test_folder_means_its_newest_checkpoint(self, est, tmp_path, old):
        write_checkpoint(old, 9, w=0.75)
        got = started(est, tmp_path / "new", old)
        assert got["w"] == [[0.75], [0.75]]

    def test_path_of_a_checkpoint(self, est, tmp_path, old):
        write_checkpoint(old, 9, w=0.75)
        got = started(est, tmp_path / "new", old + "/model.ckpt-7")
        assert got["w"] == OLD_W

    def test_settings(self, est, tmp_path, old):
        got = started(est, tmp_path / "new", est.WarmStartSettings(old))
        assert (got["w"], got["b"]) == (OLD_W, OLD_B)

    @pytest.mark.parametrize("as_text", [False, True])
    def test_saved_model(self, est, tmp_path, as_text):
        source = restored(est, tmp_path / "old", step=7)
        path = source.export_saved_model(str(tmp_path / "out"), serving_input_fn(est))
        got = started(est, tmp_path / "new", path.decode() if as_text else path)
        assert got["w"] == values(source)["w"]

    def test_missing_checkpoint_is_an_error(self, est, tmp_path):
        with pytest.raises((tf.errors.NotFoundError, ValueError), match="nowhere"):
            started(est, tmp_path / "new", str(tmp_path / "nowhere"))

    @pytest.mark.parametrize("variables", [".*", "nothing", ["nothing"], None])
    def test_missing_checkpoint_is_none_where_no_variable_begins_warm(
        self, est, tmp_path, variables
    ):
        settings = est.WarmStartSettings(str(tmp_path / "nowhere"), variables)
        model_fn = frozen(est, w=[2]) if variables != ".*" else without_variables(est)
        assert started(est, tmp_path / "new", settings, model_fn)["global_step"] == 1

    def test_the_folder_given_is_logged(self, est, tmp_path, old, caplog):
        for folder, names in ((str(tmp_path / "no"), ["nothing"]), (old, ".*")):
            settings = est.WarmStartSettings(folder, names)
            with caplog.at_level("INFO", logger="tensorflow"):
                started(est, f"{folder}_new", settings)
            assert f"Warm-starting from: {folder}" in caplog.messages


def test_a_folder_without_a_checkpoint_is_as_none_where_no_variable_begins_warm(
    tmp_path, caplog
):
    """A training that failed has left it; the original leaves none."""
    (tmp_path / "empty").mkdir()
    settings = ours.WarmStartSettings(str(tmp_path / "empty"), ["nothing"])
    with caplog.at_level("INFO", logger="tensorflow"):
        assert started(ours, tmp_path / "new", settings)["w"] == NEW_W
    assert f"Warm-starting from: {tmp_path / 'empty'}" in caplog.messages


def without_variables(est):
    def model_fn(features, labels, mode):
        return any_spec(est, mode)

    return model_fn


class TestWhichVariables:
    def test_step_starts_at_zero(self, est, tmp_path, old):
        assert started(est, tmp_path / "new", old)["global_step"] == 1

    @pytest.mark.parametrize(
        "variables, w, b",
        [
            (".*", OLD_W, OLD_B),
            ("w", OLD_W, NEW_B),
            (".*b", NEW_W, OLD_B),
            ("[bw]", OLD_W, OLD_B),
            ("nothing", NEW_W, NEW_B),
            (["b"], NEW_W, OLD_B),
            (["b", "w"], OLD_W, OLD_B),
            (["nothing"], NEW_W, NEW_B),
            (None, NEW_W, NEW_B),
        ],
    )
    def test_vars_to_warm_start(self, est, tmp_path, old, variables, w, b):
        settings = est.WarmStartSettings(old, vars_to_warm_start=variables)
        got = started(est, tmp_path / "new", settings)
        assert (got["w"], got["b"]) == (w, b)

    def test_a_list_reaches_beyond_the_trainable_variables(self, est, tmp_path, old):
        settings = est.WarmStartSettings(old, vars_to_warm_start=["global_step"])
        assert started(est, tmp_path / "new", settings)["global_step"] == 8

    def test_slots_start_fresh_by_default(self, est, tmp_path):
        new_estimator(est, tmp_path / "old", frozen(est, w=[2])).train(
            train_input, steps=5
        )
        model_fn = frozen(est, w=[2])
        fresh = started(est, tmp_path / "new", str(tmp_path / "old"), model_fn)
        settings = est.WarmStartSettings(str(tmp_path / "old"), [".*"])
        taken = started(est, tmp_path / "all", settings, model_fn)
        assert fresh["w/Momentum"] == [1.0, 1.0]
        assert taken["w/Momentum"][0] > 1.5

    def test_vars_of_another_type_are_refused(self, est, tmp_path, old):
        settings = est.WarmStartSettings(old, vars_to_warm_start=3)
        with pytest.raises(ValueError, match="vars_to_warm_start.*int"):
            started(est, tmp_path / "new", settings)

    @pytest.mark.parametrize("variables, b", [(".*", OLD_B), ("kernel", [-1.0])])
    def test_renamed_variable(self, est, tmp_path, old, variables, b):
        settings = est.WarmStartSettings(
            old, variables, var_name_to_prev_var_name={"kernel": "w"}
        )
        model_fn = frozen(est, kernel=[2, 1], b=[1])
        got = started(est, tmp_path / "new", settings, model_fn)
        assert got["kernel"] == OLD_W
        assert got["b"] == b

    def test_variable_that_the_checkpoint_lacks_is_an_error(self, est, tmp_path, old):
        with pytest.raises(ValueError, match="(?s)kernel.*not found"):
            started(est, tmp_path / "new", old, frozen(est, kernel=[2, 1]))

    def test_another_shape_is_an_error(self, est, tmp_path, old):
        with pytest.raises(ValueError, match=r"(?s)[Ss]hape.*w.*2, 3.*2, 1"):
            started(est, tmp_path / "new", old, frozen(est, w=[2, 3]))

    def test_misspelled_new_name_is_an_error(self, est, tmp_path, old):
        settings = est.WarmStartSettings(
            old, var_name_to_prev_var_name={"kernell": "w"}
        )
        with pytest.raises(ValueError, match="not used.*kernell"):
            started(est, tmp_path / "new", settings)


class TestVocabulary:
    @pytest.fixture
    def words(self, tmp_path):
        """Files of the old and the new vocabulary."""
        (tmp_path / "old.txt").write_text("a\nb\nc\n")
        (tmp_path / "new.txt").write_text("c\nx\na\nd\n")
        return {
            "new_vocab": str(tmp_path / "new.txt"),
            "new_vocab_size": 4,
            "num_oov_buckets": 0,
            "old_vocab": str(tmp_path / "old.txt"),
        }

    def started(self, est, tmp_path, old_rows, shape, **vocab_info):
        """The embedding `em` of the given shape after a warm start."""
        with tf.Graph().as_default(), tf1.Session() as session:
            tf1.get_variable("em", initializer=np.array(old_rows, np.float32))
            session.run(tf1.global_variables_initializer())
            tf1.train.Saver().save(session, str(tmp_path / "old.ckpt"))
        settings = est.WarmStartSettings(
            str(tmp_path / "old.ckpt"),
            var_name_to_vocab_info={"em": est.VocabInfo(**vocab_info)},
        )
        model_fn = frozen(est, em=shape)
        return started(est, tmp_path / "new", settings, model_fn)["em"]

    def test_rows_follow_their_words(self, est, tmp_path, words):
        rows = [[1, 1], [2, 2], [3, 3]]
        got = self.started(est, tmp_path, rows, [4, 2], **words)
        assert got == [[3, 3], [0, 0], [1, 1], [0, 0]]

    def test_backup_initializer_fills_new_words(self, est, tmp_path, words):
        got = self.started(
            est,
            tmp_path,
            [[1, 1], [2, 2], [3, 3]],
            [4, 2],
            backup_initializer=tf1.ones_initializer(),
            **words,
        )
        assert got == [[3, 3], [1, 1], [1, 1], [1, 1]]

    def test_old_vocab_size_hides_later_words(self, est, tmp_path, words):
        rows = [[1, 1], [2, 2], [3, 3]]
        got = self.started(est, tmp_path, rows, [4, 2], old_vocab_size=2, **words)
        assert got == [[0, 0], [0, 0], [1, 1], [0, 0]]

    def test_columns_follow_their_words(self, est, tmp_path, words):
        got = self.started(est, tmp_path, [[1, 2, 3]] * 2, [2, 4], axis=1, **words)
        assert got == [[3, 0, 1, 0]] * 2

    def test_misspelled_name_is_an_error(self, est, tmp_path, old, words):
        settings = est.WarmStartSettings(
            old, var_name_to_vocab_info={"emb": est.VocabInfo(**words)}
        )
        with pytest.raises(ValueError, match="not used.*emb"):
            started(est, tmp_path / "new", settings)


class TestWhen:
    def test_only_before_the_first_checkpoint(self, est, tmp_path, old):
        write_checkpoint(tmp_path / "new", 3, w=0.75)
        got = started(est, tmp_path / "new", old)
        assert got["w"] == [[0.75], [0.75]]
        assert got["global_step"] == 4

    def test_a_second_training_goes_on_from_the_first(self, est, tmp_path, old):
        model_fn = linear_model_fn(est, learning_rate=0.05)
        estimator = new_estimator(
            est, tmp_path / "new", model_fn, warm_start_from=old
        ).train(train_input, steps=1)
        first = values(estimator)
        second = values(estimator.train(train_input, steps=1))
        assert second["global_step"] == 2
        assert second["w"] != first["w"] != OLD_W

    def test_an_untrained_model_evaluates_with_the_old_weights(
        self, est, tmp_path, old
    ):
        warm = new_estimator(est, tmp_path / "new", warm_start_from=old)
        cold = new_estimator(est, old)
        result, expected = warm.evaluate(eval_input), cold.evaluate(eval_input)
        assert result["loss"] == pytest.approx(expected["loss"], rel=1e-6)
        assert result["global_step"] == 0

    def test_a_given_checkpoint_is_restored_without_a_look_at_the_old(
        self, est, tmp_path
    ):
        write_checkpoint(tmp_path / "elsewhere", 5, w=0.75)
        path = str(tmp_path / "elsewhere" / "model.ckpt-5")
        estimator = new_estimator(
            est, tmp_path / "new", warm_start_from=str(tmp_path / "no such folder")
        )
        result = estimator.evaluate(eval_input, checkpoint_path=path)
        assert result["global_step"] == 5
        predictions = estimator.predict(eval_input, checkpoint_path=path)
        assert np.isfinite(next(predictions)["p"]).all()

    def test_settings_that_name_no_variable_read_no_checkpoint(self, est, tmp_path):
        folder = str(tmp_path / "no such folder")
        settings = est.WarmStartSettings(folder, vars_to_warm_start=None)
        assert started(est, tmp_path / "new", settings)["w"] == NEW_W

    def test_an_export_without_a_mode_does_not_look_at_the_old(self, est, tmp_path):
        estimator = new_estimator(
            est, tmp_path / "new", warm_start_from=str(tmp_path / "no such folder")
        )
        export = estimator.experimental_export_all_saved_models
        with pytest.raises(ValueError, match="No valid modes for exporting found"):
            export(str(tmp_path / "export"), {"other": serving_input_fn})
