"""The command line: flags -> Experiment -> what --mode says. Only this reads FLAGS."""

import functools
import os
import signal
import sys

from estimator_mnist import errors
from estimator_mnist.experiment import training

# Before TensorFlow is imported: its C++ chatter hides what the program says.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import tensorflow as tf
from absl import app, flags

from estimator_mnist import compat
from estimator_mnist.data import datasets
from estimator_mnist.estimator.checkpoint import compatibility
from estimator_mnist.experiment import cluster, early_stopping, experiment
from estimator_mnist.formats import export as formats
from estimator_mnist.modes import compare as comparison
from estimator_mnist.modes import doctor, options, sweep
from estimator_mnist.modes import report as reporting

FLAGS = flags.FLAGS
flags.adopt_module_key_flags(options)  # those that --help lists
USER_ERRORS = (
    errors.UserError,
    tf.compat.v1.train.NanLossDuringTrainingError,
    tf.errors.OpError,
    OSError,
)
TRAIN_MODES = ("train", "train_and_evaluate")
MADE_OF = (
    "model_dir",
    "model",
    "dataset",
    "data_dir",
    "translate",
    "seed",
    "batch_size",
)
PARAMS = (
    "optimizer",
    "learning_rate",
    "decay_steps",
    "normalize",
    "hidden_units",
    "conv_layers",
    "filters",
    "kernel_size",
    "activation",
    "dense_units",
    "dropout_rate",
    "head",
)


