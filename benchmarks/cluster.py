"""Measures what a cluster on this machine costs, against one process.

python -m benchmarks.cluster --data_dir=FOLDER

Trains with two workers, the chief among them, and a parameter server, in turn with one
process. Prints for each model the median steps/s, which the program logs as
global_step/sec and which all workers of a job count together, and the ratio of the
cluster's to that of the one process in each round.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile

from benchmarks import processes, processor, throughput

# The cluster's second command: a chief, a worker and a parameter server.
COMMANDS = {
    "one process": ["-m", "estimator_mnist.main"],
    "cluster": ["-m", "estimator_mnist.launch", "--workers=1", "--ps=1", "--"],
}
STEPS = {"linear": 20_000, "mlp": 4_000, "cnn": 300}
RATE = re.compile(r"global_step/sec: ([0-9.e+]+)")


def rates(log: str) -> list[float]:
    """Returns the steps/s that `log` tells, without the first, which warms up."""
    return [float(found) for found in RATE.findall(log)][1:]


def steps_per_s(command: list[str], model: str, data_dir: str) -> float:
    """Trains; returns the median of the steps/s that the job logs."""
    with tempfile.TemporaryDirectory() as folder:
        flags = [f"--model={model}", "--translate", f"--max_steps={STEPS[model]}"]
        places = ["--dataset=mnist", f"--data_dir={data_dir}", f"--model_dir={folder}"]
        done = subprocess.run(
            [sys.executable, *command, "--mode=train", *flags, *places],
            cwd=processes.PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )
    found = rates(done.stdout + done.stderr)
    if done.returncode or not found:
        sys.exit(f"error: {' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return statistics.median(found)


def main() -> None:
    """Measures, prints a table for each model, and writes all values to a file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data_dir", required=True, help="folder with MNIST")
    parser.add_argument("--models", default=",".join(STEPS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", default="cluster.json", help="file to write")
    arguments = parser.parse_args()
    print(processor.this(), flush=True)
    data_dir, results = os.path.abspath(arguments.data_dir), {}
    for model in arguments.models.split(","):
        rounds = {name: [] for name in COMMANDS}
        for _ in range(arguments.rounds):
            for name, command in COMMANDS.items():
                rounds[name].append(steps_per_s(command, model, data_dir))
        results[model] = rounds
        print(throughput.table(model, rounds, of="cluster"), flush=True)
    processor.write_json(arguments.json, results)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main()
