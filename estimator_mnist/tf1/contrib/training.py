"""tf.contrib.training, of which HParams is left."""

import json
import re

from estimator_mnist.tf1 import removed

__all__ = ["HParams"]

_ASSIGNMENT = re.compile(r"\s*(\w+)\s*=\s*(?:\[([^\]]*)\]|([^,\[]*))\s*(?:,|$)")
_BOOLS = {"true": True, "1": True, "false": False, "0": False}


class HParams:
    """Hyperparameters as attributes, each of the type of its first value.

    A type is int, float, bool or str, or a list of one of them. A value that does not
    fit raises ValueError; so does a new name that is taken.
    """

    def __init__(self, **kwargs):
        self._types = {}
        for name, value in kwargs.items():
            self.add_hparam(name, value)

    def add_hparam(self, name: str, value) -> None:
        """A new one. A list must not be empty: its first value tells the type."""
        if hasattr(self, name):
            raise ValueError(f"Hyperparameter name is reserved: {name}")
        is_list = isinstance(value, (list, tuple))
        if is_list and not value:
            raise ValueError(f"Multi-valued hyperparameters cannot be empty: {name}")
        self._types[name] = (type(value[0] if is_list else value), is_list)
        setattr(self, name, value)

    def set_hparam(self, name: str, value) -> None:
        """Another value for `name`; KeyError where there is none."""
        kind, is_list = self._types[name]
        if isinstance(value, (list, tuple)) != is_list:
            raise ValueError(f"{name} is{'' if is_list else ' not'} a list: {value!r}")
        items = [_cast(name, kind, item) for item in (value if is_list else [value])]
        setattr(self, name, items if is_list else items[0])

    def parse(self, values: str) -> "HParams":
        """Sets those in `values`, as "rate=0.1,units=[8,4]"; returns self."""
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

    def override_from_dict(self, values_dict: dict) -> "HParams":
        """Sets each of them; returns self."""
        for name, value in values_dict.items():
            self.set_hparam(name, value)
        return self

    def values(self) -> dict:
        """Name -> value."""
        return {name: getattr(self, name) for name in self._types}

    def to_json(self, **options) -> str:
        """All as a JSON object; `options` are json.dumps's."""
        return json.dumps(self.values(), **options)

    def get(self, key: str, default=None):
        """The value of `key`, or `default` where there is no such one."""
        return getattr(self, key) if key in self._types else default

    def __contains__(self, key: str) -> bool:
        return key in self._types


def _cast(name, kind, value):
    text = str(value).strip()
    if kind is bool and text.lower() in _BOOLS:
        return _BOOLS[text.lower()]
    lossy = kind is int and isinstance(value, float)
    if kind is bool or isinstance(value, bool) or lossy:
        raise ValueError(f"hparam {name!r} is a {kind.__name__}, not {value!r}")
    return kind(text if isinstance(value, str) else value)


__path__ = []
__getattr__ = removed.explainer("tf.contrib.training")
