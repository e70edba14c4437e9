"""TrainSpec, EvalSpec and the loop that alternates training with evaluation."""

import os

import pytest
import tensorflow as tf

from tests.contract.small_models_wide import (
    LABELS,
    Calls,
    eval_input,
    evaluated_steps,
    global_step,
    linear_model_fn,
    new_estimator,
    restored,
    serving_input_fn,
    timestamped,
    train_input,
)

tf1 = tf.compat.v1


def note_taker(est, name="notes"):
    """An Exporter that notes its calls in `calls` and returns their number."""

    class NoteTaker(est.Exporter):
        def __init__(self):
            self.calls = []

        @property
        def name(self):
            return name

        def export(
            self,
            estimator,
            export_path,
            checkpoint_path,
            eval_result,
            is_the_final_export,
        ):
            self.calls.append(
                {
                    "folder": os.path.relpath(export_path, estimator.model_dir),
                    "checkpoint": os.path.basename(checkpoint_path),
                    "step": eval_result["global_step"],
                    "final": is_the_final_export,
                }
            )
            return len(self.calls)

    return NoteTaker()


def eager_spec(est, input_fn=eval_input, **kwargs):
    """An EvalSpec that lets no checkpoint wait."""
    kwargs = {"throttle_secs": 0, "start_delay_secs": 0, **kwargs}
    return est.EvalSpec(input_fn, **kwargs)


def run(est, model_dir, max_steps=None, every=None, hooks=None, **eval_kwargs):
    """Trains and evaluates; gives the estimator and what came back."""
    every = {"save_checkpoints_steps": every} if every else {}
    estimator = new_estimator(est, model_dir, config=est.RunConfig(**every))
    eval_spec = eager_spec(est, **eval_kwargs)
    train_spec = est.TrainSpec(train_input, max_steps, hooks=hooks)
    return estimator, est.train_and_evaluate(estimator, train_spec, eval_spec)


class TestTrainSpec:
    def test_fields_and_defaults(self, est):
        assert est.TrainSpec(eval_input)._asdict() == {
            "input_fn": eval_input,
            "max_steps": None,
            "hooks": (),
            "saving_listeners": (),
        }

    def test_lists_become_tuples(self, est):
        hook, listener = Calls([]), est.CheckpointSaverListener()
        spec = est.TrainSpec(eval_input, 5, [hook], [listener])
        assert spec.hooks == (hook,)
        assert spec.saving_listeners == (listener,)

    @pytest.mark.parametrize(
        "kwargs, error, words",
        [
            ({"input_fn": None}, TypeError, "input_fn.*callable.*None"),
            ({"input_fn": 3}, TypeError, "input_fn.*callable.*3"),
            ({"max_steps": 0}, ValueError, "max_steps > 0.*0"),
            ({"max_steps": -1}, ValueError, "max_steps > 0.*-1"),
            ({"hooks": [3]}, TypeError, "hooks.*SessionRunHook.*3"),
            (
                {"saving_listeners": [3]},
                TypeError,
                "saving_listeners.*CheckpointSaverListener.*3",
            ),
        ],
    )
    def test_refuses(self, est, kwargs, error, words):
        with pytest.raises(error, match=words):
            est.TrainSpec(**{"input_fn": eval_input, **kwargs})


class TestEvalSpec:
    def test_fields_and_defaults(self, est):
        assert est.EvalSpec(eval_input)._asdict() == {
            "input_fn": eval_input,
            "steps": 100,
            "name": None,
            "hooks": (),
            "exporters": (),
            "start_delay_secs": 120,
            "throttle_secs": 600,
        }

    def test_one_exporter_or_many_become_a_tuple(self, est):
        a, b = note_taker(est, "a"), note_taker(est, "b")
        assert est.EvalSpec(eval_input, exporters=a).exporters == (a,)
        assert est.EvalSpec(eval_input, exporters=[a, b]).exporters == (a, b)

    def test_is_immutable(self, est):
        with pytest.raises(AttributeError):
            est.EvalSpec(eval_input).steps = 3

    @pytest.mark.parametrize(
        "kwargs, error, words",
        [
            ({"input_fn": None}, TypeError, "input_fn.*callable.*None"),
            ({"steps": 0}, ValueError, "steps > 0.*0"),
            ({"steps": -1}, ValueError, "steps > 0.*-1"),
            ({"name": 3}, TypeError, "name.*string.*3"),
            ({"hooks": [3]}, TypeError, "hooks.*SessionRunHook.*3"),
            ({"exporters": 3}, TypeError, "exporters.*Exporter.*3"),
            ({"exporters": [3]}, TypeError, "exporters.*Exporter.*3"),
            ({"start_delay_secs": -1}, ValueError, "start_delay_secs >= 0.*-1"),
            ({"throttle_secs": -1}, ValueError, "throttle_secs >= 0.*-1"),
        ],
    )
    def test_refuses(self, est, kwargs, error, words):
        with pytest.raises(error, match=words):
            est.EvalSpec(**{"input_fn": eval_input, **kwargs})

    @pytest.mark.parametrize(
        "names, words",
        [
            (["a", "a"], "unique names.*a"),
            ([""], "Exporter.* name"),
            ([None], "Exporter.* name"),
            ([3], "string name.*int"),
        ],
    )
    def test_refuses_names_of_exporters(self, est, names, words):
        exporters = [note_taker(est, name) for name in names]
        with pytest.raises(ValueError, match=words):
            est.EvalSpec(eval_input, exporters=exporters)


