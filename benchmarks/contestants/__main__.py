"""Trains with one contestant of a benchmark, in a process of its own.

python -m benchmarks.contestants NAME MODEL SECONDS DATA_DIR

Trains MODEL on translated MNIST, and prints a JSON object with `steps_per_s`, taken
over SECONDS after WARM_UP seconds of steps. All train the same network with the same
batch size and optimizer, and translate each image again at each step. Exceptions are
`original`, whose images were translated beforehand, and `limit`, whose only batch stays
in the graph.
"""

import importlib
import json
import os
import sys

# The module of each: one framework's Python has no other framework.
MODULES = {
    "ours": "estimators",
    "ours_bfloat16": "estimators",
    "limit": "estimators",
    "original": "estimators",
    "keras": "keras_fit",
    "pytorch": "torch_loop",
    "pytorch_compiled": "torch_loop",
    "jax": "jax_scan",
}


def main(name: str, model: str, seconds: str, data_dir: str) -> None:
    """Runs one contestant, and prints its steps per second."""
    module = importlib.import_module(f"benchmarks.contestants.{MODULES[name]}")
    steps_per_s = getattr(module, name)(model, float(seconds), data_dir)
    print(json.dumps({"steps_per_s": steps_per_s}))


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main(*sys.argv[1:])
