"""Deep, and wide and deep, estimators: what they compute and write."""

import pytest

from tests.contract.canned import deep_cases, runs


@pytest.mark.parametrize("name", deep_cases.CASES)
def test_a_deep_estimator_does_what_was_recorded(est, tmp_path, name):
    outcome = deep_cases.CASES[name](est, tmp_path)
    runs.check(outcome, runs.recorded("deep")[name])
