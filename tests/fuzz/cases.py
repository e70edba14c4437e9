"""Draws bad input: a command, and what is wrong with its flags, files, environment."""

import io
import json
from typing import Any, NamedTuple

import numpy as np
from absl import flags
from hypothesis import strategies as st

from estimator_mnist import main, options
from tests.data import idx_files
from tests.fuzz import values

_FLAG_VALUES, _ = main.parsed(["main"])
FLAGS = {name: _FLAG_VALUES[name] for name in _FLAG_VALUES}
# What reads a model_dir; train goes on by two steps.
READERS = {
    "doctor": ["--mode=doctor"],
    "inspect": ["--mode=inspect"],
    "evaluate": ["--mode=evaluate"],
    "predict": ["--mode=predict"],
    "train": ["--mode=train", "--max_steps=6"],
    "early stopping": ["--mode=train", "--max_steps=6", "--early_stop_patience=9"],
}
SLOW_READERS = {
    "report": ["--mode=report", "--tsne_points=0"],
    "export": ["--mode=export"],
    "sweep": ["--mode=sweep", "--grid=seed=0,1", "--max_steps=1"],
    "compare": ["--mode=compare", "--models=linear", "--max_steps=1"],
}
JSON = [
    "experiment.json",
    "early_stopping.json",
    "trainer.json",
    "model.ckpt-4.manifest.json",
    "predictions/.estimator_mnist.json",
]
# More than these take gigabytes, or hours.
_TAKES_ROOM = {"batch_size", "filters", "dense_units", "hidden_units", "conv_layers"}
_NOT_DRAWN = {"steps", "max_steps", "mode", "model_dir"}
_DIGITS = "--dataset=digits"  # unless another one is drawn: no download is tried
_LARGE = [2**31 - 1, 2**31, 2**40, 2**53, 2**63, 2**64, 2**70, 10**400]
_NUMBERS = ["nan", "inf", "-inf", "1e400", "-1", "0", "1e-320", "1e308", "", "x", "1_0"]
_PATHS = [
    "",
    "file",
    "file/below",
    "pipe",
    "new",
    "new/below",
    "a[1]*?",
    "é ü",
    "\udcff",
    "a\0b",
    "a\nb",
    "/dev/null",
    "/dev/null/x",
    "/proc/none/x",
    "/proc/self/mem",
    "~",
    "~none/x",
    "x" * 300,
    "x/" * 3000,
    "loop",
    "dead",
]
_TEXTS = ["", "x", "\0", "a\nb", "\udcff", "é" * 1000, "=", ",", "a=b", "seed=", "%s{}"]
_GRIDS = ["seed=1", "seed=nan", "seed=99999999999", "batch_size=0", "filters=1,x"]
_CODE = [
    "import tensorflow as tf\ntf.layers.dense\n",
    "%matplotlib inline\n!ls\n",
    "print 'x'\n",
    "(" * 500,
    "x = " + "1+" * 3000 + "1\n",
    "x = " + "-" * 5000 + "1\n",
    "x" + ".a" * 3000 + "\n",
    "x = [\n" * 90,
    "'''",
    "\\",
    "\0",
    "# -*- coding: none -*-\n",
    "if x:\n" + " " * 30_000 + "%pwd",
    "é = '\ud800'\n",
    "%%bash",
    "?" * 100,
    "def f(:\n",
    "9" * 5000 + "\n",
]


class Case(NamedTuple):
    """A command, and what it finds.

    Attributes:
      kind: of input.
      argv: flags beside the model_dir.
      files: what is put in the place of a file, by its path below the folder.
      environment: variables that are set.
    """

    kind: str
    argv: list[str]
    files: dict[str, Any]
    environment: dict[str, str]


def of_model_dirs(folder, readers):
    """Draws damage to one file of a model_dir, and a command that reads it.

    Args:
      folder: the model_dir of which a copy is damaged.
    """
    names = sorted(
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()
    )

    def contents(name):
        kept = (folder / name).read_bytes()
        kinds = [st.sampled_from(values.THINGS), values.damaged(kept)]
        if name in JSON:
            kinds += [values.json_contents(kept.decode())] * 4
        return st.one_of(kinds).map(lambda what: {f"run/{name}": what})

    return st.builds(
        Case,
        st.just("model_dir"),
        st.sampled_from(list(readers.values())),
        (st.sampled_from(JSON) | st.sampled_from(names)).flatmap(contents),
        st.just({}),
    )


