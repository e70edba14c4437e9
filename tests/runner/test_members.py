"""Methods that objects have lost are found for programs."""

import numpy as np
import pandas as pd
import pytest

from estimator_mnist import compat
from estimator_mnist.runner import rewriting, sources


def value_of(code, **names):
    part = sources.Part("old.py", code)
    exec(rewriting.code(part), {**names, "__builtins__": rewriting.BUILTINS})
    return names


def result(expression, **names):
    found = {}
    value_of(f"found['value'] = {expression}", found=found, **names)
    return found["value"]


# numpy 1 has it still, and warns.
@pytest.mark.filterwarnings("ignore:tostring:DeprecationWarning")
def test_methods_do_what_they_did():
    series = pd.Series([1, 2])
    assert result("a.tostring()", a=np.array([97], np.uint8)) == b"a"
    assert list(result("a.iteritems()", a=series)) == [(0, 1), (1, 2)]
    assert result("a.as_matrix()", a=series).tolist() == [1, 2]
    layer = compat.keras().layers.Flatten()
    assert result("a.apply(x)", a=layer, x=np.zeros([1, 2, 3])).shape == (1, 6)


def test_what_never_had_them_raises_as_before():
    for name in ("apply", "tostring", "as_matrix", "iteritems"):
        with pytest.raises(AttributeError, match=f"'int' .* has no attribute '{name}'"):
            result(f"a.{name}()", a=3)


def test_an_objects_own_method_is_called():
    class Own:
        def apply(self, x):
            return x

    own = Own()
    assert result("a.apply(3)", a=own) == 3
    value_of("a.apply = 4", a=own)
    assert own.apply == 4
