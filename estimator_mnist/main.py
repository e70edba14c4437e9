"""The command line: flags -> Experiment -> what --mode says. Only this reads FLAGS."""

import os
import signal
import sys

# Before TensorFlow is imported: its C++ chatter hides what the program says.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import tensorflow as tf
from absl import app, flags

from estimator_mnist import (
    comparison,
    compat,
    doctor,
    early_stop,
    experiment,
    record,
    reporting,
)
from estimator_mnist.data import datasets, idx, statistics
from estimator_mnist.estimator import integrity, lock, mismatch
from estimator_mnist.formats import export as formats
from estimator_mnist.models import cnn_same, lenet5, model_fn

FLAGS = flags.FLAGS
USER_ERRORS = (
    experiment.ExperimentError,
    record.RecordError,
    early_stop.CourseError,
    idx.DataError,
    mismatch.CheckpointMismatchError,
    integrity.DamagedCheckpointError,
    lock.ModelDirInUseError,
    formats.ExportError,
    compat.MissingRuntimeError,
    tf.compat.v1.train.NanLossDuringTrainingError,
    tf.errors.OpError,
    OSError,
)
EVAL_STEPS_INTERVAL = 500
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

flags.DEFINE_enum(
    "mode",
    "train_and_evaluate",
    [
        "train_and_evaluate",
        "train",
        "evaluate",
        "predict",
        "inspect",
        "export",
        "report",
        "compare",
        "doctor",
    ],
    "What to do.",
)
flags.DEFINE_enum(
    "engine",
    "ours",
    list(experiment.ENGINES),
    "The Estimator runtime; `tensorflow` is the original, on TensorFlow 2.15.",
)

# What is None is taken from the record in model_dir, else from the model's defaults.
flags.DEFINE_enum("model", None, list(experiment.MODELS), "Network [linear].")
flags.DEFINE_enum(
    "dataset", None, datasets.NAMES, "Images [auto]: MNIST, else the embedded digits."
)
flags.DEFINE_string("data_dir", None, "Folder with the IDX files, or one above it.")
flags.DEFINE_boolean(
    "translate", None, "Place each image at random on 40x40 pixels [false]."
)
flags.DEFINE_string(
    "model_dir", None, "Folder of the run [runs/MODEL-DATASET, -translated]."
)
flags.DEFINE_integer(
    "seed",
    None,
    "Of initial values, order, places, dropout [0].",
    lower_bound=0,
    upper_bound=2**31 - 1,
)
flags.DEFINE_integer("batch_size", None, "Images per step.", lower_bound=1)

flags.DEFINE_integer(
    "steps", None, "How many more steps to train; excludes --max_steps.", lower_bound=1
)
flags.DEFINE_integer(
    "max_steps", None, "The step to end at, in all runs together.", lower_bound=1
)

flags.DEFINE_enum(
    "optimizer", None, list(model_fn.OPTIMIZERS), "Optimizer of the model."
)
flags.DEFINE_float("learning_rate", None, "Its learning rate.", lower_bound=0)
flags.DEFINE_integer(
    "decay_steps",
    None,
    "lenet5: the learning rate halves each time so many steps are over; 0 for never.",
    lower_bound=0,
)
flags.DEFINE_enum(
    "normalize",
    None,
    list(statistics.NORMALIZATIONS),
    "cnn, fashion: images as they are, their range onto 0..1, or each pixel to mean 0 "
    "and deviation 1, as of the training images.",
)
flags.DEFINE_integer("hidden_units", None, "mlp: hidden units.", lower_bound=1)
flags.DEFINE_integer(
    "conv_layers",
    None,
    "cnn_same: convolutions.",
    lower_bound=1,
    upper_bound=cnn_same.MAX_CONV_LAYERS,
)
flags.DEFINE_integer("filters", None, "cnn, cnn_same: filters.", lower_bound=1)
flags.DEFINE_integer(
    "kernel_size", None, "cnn, cnn_same: filter side, pixels.", lower_bound=1
)
flags.DEFINE_enum(
    "activation", None, list(cnn_same.ACTIVATIONS), "cnn_same: after a convolution."
)
flags.DEFINE_integer("dense_units", None, "cnn: dense units.", lower_bound=1)
flags.DEFINE_float(
    "dropout_rate",
    None,
    "cnn, fashion: share of dense units dropped in training.",
    lower_bound=0,
    upper_bound=0.99,
)
flags.DEFINE_enum(
    "head",
    None,
    list(lenet5.HEADS),
    "lenet5: distances to drawn digits, trained by maximum a posteriori or by their "
    "mean, or softmax.",
)

