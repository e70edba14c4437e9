"""--mode=inspect: any checkpoint in figures, and what differs between two."""

import json
import pathlib

import pytest
import tensorflow as tf

from tests.estimator.checkpoint import odd_checkpoint
from tests.fuzz import program

tf1 = tf.compat.v1


@pytest.fixture(scope="module")
def foreign(tmp_path_factory):
    prefix = tmp_path_factory.mktemp("foreign") / "net.ckpt"
    odd_checkpoint.save(prefix)
    return str(prefix)


def inspect(path, *flags):
    return program.run(["--mode=inspect", f"--model_dir={path}", *flags])


def test_a_table_of_variables_then_one_of_the_optimizers(foreign):
    outcome = inspect(foreign)
    assert outcome.code == 0, outcome
    first, own = outcome.out.split("Of the optimizer:")
    row = next(line for line in first.splitlines() if odd_checkpoint.NOT_FINITE in line)
    figures = ["[4]", "float32", "4", "2", "1", "1", "1"]
    assert row.split() == [odd_checkpoint.NOT_FINITE, *figures]
    words = next(line for line in first.splitlines() if line.startswith("words"))
    assert words.split()[:4] == ["words", "[2]", "string", "2"]
    assert "weight/Adam_1" in own and "weight/Adam" not in first
    assert "infinite" in first and "infinite" not in own
    assert outcome.out.rstrip().endswith("parameters. Global step 1.")


def test_json_has_the_same_in_full(foreign):
    outcome = inspect(foreign, "--json")
    content = json.loads(outcome.out)
    by_name = {one["name"]: one for one in content["variables"]}
    assert content["global_step"] == 1 and content["checkpoint"] == foreign
    assert by_name["file"]["mean"] == 2**53 and by_name["none"]["mean"] is None
    assert by_name["flags"]["dtype"] == "bool" and by_name["bfloat"]["mean"] == -0.25
    roles = {one["role"] for one in content["variables"]}
    assert roles == {"parameter", "optimizer", "other"}
    counted = sum(v["size"] for v in content["variables"] if v["role"] == "parameter")
    assert content["parameters"] == counted


@pytest.fixture
def changed(foreign, tmp_path):
    """The same but for a number, a string, a shape, a type, one less and one more."""
    reader = tf1.train.NewCheckpointReader(foreign)
    values = {
        name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()
    }
    values["pieces"] = values["pieces"].copy()
    values["pieces"][3, 1] += 0.5
    values["words"] = [b"a", b"c"]
    values["flags"] = [True]
    values["half"] = values["half"].astype("float32")
    values["more"] = [1.0]
    del values["none"]
    with tf.Graph().as_default(), tf1.Session() as session:
        for name, value in values.items():
            tf1.get_variable(name, initializer=tf.constant(value))
        session.run(tf1.global_variables_initializer())
        tf1.train.Saver().save(session, str(tmp_path / "other.ckpt"))
    return str(tmp_path / "other.ckpt")


def test_against_another_names_what_differs_and_by_how_much(foreign, changed):
    outcome = inspect(foreign, f"--against={changed}", "--json")
    found = {d["name"]: d for d in json.loads(outcome.out)["differences"]}
    assert {name: d["what"] for name, d in found.items()} == {
        "flags": "[3] bool and [1] bool",
        "half": "[1, 1] float16 and [1, 1] float32",
        "more": f"only in {changed}",
        "none": f"only in {foreign}",
        "pieces": "1 of 40 numbers",
        "words": "1 of 2 strings",
    }
    assert found["pieces"]["largest"] == pytest.approx(0.5)
    text = inspect(foreign, f"--against={changed}").out
    assert "6 of 16 variables differ. Global steps: 1 and 1." in text
    assert "1 of 40 numbers" in text


def test_a_checkpoint_does_not_differ_from_itself(foreign):
    outcome = inspect(foreign, f"--against={pathlib.Path(foreign).parent}")
    assert "0 of 15 variables differ" in outcome.out, outcome


def test_what_cannot_be_read_is_one_line_and_exit_code_1(foreign, tmp_path):
    (tmp_path / "notes.txt").write_text("no checkpoint")
    for flags in ([tmp_path / "notes.txt"], [foreign, f"--against={tmp_path}"]):
        outcome = inspect(*flags)
        assert outcome.code == 1 and outcome.err.count("\n") == 1, outcome
        assert outcome.err.startswith("error: "), outcome
