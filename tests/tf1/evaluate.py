"""Computes the cases, with whatever TensorFlow it is given; also Python 3.7."""

import importlib
import inspect
import pathlib

import numpy as np

CASES = pathlib.Path(__file__).with_name("cases")


def all_cases(package):
    """Returns the functions of the modules, by "module.function"."""
    files = [path.relative_to(CASES).with_suffix("") for path in CASES.rglob("*.py")]
    names = sorted(".".join(path.parts) for path in files if path.name != "__init__")
    modules = {name: importlib.import_module(package + name) for name in names}
    return {
        f"{module}.{name}": function
        for module, found in modules.items()
        for name, function in sorted(vars(found).items())
        if inspect.isfunction(function)
        and not name.startswith("_")
        and function.__module__ == found.__name__
    }


def outcome(tf, case):
    """Returns the values of a case, and names and shapes of its variables.

    Trainable variables get values that depend on their number and size alone.
    """
    with tf.Graph().as_default():
        tf.set_random_seed(1)
        fetches = case(tf)
        with tf.Session() as session:
            session.run(
                [
                    tf.global_variables_initializer(),
                    tf.local_variables_initializer(),
                    tf.tables_initializer(),
                ]
            )
            trainable = sorted(tf.trainable_variables(), key=lambda each: each.name)
            for number, variable in enumerate(trainable):
                fill(variable, number, session)
            found = fetches(session) if callable(fetches) else session.run(fetches)
        variables = sorted(
            [v.op.name, v.shape.as_list()] for v in tf.global_variables()
        )
    return {"values": [plain(value) for value in flat(found)], "variables": variables}


def fill(variable, number, session):
    if variable.dtype.base_dtype.is_floating:
        shape = variable.shape.as_list()
        values = np.sin(np.arange(int(np.prod(shape))) + number) / 2
        variable.load(values.reshape(shape).astype(np.float32), session)


def flat(found):
    """Yields the arrays of nested lists and dicts; None where there is nothing."""
    if isinstance(found, dict):
        found = [found[key] for key in sorted(found)]
    if isinstance(found, (list, tuple)):
        for each in found:
            yield from flat(each)
    else:
        yield found


def plain(value):
    """Returns the value as lists of numbers rounded to 6 digits, or of text."""
    if value is None or isinstance(value, (bool, str)):
        return value
    array = np.asarray(value)
    if array.dtype.kind in "SO":
        return [text(each) for each in array.ravel()]
    if array.dtype.kind == "f":
        array = np.array([float(f"{each:.6g}") for each in array.ravel()]).reshape(
            array.shape
        )
    return array.tolist()


def text(value):
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
