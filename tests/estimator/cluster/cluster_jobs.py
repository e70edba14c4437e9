"""Jobs of several tasks on this machine, each a process forked with TensorFlow in it.

What a task does is a function of this module, since its process imports it by name.
"""

import json
import multiprocessing
import os
import pathlib
import sys
import time

import numpy as np
import tensorflow as tf

from estimator_mnist import estimator as tf_estimator
from estimator_mnist import launch
from estimator_mnist.data import input_fns
from estimator_mnist.data.datasets import Split
from estimator_mnist.models import catalog, model_fn

tf1 = tf.compat.v1

# For whole jobs on a machine that others use too; they take seconds.
PATIENCE_SECS = 120
MAX_STEPS = 150
BATCH_SIZE = 16


class Job:
    """Processes that run one function of this module, each as its task of a cluster.

    with Job(tmp_path, train, chief=1, worker=2, ps=1, evaluator=1) as job:
        assert job.wait() == {"chief 0": 0, ...}
    """

    def __init__(self, folder, function, options=None, **counts):
        self.model_dir = pathlib.Path(folder)
        self._function, self._options = function, options or {}
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([__name__])
        inside = {job: count for job, count in counts.items() if job != "evaluator"}
        ports = iter(launch.free_ports(sum(inside.values())))
        self._cluster = {
            job: [f"127.0.0.1:{next(ports)}" for _ in range(count)]
            for job, count in inside.items()
        }
        self.tasks = [(job, i) for job in counts for i in range(counts[job])]
        self._processes = {}

    def __enter__(self):
        for job, index in self.tasks:
            self.start(job, index)
        return self

    def __exit__(self, *exception):
        for process in self._processes.values():
            process.kill()
            process.join()

    def start(self, job, index=0):
        """Starts a task, also again."""
        task = {"type": job, "index": index}
        config = {"cluster": self._cluster, "task": task}
        if len(self.tasks) == 1:
            config = {}  # a process alone
        process = self._context.Process(
            target=_run,
            args=(self._function, str(self.model_dir), config, self._options),
            daemon=True,
        )
        process.start()
        self._processes[f"{job} {index}"] = process

    def kill(self, job, index=0):
        """SIGKILL, and back when it is gone."""
        process = self._processes[f"{job} {index}"]
        process.kill()
        process.join()

    def wait(self, *names):
        """Exit codes of these tasks, of all by default, when they have ended."""
        deadline = time.monotonic() + PATIENCE_SECS
        names = names or self._processes
        for name in names:
            self._processes[name].join(max(0, deadline - time.monotonic()))
        return {name: self._processes[name].exitcode for name in names}

    def wait_for_step(self, step):
        """Back when there is a checkpoint of this step or a later one."""
        deadline = time.monotonic() + PATIENCE_SECS
        while time.monotonic() < deadline:
            if max(self.saved_steps(), default=-1) >= step:
                return
            time.sleep(0.05)
        raise TimeoutError(f"no checkpoint of step {step}:\n{self.log('chief')}")

    def saved_steps(self):
        """Steps in the names of the checkpoints."""
        names = self.model_dir.glob("model.ckpt-*.index")
        return sorted(int(name.stem.rpartition("-")[2]) for name in names)

    def log(self, job, index=0):
        """What a task has written to its standard streams, in all its lives."""
        return (self.model_dir / "logs" / f"{job}-{index}").read_text()

    def notes(self, job, index=0):
        """What a task's function has returned."""
        path = self.model_dir / "logs" / f"{job}-{index}.json"
        return json.loads(path.read_text())


def _run(function, model_dir, config, options):
    task = config.get("task", {"type": "chief", "index": 0})
    log = os.path.join(model_dir, "logs", f"{task['type']}-{task['index']}")
    os.makedirs(os.path.dirname(log), exist_ok=True)
    with open(log, "a", buffering=1) as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.environ["TF_CONFIG"] = json.dumps(config)
    tf1.logging.set_verbosity(tf1.logging.INFO)
    logger = tf.get_logger()
    logger.handlers[0].setStream(sys.stderr)
    notes = function(model_dir, **options)
    pathlib.Path(log + ".json").write_text(json.dumps(notes))


