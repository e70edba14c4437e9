"""What an experiment is: a field per setting, with its description beside it.

Flags, defaults, experiment.json, --mode=sweep and --help are made of these fields, and
of what the models declare; a new setting is a new field. Nothing here imports
TensorFlow.
"""

import dataclasses
import itertools
import os
import pathlib
from typing import Any

from absl import flags

from estimator_mnist import options
from estimator_mnist.data import datasets
from estimator_mnist.models import catalog

EVAL_STEPS_INTERVAL = 500
SAVE_CHECKPOINTS_SECS = 60
RUNS_DIR = "runs"
MAX_BATCH_SIZE = 2**20  # float32 images of 3 GB
# Each says when there is a checkpoint, which an evaluation needs.
_OF_CHECKPOINTS = (
    *("save_checkpoints_steps", "save_checkpoints_secs"),
    "eval_steps_interval",
)
_KEY = "setting"


@dataclasses.dataclass(frozen=True)
class Setting(options.Option):
    """The description of a field; the field's name is also that of its flag.

    A setting that is recorded is one that a later run in the same model_dir takes from
    experiment.json unless a flag gives it.
    """

    recorded: bool = False
    added_later: bool = False  # records from before it had its default
    may_change: bool = False  # a later run may have another value
    swept: bool = False  # --mode=sweep can vary it
    has_flag: bool = True


def _setting(kind: type, default: Any, help: str, **more: Any) -> Any:
    """Returns a dataclass's field with this default, and a Setting in its metadata."""
    metadata = {_KEY: Setting(kind, default, help, **more)}
    return dataclasses.field(default=default, metadata=metadata)


def _in_the_record(kind: type, default: Any) -> Any:
    """Returns the field of a setting that follows from others, and so has no flag."""
    return _setting(kind, default, "", recorded=True, has_flag=False)


def _settings_of(dataclass: type) -> dict[str, Setting]:
    return {
        field.name: field.metadata[_KEY]
        for field in dataclasses.fields(dataclass)
        if _KEY in field.metadata
    }


