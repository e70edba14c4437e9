"""Measures latency: answers, starts, evaluation, predictions, input.

python -m benchmarks.latency --data_dir=FOLDER

What is measured from the start of a process runs in one of its own, in turn with what
it is compared with, for several rounds. Medians are printed.
"""

import argparse
import contextlib
import os
import statistics
import sys
import tempfile
import time

from benchmarks import processes, processor

ANSWERS = {
    "--help": ("main", "--help"),
    "--version": ("main", "--version"),
    "a wrong flag": ("main", "--modle=cnn"),
    "launch: a wrong flag": ("launch", "--wrkers=2"),
    "run: no such file": ("run", "none.py"),
}
IMPORT = "import tensorflow"


def run(*command: str, code: int = 0) -> float:
    """Runs a Python; returns the seconds from its start to its end."""
    started = time.perf_counter()
    processes.output(sys.executable, *command, code=code)
    return time.perf_counter() - started


def program(folder: str, *flags: str, data_dir: str | None = None) -> float:
    """Runs the program; returns the seconds that it takes."""
    places = [f"--model_dir={folder}"]
    if data_dir:
        places += ["--dataset=mnist", f"--data_dir={data_dir}"]
    return run("-m", "estimator_mnist.main", *places, *flags)


def answers(data_dir: str, rounds: int) -> dict:
    """Measures what a command says without TensorFlow."""
    del data_dir
    found = {name: [] for name in ANSWERS}
    for _ in range(rounds):
        for name, (command, *flags) in ANSWERS.items():
            code = int(name not in ("--help", "--version"))
            module = f"estimator_mnist.{command}"
            found[name].append(run("-m", module, *flags, code=code))
    return found


def imports(data_dir: str, rounds: int) -> dict:
    """Measures importing TensorFlow alone, and the runtime, which imports it."""
    del data_dir
    runtime = "from estimator_mnist import estimator"
    found = {IMPORT: [], runtime: []}
    for _ in range(rounds):
        for statement, seconds in found.items():
            seconds.append(run("-c", statement))
    return found | beyond_import(found)


def starts(data_dir: str, rounds: int) -> dict:
    """Measures processes that make one step, and those that look at a model_dir."""
    found = {
        IMPORT: [],
        "one step of linear": [],
        "one step of cnn": [],
        "cnn: resume, one step": [],
        "inspect": [],
        "doctor": [],
    }
    step, first = ["--mode=train", "--steps=1"], ["--model=cnn", "--translate"]
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            linear, cnn = os.path.join(folder, "linear"), os.path.join(folder, "cnn")
            found[IMPORT].append(run("-c", IMPORT))
            for name, model_dir, flags in (
                ("one step of linear", linear, step),
                ("one step of cnn", cnn, [*first, *step]),
                ("cnn: resume, one step", cnn, step),
            ):
                found[name].append(program(model_dir, *flags, data_dir=data_dir))
            for name in ("inspect", "doctor"):
                found[name].append(program(cnn, f"--mode={name}"))
    return found | beyond_import(found)


def beyond_import(found: dict) -> dict:
    """Returns what each takes beyond `import tensorflow` of the same round."""
    return {
        f"{name}: beyond the import": [
            whole - imported
            for whole, imported in zip(seconds, found[IMPORT], strict=True)
        ]
        for name, seconds in found.items()
        if name != IMPORT
    }


def evaluation(data_dir: str, rounds: int) -> dict:
    """Measures passes over 10,000 images of the CNN beside bare forward passes.

    Estimator.evaluate, which builds its graph; an evaluation in a session that is kept,
    as in train_and_evaluate; and the predictions of whole batches. Of each also the
    processor's time, which other programs disturb less.
    """
    from estimator_mnist.data import input_fns
    from estimator_mnist.experiment import experiment as experiments
    from estimator_mnist.experiment import training

    found: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        experiment = experiments.make(
            folder, model="cnn", dataset="mnist", data_dir=data_dir, translate=True
        )
        estimator = experiments.build_estimator(experiment)
        training.train(experiment, estimator, max_steps=1)
        test = input_fns.eval_input_fn(
            experiment.data.test, experiments.EVAL_BATCH_SIZE, True
        )
        batches = [batch[0]["x"] for batch in test().as_numpy_iterator()]
        checkpoint = estimator.latest_checkpoint()
        kept = estimator.evaluation(test)
        kept.keep_session()
        keys = ["classes", "probabilities"]

        def predict() -> None:
            for _ in estimator.predict(test, keys, yield_single_examples=False):
                pass

        with forward_pass(experiment.params, checkpoint) as logits_of:
            ways = {
                "one bare forward pass": lambda: [logits_of(x) for x in batches],
                "evaluate 10,000 images": lambda: estimator.evaluate(test),
                "evaluate, session kept": lambda: estimator.run_evaluation(kept),
                "predict 10,000 images": predict,
            }
            for _ in range(rounds):
                for name, way in ways.items():
                    found.setdefault(f"cnn: {name}", []).append(both_times_of(way))
    return _beside(found, "cnn: one bare forward pass")


