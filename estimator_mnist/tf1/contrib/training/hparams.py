"""HParams: hyperparameters by name, from a text."""

import json
import numbers
import re
from collections.abc import Mapping
from typing import Any

_ASSIGNMENT = re.compile(
    r"\s*(?P<name>\w[\w.]*)(?:\[\s*(?P<index>\d+)\s*\])?\s*=\s*"
    r"(?:\[(?P<items>[^\]]*)\]|(?P<value>[^,\[]*))\s*(?:,|$)\s*"
)
_BOOLS = {"true": True, "True": True, "1": True}
_BOOLS.update({"false": False, "False": False, "0": False})
_NO_TYPE = type(None)


class HParams:
    """Hyperparameters as attributes, each of the type of its first value.

    A type is int, float, bool or str, or a list of one of them; that of None is open.
    Setting a value of another type raises ValueError; so does adding a name a second
    time. Setting an attribute checks nothing.

    Args:
      hparam_def: not supported; None.
      model_structure: any object, for `get_model_structure`.
      **kwargs: the hyperparameters.
    """

    def __init__(
        self, hparam_def: None = None, model_structure: Any = None, **kwargs: Any
    ) -> None:
        if hparam_def is not None:
            raise NotImplementedError(
                "hparam_def is not supported here: give the values by their names."
            )
        self._model_structure = model_structure
        # Name -> type, and whether the value is a list of it.
        self._types: dict[str, tuple[type, bool]] = {}
        for name, value in kwargs.items():
            self.add_hparam(name, value)

    def add_hparam(self, name: str, value: Any) -> None:
        """Adds a hyperparameter. A list must not be empty: its first value is typed."""
        if getattr(self, name, None) is not None:
            raise ValueError(f"Hyperparameter name is reserved: {name}")
        is_list = isinstance(value, list | tuple)
        if is_list and not value:
            raise ValueError(f"Multi-valued hyperparameters cannot be empty: {name}")
        self._types[name] = (type(value[0] if is_list else value), is_list)
        setattr(self, name, value)

    def set_hparam(self, name: str, value: Any) -> None:
        """Sets another value for `name`; raises KeyError for an unknown name."""
        kind, is_list = self._types[name]
        if isinstance(value, list) and not is_list:
            raise ValueError(
                f"Must not pass a list for single-valued parameter: {name}"
            )
        if not isinstance(value, list) and is_list:
            raise ValueError(f"Must pass a list for multi-valued parameter: {name}.")
        if is_list:
            setattr(self, name, [_cast(name, kind, item) for item in value])
        else:
            setattr(self, name, _cast(name, kind, value))

    def del_hparam(self, name: str) -> None:
        """Removes `name`, where it is there."""
        if self._types.pop(name, None):
            delattr(self, name)

    def parse(self, values: str) -> "HParams":
        """Sets the values in a text like "rate=0.1,units=[8,4]"; returns self."""
        types = {name: kind for name, (kind, _) in self._types.items()}
        return self.override_from_dict(parse_values(values, types))

    def parse_json(self, values_json: str) -> "HParams":
        """Sets the values of a JSON object; returns self."""
        return self.override_from_dict(json.loads(values_json))

    def override_from_dict(self, values_dict: Mapping[str, Any]) -> "HParams":
        """Sets each value of the dict; returns self."""
        for name, value in values_dict.items():
            self.set_hparam(name, value)
        return self

    def values(self) -> dict[str, Any]:
        """Returns all values by their names."""
        return {name: getattr(self, name) for name in self._types}

    def to_json(
        self,
        indent: int | None = None,
        separators: tuple[str, str] | None = None,
        sort_keys: bool = False,
    ) -> str:
        """Returns all values as a JSON object, written as json.dumps does."""
        return json.dumps(
            self.values(), indent=indent, separators=separators, sort_keys=sort_keys
        )

    def get(self, key: str, default: Any = None) -> Any:
        """Returns the value of `key`, or `default` for an unknown key.

        Raises:
          ValueError: the default of a known key has another type than the value.
        """
        if key not in self._types:
            return default
        if default is not None:
            self._check_default(key, default)
        return getattr(self, key)

    def get_model_structure(self) -> Any:
        """Returns the model's structure, as given."""
        return self._model_structure

    def set_model_structure(self, model_structure: Any) -> None:
        """Sets what `get_model_structure` returns."""
        self._model_structure = model_structure

    def _check_default(self, key: str, default: Any) -> None:
        kind, is_list = self._types[key]
        name = f"list<{kind}>" if is_list else f"{kind}"
        message = f"Hparam {key!r} of type '{name}' is incompatible with default="
        if isinstance(default, list) != is_list:
            raise ValueError(f"{message}{default}")
        try:
            for item in default if is_list else [default]:
                _cast(key, kind, item)
        except ValueError as error:
            raise ValueError(f"{message}{default}. {error}") from None

    def __contains__(self, key: str) -> bool:
        return key in self._types

    def __str__(self) -> str:
        return ",".join(f"{name}={value}" for name, value in self.values().items())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({sorted(self.values().items())})"


