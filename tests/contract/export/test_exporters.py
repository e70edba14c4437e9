"""LatestExporter, FinalExporter, BestExporter: what each writes, and where."""

import os

import pytest
import tensorflow as tf

from tests.contract.small_models_wide import restored, serving_input_fn, timestamped


@pytest.fixture
def estimator(est, tmp_path):
    return restored(est, tmp_path / "model")


@pytest.fixture
def folder(tmp_path):
    """Where the exporters write; made by them, not by the test."""
    return str(tmp_path / "export" / "name")


def export(exporter, estimator, folder, final=False, **result):
    return exporter.export(
        estimator=estimator,
        export_path=folder,
        checkpoint_path=estimator.latest_checkpoint(),
        eval_result=result or {"loss": 1.0},
        is_the_final_export=final,
    )


def older_exports(folder, *names):
    """Stands for exports of earlier runs."""
    for name in names:
        os.makedirs(os.path.join(folder, name))


class TestNames:
    def test_names_are_kept(self, est):
        receiver_fn = serving_input_fn(est)
        assert est.LatestExporter("a", receiver_fn).name == "a"
        assert est.FinalExporter("b", receiver_fn).name == "b"
        assert est.BestExporter("c", receiver_fn).name == "c"

    def test_best_exporter_has_a_default_name(self, est):
        exporter = est.BestExporter(serving_input_receiver_fn=serving_input_fn(est))
        assert exporter.name == "best_exporter"

    def test_all_are_exporters(self, est):
        for kind in (est.LatestExporter, est.FinalExporter, est.BestExporter):
            assert issubclass(kind, est.Exporter)


class TestLatestExporter:
    def test_exports_every_time_and_returns_the_path(self, est, estimator, folder):
        exporter = est.LatestExporter("latest", serving_input_fn(est))
        path = export(exporter, estimator, folder)
        (name,) = timestamped(folder)
        assert path.decode() == os.path.join(folder, name)
        assert list(tf.saved_model.load(path.decode()).signatures) == [
            "serving_default"
        ]

    def test_keeps_the_newest(self, est, estimator, folder):
        older_exports(folder, "1500000001", "1500000003", "1500000002")
        exporter = est.LatestExporter(
            "latest", serving_input_fn(est), exports_to_keep=2
        )
        new = os.path.basename(export(exporter, estimator, folder).decode())
        assert timestamped(folder) == ["1500000003", new]

    def test_keeps_all_without_a_limit(self, est, estimator, folder):
        older_exports(folder, *(str(1500000000 + i) for i in range(7)))
        exporter = est.LatestExporter(
            "latest", serving_input_fn(est), exports_to_keep=None
        )
        export(exporter, estimator, folder)
        assert len(timestamped(folder)) == 8

    def test_keeps_five_by_default(self, est, estimator, folder):
        older_exports(folder, *(str(1500000000 + i) for i in range(7)))
        export(est.LatestExporter("latest", serving_input_fn(est)), estimator, folder)
        assert len(timestamped(folder)) == 5

    def test_leaves_what_is_no_export_alone(self, est, estimator, folder):
        older_exports(folder, "1500000001", "notes", "temp-1500000000")
        exporter = est.LatestExporter(
            "latest", serving_input_fn(est), exports_to_keep=1
        )
        export(exporter, estimator, folder)
        assert {"notes", "temp-1500000000"} <= set(os.listdir(folder))
        assert len(timestamped(folder)) == 1

    def test_compare_fn_may_take_any_other_argument(self, est):
        def compare_fn(best_eval_result, current_eval_result, **others):
            return True

        est.BestExporter("best", serving_input_fn(est), compare_fn=compare_fn)

    @pytest.mark.parametrize("exports_to_keep", [0, -1])
    def test_must_keep_at_least_one(self, est, exports_to_keep):
        with pytest.raises(ValueError, match="exports_to_keep.*positive"):
            est.LatestExporter(
                "latest", serving_input_fn(est), exports_to_keep=exports_to_keep
            )

    def test_passes_on_assets_and_text(self, est, estimator, folder, tmp_path):
        (tmp_path / "notes.txt").write_text("hello")
        exporter = est.LatestExporter(
            "latest",
            serving_input_fn(est),
            assets_extra={"notes.txt": str(tmp_path / "notes.txt")},
            as_text=True,
        )
        path = export(exporter, estimator, folder).decode()
        assert os.path.exists(os.path.join(path, "saved_model.pbtxt"))
        assert os.path.exists(os.path.join(path, "assets.extra", "notes.txt"))


