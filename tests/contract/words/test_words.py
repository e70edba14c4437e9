"""Bad calls fail as the original's: type, first clause, and what is checked first."""

import re

import pytest
import tensorflow as tf

from tests.contract.words import (
    canned_heads,
    canned_linear,
    estimator,
    hooks_and_heads,
    inputs_and_exports,
    settings,
    specs,
    tpu,
)

THEMES = (
    estimator,
    specs,
    settings,
    inputs_and_exports,
    hooks_and_heads,
    canned_linear,
    canned_heads,
    tpu,
)
BAD_CALLS = [
    pytest.param(bad, id=name)
    for theme in THEMES
    for name, bad in theme.BAD_CALLS.items()
]


@pytest.mark.parametrize("bad", BAD_CALLS)
def test_bad_call_fails_with_the_words_recorded(est, bad):
    with tf.Graph().as_default(), pytest.raises(bad.kind) as caught:
        bad.call(est)
    assert caught.type is bad.kind
    text = re.sub(r" \(<function.*?>\)", "", str(caught.value))
    assert text.startswith(bad.clause)
