"""How long one waits: import, first step, evaluation, predictions, resume, input.

python -m benchmarks.latency --data_dir=FOLDER

What is measured from the start of a process runs in one of its own, in turn with what
it is compared with, for several rounds; medians are printed.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time

from benchmarks import processes


def run(*command: str) -> float:
    """Seconds that a Python takes from its start to its end."""
    started = time.perf_counter()
    processes.output(sys.executable, *command)
    return time.perf_counter() - started


def program(data_dir: str, folder: str, *flags: str) -> float:
    """Seconds that the program takes."""
    where = ["--dataset=mnist", f"--data_dir={data_dir}", f"--model_dir={folder}"]
    return run("-m", "estimator_mnist.main", "--mode=train", *where, *flags)


def imports(data_dir: str, rounds: int) -> dict:
    """Of TensorFlow alone, and of the program, which imports it."""
    found = {"import tensorflow": [], "import estimator_mnist.main": []}
    for _ in range(rounds):
        for statement, seconds in found.items():
            seconds.append(run("-c", statement))
    added = [b - a for a, b in zip(*found.values(), strict=True)]
    return {**found, "import: the program adds": added}


def starts(data_dir: str, rounds: int) -> dict:
    """A process that makes one step, of each kind."""
    found = {
        "one step of linear": [],
        "one step of cnn": [],
        "cnn: resume, one step": [],
    }
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            linear, cnn = os.path.join(folder, "linear"), os.path.join(folder, "cnn")
            one = "--steps=1"
            found["one step of linear"].append(program(data_dir, linear, one))
            first = ["--model=cnn", "--translate", one]
            found["one step of cnn"].append(program(data_dir, cnn, *first))
            found["cnn: resume, one step"].append(program(data_dir, cnn, one))
    return found


def evaluation(data_dir: str, rounds: int) -> dict:
    """Estimator.evaluate of the CNN on 10,000 images, against bare forward passes.

    As in train_and_evaluate, with one input_fn: all but the first build no graph.
    """
    import tensorflow as tf

    from estimator_mnist import estimator
    from estimator_mnist.data import input_fns
    from estimator_mnist.experiment import experiment, training
    from estimator_mnist.models import catalog

    tf1 = tf.compat.v1
    found = {"cnn: evaluate 10,000 images": [], "cnn: one bare forward pass": []}
    with tempfile.TemporaryDirectory() as folder:
        chosen = experiment.make(
            folder, model="cnn", dataset="mnist", data_dir=data_dir, translate=True
        )
        runner = experiment.build_estimator(chosen)
        training.train(chosen, runner, max_steps=1)
        test = input_fns.eval_input_fn(
            chosen.data.test, experiment.EVAL_BATCH_SIZE, True
        )
        batches = [batch[0]["x"] for batch in test().as_numpy_iterator()]
        with tf.Graph().as_default() as graph:
            images = tf1.placeholder(tf.float32, [None, 40, 40])
            net = catalog.MODELS["cnn"].network(images, chosen.params, False)
            restored = tf1.train.Saver(tf1.trainable_variables())
        config = estimator.RunConfig().session_config
        with tf1.Session(graph=graph, config=config) as session:
            restored.restore(session, runner.latest_checkpoint())
            for _ in range(rounds):
                started = time.perf_counter()
                for batch in batches:
                    session.run(net.logits, {images: batch})
                bare = time.perf_counter()
                runner.evaluate(test)
                found["cnn: one bare forward pass"].append(bare - started)
                found["cnn: evaluate 10,000 images"].append(time.perf_counter() - bare)
    ours, bare = found.values()
    ratio = [a / b for a, b in zip(ours, bare, strict=True)]
    return {**found, "evaluate / forward pass": ratio}


def predictions(data_dir: str, rounds: int) -> dict:
    """Estimator.predict of linear on one image, called again and again."""
    from estimator_mnist import estimator
    from estimator_mnist.experiment import experiment, training

    with tempfile.TemporaryDirectory() as folder:
        chosen = experiment.make(
            folder, model="linear", dataset="mnist", data_dir=data_dir
        )
        runner = experiment.build_estimator(chosen)
        training.train(chosen, runner, max_steps=1)
        one = chosen.data.test.images[:1].astype("float32") / 255
        input_fn = estimator.inputs.numpy_input_fn({"x": one}, shuffle=False)
        found = []
        for _ in range(rounds * 50):
            started = time.perf_counter()
            list(runner.predict(input_fn))
            found.append(time.perf_counter() - started)
    return {"predict one image, again": found[1:]}


def inputs(data_dir: str, rounds: int) -> dict:
    """100 translated images of training as float32, with nothing else to do."""
    import tensorflow as tf

    from estimator_mnist import estimator
    from estimator_mnist.data import datasets, input_fns

    tf1 = tf.compat.v1
    split = datasets.load("mnist", data_dir).train
    many, found = 5000, []
    config = estimator.RunConfig().session_config
    with tf.Graph().as_default(), tf1.Session(config=config) as session:
        batches = input_fns.train_input_fn(split, 100, seed=0, translate=True)()
        # Skipped in one call, or else most of the time would be that of many calls.
        last = tf.data.experimental.get_single_element(batches.skip(many - 1).take(1))
        for _ in range(rounds + 1):
            started = time.perf_counter()
            session.run(last)
            found.append((time.perf_counter() - started) / many)
    # In the first round the images come into memory.
    return {"100 translated images": found[1:]}


def main() -> None:
    """Measures, prints, writes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data_dir", required=True, help="folder with MNIST")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", default="latency.json", help="file to write")
    arguments = parser.parse_args()
    folder, rounds = os.path.abspath(arguments.data_dir), arguments.rounds
    results = {}
    for measure in (imports, starts, evaluation, predictions, inputs):
        found = measure(folder, rounds)
        for what, values in found.items():
            middle, least = statistics.median(values), min(values)
            print(f"{what:30} {middle:11.6f}  (at least {least:.6f})", flush=True)
        results |= found
    with open(arguments.json, "w", encoding="utf-8") as file:
        json.dump(results, file, indent=2)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main()
