"""Checks of what users give."""

import functools

import pytest

from estimator_mnist.estimator.session.arguments import (
    argument_names,
    as_dict,
    check_arguments,
    instances,
)


def test_the_names_of_a_partial_are_those_that_are_left():
    def function(a, b, c=3, *d, e, **f):
        pass

    assert argument_names(function) == {"a", "b", "c", "e", "**"}
    assert argument_names(functools.partial(function, 1, e=2)) == {"b", "c", "**"}


def test_check_arguments_returns_the_names():
    names = check_arguments(lambda x, **others: x, "f", required=["x"], allowed=["x"])
    assert names == {"x", "**"}


@pytest.mark.parametrize(
    "rules, words",
    [
        ({"required": ["x", "y"]}, "f_fn .*lambda.* must include y argument"),
        ({"allowed": ["y"]}, r"f_fn .*not expected args: \['x'\]. It may name \['y'\]"),
        ({"required": ["y"], "missing": "{what}: {given} and no {argument}"}, "no y"),
        ({"allowed": [], "unexpected": "{what} has {unexpected}"}, r"f_fn has \['x'\]"),
    ],
)
def test_check_arguments_names_what_is_wrong(rules, words):
    with pytest.raises(ValueError, match=words):
        check_arguments(lambda x: x, "f_fn", **rules)


def test_instances_of_a_kind():
    assert instances(None, int, "n must be a list of int") == []
    assert instances((1, 2), int, "n must be a list of int") == [1, 2]
    for wrong in (3, [1, "2"]):
        with pytest.raises(TypeError, match="n must be a list of int, given"):
            instances(wrong, int, "n must be a list of int")


def test_one_value_becomes_a_dict():
    assert as_dict({"a": 1}, "name") == {"a": 1}
    assert as_dict(1, "name") == {"name": 1}
