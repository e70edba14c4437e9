"""Linear estimators: what they compute, write, and refuse."""

import pytest

from tests.contract.canned import linear_cases, runs


@pytest.mark.parametrize("name", linear_cases.CASES)
def test_a_linear_estimator_does_what_was_recorded(est, tmp_path, name):
    outcome = linear_cases.CASES[name](est, tmp_path)
    runs.check(outcome, runs.recorded("linear")[name])
