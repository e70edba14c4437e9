"""What the benchmarks count, and that the contestants do the same work."""

import json
import time

import numpy as np
import pytest

from benchmarks import (
    cluster,
    processor,
    scale,
    throughput,
    time_to_accuracy,
)
from benchmarks.contestants import __main__ as contestant
from benchmarks.contestants import keras_fit, stopwatch
from estimator_mnist.data import datasets, input_fns
from estimator_mnist.models import catalog


def test_a_stopwatch_counts_the_steps_after_warming_up():
    now = 0.0
    watch = stopwatch.Stopwatch(3, clock=lambda: now)
    steps = 0
    while not watch.is_over(steps):
        # A slow start, then ten steps in a second.
        now += 0.5 if now < stopwatch.WARM_UP else 0.1
        steps += 1
    assert watch.steps_per_s == pytest.approx(10, rel=0.05)


def test_ratios_are_taken_within_each_round():
    rounds = {"ours": [8.0, 4.0, 6.0], "keras": [4.0, 1.0, 2.0]}
    assert throughput.ratios(rounds, "ours") == {"keras": [2.0, 4.0, 3.0]}
    line = throughput.table("cnn", rounds).splitlines()[-1]
    assert line.split() == ["keras", "2.0", "3.00", "2.00", "4.00"]


def test_the_processor_is_named_in_each_file_of_results(tmp_path):
    described = "model name\t: Quick 9\nflags\t\t: fpu avx2 amx_bf16\n\nmodel name\t: B"
    (tmp_path / "cpuinfo").write_text(described)
    found = processor.this(str(tmp_path / "cpuinfo"))
    assert (found.name, found.flags) == ("Quick 9", ("avx2", "amx_bf16"))
    assert str(found).endswith("cores, avx2 amx_bf16")
    processor.write_json(str(tmp_path / "found.json"), {"cnn": [1.0]})
    written = json.loads((tmp_path / "found.json").read_text())
    assert written["processor"]["name"] == processor.this().name
    assert written["results"] == {"cnn": [1.0]}


def test_a_machine_that_does_not_describe_itself_has_a_name_still(tmp_path):
    assert processor.this(str(tmp_path / "missing")).name


@pytest.mark.parametrize(
    ("model", "parameters"), [("linear", 16_010), ("mlp", 805_510), ("cnn", 13_119_306)]
)
def test_keras_trains_the_same_net(model, parameters):
    net = keras_fit.keras_net(model, catalog.MODELS[model].params)
    assert net.count_params() == parameters
    images = np.zeros([2, 40, 40], np.float32)
    _, accuracy = net.evaluate(images, np.array([0, 1]), verbose=0)
    assert accuracy <= 0.5  # equal images cannot be told apart


def test_keras_gets_translated_images():
    split = datasets.load("digits").train
    x, labels = next(iter(keras_fit.translated_batches(split, 50)))
    x = x.numpy()
    assert x.shape == (50, 40, 40) and x.dtype == np.float32 and x.max() == 1
    # All ink is there, at other places than in the next batch.
    ink = sorted(split.images.sum(axis=(1, 2)) / 255)
    assert all(np.isclose(ink, one, rtol=1e-4).any() for one in x.sum(axis=(1, 2)))
    assert len({tuple(np.argwhere(image)[0]) for image in x}) > 10


def test_replicated_data_are_mapped_and_trained_on_as_the_original(tmp_path):
    digits = datasets.load("digits").train
    labels = digits.labels.astype(np.uint8)
    scale.replicate(digits.images, labels, 3, str(tmp_path))
    data = datasets.load("mnist", tmp_path, download=False)
    both = np.concatenate([data.validation.images, data.train.images])
    np.testing.assert_array_equal(both, np.tile(digits.images, (3, 1, 1)))
    features, _ = next(
        input_fns.train_input_fn(data.train, 4, 0, True)().as_numpy_iterator()
    )
    assert features["x"].shape == (4, 40, 40)


def test_memory_is_sampled_while_it_is_used():
    with scale.PeakMemory() as before:
        pass
    with scale.PeakMemory() as memory:
        held = np.ones(100 << 20, np.uint8)
        while memory.megabytes < 100:
            held[0] = 1
    assert memory.megabytes >= before.megabytes


def test_the_speed_of_a_job_is_what_it_logs_after_its_first_steps():
    log = "chief 0: INFO:tensorflow:global_step/sec: 12.5\n"
    log += "worker 0: INFO:tensorflow:global_step/sec: 1.5e+03\nglobal_step/sec: 400"
    assert cluster.rates(log) == [1500.0, 400.0]


def test_what_a_process_holds_is_counted_for_each_of_its_evaluations():
    found = scale.evaluations(2)
    assert found["per_s"] > 0 and found["files"] > 3 and found["threads"] > 1


def test_marks_keep_the_first_time_they_were_reached():
    marks = time_to_accuracy.Marks(started=0)
    assert not marks.update(0.9)
    assert not marks.update(0.96)
    first = dict(marks.passed)
    assert marks.update(0.97)
    assert marks.passed["0.95"] == first["0.95"] < marks.passed["0.965"]


def test_the_time_to_an_accuracy_is_that_of_its_parts():
    marks = time_to_accuracy.Marks(started=time.time() - 5)
    marks.start()
    marks.start()
    marks.begin("evaluations")
    marks.end("evaluations")
    marks.update(1.0)
    marks.begin("checkpoints")  # after the last mark
    marks.end("checkpoints")
    result = marks.result()
    assert sum(result["parts"].values()) == pytest.approx(result["marks"]["0.965"])
    assert result["parts"]["start"] >= 5 > result["parts"]["evaluations"] > 0
    assert result["parts"]["checkpoints"] == 0
    assert "0.95: ours takes 1.00" in time_to_accuracy.summary(
        {"ours": [result], "keras": [result]}
    )


def test_a_contestant_prints_its_steps_per_second(data_dir, monkeypatch, capsys):
    monkeypatch.setattr(stopwatch, "WARM_UP", 0.1)
    contestant.main("ours", "linear", "0.1", str(data_dir))
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["steps_per_s"] > 0