def of_data():
    """Draws damage to a file of images or labels, of each form."""
    arrays = idx_files.small_arrays()
    archive = io.BytesIO()
    names = ("x_train", "y_train", "x_test", "y_test")
    np.savez(archive, **dict(zip(names, arrays, strict=True)))
    raw = dict(zip(idx_files.FILES, map(idx_files.idx_bytes, arrays), strict=True))
    sets = [raw, {"mnist.npz": archive.getvalue()}]

    def damaged(files):
        return st.sampled_from(sorted(files)).flatmap(
            lambda name: st.one_of(
                values.damaged(files[name][:200]).map(
                    lambda start: start + files[name][200:]
                ),
                values.damaged(files[name]),
                st.sampled_from([*values.THINGS, b"", _npy_of("(1e400,)")]),
            ).map(lambda what: _below("data", {**files, name: what}))
        )

    flags = ["--mode=evaluate", "--dataset=mnist", "--data_dir=data", "--model_dir=new"]
    return st.builds(
        Case,
        st.just("data"),
        st.just(flags),
        st.sampled_from(sets).flatmap(damaged),
        st.just({}),
    )


def _below(folder, files):
    return {f"{folder}/{name}": what for name, what in files.items()}


def _npy_of(shape):
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}}}\n".encode()
    return b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header


def of_tf_config():
    """Draws a TF_CONFIG that was edited; what is left of it may be right."""
    task = {"type": "worker", "index": 0}
    cluster = {"chief": ["a:1"], "ps": ["b:1"], "worker": ["c:1"]}
    alone = {"task": task, "model_dir": "run", "session_master": "", "service": {}}
    member = {"cluster": cluster, "task": {"type": "chief", "index": 0}}
    evaluator = {"cluster": cluster, "task": {"type": "evaluator", "index": 0}}
    texts = [json.dumps(one) for one in (alone, member, evaluator)]
    drawn = st.sampled_from(texts).flatmap(values.json_contents)
    text = drawn.map(lambda content: content.decode(errors="replace").replace("\0", ""))
    return st.builds(
        Case,
        st.just("TF_CONFIG"),
        st.just(READERS["evaluate"]),
        st.just({}),
        text.filter(lambda one: len(one) < 100_000).map(lambda t: {"TF_CONFIG": t}),
    )


def of_flags(readers):
    """Draws values of up to three flags, most of them at or beyond the bounds."""
    drawn = FLAGS.keys() - _NOT_DRAWN
    given = st.lists(
        st.sampled_from(sorted(drawn)).flatmap(_flag), min_size=1, max_size=3
    )
    thing = st.sampled_from(["--model_dir=run", *(f"--model_dir={p}" for p in _PATHS)])

    def case(reader, where, extra):
        return Case("flags", [*reader, _DIGITS, where, *extra], {}, {})

    return st.builds(
        case,
        st.sampled_from(list(readers.values())),
        st.just("--model_dir=run") | thing,
        given,
    )


def _flag(name):
    parser = FLAGS[name].parser
    texts = st.sampled_from(_TEXTS) | st.text(max_size=3)
    if isinstance(parser, flags.IntegerParser | flags.FloatParser):
        large = _LARGE
        if name in _TAKES_ROOM:
            large = [number for number in _LARGE if number > parser.upper_bound]
        bounds = [parser.lower_bound or 0, (parser.lower_bound or 0) - 1, 1, 2]
        texts = st.sampled_from([*map(str, [*bounds, *large]), *_NUMBERS])
    elif isinstance(parser, flags.EnumParser):
        texts = texts | st.sampled_from(parser.enum_values)
    elif isinstance(parser, options.PathParser):
        texts = st.sampled_from(_PATHS)
    elif isinstance(parser, flags.BooleanParser):
        texts = st.sampled_from(["true", "false", "2", ""])
    elif name == "grid":
        texts = texts | st.sampled_from(_GRIDS)
    return texts.map(lambda text: f"--{name}={text}")


def of_programs():
    """Draws scripts and notebooks for `run --check`."""
    cells = [{"cell_type": "code", "source": one, "metadata": {}} for one in _CODE]
    notebooks = [
        json.dumps({"cells": chosen, "metadata": {"kernelspec": {}}, "nbformat": 4})
        for chosen in (cells[:2], cells[2:4], *([one] for one in cells))
    ]
    scripts = [one.encode(errors="surrogatepass") for one in _CODE]
    notebook = st.sampled_from(notebooks).flatmap(values.json_contents)
    script = st.sampled_from(scripts).flatmap(values.damaged) | st.sampled_from(scripts)
    things = st.sampled_from(values.THINGS)
    drawn = (notebook | things).map(lambda what: {"old.ipynb": what}) | (
        script | things
    ).map(lambda what: {"old.py": what})
    return drawn.map(lambda files: Case("program", ["--check", *files], files, {}))
