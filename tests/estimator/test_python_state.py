"""python_state: which functions read the same objects again, and which may not."""

import functools
import os
import random
import types

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import tf1 as facade
from estimator_mnist.estimator import python_state

tf1 = tf.compat.v1

NUMBER, LIST, NESTED = 1.0, [1.0], {"a": [1.0], "b": (2, {"c": 3})}
MODULE = types.ModuleType("settings")
MODULE.inner = types.ModuleType("settings.inner")
MODULE.inner.rate = 1.0
RNG = np.random.RandomState(0)


class Settings:
    rate = 1.0

    def method(self):
        return self.rate


def reads_number():
    return NUMBER


def calls_reader(x=2):
    return [reads_number() * x for _ in range(len(LIST))]


def reads_module():
    return MODULE.inner.rate


def reads_class():
    return lambda: Settings.rate


def reads_later():
    return LATER  # noqa: F821


@pytest.fixture
def change(monkeypatch):
    return functools.partial(monkeypatch.setitem, globals())


def test_nothing_changed_is_unchanged():
    functions = [calls_reader, reads_module, reads_class, reads_later, tf.matmul]
    assert python_state.witness(*functions, NESTED).unchanged()


@pytest.mark.parametrize("function", [reads_number, calls_reader])
def test_a_global_that_has_another_object_is_seen(function, change):
    witness = python_state.witness(function)
    change("NUMBER", 2.0)
    assert not witness.unchanged()


def test_a_global_that_is_set_later_is_seen(change):
    witness = python_state.witness(reads_later)
    change("LATER", 1)
    assert not witness.unchanged()


def test_a_global_that_hides_a_builtin_is_seen(change):
    witness = python_state.witness(calls_reader)
    change("len", lambda _: 3)
    assert not witness.unchanged()


def test_a_list_that_grows_is_seen(monkeypatch):
    witness = python_state.witness(calls_reader)
    monkeypatch.setitem(globals(), "LIST", LIST)
    LIST.append(2.0)
    grown = not witness.unchanged()
    LIST.pop()
    assert grown and witness.unchanged()


def test_a_value_deep_in_containers_is_seen(monkeypatch):
    witness = python_state.witness(NESTED)
    monkeypatch.setitem(NESTED["b"][1], "c", 4)
    assert not witness.unchanged()


def test_an_attribute_of_a_module_in_a_module_is_seen(monkeypatch):
    witness = python_state.witness(reads_module)
    monkeypatch.setattr(MODULE.inner, "rate", 2.0)
    assert not witness.unchanged()


def test_an_attribute_of_a_class_is_seen(monkeypatch):
    witness = python_state.witness(reads_class)
    monkeypatch.setattr(Settings, "rate", 2.0)
    assert not witness.unchanged()


def test_new_code_and_new_defaults_are_seen(monkeypatch):
    for name, value in (
        ("__defaults__", (3,)),
        ("__code__", (lambda x: 1).__code__),
    ):
        witness = python_state.witness(calls_reader)
        monkeypatch.setattr(calls_reader, name, value)
        assert not witness.unchanged()
        monkeypatch.undo()


def test_a_closure_that_has_another_object_is_seen():
    factor = 1.0
    witness = python_state.witness(lambda: factor)
    factor = 2.0
    assert not witness.unchanged()


def imports():
    import json

    return json


def writes_a_global():
    global NUMBER
    NUMBER = 1.0


def writes_a_closure():
    count = 0

    def function():
        nonlocal count
        count += 1

    return function


def calls_itself_by_an_attribute():
    calls_itself_by_an_attribute.calls = 1


UNCERTAIN = [
    *(imports, writes_a_global, writes_a_closure(), calls_itself_by_an_attribute),
    *(lambda: random.random(), lambda: np.random.rand(), lambda: RNG.rand()),
    *(lambda: os.environ["X"], lambda: input("x"), lambda: vars(MODULE)),
    *(lambda: globals()["x"], lambda: tf1.flags.FLAGS.x, lambda: np.load("x")),
    *(lambda: facade.flags.FLAGS.x, lambda: facade.app.flags.FLAGS.x),
    *(lambda: tf.io.gfile.exists("x"), lambda: tf.train.latest_checkpoint("x")),
    *(lambda: Settings(), Settings().method, Settings(), np.ones(2)),
    *(lambda: MODULE, functools.lru_cache(reads_number), lambda: print(1)),
]


@pytest.mark.parametrize("value", UNCERTAIN)
def test_what_cannot_be_compared_is_uncertain(value):
    with pytest.raises(python_state.UncertainError):
        python_state.witness(value)


def test_a_function_that_declares_itself_is_certain():
    declared = python_state.function_of_arguments(lambda: RNG.rand())
    assert python_state.witness(declared).unchanged()
    assert python_state.witness(functools.partial(declared, 1)).unchanged()


def test_more_objects_than_can_be_compared_quickly_are_uncertain():
    with pytest.raises(python_state.UncertainError, match="more than"):
        python_state.witness([[[n] for n in range(30)] for _ in range(40)])
