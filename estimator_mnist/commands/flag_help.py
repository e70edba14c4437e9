"""What --help prints: what the program does, examples, its flags by purpose."""

import os
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from estimator_mnist.commands import flag_groups
from estimator_mnist.models import catalog
from estimator_mnist.models.declarations import Model
from estimator_mnist.options import Option

_WHAT = """\
Trains a digit classifier, goes on where its last run stopped, and evaluates it; draws,
exports, compares and examines what was trained. A run is a folder, its --model_dir, and
a function of its flags: each flag that is left out has its default, in brackets below.
"""
_EXAMPLES = (
    ("--model=cnn --translate", "train, about 5 minutes"),
    ("--flagfile=cnn_fast", "one of the packaged runs"),
    ("--mode=report --model_dir=runs/cnn-mnist-translated", "pictures of a run"),
    ("--mode=sweep --grid=kernel_size=3,5 --max_steps=500", "which is better?"),
    ("--mode=doctor MODEL_DIR", "what is in a folder"),
)
_COMMON = (
    ("-h, --help", "This text."),
    ("--version", "Versions of the program, Python and TensorFlow."),
    (
        "--flagfile=FILE",
        "Flags from a file, one a line; or the name of one of the package's: {names}.",
    ),
)
_WIDTH = 88
# Settings that have their default beside a model's hyperparameters.
_OF_MODELS: dict[str, Callable[[Model], int]] = {
    "batch_size": lambda model: model.batch_size,
    "max_steps": lambda model: model.max_steps,
}
_VALUES = {int: "INTEGER", float: "NUMBER", list: "NAME,NAME", str: "TEXT"}


def text(flagfiles: list[str]) -> str:
    """Returns the whole of it.

    Args:
      flagfiles: the names of those that the package has.
    """
    program = command("estimator-mnist", "estimator_mnist")
    examples = example_lines(program, _EXAMPLES)
    groups = [_group(one.title, _flags(one)) for one in flag_groups.groups()]
    common = [(flag, what.format(names=", ".join(flagfiles))) for flag, what in _COMMON]
    groups[-1] += "\n" + "\n".join(_entry(*one) for one in common)
    usage = f"usage: {program} [FLAG ...]"
    return "\n".join(
        [usage, "", _WHAT, "Examples:", *examples, "", "\n\n".join(groups)]
    )


def example_lines(program: str, examples: Iterable[tuple[str, str]]) -> list[str]:
    """Returns how `program` is called with some arguments, and what is done then."""
    return [f"  {program} {given}\n      {what}" for given, what in examples]


def command(script: str, module: str) -> str:
    """Returns what the user has typed: the name of a script, or python -m MODULE."""
    name = os.path.basename(sys.argv[0]).removesuffix(".exe")
    return script if name == script else f"python -m {module}"


def _group(title: str, flags: list[tuple[str, str]]) -> str:
    return "\n".join([f"{title}:", *(_entry(flag, what) for flag, what in flags)])


def _entry(flag: str, what: str) -> str:
    lines = textwrap.wrap(what, _WIDTH - 6, break_on_hyphens=False)
    return "\n".join([f"  {flag}", *(f"      {line}" for line in lines)])


def _flags(group: flag_groups.Group) -> list[tuple[str, str]]:
    return [
        (_with_value(name, option), described(name, option))
        for name, option in group.options.items()
    ]


def _with_value(name: str, option: Option) -> str:
    if option.choices:
        return f"--{name}={{{','.join(option.choices)}}}"
    if option.kind is bool:
        return f"--[no]{name}"
    return f"--{name}={_VALUES.get(option.kind, 'PATH')}{_bounds(option)}"


def _bounds(option: Option) -> str:
    low, high = option.lower_bound, option.upper_bound
    if low is None:
        return ""
    return f" (at least {low})" if high is None else f" ({low} to {high})"


def described(name: str, option: Option) -> str:
    """Returns what the flag does, the models that have it, and its default."""
    users = ", ".join(catalog.users(name))
    what = f"{users}: {option.help}" if users else option.help
    default = _default(name, option)
    if re.search(r"\[.+\]", what, re.DOTALL) or default == "":
        return what
    return f"{what.rstrip('.')} [{default}]."


def _default(name: str, option: Option) -> str:
    """Returns the default in words; empty where there is none."""
    if name in _OF_MODELS:
        values = {one: _OF_MODELS[name](model) for one, model in catalog.MODELS.items()}
        return _of_each_model(values)
    if name in catalog.hyperparameters():
        models = {one: model.params for one, model in catalog.MODELS.items()}
        return _of_each_model({k: v[name] for k, v in models.items() if name in v})
    if option.kind is bool:
        return str(option.default).lower()
    return "" if option.default is None else str(option.default)


def _of_each_model(values: Mapping[str, Any]) -> str:
    """Returns `0.5`, or `linear: 0.5; mlp cnn: 0.0001` where models differ."""
    found = dict.fromkeys(values.values())
    if len(found) == 1:
        return str(*found)
    return "; ".join(
        f"{' '.join(one for one in values if values[one] == value)}: {value}"
        for value in found
    )
