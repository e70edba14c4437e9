"""A few kills for each model; `python -m benchmarks.torture` does hundreds."""

import dataclasses

import pytest

from benchmarks import torture
from benchmarks.kills import listing

SMALL = {
    "linear": "",
    "mlp": "--hidden_units=20",
    "cnn": "--filters=2 --dense_units=16 --batch_size=10",
}
# Canned estimators, with data of their own; they take no flags.
CANNED = ("linear_classifier", "dnn_classifier")


@pytest.mark.parametrize(
    "model",
    [
        "linear",
        *[pytest.param(one, marks=pytest.mark.slow) for one in ("mlp", "cnn", *CANNED)],
    ],
)
def test_a_killed_run_ends_as_one_that_was_not(model, tmp_path):
    settings = torture.Settings(model, max_steps=40, flags=SMALL.get(model, ""))
    assert torture.torture(settings, 2, str(tmp_path)) > 0
    check_that_it_would_have_been_found_out(settings, str(tmp_path / "killed-0"))


def check_that_it_would_have_been_found_out(settings, model_dir):
    right, names = torture.variables(model_dir), listing.describe(model_dir)
    name = min(right)
    wrong = {**right, name: right[name] + 1}
    with pytest.raises(torture.TortureError, match=f"other values in {name}"):
        torture.compare(settings, model_dir, wrong, names)
    with pytest.raises(torture.TortureError, match="has checkpoint too"):
        fewer = {one: names[one] for one in names if one != "checkpoint"}
        torture.compare(settings, model_dir, right, fewer)
    longer = dataclasses.replace(settings, max_steps=settings.max_steps + 9)
    with pytest.raises(torture.TortureError, match="events of the steps"):
        torture.compare(longer, model_dir, right, names)