def main(argv: list[str]) -> None:
    """Runs the mode; a mistake of the user ends in one message and exit code 1."""
    try:
        given = [FLAGS.model_dir] * bool(FLAGS.model_dir) + argv[1:]
        if FLAGS.mode == "doctor" and len(given) == 1:
            sys.exit(examine(given[0]))
        if FLAGS.mode == "doctor":
            raise errors.ExperimentError(
                "--mode=doctor examines one folder: name it after the flags."
            )
        if len(argv) > 1:
            raise errors.ExperimentError(
                f"unknown argument {argv[1]!r}: flags begin with two dashes, --help "
                "lists them."
            )
        if FLAGS.mode == "inspect" and FLAGS.model_dir:
            show_variables(FLAGS.model_dir)
        elif FLAGS.mode == "compare":
            compare(FLAGS.models)
        elif FLAGS.mode == "sweep":
            sweep_grid()
        elif FLAGS.mode in TRAIN_MODES and cluster.role():
            take_part(cluster.role())
        else:
            run(experiment_of_flags())
    except USER_ERRORS as error:
        print(f"error: {error}{flags_to_match(error)}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt as error:
        end_by_signal(getattr(error, "signum", signal.SIGINT))


def flags_to_match(error: Exception) -> str:
    """A line that names the flags which a checkpoint that does not fit asks for."""
    if not isinstance(error, errors.CheckpointMismatchError):
        return ""
    if error.kind == compatibility.INPUT_SIZE:
        one = error.differences[0]
        larger = one.stored.shape[-2] > one.model.shape[-2]
        return "\nThe flag to match: " + ("--translate" if larger else "--notranslate")
    if error.kind == compatibility.RENAMED:
        return "\nNo flag matches: the layers' names are in the code."
    names = {
        compatibility.OPTIMIZER: "--optimizer",
        compatibility.SHAPE: "--hidden_units, --filters, --kernel_size, --dense_units",
    }
    return "\nFlags to match: " + names.get(error.kind, "--model")


def end_by_signal(signum: int) -> None:
    """Exits as a shell expects it after this signal: 130 for Ctrl-C, 143 for TERM."""
    print("Interrupted: the same command goes on from the newest checkpoint.")
    sys.exit(128 + signum)


def experiment_of_flags(**instead) -> experiment.Experiment:
    """Completes the flags to an Experiment; `instead` goes before the flags' values."""
    values = {name: FLAGS[name].value for name in MADE_OF + PARAMS} | instead
    return experiment.make(
        **{name: values[name] for name in MADE_OF},
        params={key: values[key] for key in PARAMS if values[key] is not None},
        engine=FLAGS.engine,
        precision=FLAGS.precision,
        sync_replicas=FLAGS.sync_replicas,
        cadence=experiment.Cadence(
            save_checkpoints_steps=FLAGS.save_checkpoints_steps,
            save_checkpoints_secs=FLAGS.save_checkpoints_secs,
            keep_checkpoint_max=FLAGS.keep_checkpoint_max,
            save_summary_steps=FLAGS.save_summary_steps,
            log_step_count_steps=FLAGS.log_step_count_steps,
            steps_per_run=FLAGS.steps_per_run,
            eval_steps_interval=eval_steps_interval(),
            histograms=FLAGS.histograms,
        ),
    )


def eval_steps_interval() -> int | None:
    """Judging the accuracy on the way needs evaluations on the way."""
    if not (FLAGS.early_stop_patience or FLAGS.restore_best):
        return FLAGS.eval_steps_interval
    if FLAGS.save_checkpoints_secs:
        raise errors.ExperimentError(
            "--early_stop_patience and --restore_best evaluate by steps: give "
            "--eval_steps_interval instead of --save_checkpoints_secs."
        )
    steps = FLAGS.eval_steps_interval or FLAGS.save_checkpoints_steps
    return steps or options.EVAL_STEPS_INTERVAL


def run(chosen: experiment.Experiment) -> None:
    """What --mode says."""
    if FLAGS.mode == "inspect":
        show_variables(chosen.model_dir)
        return
    runner = experiment.build_estimator(chosen)
    if FLAGS.mode == "predict":
        predict(chosen, runner)
    if FLAGS.mode == "export":
        export(chosen, runner)
    if FLAGS.mode == "report":
        report(chosen, runner)
    if FLAGS.mode in TRAIN_MODES:
        train(chosen, runner)
    if FLAGS.mode in ("evaluate", "train_and_evaluate"):
        evaluate(chosen, runner)


def take_part(role: str) -> None:
    """What this task of a cluster is there for."""
    cluster.refuse(
        steps=FLAGS.steps,
        early_stop_patience=FLAGS.early_stop_patience,
        restore_best=FLAGS.restore_best,
        engine=FLAGS.engine != "ours" and FLAGS.engine,
    )
    if role == cluster.PS:
        cluster.serve()
        return
    chosen = experiment_of_flags()
    if role == cluster.CHIEF:
        run(chosen)
        return
    runner = experiment.build_estimator(chosen)
    results = training.join(chosen, runner, FLAGS.max_steps)
    if results:
        print(
            f"Accuracy {results['accuracy']:.4f} on the validation images at step "
            f"{results['global_step']}."
        )


def train(chosen: experiment.Experiment, runner) -> None:
    """Trains, and says how it went."""
    trained = train_by_flags(chosen, runner)
    first, last = trained.first, trained.last
    if first == last:
        print(f"Nothing to train: {chosen.model_dir} has reached step {last}.")
    else:
        print(f"Trained from step {first} to {last} in {chosen.model_dir}.")
    if trained.stopped_by:
        print(f"Stopped early: {trained.stopped_by}.")
    if trained.restored is not None:
        print(f"The best weights, of step {trained.restored}, are the newest now.")
    if trained.signum:
        end_by_signal(trained.signum)


def train_by_flags(chosen: experiment.Experiment, runner) -> training.TrainingResult:
    """Trains as far as the flags say, with a progress line on a terminal."""
    terminal = sys.stderr if sys.stderr.isatty() else None
    limits = early_stopping.Limits(
        FLAGS.early_stop_patience, FLAGS.max_minutes, FLAGS.restore_best
    )
    return training.train(
        chosen, runner, FLAGS.steps, FLAGS.max_steps, limits, terminal
    )


def evaluate(chosen: experiment.Experiment, runner) -> None:
    """Evaluates, and says what was reached, where it is and what to try next."""
    # The curve of the test images stays free of others.
    name = None if FLAGS.split == "test" else FLAGS.split
    results = experiment.evaluate(chosen, runner, FLAGS.split, name)
    images = len(getattr(chosen.data, FLAGS.split).labels)
    print(
        f"Accuracy {results['accuracy']:.4f}, loss {results['loss']:.4f} on "
        f"{images} {FLAGS.split} images of {chosen.data.name} "
        f"at step {results['global_step']}."
    )
    me = f"python -m estimator_mnist.main --model_dir={chosen.model_dir}"
    print(f"Checkpoints and TensorBoard events: {chosen.model_dir}")
    print(f"More training:  {me} --steps={results['global_step']}")
    print(f"Its variables:  {me} --mode=inspect")
    print(f"Predictions:    {me} --mode=predict")
    print(f"Pictures:       {me} --mode=report")


def compare(models: list[str]) -> None:
    """Trains what is not trained, and prints how the models compare."""
    root = FLAGS.model_dir

    def experiment_of(model):
        return experiment_of_flags(
            model=model, model_dir=root and os.path.join(root, model)
        )

    rows = comparison.measure_each(models, experiment_of, train)
    print(comparison.table(rows))
    default = os.path.join(root or experiment.RUNS_DIR, "compare")
    for path in comparison.write(rows, FLAGS.output_dir or default):
        print(path)


def sweep_grid() -> None:
    """Trains what has not been trained of the grid, and prints what does best."""
    if FLAGS.steps:
        raise errors.ExperimentError(
            "--mode=sweep trains each run to the same step: say to which with "
            "--max_steps instead of --steps."
        )
    model = FLAGS.model or sweep.MODEL
    names = sweep.defaults(model)
    given = {key: FLAGS[key].value for key in names if FLAGS[key].value is not None}
    parsers = {key: FLAGS[key].parser for key in names}
    grid = sweep.parse(FLAGS.grid, model, parsers, given)
    points = sweep.points(grid, FLAGS.max_runs)
    data = datasets.load(FLAGS.dataset or "auto", FLAGS.data_dir)
    translated = bool(FLAGS.translate)
    root = FLAGS.model_dir or sweep.default_folder(model, data.name, translated)
    experiments = [
        experiment_of_flags(
            model=model,
            dataset=data,
            model_dir=os.path.join(root, sweep.folder_name(model, given | point)),
            **point,
        )
        for point in points
    ]
    # Rows are to be seen at once, in a file too.
    say = functools.partial(print, flush=True)
    with sweep.quiet():
        sweep.run(grid, experiments, train_by_flags, FLAGS.output_dir or root, say)


def predict(chosen: experiment.Experiment, runner) -> None:
    """Writes the prediction files and lists them."""
    folder = output_folder(chosen, "predictions")
    shapes = experiment.predict(
        chosen, runner, folder, FLAGS.split, FLAGS.activations_limit
    )
    print(f"Predictions for {FLAGS.split} images of {chosen.data.name}: {folder}")
    for name, shape in sorted(shapes.items()):
        print(f"  {name:15} {list(shape)}")


def export(chosen: experiment.Experiment, runner) -> None:
    """Writes --format, and says how it compares with what predict gives."""
    folder = output_folder(chosen, "export")
    for one in experiment.export(chosen, runner, FLAGS.format, folder):
        print(f"Exported {one.path} ({one.size / 1e6:.2f} MB)")
        print(
            f"  on {one.images} test images of {chosen.data.name}: accuracy "
            f"{one.accuracy:.4f}, predict's {one.predict_accuracy:.4f}; probabilities "
            f"differ by at most {one.max_abs_difference:.2g}"
        )
    print(f"Report: {os.path.join(folder, formats.REPORT)}")


def report(chosen: experiment.Experiment, runner) -> None:
    """Draws the report, saying what is at work, and says where it is."""
    folder, split = output_folder(chosen, "report"), FLAGS.split
    page, *pictures = reporting.write(
        chosen, runner, folder, split, FLAGS.tsne_points, say=print
    )
    print(f"{len(pictures)} pictures, all of them in one page: {page}")


def output_folder(chosen: experiment.Experiment, name: str) -> str:
    """--output_dir, or the folder of this name in model_dir if one may write there."""
    if FLAGS.output_dir:
        return FLAGS.output_dir
    folder = os.path.join(chosen.model_dir, name)
    there = folder if os.path.isdir(folder) else chosen.model_dir
    if os.path.isdir(there) and not os.access(there, os.W_OK):
        raise errors.ExperimentError(
            f"{there} cannot be written to: name another folder with --output_dir."
        )
    return folder


def show_variables(model_dir: str) -> None:
    """Prints the variables of the newest checkpoint, and how many numbers they hold."""
    path, variables = experiment.inspect(model_dir)
    print(f"{path}:")
    width = max(len(variable.name) for variable in variables)
    for variable in variables:
        trained = "" if variable.trained else "  (not a parameter)"
        print(f"  {variable.name:{width}}  {str(list(variable.shape)):16}{trained}")
    parameters = sum(v.size for v in variables if v.trained)
    print(f"{len(variables)} variables, {parameters:,} parameters.")


def examine(model_dir: str) -> int:
    """Prints what is in model_dir; returns 1 where something of it is damaged."""
    findings = doctor.examine(model_dir)
    width = max(len(finding.name) for finding in findings)
    for name, state, detail in findings:
        print(f"{state:4}  {name:{width}}  {detail}")
    bad = [finding for finding in findings if finding.state == doctor.BAD]
    print(f"{len(bad)} of {len(findings)} damaged." if bad else "Nothing is damaged.")
    if FLAGS.repair:
        print(f"The state file now names {', '.join(doctor.repair(model_dir))}.")
    return int(bool(bad))


def console() -> None:
    """Entry point of the console script."""
    compat.quieten()
    tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.INFO)
    app.run(main)


if __name__ == "__main__":
    console()