flags.DEFINE_integer(
    "save_checkpoints_steps", None, "Steps between checkpoints.", lower_bound=1
)
flags.DEFINE_integer(
    "save_checkpoints_secs",
    None,
    f"Seconds between checkpoints [{experiment.SAVE_CHECKPOINTS_SECS}].",
    lower_bound=1,
)
flags.DEFINE_integer(
    "keep_checkpoint_max", 3, "Newest checkpoints to keep; 0 for all.", lower_bound=0
)
flags.DEFINE_integer(
    "save_summary_steps", 100, "Steps between summaries.", lower_bound=1
)
flags.DEFINE_integer(
    "log_step_count_steps", 100, "Steps between log lines.", lower_bound=1
)

flags.DEFINE_integer(
    "eval_steps_interval",
    None,
    "Steps between evaluations on the validation images, while training "
    f"[none; {EVAL_STEPS_INTERVAL} with --early_stop_patience or --restore_best].",
    lower_bound=1,
)
flags.DEFINE_integer(
    "early_stop_patience",
    None,
    "Stop after so many evaluations without a better accuracy.",
    lower_bound=1,
)
flags.DEFINE_float(
    "max_minutes", None, "Stop after so many minutes, in all runs.", lower_bound=0
)
flags.DEFINE_boolean(
    "restore_best", False, "End with the best evaluated weights, not the last."
)

flags.DEFINE_enum(
    "split", "test", datasets.SPLITS, "evaluate, predict, report: which images."
)
flags.DEFINE_enum("format", "saved_model", list(formats.WRITERS), "export: as what.")
flags.DEFINE_string(
    "output_dir",
    None,
    "predict, export, report: folder [MODEL_DIR/predictions, /export, /report].",
)
flags.DEFINE_integer(
    "activations_limit", 100, "predict: images with conv activations.", lower_bound=0
)
flags.DEFINE_integer(
    "tsne_points",
    reporting.TSNE_POINTS,
    "report: images in the t-SNE; 0 for none.",
    lower_bound=0,
)

flags.DEFINE_list(
    "models",
    ["cnn_deep", "dense"],
    "compare: which; each is trained to its --max_steps where it has not been, in a "
    "folder of its own below --model_dir [runs].",
)

flags.DEFINE_boolean(
    "repair", False, "doctor: write the state file `checkpoint` anew [only look]."
)

flags.mark_flags_as_mutual_exclusive(["steps", "max_steps"])
flags.mark_flags_as_mutual_exclusive(
    ["save_checkpoints_steps", "save_checkpoints_secs", "eval_steps_interval"]
)