class TestFinalExporter:
    def test_exports_nothing_before_the_end(self, est, estimator, folder):
        exporter = est.FinalExporter("final", serving_input_fn(est))
        assert export(exporter, estimator, folder, final=False) is None
        assert timestamped(folder) == []

    def test_exports_at_the_end(self, est, estimator, folder):
        exporter = est.FinalExporter("final", serving_input_fn(est), as_text=True)
        path = export(exporter, estimator, folder, final=True).decode()
        assert timestamped(folder) == [os.path.basename(path)]
        assert os.path.exists(os.path.join(path, "saved_model.pbtxt"))


class TestBestExporter:
    def exported(self, exporter, estimator, folder, *losses):
        """For each loss in turn: was it exported?"""
        return [
            export(exporter, estimator, folder, loss=loss) is not None
            for loss in losses
        ]

    def test_exports_only_what_lowers_the_loss(self, est, estimator, folder):
        exporter = est.BestExporter("best", serving_input_fn(est))
        losses = (1.0, 2.0, 1.0, 0.5, 0.7)
        assert self.exported(exporter, estimator, folder, *losses) == [
            True,
            False,
            False,
            True,
            False,
        ]
        assert len(timestamped(folder)) == 2

    def test_nan_is_never_better(self, est, estimator, folder):
        exporter = est.BestExporter("best", serving_input_fn(est))
        nan = float("nan")
        assert self.exported(exporter, estimator, folder, 1.0, nan) == [True, False]

    def test_keeps_the_newest(self, est, estimator, folder):
        older_exports(folder, "1500000001", "1500000002")
        exporter = est.BestExporter("best", serving_input_fn(est), exports_to_keep=2)
        export(exporter, estimator, folder)
        assert len(timestamped(folder)) == 2
        assert timestamped(folder)[0] == "1500000002"

    def test_compare_fn_gets_the_best_and_the_current_result(
        self, est, estimator, folder
    ):
        seen = []

        def higher_accuracy(current_eval_result, best_eval_result):
            seen.append((best_eval_result["acc"], current_eval_result["acc"]))
            return current_eval_result["acc"] > best_eval_result["acc"]

        exporter = est.BestExporter(
            "best", serving_input_fn(est), compare_fn=higher_accuracy
        )
        results = [
            export(exporter, estimator, folder, acc=acc) is not None
            for acc in (0.4, 0.3, 0.5, 0.45)
        ]
        assert results == [True, False, True, False]
        assert seen == [(0.4, 0.3), (0.4, 0.5), (0.5, 0.45)]

    def test_default_comparison_needs_a_loss(self, est, estimator, folder):
        exporter = est.BestExporter("best", serving_input_fn(est))
        export(exporter, estimator, folder, loss=1.0)
        with pytest.raises(ValueError, match="loss"):
            export(exporter, estimator, folder, acc=0.9)

    @pytest.mark.parametrize(
        "compare_fn, words",
        [
            (None, "compare_fn.*None"),
            (lambda a, b: True, "compare_fn.*best_eval_result"),
            (lambda best_eval_result: True, "compare_fn.*current_eval_result"),
            (
                lambda best_eval_result, current_eval_result, margin: True,
                "compare_fn.*margin",
            ),
        ],
    )
    def test_rejects_compare_fn(self, est, compare_fn, words):
        with pytest.raises(ValueError, match=words):
            est.BestExporter("best", serving_input_fn(est), compare_fn=compare_fn)

    @pytest.mark.parametrize("exports_to_keep", [0, -1])
    def test_must_keep_at_least_one(self, est, exports_to_keep):
        with pytest.raises(ValueError, match="exports_to_keep.*positive"):
            est.BestExporter(
                "best", serving_input_fn(est), exports_to_keep=exports_to_keep
            )

    def test_another_folder_of_events_can_be_named(self, est, estimator, folder):
        exporter = est.BestExporter(
            "best", serving_input_fn(est), event_file_pattern="eval_x/*.tfevents.*"
        )
        assert self.exported(exporter, estimator, folder, 1.0, 2.0) == [True, False]
