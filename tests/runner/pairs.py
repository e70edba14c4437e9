"""Data and a checkpoint for the program of BERT's shape, and what it has written."""

import json
import pathlib
import re

import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1

PROGRAM = pathlib.Path(__file__).with_name("programs") / "bert" / "run_pairs.py"
# The name `loss` is a scope in the program.
LOSS = "loss_1"
TINY = {"hidden_size": 16, "num_heads": 2, "num_layers": 2, "intermediate_size": 32}
_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
_WORDS = [f"{first}{second}" for first in "bcdfgklm" for second in ("a", "en", "or")]


def write(folder, rows=24, **sizes):
    """Writes train.tsv, dev.tsv, test.tsv, vocab.txt, config.json and pretrained/.

    Args:
      rows: the number of examples to train on.
      sizes: of the encoder, beside TINY's.
    """
    folder.mkdir(parents=True)
    generator = np.random.default_rng(0)
    (folder / "vocab.txt").write_text("\n".join(_SPECIAL + _WORDS))
    config = {**TINY, "dropout": 0.1, "seed": 3, "max_positions": 16, **sizes}
    config.setdefault("vocab_size", len(_SPECIAL + _WORDS))
    (folder / "config.json").write_text(json.dumps(config))
    for name, count in (("train", rows), ("dev", 10), ("test", 6)):
        lines = [_pair(generator) for _ in range(count)]
        if name == "test":
            lines = [pair for _, pair in lines]
            lines.insert(0, "first\tsecond")
        else:
            lines = [f"{label}\t{pair}" for label, pair in lines]
            lines.insert(0, "label\tfirst\tsecond")
        (folder / f"{name}.tsv").write_text("\n".join(lines) + "\n")
    _write_checkpoint(folder / "pretrained" / "model.ckpt-50", config, generator)


def _pair(generator):
    """Returns a label, and two sentences that have a word in common or none."""
    first = generator.choice(_WORDS, 4, replace=False)
    label = int(generator.integers(2))
    other = [word for word in _WORDS if word not in first]
    second = generator.choice(other, 3, replace=False)
    if label:
        second[1] = first[2]
    return label, f"{' '.join(first)}\t{' '.join(second)}"


def shapes(config):
    """Returns the shape of each variable of the encoder, by its name."""
    hidden, wide = config["hidden_size"], config["intermediate_size"]
    found = {
        "embeddings/word_embeddings": [config["vocab_size"], hidden],
        "embeddings/token_type_embeddings": [2, hidden],
        "embeddings/position_embeddings": [config["max_positions"], hidden],
        **_normalization("embeddings", hidden),
        **_dense("pooler/dense", hidden, hidden),
    }
    for number in range(config["num_layers"]):
        layer = f"encoder/layer_{number}"
        for name in ("query", "key", "value"):
            found |= _dense(f"{layer}/attention/self/{name}", hidden, hidden)
        found |= _dense(f"{layer}/attention/output/dense", hidden, hidden)
        found |= _dense(f"{layer}/intermediate/dense", hidden, wide)
        found |= _dense(f"{layer}/output/dense", wide, hidden)
        found |= _normalization(f"{layer}/attention/output", hidden)
        found |= _normalization(f"{layer}/output", hidden)
    return {f"bert/{name}": shape for name, shape in found.items()}


def _dense(name, inputs, outputs):
    return {f"{name}/kernel": [inputs, outputs], f"{name}/bias": [outputs]}


def _normalization(scope, size):
    names = ("beta", "gamma")
    return {f"{scope}/LayerNorm/{name}": [size] for name in names}


def _write_checkpoint(prefix, config, generator):
    """Writes the encoder's variables, and what only pre-training needs."""
    prefix.parent.mkdir()
    values = {
        name: generator.normal(name.endswith("gamma"), 0.1, shape)
        for name, shape in shapes(config).items()
    }
    values["cls/predictions/output_bias"] = np.zeros(config["vocab_size"])
    with tf.Graph().as_default(), tf1.Session() as session:
        for name, value in values.items():
            tf1.get_variable(name, initializer=value.astype(np.float32))
        tf1.get_variable("global_step", initializer=np.int64(50))
        session.run(tf1.global_variables_initializer())
        tf1.train.Saver().save(session, str(prefix), write_state=False)


def arguments(folder, output, *more):
    """Returns the program's command line."""
    return [
        f"--data_dir={folder}",
        f"--vocab_file={folder / 'vocab.txt'}",
        f"--encoder_config_file={folder / 'config.json'}",
        f"--init_checkpoint={folder / 'pretrained' / 'model.ckpt-50'}",
        f"--output_dir={output}",
        "--learning_rate=0.01",
        "--save_summary_steps=1",
        *more,
    ]


def losses(output):
    """Returns the loss of each step, as the events in `output` have them."""
    found = {}
    for file in sorted(output.glob("events*")):
        for event in tf1.train.summary_iterator(str(file)):
            for value in event.summary.value:
                if value.tag == LOSS:
                    found[event.step] = value.simple_value
    return [found[step] for step in sorted(found)]


def evaluation(output):
    """Returns what eval_results.txt says, as numbers by their names."""
    text = (output / "eval_results.txt").read_text()
    return {name: float(n) for name, n in re.findall(r"(\w+) = (\S+)", text)}


def predictions(output):
    """Returns the rows of test_results.tsv, float64 [examples, 2]."""
    return np.loadtxt(output / "test_results.tsv")
