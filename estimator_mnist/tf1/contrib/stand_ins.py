"""Parts of tf.contrib that can be imported, and raise when something of them is called.

A program that imports a model beside others, or subclasses it, runs as long as it does
not use it.
"""

import functools
from typing import NoReturn

from estimator_mnist.tf1 import replacements


class _Members(type):
    """The class of stand-ins: what is looked up in one is another."""

    def __getattr__(cls, name: str) -> type:
        """Returns the stand-in for a member; AttributeError for special names."""
        if name.startswith("__"):
            raise AttributeError(name)
        return stand_in(f"{cls.replaced}.{name}")


class _StandIn(metaclass=_Members):
    """Base of the stand-ins.

    Attributes:
      replaced: the name that it stands for, as "tf.contrib.tensor_forest.client".
    """

    replaced = "tf.contrib"

    def __new__(cls, *args: object, **kwargs: object) -> NoReturn:
        """Raises NotImplementedError that says what to use instead."""
        raise NotImplementedError(replacements.explain(cls.replaced))


@functools.cache
def stand_in(name: str) -> type:
    """Returns the class that stands for a module, class or function of tf.contrib.

    It is the same class at each call, and can be subclassed. Its members are stand-ins,
    too; calling one, or a subclass, raises NotImplementedError.

    Args:
      name: as "tf.contrib.boosted_trees".
    """
    members = {"replaced": name, "__doc__": replacements.explain(name)}
    return _Members(name.rpartition(".")[2], (_StandIn,), members)
