"""Measures steps per second against other frameworks and against the limit.

python -m benchmarks.throughput --data_dir=FOLDER [--jax=PYTHON --pytorch=PYTHON
    --original=PYTHON]

Each contestant of benchmarks/contestants runs in a process of its own. They take turns
for several rounds, so that a machine that is slow for a while slows all. Prints the
processor, and for each model the median steps/s of the contestants, and the median, the
smallest and the largest ratio of ours to each of them in a round.
"""

import argparse
import collections
import os
import statistics
import sys

from benchmarks import processes, processor

MODELS = ("linear", "mlp", "cnn")
# What the Python of each flag runs.
PEERS = {
    "jax": ("jax",),
    "pytorch": ("pytorch", "pytorch_compiled"),
    "original": ("original",),
}


def contestants(arguments) -> dict[str, str]:
    """Returns the Python that runs each contestant, by its name."""
    found = {name: sys.executable for name in ("ours", "limit", "keras")}
    if arguments.bfloat16:
        found["ours_bfloat16"] = sys.executable
    for flag, names in PEERS.items():
        if python := getattr(arguments, flag):
            found.update(dict.fromkeys(names, python))
    return found


def race(python: str, name: str, model: str, arguments) -> float:
    """Runs one contestant for one round; returns its steps per second."""
    command = [python, "-m", "benchmarks.contestants", name, model]
    command += [str(arguments.seconds), os.path.abspath(arguments.data_dir)]
    return processes.json_output(*command, timeout=600)["steps_per_s"]


def ratios(rounds: dict[str, list[float]], of: str) -> dict[str, list[float]]:
    """Returns the ratio of the speed of `of` to that of each other, by round."""
    return {
        name: [a / b for a, b in zip(rounds[of], speeds, strict=True)]
        for name, speeds in rounds.items()
        if name != of
    }


def table(model: str, rounds: dict[str, list[float]], of: str = "ours") -> str:
    """Returns the printed table of one model, with the ratios of `of` to the others."""
    heading = f"{of} against it (median, smallest, largest)"
    lines = [f"{model:18} {'steps/s':>9}   {heading}"]
    against = ratios(rounds, of)
    for name, speeds in rounds.items():
        line = f"  {name:16} {statistics.median(speeds):9.1f}"
        if name in against:
            each = against[name]
            line += (
                f"   {statistics.median(each):.2f}  {min(each):.2f}  {max(each):.2f}"
            )
        lines.append(line)
    return "\n".join(lines)


def main() -> None:
    """Measures, prints a table for each model, and writes all values to a file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data_dir", required=True, help="folder with MNIST")
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5, help="timed, each time")
    parser.add_argument("--jax", help="a Python that has JAX and optax")
    parser.add_argument("--pytorch", help="a Python that has PyTorch")
    parser.add_argument("--original", help="a Python that has TensorFlow 2.15")
    parser.add_argument("--bfloat16", action="store_true", help="ours with it, too")
    parser.add_argument("--json", default="throughput.json", help="file to write")
    arguments = parser.parse_args()
    results, here = {}, processor.this()
    for model in arguments.models.split(","):
        rounds = collections.defaultdict(list)
        for _ in range(arguments.rounds):
            for name, python in contestants(arguments).items():
                rounds[name].append(race(python, name, model, arguments))
        results[model] = dict(rounds)
        print(f"{here}\n{table(model, rounds)}", flush=True)
    processor.write_json(arguments.json, results)


if __name__ == "__main__":
    main()