class TestTrainAndEvaluate:
    def test_returns_the_last_evaluation_and_no_exports(self, est, tmp_path):
        estimator, (result, exports) = run(est, tmp_path, max_steps=5)
        assert sorted(result) == ["global_step", "loss", "mae"]
        assert result["global_step"] == global_step(estimator) == 5
        assert result == pytest.approx(estimator.evaluate(eval_input), rel=1e-6)
        assert list(exports) == []

    def test_evaluates_once_at_the_end_when_there_was_no_checkpoint(
        self, est, tmp_path
    ):
        estimator, _ = run(est, tmp_path, max_steps=5)
        assert evaluated_steps(estimator.eval_dir()) == [5]

    @pytest.mark.parametrize(
        "every, max_steps, steps", [(4, 10, [4, 8, 10]), (5, 10, [5, 10])]
    )
    def test_evaluates_after_each_checkpoint_and_once_at_the_end(
        self, est, tmp_path, every, max_steps, steps
    ):
        estimator, _ = run(est, tmp_path, max_steps=max_steps, every=every)
        assert evaluated_steps(estimator.eval_dir()) == steps

    def test_throttle_lets_only_the_first_and_the_last_through(self, est, tmp_path):
        estimator, _ = run(est, tmp_path, max_steps=10, every=2, throttle_secs=600)
        steps = evaluated_steps(estimator.eval_dir())
        assert steps == [2, 10]

    def test_exporters_see_every_evaluation(self, est, tmp_path):
        exporter = note_taker(est)
        _, (_, exports) = run(est, tmp_path, 10, every=4, exporters=exporter)
        assert [call["step"] for call in exporter.calls] == [4, 8, 10]
        assert [call["final"] for call in exporter.calls] == [False, False, True]
        assert [call["checkpoint"] for call in exporter.calls] == [
            "model.ckpt-4",
            "model.ckpt-8",
            "model.ckpt-10",
        ]
        assert {call["folder"] for call in exporter.calls} == {"export/notes"}
        assert list(exports) == [3]

    def test_each_exporter_gives_one_result(self, est, tmp_path):
        exporters = [note_taker(est, "a"), note_taker(est, "b")]
        _, (_, exports) = run(est, tmp_path, 4, every=2, exporters=exporters)
        assert list(exports) == [2, 2]

    def test_an_exporter_that_exports_nothing_gives_none(self, est, tmp_path):
        exporter = est.FinalExporter("final", serving_input_fn(est))
        stop = tf1.train.StopAtStepHook(last_step=2)
        _, (_, exports) = run(est, tmp_path, hooks=[stop], exporters=exporter)
        assert list(exports) == [None]

    def test_saved_models_land_under_export_name(self, est, tmp_path):
        receiver_fn = serving_input_fn(est)
        exporters = [
            est.LatestExporter("latest", receiver_fn),
            est.FinalExporter("final", receiver_fn),
            est.BestExporter("best", receiver_fn),
        ]
        _, (_, exports) = run(est, tmp_path, max_steps=2, exporters=exporters)
        for path, exporter in zip(exports, exporters, strict=True):
            folder = tmp_path / "export" / exporter.name
            assert timestamped(folder) == [os.path.basename(path.decode())]

    def test_name_chooses_the_evaluation_folder(self, est, tmp_path):
        estimator, _ = run(est, tmp_path, max_steps=2, name="b")
        assert evaluated_steps(estimator.eval_dir("b")) == [2]
        assert evaluated_steps(estimator.eval_dir()) == []

    def test_evaluation_runs_inside_the_training(self, est, tmp_path):
        log = []
        estimator = new_estimator(
            est, tmp_path, config=est.RunConfig(save_checkpoints_steps=2)
        )
        est.train_and_evaluate(
            estimator,
            est.TrainSpec(train_input, 4, hooks=[Calls(log, "train ")]),
            eager_spec(est, train_input, steps=1, hooks=[Calls(log, "eval ")]),
        )
        evaluation = ["eval begin", "eval run", "eval end"]
        assert (log[0], log[-1]) == ("train begin", "train end")
        assert [line for line in log if line.startswith("eval")] == evaluation * 2

    @pytest.mark.parametrize("steps, batches", [(2, 2), (None, 3)])
    def test_steps_limits_each_evaluation(self, est, tmp_path, steps, batches):
        log = []
        est.train_and_evaluate(
            new_estimator(est, tmp_path),
            est.TrainSpec(train_input, 1),
            est.EvalSpec(lambda: eval_input().repeat(3), steps, hooks=[Calls(log)]),
        )
        assert log == ["begin"] + ["run"] * batches + ["end"]

    def test_training_input_is_built_once(self, est, tmp_path):
        built = []

        def input_fn():
            built.append(1)
            return train_input()

        config = est.RunConfig(save_checkpoints_steps=2)
        est.train_and_evaluate(
            new_estimator(est, tmp_path, config=config),
            est.TrainSpec(input_fn, 6),
            eager_spec(est),
        )
        assert len(built) == 1

    def test_saving_listeners_hear_of_every_checkpoint(self, est, tmp_path):
        log = []

        class Listener(est.CheckpointSaverListener):
            def before_save(self, session, step):
                log.append(("before", int(step)))

            def after_save(self, session, step):
                log.append(("after", int(step)))

            def end(self, session, step):
                log.append(("end", int(step)))

        config = est.RunConfig(save_checkpoints_steps=2)
        est.train_and_evaluate(
            new_estimator(est, tmp_path, config=config),
            est.TrainSpec(train_input, 4, saving_listeners=[Listener()]),
            eager_spec(est),
        )
        saves = [(when, step) for step in (0, 2, 4) for when in ("before", "after")]
        assert log == saves + [("end", 4)]

    def test_resumes_up_to_max_steps(self, est, tmp_path):
        restored(est, tmp_path, step=3)
        estimator, (result, _) = run(est, tmp_path, max_steps=5)
        assert result["global_step"] == global_step(estimator) == 5

    def test_ends_with_a_finite_input(self, est, tmp_path):
        estimator = new_estimator(est, tmp_path)
        result, _ = est.train_and_evaluate(
            estimator,
            est.TrainSpec(lambda: eval_input().repeat(4)),
            est.EvalSpec(eval_input),
        )
        assert result["global_step"] == 4

    def test_a_hook_that_stops_early_still_gets_a_last_evaluation(self, est, tmp_path):
        class StopAfterTwo(est.SessionRunHook):
            steps = 0

            def after_run(self, run_context, run_values):
                self.steps += 1
                if self.steps == 2:
                    run_context.request_stop()

        exporter = note_taker(est)
        _, (result, _) = run(
            est, tmp_path, max_steps=50, hooks=[StopAfterTwo()], exporters=exporter
        )
        assert result["global_step"] == 2
        assert [call["step"] for call in exporter.calls] == [2]

    def test_early_stopping_reads_the_evaluations_of_the_same_run(self, est, tmp_path):
        estimator = new_estimator(
            est, tmp_path, config=est.RunConfig(save_checkpoints_steps=2)
        )
        hook = est.experimental.stop_if_lower_hook(
            estimator, "loss", 1e6, run_every_secs=None, run_every_steps=1
        )
        result, _ = est.train_and_evaluate(
            estimator,
            est.TrainSpec(train_input, 50, hooks=[hook]),
            eager_spec(est),
        )
        assert result["global_step"] < 5

    @pytest.mark.parametrize(
        "position, name", [(0, "estimator"), (1, "train_spec"), (2, "eval_spec")]
    )
    def test_refuses_other_types(self, est, tmp_path, position, name):
        arguments = [
            new_estimator(est, tmp_path),
            est.TrainSpec(train_input, 1),
            est.EvalSpec(eval_input),
        ]
        arguments[position] = 3
        with pytest.raises(TypeError, match=f"`{name}` must have type"):
            est.train_and_evaluate(*arguments)

    def test_model_learns(self, est, tmp_path):
        model_fn = linear_model_fn(est, start=0.0)
        estimator = new_estimator(est, tmp_path, model_fn)
        result, _ = est.train_and_evaluate(
            estimator, est.TrainSpec(train_input, 60), est.EvalSpec(eval_input)
        )
        assert result["loss"] < 0.1 * (LABELS**2).mean()
