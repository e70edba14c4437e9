"""A module in which some names have other values."""

import types
from typing import Any


class Overlay(types.ModuleType):
    """Gives its own names first, then those of the module below it."""

    def __init__(self, module: types.ModuleType, **names: object) -> None:
        super().__init__(module.__name__, module.__doc__)
        self._module = module
        vars(self).update(names)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)

    def __dir__(self) -> list[str]:
        return sorted({*dir(self._module), *super().__dir__()})
