"""What is in a checkpoint of any kind, and where a path leads."""

import os
import shutil

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator.checkpoint import contents
from tests.estimator.checkpoint import odd_checkpoint

tf1 = tf.compat.v1


@pytest.fixture(scope="module")
def graphs(tmp_path_factory):
    """The prefix of a checkpoint of a graph, not named as a model_dir's."""
    prefix = tmp_path_factory.mktemp("foreign") / "bert_model.ckpt"
    odd_checkpoint.save(prefix)
    return str(prefix)


def test_slots_and_powers_are_the_optimizers_and_averages_are_not(graphs):
    found = contents.Contents(graphs)
    own = [entry.name for entry in found.entries if entry.of_optimizer]
    assert own == ["beta1_power", "beta2_power", "weight/Adam", "weight/Adam_1"]
    names = [entry.name for entry in found.entries]
    assert "weight/ExponentialMovingAverage" in names and found.step == 1
    assert [entry.name for entry in found.entries if entry.is_counter] == [
        "global_step"
    ]


def test_pieces_are_read_as_one_variable(graphs):
    found = contents.Contents(graphs)
    (pieces,) = (entry for entry in found.entries if entry.name == "pieces")
    assert pieces.shape == found.read(pieces).shape == (10, 4)


def test_objects_go_by_a_path_that_does_not_lead_through_the_optimizer(tmp_path):
    found = contents.Contents(odd_checkpoint.save_objects(tmp_path / "objects"))
    weights = [entry for entry in found.entries if not entry.of_optimizer]
    assert len(weights) == 2 and found.step == 1
    assert all(entry.name.startswith("model/") for entry in weights)
    shapes = {
        entry.name.rpartition("/")[2].strip("_"): entry.shape for entry in weights
    }
    assert shapes == {"kernel": (3, 2), "bias": (2,)}
    slots = [entry for entry in found.entries if entry.of_optimizer]
    assert sum(entry.shape == (3, 2) for entry in slots) == 2


def test_an_object_with_several_values_has_a_name_for_each(tmp_path):
    module = tf.Module()
    module.table = tf.lookup.experimental.DenseHashTable(
        tf.int64, tf.int64, -1, empty_key=-1, deleted_key=-2
    )
    module.table.insert([1], [2])
    path = tf.train.Checkpoint(module=module).write(str(tmp_path / "table"))
    names = [entry.name for entry in contents.Contents(path).entries]
    assert len(set(names)) == 2 and all(
        one.startswith("module/table/") for one in names
    )


def ways(prefix):
    folder = os.path.dirname(prefix)
    return [prefix, f"{prefix}.index", f"{prefix}.data-00000-of-00001", folder]


def test_a_prefix_each_of_its_files_and_its_folder_lead_to_it(graphs):
    assert {contents.locate(way) for way in ways(graphs)} == {graphs}


def test_a_saved_model_and_a_folder_of_exports_lead_to_its_variables(tmp_path):
    module = tf.Module()
    module.weight = tf.Variable([1.0, 2.0])
    tf.saved_model.save(module, str(tmp_path / "9"))
    shutil.copytree(tmp_path / "9", tmp_path / "10")
    prefix = str(tmp_path / "10" / "variables" / "variables")
    assert (
        contents.locate(str(tmp_path))
        == contents.locate(str(tmp_path / "10"))
        == prefix
    )
    found = contents.Contents(prefix)
    assert [entry.name for entry in found.entries] == ["weight"]
    assert found.step is None
    np.testing.assert_array_equal(found.read(found.entries[0]), [1, 2])


def test_where_nothing_is_there_is_none(tmp_path):
    assert contents.locate(str(tmp_path)) is None
    assert contents.locate(str(tmp_path / "no.index")) is None


@pytest.mark.parametrize("part", ["index", "data-00000-of-00001"])
def test_a_damaged_checkpoint_is_one_error_of_one_line(part, graphs, tmp_path):
    for name in os.listdir(os.path.dirname(graphs)):
        shutil.copy(os.path.join(os.path.dirname(graphs), name), tmp_path)
    path = tmp_path / f"bert_model.ckpt.{part}"
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(
        errors.DamagedCheckpointError, match="cannot be read: "
    ) as raised:
        found = contents.Contents(str(tmp_path / "bert_model.ckpt"))
        for entry in found.entries:
            found.read(entry)
    assert "\n" not in str(raised.value)
