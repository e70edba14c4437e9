"""HParams: hyperparameters by name, from a text."""

import json
import re
from collections.abc import Mapping
from typing import Any

_ASSIGNMENT = re.compile(r"\s*(\w+)\s*=\s*(?:\[([^\]]*)\]|([^,\[]*))\s*(?:,|$)")
_BOOLS = {"true": True, "1": True, "false": False, "0": False}


class HParams:
    """Hyperparameters as attributes, each of the type of its first value.

    A type is int, float, bool or str, or a list of one of them. Setting a value of
    another type raises ValueError; so does adding a name a second time.
    """

    def __init__(self, **kwargs: Any) -> None:
        # Name -> type, and whether the value is a list of it.
        self._types: dict[str, tuple[type, bool]] = {}
        for name, value in kwargs.items():
            self.add_hparam(name, value)

    def add_hparam(self, name: str, value: Any) -> None:
        """Adds a hyperparameter. A list must not be empty: its first value is typed."""
        if hasattr(self, name):
            raise ValueError(f"Hyperparameter name is reserved: {name}")
        is_list = isinstance(value, (list, tuple))
        if is_list and not value:
            raise ValueError(f"Multi-valued hyperparameters cannot be empty: {name}")
        self._types[name] = (type(value[0] if is_list else value), is_list)
        setattr(self, name, value)

    def set_hparam(self, name: str, value: Any) -> None:
        """Sets another value for `name`; raises KeyError for an unknown name."""
        kind, is_list = self._types[name]
        if isinstance(value, (list, tuple)) != is_list:
            raise ValueError(f"{name} is{'' if is_list else ' not'} a list: {value!r}")
        items = [_cast(name, kind, item) for item in (value if is_list else [value])]
        setattr(self, name, items if is_list else items[0])

    def parse(self, values: str) -> "HParams":
        """Sets the values in a text like "rate=0.1,units=[8,4]"; returns self."""
        position = 0
        while position < len(values):
            match = _ASSIGNMENT.match(values, position)
            if not match or match[1] not in self._types:
                raise ValueError(
                    f"Could not parse hparam in {values[position:]!r}: give one of "
                    f"{sorted(self._types)}, = and a value."
                )
            name, items, value = match.groups()
            is_list = items is not None
            self.set_hparam(name, items.split(",") if is_list else value)
            position = match.end()
        return self

    def override_from_dict(self, values_dict: Mapping[str, Any]) -> "HParams":
        """Sets each value of the dict; returns self."""
        for name, value in values_dict.items():
            self.set_hparam(name, value)
        return self

    def values(self) -> dict[str, Any]:
        """Returns all values by their names."""
        return {name: getattr(self, name) for name in self._types}

    def to_json(self, **options: Any) -> str:
        """Returns all values as a JSON object; `options` are those of json.dumps."""
        return json.dumps(self.values(), **options)

    def get(self, key: str, default: Any = None) -> Any:
        """Returns the value of `key`, or `default` for an unknown key."""
        return getattr(self, key) if key in self._types else default

    def __contains__(self, key: str) -> bool:
        return key in self._types


def _cast(name: str, kind: type, value: Any) -> Any:
    text = str(value).strip()
    if kind is bool and text.lower() in _BOOLS:
        return _BOOLS[text.lower()]
    lossy = kind is int and isinstance(value, float)
    if kind is bool or isinstance(value, bool) or lossy:
        raise ValueError(f"hparam {name!r} is a {kind.__name__}, not {value!r}")
    return kind(text if isinstance(value, str) else value)
