"""The command line: flags -> Experiment -> what --mode says. Only this reads FLAGS."""

import os
import sys
import warnings

# Before TensorFlow is imported: its C++ chatter hides what the program says.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import tensorflow as tf
from absl import app, flags

from estimator_mnist import compat, early_stop, experiment, record
from estimator_mnist.data import datasets, idx
from estimator_mnist.estimator import checkpoints
from estimator_mnist.models import model_fn

FLAGS = flags.FLAGS
USER_ERRORS = (
    experiment.ExperimentError,
    record.RecordError,
    early_stop.CourseError,
    idx.DataError,
    checkpoints.CheckpointMismatchError,
    compat.MissingRuntimeError,
    tf.compat.v1.train.NanLossDuringTrainingError,
    tf.errors.OpError,
    OSError,
)
EVAL_STEPS_INTERVAL = 500
PARAMS = (
    "optimizer",
    "learning_rate",
    "hidden_units",
    "filters",
    "kernel_size",
    "dense_units",
    "dropout_rate",
)

flags.DEFINE_enum(
    "mode",
    "train_and_evaluate",
    ["train_and_evaluate", "train", "evaluate", "predict", "inspect"],
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
flags.DEFINE_integer("hidden_units", None, "mlp: hidden units.", lower_bound=1)
flags.DEFINE_integer("filters", None, "cnn: filters.", lower_bound=1)
flags.DEFINE_integer("kernel_size", None, "cnn: filter side, pixels.", lower_bound=1)
flags.DEFINE_integer("dense_units", None, "cnn: dense units.", lower_bound=1)
flags.DEFINE_float(
    "dropout_rate",
    None,
    "cnn: share of dense units dropped in training.",
    lower_bound=0,
    upper_bound=0.99,
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

flags.DEFINE_enum("split", "test", datasets.SPLITS, "evaluate, predict: which images.")
flags.DEFINE_string("output_dir", None, "predict: folder [MODEL_DIR/predictions].")
flags.DEFINE_integer(
    "activations_limit", 100, "predict: images with conv activations.", lower_bound=0
)

flags.mark_flags_as_mutual_exclusive(["steps", "max_steps"])
flags.mark_flags_as_mutual_exclusive(
    ["save_checkpoints_steps", "save_checkpoints_secs", "eval_steps_interval"]
)


def main(argv: list[str]) -> None:
    """Runs the mode; a mistake of the user ends in one message and exit code 1."""
    try:
        if len(argv) > 1:
            raise experiment.ExperimentError(
                f"unknown argument {argv[1]!r}: flags begin with two dashes, --help "
                "lists them."
            )
        if FLAGS.mode == "inspect" and FLAGS.model_dir:
            show_variables(FLAGS.model_dir)
        else:
            run(experiment_of_flags())
    except USER_ERRORS as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("Interrupted: the same command goes on from the newest checkpoint.")
        sys.exit(130)


def experiment_of_flags() -> experiment.Experiment:
    """Completes the flags to an Experiment."""
    return experiment.make(
        model_dir=FLAGS.model_dir,
        model=FLAGS.model,
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


def predict(chosen: experiment.Experiment, runner) -> None:
    """Writes the prediction files and lists them."""
    folder = FLAGS.output_dir or os.path.join(chosen.model_dir, "predictions")
    shapes = experiment.predict(
        chosen, runner, folder, FLAGS.split, FLAGS.activations_limit
    )
    print(f"Predictions for {FLAGS.split} images of {chosen.data.name}: {folder}")
    for name, shape in sorted(shapes.items()):
        print(f"  {name:15} {list(shape)}")


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


def console() -> None:
    """Entry point of the console script."""
    _quiet_what_no_user_can_change()
    tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.INFO)
    app.run(main)


def _quiet_what_no_user_can_change() -> None:
    """TensorFlow warns of its own functions' age, and logs each line twice."""
    logger = tf.get_logger()
    logger.propagate = False
    logger.addFilter(lambda line: "is deprecated and will" not in line.getMessage())
    warnings.filterwarnings("ignore", message="`tf.layers")


if __name__ == "__main__":
    console()
