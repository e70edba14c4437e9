"""JSON that anybody may have edited becomes a dataclass, or one reason why not."""

import dataclasses

import pytest

from estimator_mnist import errors, json_files, options


@dataclasses.dataclass
class Kept:
    step: int = 0
    seconds: float = 0.0
    end: int | None = None
    name: str = ""
    is_done: bool = False


def test_values_of_the_right_types_are_taken():
    found = json_files.checked(Kept, {"step": 3, "seconds": 2, "end": None})
    assert found == Kept(3, 2, None)


@pytest.mark.parametrize(
    "value,words",
    [
        ([], "no object"),
        ({"step": True}, "its step is True, not int"),
        ({"step": 1.5}, "its step is 1.5"),
        ({"seconds": float("nan")}, "its seconds is nan, not float"),
        ({"end": "3"}, "its end is '3', not int | None"),
        ({"name": None}, "its name is None, not str"),
        ({"is_done": 1}, "its is_done is 1, not bool"),
        ({"colour": 1}, "colour"),
    ],
)
def test_any_other_is_a_reason(value, words):
    with pytest.raises(ValueError, match=words.replace("|", r"\|")):
        json_files.checked(Kept, value)


def test_nan_is_taken_where_it_is_for_what_is_unknown():
    assert json_files.checked(Kept, {"seconds": float("nan")}, nan=True).seconds != 0


@pytest.mark.parametrize(
    "text", ["[" * 102 + "]" * 102, "[" * 100_000, "{", "9" * 5000]
)
def test_what_is_no_json_or_too_deep_is_a_reason(text, tmp_path):
    (tmp_path / "file").write_text(text)
    with pytest.raises(errors.DamagedFileError, match="file cannot be read: it is"):
        json_files.read(str(tmp_path / "file"))


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "1e400"])
def test_an_option_that_is_a_float_is_finite(number):
    option = options.Option(float, None, "", lower_bound=0)
    with pytest.raises(ValueError, match="not finite: give a non-negative number"):
        option.parser().parse(number)
    for value in (float(number), 10**400, True, "1", None):
        with pytest.raises(ValueError):
            option.check(value)
    option.check(1)
