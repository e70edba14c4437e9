"""That each measure of latency runs; its figures are for people to compare."""

import pytest

from benchmarks import latency


@pytest.mark.slow
@pytest.mark.parametrize("measure", latency.MEASURES)
def test_a_measure_gives_a_value_for_each_round(measure, data_dir):
    found = measure(str(data_dir), rounds=1)
    assert found and all(len(values) >= 1 for values in found.values())
