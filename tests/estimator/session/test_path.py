"""The path from Estimator.train to session.run is short enough to be walked."""

import ast
import inspect
import textwrap

import pytest

from estimator_mnist import estimator
from tests.estimator.one_weight import input_fn, model_fn
from tests.stack import LookAtStack

FRAMES, FILES, LINES = 4, 5, 250


def lines_of_code(code):
    """Counts lines that are neither blank, comment nor docstring."""
    text = textwrap.dedent(inspect.getsource(code))
    function = ast.parse(text).body[0]
    is_docstring = ast.get_docstring(function) is not None
    docstring = function.body[0] if is_docstring else None
    return sum(
        bool(line.strip())
        and not line.strip().startswith("#")
        and not (docstring and docstring.lineno <= number <= docstring.end_lineno)
        for number, line in enumerate(text.splitlines(), 1)
    )


@pytest.mark.parametrize("steps_per_run", [1, 20])
def test_few_frames_lie_between_train_and_session_run(tmp_path, steps_per_run):
    config = estimator.RunConfig(steps_per_run=steps_per_run)
    hook = LookAtStack(every_step=steps_per_run == 1)
    line = estimator.Estimator(model_fn, str(tmp_path), config)
    line.train(input_fn, hooks=[hook], steps=120)
    functions = hook.functions_since("train")
    assert functions[-1].co_filename == inspect.getfile(estimator.Estimator)
    assert len(functions) <= FRAMES, functions
    assert len({code.co_filename for code in functions}) <= FILES
    assert sum(map(lines_of_code, functions)) < LINES
