"""The fields of an Experiment, and what is made of them."""

import dataclasses

import pytest
from absl import flags

from estimator_mnist import errors, main
from estimator_mnist.estimator.session import precision
from estimator_mnist.experiment import experiment as experiments
from estimator_mnist.experiment import settings
from estimator_mnist.modes import common, sweep_grid


def parsed(*arguments):
    values = flags.FlagValues()
    main.define_flags(values)
    values(["main", *arguments])
    return values


def test_each_setting_is_a_flag_without_a_list_of_names():
    values = parsed()
    for name in [*settings.FLAGS, *settings.CADENCE]:
        assert name in values, name
    for name in settings.RECORDED:
        assert name not in settings.FLAGS or values[name].value is None, name


def test_flags_make_an_experiment(tmp_path):
    values = parsed(
        f"--model_dir={tmp_path}",
        "--dataset=digits",
        "--model=cnn",
        "--filters=4",
        "--seed=3",
        "--save_summary_steps=7",
        "--sync_replicas",
    )
    experiment = common.experiment_of_flags(values, batch_size=5)
    assert (experiment.model, experiment.seed, experiment.batch_size) == ("cnn", 3, 5)
    assert experiment.params["filters"] == 4 and experiment.params["kernel_size"] == 5
    assert experiment.cadence == settings.Cadence(save_summary_steps=7)
    assert experiment.sync_replicas and experiment.translate is False


def test_the_record_has_the_settings_in_the_order_it_always_had():
    experiment = experiments.make(dataset="digits", model="linear")
    assert list(experiment.settings) == [
        "model",
        "dataset",
        "checksum",
        "translate",
        "seed",
        "batch_size",
        "precision",
        "params",
    ]
    assert experiment.settings["dataset"] == "digits"


def test_an_unknown_setting_is_an_error():
    with pytest.raises(TypeError, match="colour"):
        experiments.make(dataset="digits", colour="red")


def test_evaluations_on_the_way_exclude_saving_by_seconds():
    values = parsed("--restore_best", "--save_checkpoints_secs=9")
    with pytest.raises(errors.ExperimentError, match="evaluate by steps"):
        common.experiment_of_flags(values)
    values = parsed("--restore_best", "--dataset=digits")
    cadence = common.experiment_of_flags(values).cadence
    assert cadence.eval_steps_interval == settings.EVAL_STEPS_INTERVAL


def test_names_that_are_declared_without_tensorflow_are_those_it_is_used_by():
    declared = settings.SETTINGS
    assert tuple(declared["precision"].choices) == precision.PRECISIONS
    assert list(declared["engine"].choices) == list(experiments.ENGINES)
    assert f"sweep: {sweep_grid.MODEL}]" in declared["model"].help


def test_fields_have_the_defaults_of_their_settings():
    for field in dataclasses.fields(settings.Cadence):
        assert field.default == settings.CADENCE[field.name].default


@pytest.mark.parametrize("rate, extreme", [("1e39", "large"), ("1e-39", "small")])
def test_a_number_that_no_float32_can_be_is_refused(rate, extreme, capsys):
    with pytest.raises(SystemExit):
        main.parsed(["main", f"--learning_rate={rate}"])
    assert f"too {extreme} for a float32" in capsys.readouterr().err
    for good in ("0", "3.4e38", "1.2e-38"):
        assert main.parsed(["main", f"--learning_rate={good}"])


def test_of_flags_that_exclude_each_other_the_given_ones_are_named(capsys):
    with pytest.raises(SystemExit):
        main.parsed(["main", "--save_checkpoints_steps=9", "--eval_steps_interval=8"])
    assert capsys.readouterr().err.startswith(
        "error: flags save_checkpoints_steps=9, eval_steps_interval=8: both say when"
    )
