"""The options of the program as plain data, of which absl's flags are made."""

import dataclasses
import math
import os
import pathlib
from collections.abc import Callable, Collection, Mapping
from typing import Any

from absl import flags

from estimator_mnist import errors

# What TensorFlow counts and shapes by; an option that may be larger says so.
MAX_INTEGER = 2**31 - 1
# What TensorFlow calculates with: float32, of which it takes less than the least for 0.
MAX_FLOAT, MIN_FLOAT = (2 - 2**-23) * 2.0**127, 2.0**-126

# More cannot be made: os.makedirs calls itself for each.
_MAX_FOLDERS = 500


class PathParser(flags.ArgumentParser):
    """Takes a path as a shell does: `~` is the home folder."""

    def parse(self, argument: str) -> str:
        """Returns the path, as a str; raises ValueError where none is called so."""
        path = os.path.expanduser(argument)
        check_path(path)
        return path

    def flag_type(self) -> str:
        """Returns how --help calls it."""
        return "path"


class WholeNumberParser(flags.IntegerParser):
    """Takes an integer, within bounds if there are some."""

    def convert(self, argument: Any) -> int:
        """Returns the integer; raises ValueError where it is none."""
        try:
            return super().convert(argument)
        except ValueError:
            raise ValueError(f"give {self.syntactic_help}") from None


class FiniteFloatParser(flags.FloatParser):
    """Takes a number, within bounds if there are some, but neither inf nor nan."""

    def convert(self, argument: Any) -> float:
        """Returns the number; raises ValueError where it is none, or not finite."""
        try:
            number = super().convert(argument)
        except ValueError:
            point = ", with a point as in 0.5" if "," in argument else ""
            raise ValueError(f"give {self.syntactic_help}{point}") from None
        if not math.isfinite(number):
            raise ValueError(f"{number} is not finite: give {self.syntactic_help}")
        if number and not MIN_FLOAT <= abs(number) <= MAX_FLOAT:
            extreme = "large" if abs(number) > 1 else "small"
            raise ValueError(
                f"{number} is too {extreme} for a float32: give {self.syntactic_help}, "
                f"at least {MIN_FLOAT:.3g} and at most {MAX_FLOAT:.3g} if not 0"
            )
        return number


class YesOrNoParser(flags.BooleanParser):
    """Takes true or false, as absl's own does."""

    def parse(self, argument: Any) -> bool:
        """Returns the value; raises ValueError where it is neither."""
        try:
            return super().parse(argument)
        except (TypeError, ValueError):
            raise ValueError("give true or false, or the flag alone") from None


def check_path(path: str) -> None:
    """Raises ValueError where TensorFlow, or the system, can have no file so called."""
    if not path:
        raise ValueError("it is empty: give a path, or leave the flag out")
    if "\0" in path:
        raise ValueError("a path has no null bytes")
    if "\n" in path or "\r" in path:
        raise ValueError("it has a line break: rename it, or name a link to it")
    if path.count(os.sep) > _MAX_FOLDERS:
        raise ValueError(f"a path has at most {_MAX_FOLDERS} folders")
    try:
        path.encode()
    except UnicodeEncodeError:
        raise ValueError(
            "it is not in UTF-8, as TensorFlow takes paths: rename it, or name a link "
            "to it"
        ) from None


_NUMBERS: dict[type, Callable[..., flags.ArgumentParser]] = {
    int: WholeNumberParser,
    float: FiniteFloatParser,
}
_PARSERS: dict[type, Callable[[], flags.ArgumentParser]] = {
    bool: YesOrNoParser,
    str: flags.ArgumentParser,
    list: flags.ListParser,
    pathlib.Path: PathParser,
}


def _define_boolean(
    name: str, default: bool, described: str, flag_values: flags.FlagValues
) -> None:
    flag = flags.BooleanFlag(name, default, described)
    flag.parser = YesOrNoParser()
    flags.DEFINE_flag(flag, flag_values)


# What is more than a parser: --NAME without a value, lists that --help writes.
_DEFINE: dict[type, Callable[..., Any]] = {
    bool: _define_boolean,
    str: flags.DEFINE_string,
    list: flags.DEFINE_list,
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

    def parser(self) -> flags.ArgumentParser:
        """Returns what makes a value of text, and refuses what this cannot be."""
        if self.choices:
            return flags.EnumParser(list(self.choices))
        bounds = dict(lower_bound=self.lower_bound, upper_bound=self.upper_bound)
        if self.kind is int and self.upper_bound is None:
            bounds["upper_bound"] = MAX_INTEGER
        if self.kind in (int, float):
            return _NUMBERS[self.kind](**bounds)
        return _PARSERS[self.kind]()

    def check(self, value: Any) -> None:
        """Checks a value that is of no text, as of JSON.

        Raises:
          ValueError: it cannot be this option's.
        """
        kind = str if self.kind is pathlib.Path else self.kind
        wanted = (int, float) if kind is float else (kind,)
        if type(value) not in wanted:
            raise ValueError(f"{errors.sample(value)} is not of type {kind.__name__}")
        try:
            self.parser().parse(value)
        except OverflowError as error:  # an int that no float can be
            raise ValueError(str(error)) from None


def define_flags(flag_values: flags.FlagValues, options: Mapping[str, Option]) -> None:
    """Defines the flag of each of `options` on `flag_values`.

    Raises absl.flags.DuplicateFlagError where `flag_values` has one of the names.
    """
    for name, option in options.items():
        _define_flag(flag_values, name, option)


def _define_flag(flag_values: flags.FlagValues, name: str, option: Option) -> None:
    define = _DEFINE.get(option.kind)
    if option.choices:
        choices = list(option.choices)
        flags.DEFINE_enum(name, option.default, choices, option.help, flag_values)
    elif option.repeated:
        flags.DEFINE_multi_string(name, option.default, option.help, flag_values)
    elif define:
        define(name, option.default, option.help, flag_values)
    else:
        flags.DEFINE(
            option.parser(),
            name,
            option.default,
            option.help,
            flag_values,
            flags.ArgumentSerializer(),
        )
