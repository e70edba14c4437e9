"""--mode=export --format=safetensors|npz: any checkpoint's variables, bit by bit."""

import os

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import errors, output_folder
from estimator_mnist.estimator.checkpoint.contents import Contents
from estimator_mnist.formats import optional_library, weights
from tests.estimator.checkpoint import odd_checkpoint
from tests.fuzz import program


@pytest.fixture(scope="module")
def foreign(tmp_path_factory):
    prefix = tmp_path_factory.mktemp("foreign") / "net.ckpt"
    odd_checkpoint.save(prefix)
    return str(prefix)


def exported(foreign, form, folder, *flags):
    """Exports by the program; returns what it printed and the file's path."""
    flags = [f"--model_dir={foreign}", f"--output_dir={folder}", *flags]
    outcome = program.run(["--mode=export", f"--format={form}", *flags])
    assert outcome.code == 0, outcome
    return outcome.out, os.path.join(folder, f"net.ckpt.{form}")


def test_npz_has_the_names_and_values_of_the_checkpoint(foreign, tmp_path):
    out, path = exported(foreign, "npz", tmp_path)
    reader = tf.train.load_checkpoint(foreign)
    with np.load(path, allow_pickle=False) as archive:
        assert set(archive) == {
            *("bfloat", "file", "flags", "global_step", "half", "none", "pieces"),
            *("weight", "weight/ExponentialMovingAverage", odd_checkpoint.NOT_FINITE),
        }
        for name in archive:
            value = reader.get_tensor(name)
            np.testing.assert_array_equal(
                archive[name], value.astype(archive[name].dtype)
            )
        assert archive["file"].dtype == np.int64 and archive["flags"].dtype == bool
        assert archive["bfloat"].dtype == np.float32
    assert "10 variables" in out and "bfloat is float32 in it" in out
    assert "words is left out: npz has no string" in out


def test_slots_come_along_when_asked_for(foreign, tmp_path):
    out, path = exported(foreign, "npz", tmp_path, "--slots")
    with np.load(path) as archive:
        assert {"weight/Adam", "weight/Adam_1", "beta1_power"} < set(archive)
    assert "14 variables" in out


def test_safetensors_keeps_bfloat16(foreign, tmp_path):
    library = pytest.importorskip("safetensors")
    out, path = exported(foreign, "safetensors", tmp_path)
    with library.safe_open(path, framework="np") as file:
        assert len(list(file.keys())) == 10
        assert file.get_tensor("file") == 2**53 + 1
        assert file.get_tensor("bfloat").dtype.name == "bfloat16"
        assert file.get_tensor("none").shape == (0, 3)
    assert "words is left out: safetensors has no string" in out


def test_a_prefix_is_exported_beside_its_files_by_default(tmp_path):
    odd_checkpoint.save(tmp_path / "net.ckpt")
    outcome = program.run(
        ["--mode=export", "--format=npz", f"--model_dir={tmp_path}/net.ckpt"]
    )
    assert outcome.code == 0 and (tmp_path / "export" / "net.ckpt.npz").is_file()


class Forgetful(Contents):
    """Reads other numbers each time."""

    def read(self, entry):
        return np.random.default_rng().normal(size=entry.shape).astype(np.float32)


def test_what_reads_back_otherwise_is_not_kept(foreign, tmp_path):
    output = output_folder.OutputFolder(str(tmp_path / "out"))
    with pytest.raises(errors.ExportError, match="is not exported: read back"):
        weights.write(Forgetful(foreign), "npz", output, slots=False)
    assert not (tmp_path / "out").exists()


def test_a_missing_library_is_named_with_its_extra():
    with pytest.raises(errors.ExperimentError, match=r"pip install .*\[some\]"):
        optional_library.imported("no_such_library.part", "some")