@dataclasses.dataclass(frozen=True)
class Cadence:
    """How often a run saves, summarises and logs."""

    save_checkpoints_steps: int | None = _setting(
        int, None, "Steps between checkpoints.", lower_bound=1
    )
    save_checkpoints_secs: int | None = _setting(
        int,
        None,
        f"Seconds between checkpoints [{SAVE_CHECKPOINTS_SECS}].",
        lower_bound=1,
    )
    keep_checkpoint_max: int = _setting(
        int, 3, "Newest checkpoints to keep; 0 for all.", lower_bound=0
    )
    save_summary_steps: int = _setting(
        int, 100, "Steps between summaries.", lower_bound=1
    )
    log_step_count_steps: int = _setting(
        int, 100, "Steps between log lines.", lower_bound=1
    )
    eval_steps_interval: int | None = _setting(  # each evaluation needs a checkpoint
        int,
        None,
        "Steps between evaluations on the validation images, while training "
        f"[none; {EVAL_STEPS_INTERVAL} with --early_stop_patience or --restore_best].",
        lower_bound=1,
    )
    steps_per_run: int | None = _setting(
        int,
        None,
        "Steps in one call of TensorFlow; the same result, faster where a step takes "
        "less time than the call [by the time of the first steps].",
        lower_bound=1,
    )
    histograms: bool = _setting(
        bool, False, "With each summary also histograms of weights and activations."
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Experiment:
    """What is trained, on what, and where; a run is a function of this.

    experiment.json keeps the recorded settings in the order of these fields.
    """

    model: str = _setting(
        str,
        "linear",
        "Network [linear; sweep: cnn_same].",
        choices=catalog.MODELS,
        recorded=True,
    )
    dataset: str = _setting(  # of `data`, once that is loaded
        str,
        "auto",
        "Images [auto]: MNIST, else the embedded digits.",
        choices=datasets.NAMES,
        recorded=True,
    )
    checksum: str = _in_the_record(str, "")  # of `data`
    translate: bool = _setting(
        bool,
        False,
        "Place each image at random on 40x40 pixels [false].",
        recorded=True,
    )
    seed: int = _setting(
        int,
        0,
        "Of initial values, order, places, dropout [0].",
        lower_bound=0,
        recorded=True,
        swept=True,
    )
    batch_size: int = _setting(  # the model's by default
        int,
        None,
        "Images per step.",
        lower_bound=1,
        upper_bound=MAX_BATCH_SIZE,
        recorded=True,
        swept=True,
    )
    precision: str = _setting(
        str,
        "float32",
        "Of products while training; bfloat16 is faster where the processor has it "
        "[float32].",
        choices=("float32", "bfloat16"),
        recorded=True,
        added_later=True,
        may_change=True,
    )
    params: dict[str, Any] = _in_the_record(dict, None)  # hyperparameters by name
    data: datasets.DataSet
    model_dir: str = _setting(
        pathlib.Path, None, "Folder of the run [runs/MODEL-DATASET, -translated]."
    )
    data_dir: str | None = _setting(
        pathlib.Path, None, "Folder with the IDX files, or one above it."
    )
    engine: str = _setting(
        str,
        "ours",
        "The Estimator runtime; `tensorflow` is the original, on TensorFlow 2.15.",
        choices=("ours", "tensorflow"),
    )
    sync_replicas: bool = _setting(
        bool,
        False,
        "The workers of a cluster (TF_CONFIG) make each step together, on parts of one "
        "batch; else each makes steps of its own.",
    )
    cadence: Cadence = Cadence()

    @property
    def settings(self) -> dict[str, Any]:
        """What experiment.json keeps, and a later run must agree with."""
        return {name: getattr(self, name) for name in RECORDED}

    @property
    def varied(self) -> dict[str, Any]:
        """What a sweep can vary: hyperparameters, then the settings among them."""
        return {**self.params, **{name: getattr(self, name) for name in SWEPT}}


SETTINGS, CADENCE = _settings_of(Experiment), _settings_of(Cadence)
RECORDED = {name: one for name, one in SETTINGS.items() if one.recorded}
SWEPT = sorted(name for name, one in SETTINGS.items() if one.swept)
FLAGS = [name for name, one in SETTINGS.items() if one.has_flag]


def defaults(model: str) -> dict[str, Any]:
    """Returns the value of each setting that neither a flag nor a record gives."""
    values = {name: one.default for name, one in SETTINGS.items()}
    return {**values, "batch_size": catalog.MODELS[model].batch_size}


def varied_by_default(model: str) -> dict[str, Any]:
    """Returns what a sweep of `model` can vary, with its defaults."""
    values = defaults(model)
    return {**catalog.MODELS[model].params, **{name: values[name] for name in SWEPT}}


def default_model_dir(model: str, dataset: str, translate: bool) -> str:
    """Returns `runs/cnn-mnist-translated`, a folder named after what is in it."""
    ending = "-translated" if translate else ""
    return os.path.join(RUNS_DIR, f"{model}-{dataset}{ending}")


def define_flags(flag_values: flags.FlagValues) -> None:
    """Defines a flag for each setting; None is for what the record may give."""
    for name in FLAGS:
        setting = SETTINGS[name]
        if setting.recorded:
            setting = dataclasses.replace(setting, default=None)
        options.define_flags(flag_values, {name: setting})
    options.define_flags(flag_values, CADENCE)
    for pair in itertools.combinations(_OF_CHECKPOINTS, 2):
        flags.register_multi_flags_validator(
            pair,
            lambda given: None in given.values(),
            "both say when a checkpoint is written: leave one of them out",
            flag_values,
        )


def given(flag_values: flags.FlagValues, **instead: Any) -> dict[str, Any]:
    """Returns what flags give of an Experiment, as arguments of experiment.make.

    Args:
      instead: values of settings and hyperparameters that go before the flags'.
    """
    values = {**flag_values.flag_values_dict(), **instead}
    params = {name: values[name] for name in catalog.hyperparameters()}
    return {
        **{name: values[name] for name in FLAGS},
        "params": {name: value for name, value in params.items() if value is not None},
        "cadence": Cadence(**{name: values[name] for name in CADENCE}),
    }
