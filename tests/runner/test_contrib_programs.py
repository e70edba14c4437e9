"""Programs of 2016 to 2018 that use tf.contrib run unedited, and pass the check."""

import pathlib
import re

import pytest

from estimator_mnist import run as command

PROGRAMS = pathlib.Path(__file__).with_name("programs") / "contrib"
NAMES = sorted(path.name for path in PROGRAMS.glob("contrib_*.py"))


@pytest.fixture
def output(run_unedited, tmp_path):
    """What one of the programs prints."""
    logs = tmp_path / "logs"
    return lambda name, *args: run_unedited(PROGRAMS / name, *(args or [logs])).out


@pytest.mark.parametrize("name", NAMES)
def test_the_check_finds_nothing_that_is_gone(name):
    assert command.main(["--check", str(PROGRAMS / name)]) == 0


def test_names_from_before_tensorflow_1_and_pictures_of_scipy(output, tmp_path):
    (tmp_path / "logs").mkdir()
    out = output("contrib_2016.py")
    assert "weights 2.000 -1.000\nloss 0.000000" in out
    assert "picture (8, 6) uint8 255 (4, 3)\nhalf (4, 3)\n" in out
    assert out.endswith("True ['a', 'b']\ntook True\n")


def test_a_net_of_slim_trains_evaluates_and_is_restored(output):
    out = output("contrib_slim.py")
    assert "points ['net/conv/conv_1', 'net/conv/conv_2']" in out
    assert float(re.search(r"accuracy ([\d.]+)", out)[1]) > 0.85
    assert "'net/fc/fc_1/weights'" in out and "logits" not in out


def test_an_experiment_trains_evaluates_and_exports(output):
    (line,) = output("contrib_learn.py").splitlines()
    assert line == "accuracy 1.000 step 40 exports 1"


def test_sequences_of_words_are_features_of_an_estimator(output):
    variable = "sequence_input_layer/words_embedding/embedding_weights"
    assert output("contrib_columns.py") == f"right True\n['{variable}']\n"


def test_a_random_field_over_stacked_directions_learns_tags(output):
    out = output("contrib_rnn.py")
    assert out.startswith("fell True\nsame True\npadding [0, 0]\nright ")
    assert float(re.search(r"right ([\d.]+)", out)[1]) > 0.8
    assert "scores/biases" in out


def test_eager_execution_with_metrics_and_summaries(output):
    out = output("contrib_eager.py")
    assert "eager True steps 30\nweights 2.00" in out
    assert "accuracy 0.50\nsquare 6.0\nwritten 30 loss\nsaved True\n" in out


def test_optimizers_decay_weights_and_average_them(output):
    out = output("contrib_opt.py")
    assert out.startswith("weights 2.0 -1.0\naverage True\nrows [0.5, 1.0, 1.0]\n")
    assert "halves [0.25, 0.5, 0.5]" in out


def test_attention_learns_to_reverse_and_decodes_greedily(output):
    out = output("contrib_seq2seq.py")
    assert "fell True\nright 1.000\n" in out
    assert "decoder/attention_wrapper/luong_attention/attention_g" in out


@pytest.mark.slow  # it builds a large graph
def test_sentences_by_length_are_learnt_and_decoded_by_beams(output):
    out = output("contrib_translation.py", "--steps=150", "--log_dir=there")
    assert out.startswith("log there\nfell True\nbeams (5, 3) (5, 3)\nright ")
    assert float(out.split()[-1]) > 0.8


def test_scipy_optimizes_and_convolutional_cells_run(output):
    assert output("contrib_kin.py").splitlines() == [
        "fell True",
        "at 1.000 1.000, told True",
        "bounded 0.50 0.25",
        "frames (4, 4, 3) lines (3, 4)",
        "apart 1.0 iou 0.50 chance -0.9189",
    ]


def test_a_model_with_buckets_of_2016_learns_to_repeat(output):
    assert output("contrib_legacy_seq2seq.py").startswith("fell True\nsame True\n")


def test_pictures_are_turned_and_moved(output):
    expected = "turned True\nmoved [0.0, 0.0, 1.0]\nback True\n"
    assert output("contrib_image.py") == expected


def test_the_network_of_the_tutorial_and_what_the_cloud_ignores(run_unedited, tmp_path):
    outcome = run_unedited(PROGRAMS / "contrib_rest.py", tmp_path / "logs")
    lines = "fell True right 10\nmean 0.0 variance 1.0\nwritten True\nfloat16\n"
    assert outcome.out == lines + "crossed right 4\n"
    for name in ("ConfigureGcsHook", "configure_gcs"):
        assert f"tf.contrib.cloud.{name} does nothing here" in outcome.err


def test_keras_of_2020_computes_in_two_precisions_and_loads_what_it_exported(output):
    assert output("contrib_keras.py").splitlines() == [
        "session True",
        "fixed True",
        "fixed True",
        "dynamic True",
        "bfloat16 near True",
        "float16 near True",
        "float16 near True",
        "loaded True",
        "served True",
    ]