def main(argv: list[str]) -> None:
    """Runs the mode; a mistake of the user ends in one message and exit code 1."""
    try:
        given = [FLAGS.model_dir] * bool(FLAGS.model_dir) + argv[1:]
        if FLAGS.mode == "doctor" and len(given) == 1:
            sys.exit(examine(given[0]))
        if FLAGS.mode == "doctor":
            raise experiment.ExperimentError(
                "--mode=doctor examines one folder: name it after the flags."
            )
        if len(argv) > 1:
            raise experiment.ExperimentError(
                f"unknown argument {argv[1]!r}: flags begin with two dashes, --help "
                "lists them."
            )
        if FLAGS.mode == "inspect" and FLAGS.model_dir:
            show_variables(FLAGS.model_dir)
        elif FLAGS.mode == "compare":
            compare(FLAGS.models)
        else:
            run(experiment_of_flags())
    except USER_ERRORS as error:
        print(f"error: {error}{flags_to_match(error)}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt as error:
        end_by_signal(getattr(error, "signum", signal.SIGINT))


def flags_to_match(error: Exception) -> str:
    """A line that names the flags which a checkpoint that does not fit asks for."""
    if not isinstance(error, mismatch.CheckpointMismatchError):
        return ""
    if error.kind == mismatch.INPUT_SIZE:
        one = error.differences[0]
        larger = one.stored.shape[-2] > one.model.shape[-2]
        return "\nThe flag to match: " + ("--translate" if larger else "--notranslate")
    if error.kind == mismatch.RENAMED:
        return "\nNo flag matches: the layers' names are in the code."
    names = {
        mismatch.OPTIMIZER: "--optimizer",
        mismatch.SHAPE: "--hidden_units, --filters, --kernel_size, --dense_units",
    }
    return "\nFlags to match: " + names.get(error.kind, "--model")


def end_by_signal(signum: int) -> None:
    """Exits as a shell expects it after this signal: 130 for Ctrl-C, 143 for TERM."""
    print("Interrupted: the same command goes on from the newest checkpoint.")
    sys.exit(128 + signum)


def experiment_of_flags(one: str | None = None) -> experiment.Experiment:
    """Completes the flags to an Experiment; of several, that of the model `one`."""
    model_dir = FLAGS.model_dir
    return experiment.make(
        model_dir=os.path.join(model_dir, one) if one and model_dir else model_dir,
        model=one or FLAGS.model,
        dataset=FLAGS.dataset,
        data_dir=FLAGS.data_dir,
        translate=FLAGS.translate,
        seed=FLAGS.seed,
        batch_size=FLAGS.batch_size,
        params={
            key: FLAGS[key].value for key in PARAMS if FLAGS[key].value is not None
        },
        engine=FLAGS.engine,
        cadence=experiment.Cadence(
            save_checkpoints_steps=FLAGS.save_checkpoints_steps,
            save_checkpoints_secs=FLAGS.save_checkpoints_secs,
            keep_checkpoint_max=FLAGS.keep_checkpoint_max,
            save_summary_steps=FLAGS.save_summary_steps,
            log_step_count_steps=FLAGS.log_step_count_steps,
            eval_steps_interval=eval_steps_interval(),
        ),
    )


def eval_steps_interval() -> int | None:
    """Judging the accuracy on the way needs evaluations on the way."""
    if not (FLAGS.early_stop_patience or FLAGS.restore_best):
        return FLAGS.eval_steps_interval
    if FLAGS.save_checkpoints_secs:
        raise experiment.ExperimentError(
            "--early_stop_patience and --restore_best evaluate by steps: give "
            "--eval_steps_interval instead of --save_checkpoints_secs."
        )
    steps = FLAGS.eval_steps_interval or FLAGS.save_checkpoints_steps
    return steps or EVAL_STEPS_INTERVAL


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
    if FLAGS.mode in ("train", "train_and_evaluate"):
        train(chosen, runner)
    if FLAGS.mode in ("evaluate", "train_and_evaluate"):
        evaluate(chosen, runner)


def train(chosen: experiment.Experiment, runner) -> None:
    """Trains, with a progress line on a terminal."""
    terminal = sys.stderr if sys.stderr.isatty() else None
    limits = early_stop.Limits(
        FLAGS.early_stop_patience, FLAGS.max_minutes, FLAGS.restore_best
    )
    training = experiment.train(
        chosen, runner, FLAGS.steps, FLAGS.max_steps, limits, terminal
    )
    first, last = training.first, training.last
    if first == last:
        print(f"Nothing to train: {chosen.model_dir} has reached step {last}.")
    else:
        print(f"Trained from step {first} to {last} in {chosen.model_dir}.")
    if training.stopped_by:
        print(f"Stopped early: {training.stopped_by}.")
    if training.restored is not None:
        print(f"The best weights, of step {training.restored}, are the newest now.")
    if training.signum:
        end_by_signal(training.signum)


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
    rows = comparison.measure_each(models, experiment_of_flags, train)
    print(comparison.table(rows))
    default = os.path.join(FLAGS.model_dir or experiment.RUNS_DIR, "compare")
    for path in comparison.write(rows, FLAGS.output_dir or default):
        print(path)


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
        raise experiment.ExperimentError(
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
