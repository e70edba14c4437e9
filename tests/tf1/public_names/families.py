"""Writes tf1/CONTRIB.md: `python -m tests.tf1.public_names.families`.

names.json has the public names of each family of TensorFlow 1.15's tf.contrib, its
modules left out.
"""

import json
import pathlib
import textwrap

from estimator_mnist import tf1
from estimator_mnist.tf1 import replacements

NAMES = json.loads(pathlib.Path(__file__).with_name("names.json").read_text())
TABLE = pathlib.Path(tf1.__file__).with_name("CONTRIB.md")
HEAD = """\
# tf.contrib: what works of TensorFlow 1.15's public names

Written by `python -m tests.tf1.public_names.families`. Names that do not work raise an
error that says what to write instead.
"""


def works(family, name):
    return replacements.missing(f"tf.contrib.{family}.{name}") is None


def text():
    parts = [HEAD]
    for family, names in NAMES.items():
        gone = [name for name in names if not works(family, name)]
        parts.append(f"`{family}`: {len(names) - len(gone)} of {len(names)}.")
        if gone:
            advice = "Advice: " + ", ".join(f"`{name}`" for name in gone) + "."
            parts[-1] = textwrap.fill(f"{parts[-1]} {advice}", 88)
    return "\n".join([HEAD, *(f"{part}\n" for part in parts[1:])]).rstrip() + "\n"


if __name__ == "__main__":
    TABLE.write_text(text())