def _beside(found: dict[str, list[tuple[float, float]]], bare: str) -> dict:
    """Returns the seconds of each, and both times divided by those of `bare`."""
    results = {name: [wall for wall, _ in values] for name, values in found.items()}
    for name, values in found.items():
        pairs = list(zip(values, found[bare], strict=True))
        if name != bare:
            results[f"{name} / bare"] = [a[0] / b[0] for a, b in pairs]
            results[f"{name} / bare, processor"] = [a[1] / b[1] for a, b in pairs]
    return results


def report(data_dir: str, rounds: int) -> dict:
    """Measures --mode=report of the translated CNN, after some steps."""
    flags = ["--model=cnn", "--translate", "--batch_size=128", "--learning_rate=0.002"]
    with tempfile.TemporaryDirectory() as folder:
        program(folder, *flags, "--max_steps=100", data_dir=data_dir)
        command = ["-m", "estimator_mnist.main", "--mode=report"]
        found = [
            both_times_of(
                lambda number=number: run(
                    *command, f"--model_dir={folder}", f"--output_dir={folder}/{number}"
                )
            )
            for number in range(rounds)
        ]
    walls, processor = zip(*found, strict=True)
    return {"cnn: report": list(walls), "cnn: report, processor": list(processor)}


@contextlib.contextmanager
def forward_pass(params: dict, checkpoint: str):
    """Yields a function of images that returns the logits of the CNN, and no more."""
    import tensorflow as tf

    from estimator_mnist import estimator as tf_estimator
    from estimator_mnist.models import catalog

    tf1 = tf.compat.v1
    with tf.Graph().as_default() as graph:
        images = tf1.placeholder(tf.float32, [None, 40, 40])
        net = catalog.MODELS["cnn"].network(images, params, False)
        saver = tf1.train.Saver(tf1.trainable_variables())
    config = tf_estimator.RunConfig().session_config
    with tf1.Session(graph=graph, config=config) as session:
        saver.restore(session, checkpoint)
        yield lambda batch: session.run(net.logits, {images: batch})


def seconds_of(function) -> float:
    """Calls `function`; returns the seconds that it takes."""
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def both_times_of(function) -> tuple[float, float]:
    """Calls `function`; returns its seconds, and the processor's, children included."""
    before = os.times()
    seconds = seconds_of(function)
    used = [now - then for now, then in zip(os.times(), before, strict=True)]
    return seconds, sum(used[:4])


def predictions(data_dir: str, rounds: int) -> dict:
    """Measures repeated calls of Estimator.predict of linear on one image."""
    from estimator_mnist import estimator as tf_estimator
    from estimator_mnist.experiment import experiment as experiments
    from estimator_mnist.experiment import training

    with tempfile.TemporaryDirectory() as folder:
        experiment = experiments.make(
            folder, model="linear", dataset="mnist", data_dir=data_dir
        )
        estimator = experiments.build_estimator(experiment)
        training.train(experiment, estimator, max_steps=1)
        image = experiment.data.test.images[:1].astype("float32") / 255
        input_fn = tf_estimator.inputs.numpy_input_fn({"x": image}, shuffle=False)
        found = [
            seconds_of(lambda: list(estimator.predict(input_fn)))
            for _ in range(rounds * 50)
        ]
    return {"predict one image, again": found[1:]}


def inputs(data_dir: str, rounds: int) -> dict:
    """Measures making 100 translated training images, float32, and nothing else."""
    import tensorflow as tf

    from estimator_mnist import estimator as tf_estimator
    from estimator_mnist.data import datasets, input_fns

    tf1 = tf.compat.v1
    split = datasets.load("mnist", data_dir).train
    many, found = 5000, []
    config = tf_estimator.RunConfig().session_config
    with tf.Graph().as_default(), tf1.Session(config=config) as session:
        batches = input_fns.train_input_fn(split, 100, seed=0, translate=True)()
        # Skipped in one call, because many calls would take most of the time.
        last = tf.data.experimental.get_single_element(batches.skip(many - 1).take(1))
        for _ in range(rounds + 1):
            found.append(seconds_of(lambda: session.run(last)) / many)
    # In the first round the images are read into memory.
    return {"100 translated images": found[1:]}


MEASURES = (answers, imports, starts, evaluation, predictions, inputs, report)


def main() -> None:
    """Measures, prints the medians, and writes all values to a file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data_dir", required=True, help="folder with MNIST")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", default="latency.json", help="file to write")
    arguments = parser.parse_args()
    print(processor.this(), flush=True)
    folder, rounds = os.path.abspath(arguments.data_dir), arguments.rounds
    results = {}
    for measure in MEASURES:
        found = measure(folder, rounds)
        for name, values in found.items():
            median, least = statistics.median(values), min(values)
            print(f"{name:45} {median:11.6f}  (at least {least:.6f})", flush=True)
        results |= found
    processor.write_json(arguments.json, results)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main()