def parse_values(
    values: str, type_map: Mapping[str, type], ignore_unknown: bool = False
) -> dict[str, Any]:
    """Returns the values in a text like "rate=0.1,units=[8,4],n[1]=3".

    Args:
      values: assignments; the index of n[1] gives {"n": {1: 3}}.
      type_map: types by name; that of a list is the type of its items.
      ignore_unknown: whether to leave out names that have no type.

    Raises:
      ValueError: the text is none, a name has no type, or comes twice.
    """
    found: dict[str, Any] = {}
    position = 0
    while position < len(values):
        match = _ASSIGNMENT.match(values, position)
        if not match:
            raise ValueError(f"Malformed hyperparameter value: {values[position:]}")
        position = match.end()
        name = match["name"]
        if name in type_map:
            _add(found, match, type_map[name], values)
        elif not ignore_unknown:
            raise ValueError(
                f"Unknown hyperparameter type for {name}: give one of "
                f"{sorted(type_map)}."
            )
    return found


def _add(found: dict[str, Any], match: re.Match[str], kind: type, text: str) -> None:
    """Adds the value of one assignment to those found before it."""
    name, index, items = match["name"], match["index"], match["items"]
    if items is None:
        value = _parsed(name, kind, match["value"], text)
    else:
        texts = [item.strip() for item in items.split(",")] if items.strip() else []
        value = [_parsed(name, kind, item, text) for item in texts]
    if index is None:
        known, key, where = found, name, f"{name!r}"
    else:
        known, key = found.setdefault(name, {}), int(index)
        where = f"'{name}[{index}]'"
    if not isinstance(known, dict) or key in known:
        raise ValueError(f"Multiple assignments to variable {where} in {text}")
    known[key] = value


def _parsed(name: str, kind: type, value: str, text: str) -> Any:
    try:
        if kind is bool:
            return _BOOLS[value]
        return value if kind is _NO_TYPE else kind(value)
    except (ValueError, KeyError):
        raise ValueError(
            f"Could not parse hparam {name!r} of type {kind.__name__!r} with value "
            f"{value!r} in {text}"
        ) from None


def _cast(name: str, kind: type, value: Any) -> Any:
    """Returns the value as of this type; raises ValueError where that changes it."""
    same_bool = issubclass(kind, bool) == isinstance(value, bool)
    same_text = issubclass(kind, str) == isinstance(value, str)
    whole = not issubclass(kind, numbers.Integral) or isinstance(
        value, numbers.Integral
    )
    number = not issubclass(kind, numbers.Number) or isinstance(value, numbers.Number)
    if kind is _NO_TYPE:
        return value
    if not (same_bool and same_text and whole and number):
        raise ValueError(
            f"Could not cast hparam {name!r} of type '{kind}' from value {value!r}"
        )
    return kind(value)
