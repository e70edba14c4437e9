"""Every flag of the program. Only main.py reads them."""

from absl import flags

from estimator_mnist.data import datasets, statistics
from estimator_mnist.estimator.session import precision
from estimator_mnist.experiment import experiment
from estimator_mnist.formats import export as formats
from estimator_mnist.models import declarations
from estimator_mnist.models.networks import cnn_same, lenet5
from estimator_mnist.modes import report, sweep

EVAL_STEPS_INTERVAL = 500

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
        "sweep",
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
flags.DEFINE_enum(
    "model",
    None,
    list(experiment.MODELS),
    f"Network [linear; sweep: {sweep.MODEL}].",
)
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
    "optimizer", None, list(declarations.OPTIMIZERS), "Optimizer of the model."
)
flags.DEFINE_float("learning_rate", None, "Its learning rate.", lower_bound=0)
flags.DEFINE_integer(
    "decay_steps",
    None,
    "The learning rate halves each time so many steps are over; 0 for never.",
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
flags.DEFINE_boolean(
    "histograms", False, "With each summary also histograms of weights and activations."
)

flags.DEFINE_integer(
    "steps_per_run",
    None,
    "Steps in one call of TensorFlow; the same result, faster where a step takes less "
    "time than the call [by the time of the first steps].",
    lower_bound=1,
)
flags.DEFINE_boolean(
    "sync_replicas",
    False,
    "The workers of a cluster (TF_CONFIG) make each step together, on parts of one "
    "batch; else each makes steps of its own.",
)
flags.DEFINE_enum(
    "precision",
    None,
    list(precision.PRECISIONS),
    "Of products while training; bfloat16 is faster where the processor has it "
    "[float32].",
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
    report.TSNE_POINTS,
    "report: images in the t-SNE; 0 for none.",
    lower_bound=0,
)

flags.DEFINE_list(
    "models",
    ["cnn_deep", "dense"],
    "compare: which; each is trained to its --max_steps where it has not been, in a "
    "folder of its own below --model_dir [runs].",
)

flags.DEFINE_multi_string(
    "grid",
    [],
    "sweep: NAME=VALUE,VALUE, a setting and what to try; repeat it for each setting, "
    "the last of a NAME counts "
    f"[{sweep.MODEL}: {' '.join(sweep.EXERCISE)}]. Each combination is trained to "
    "--max_steps where it has not been, in a folder of its own below --model_dir "
    "[runs/sweep-MODEL-DATASET, -translated].",
)
flags.DEFINE_integer(
    "max_runs", sweep.MAX_RUNS, "sweep: refuse more combinations.", lower_bound=1
)

flags.DEFINE_boolean(
    "repair", False, "doctor: write the state file `checkpoint` anew [only look]."
)

flags.mark_flags_as_mutual_exclusive(["steps", "max_steps"])
flags.mark_flags_as_mutual_exclusive(
    ["save_checkpoints_steps", "save_checkpoints_secs", "eval_steps_interval"]
)
