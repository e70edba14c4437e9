"""The options of the program as plain data, of which absl's flags are made."""

import dataclasses
import os
import pathlib
from collections.abc import Callable, Collection, Mapping
from typing import Any

from absl import flags


class PathParser(flags.ArgumentParser):
    """Takes a path as a shell does: `~` is the home folder."""

    def parse(self, argument: str) -> str:
        """Returns the path, as a str."""
        return os.path.expanduser(argument)

    def flag_type(self) -> str:
        """Returns how --help calls it."""
        return "path"


def _define_path(name: str, default: Any, help: str, **more: Any) -> Any:
    return flags.DEFINE(PathParser(), name, default, help, **more)


_DEFINE: dict[type, Callable[..., Any]] = {
    int: flags.DEFINE_integer,
    float: flags.DEFINE_float,
    bool: flags.DEFINE_boolean,
    str: flags.DEFINE_string,
    list: flags.DEFINE_list,
    pathlib.Path: _define_path,
}


@dataclasses.dataclass(frozen=True)
class Option:
    """An option; its name is its key in a mapping of options."""

    # int, float, bool, str, pathlib.Path, which gives a str, or list: several, apart by
    # commas.
    kind: type
    default: Any
    help: str
    lower_bound: float | None = None
    upper_bound: float | None = None
    choices: Collection[str] = ()  # all that a str may be; empty: any
    repeated: bool = False  # a str that may be given several times


def define_flags(flag_values: flags.FlagValues, options: Mapping[str, Option]) -> None:
    """Defines the flag of each of `options` on `flag_values`.

    Raises absl.flags.DuplicateFlagError where `flag_values` has one of the names.
    """
    for name, option in options.items():
        _define_flag(flag_values, name, option)


def _define_flag(flag_values: flags.FlagValues, name: str, option: Option) -> None:
    if option.choices:
        flags.DEFINE_enum(
            name, option.default, list(option.choices), option.help, flag_values
        )
        return
    if option.repeated:
        flags.DEFINE_multi_string(name, option.default, option.help, flag_values)
        return
    bounds = {}
    if option.kind in (int, float):
        bounds = dict(lower_bound=option.lower_bound, upper_bound=option.upper_bound)
    _DEFINE[option.kind](
        name, option.default, option.help, flag_values=flag_values, **bounds
    )