class Steps(tf1.train.SessionRunHook):
    """Notes each step's loss and takes its time, so that others get their turn."""

    def __init__(self, secs=0.0, stop_after=None):
        self.losses, self._secs, self._stop_after = [], secs, stop_after

    def begin(self):
        self._loss = tf1.get_collection(tf1.GraphKeys.LOSSES)[0]

    def before_run(self, run_context):
        return tf1.train.SessionRunArgs(self._loss)

    def after_run(self, run_context, run_values):
        self.losses.append(float(run_values.results))
        time.sleep(self._secs)
        if len(self.losses) == self._stop_after:
            run_context.request_stop()


def images():
    """64 made-up images with labels."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (64, 28, 28), dtype=np.uint8)
    return Split(pixels, (np.arange(64) % 10).astype(np.int32))


def train(
    model_dir,
    max_steps=MAX_STEPS,
    secs_per_step=0.01,
    chief_stops_after=None,
    sync_replicas=False,
    learning_rate=0.01,
    timeout=60.0,
):
    """Trains the linear model; returns what happened here."""
    config = tf_estimator.RunConfig(
        model_dir=model_dir,
        tf_random_seed=3,
        save_checkpoints_steps=20,
        experimental_max_worker_delay_secs=0,
        session_creation_timeout_secs=timeout,
    )
    shard = input_fns.Shard()
    if config.num_worker_replicas:
        rank, count = config.global_id_in_cluster, config.num_worker_replicas
        shard = input_fns.Shard(rank, count, sync_replicas)
    seen = Steps(secs_per_step, chief_stops_after if config.is_chief else None)
    starts = []
    training = input_fns.train_input_fn(images(), BATCH_SIZE, 1, False, shard=shard)

    def input_fn(start_step, input_context):
        starts.append([start_step, input_context.input_pipeline_id])
        return training(start_step)

    estimator = linear(config, learning_rate, sync_replicas)
    evaluation = input_fns.eval_input_fn(images(), 64, False)
    results, _ = tf_estimator.train_and_evaluate(
        estimator,
        tf_estimator.TrainSpec(input_fn, max_steps, hooks=[seen]),
        tf_estimator.EvalSpec(evaluation, start_delay_secs=1000, throttle_secs=1000),
    )
    step = int(results["global_step"]) if results else None
    return {"losses": seen.losses, "starts": starts, "evaluated": step}


def linear(config, learning_rate, sync_replicas):
    """An Estimator of the program's linear model."""
    model = catalog.MODELS["linear"]
    params = {"learning_rate": learning_rate, model_fn.SYNC_REPLICAS: sync_replicas}
    return tf_estimator.Estimator(
        model_fn.make_model_fn(model.network, tf_estimator),
        config=config,
        params=model.params | params,
    )


def train_mirrored(model_dir):
    """The weight after 40 steps on one device, and on two with half the batch each."""
    (cpu,) = tf.config.list_physical_devices("CPU")
    halves = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(cpu, halves)
    mirrored = tf.distribute.MirroredStrategy(
        ["/cpu:0", "/cpu:1"], tf.distribute.ReductionToOneDevice()
    )
    ends = []
    for strategy, batch_size in ((None, 4), (mirrored, 2)):
        config = tf_estimator.RunConfig(
            model_dir=f"{model_dir}/{batch_size}", train_distribute=strategy
        )
        estimator = tf_estimator.Estimator(_line, config=config)
        for end in (25, 40):  # the second goes on from the first one's checkpoint
            estimator.train(lambda start_step, n=batch_size: _points(n), max_steps=end)
        losses = estimator.evaluate(lambda: _points(4), steps=1)
        ends.append(float(estimator.get_variable_value("w")))
        ends.append(float(losses["loss"]))
    return ends


def _line(features, labels, mode):
    w = tf1.get_variable("w", [], initializer=tf1.zeros_initializer())
    loss = tf.reduce_mean((w * features - labels) ** 2)
    devices = tf.distribute.get_replica_context().num_replicas_in_sync
    optimizer = tf1.train.AdamOptimizer(0.1)
    train_op = optimizer.minimize(loss / devices, tf1.train.get_global_step())
    return tf_estimator.EstimatorSpec(mode, loss=loss, train_op=train_op)


def _points(batch_size):
    x = np.linspace(0, 1, 400, dtype=np.float32)
    return tf.data.Dataset.from_tensor_slices((x, 3 * x + 1)).batch(batch_size).repeat()
