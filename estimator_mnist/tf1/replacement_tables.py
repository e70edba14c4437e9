"""What to write instead of a name that is gone: plain tables, read by `replacements`.

A row counts for its name and for all names below it. Names of TensorFlow begin with
"tf.", names of other modules with the module, those of Python 2's built-in functions
with "builtins.".
"""

from collections.abc import Mapping

_DISTRIBUTE = "tf.distribute.MirroredStrategy, or no strategy in RunConfig"
_MODEL_FN = "tf.estimator.Estimator with a model_fn"
_INPUT_FN = "tf.estimator.inputs.numpy_input_fn or pandas_input_fn"
_IMAGE = "tf.image, or scipy.ndimage before the graph"
# Its loss is a sum, not a mean, and its variables have other names.
_LEARN = (
    "tf.estimator.{}, with columns of tf.feature_column; for fit(x, y, steps=N) write "
    "train(tf.estimator.inputs.numpy_input_fn({{'x': x}}, y, num_epochs=None, "
    "shuffle=True), steps=N)"
)
_OWN_OPS = "its formula in ops of tf"
_OPTIMIZER = "tf.train.AdamOptimizer or another of tf.train"
_RECORDS = (
    "tf.data.TFRecordDataset(files).map(lambda record: tf.io.parse_single_example("
    "record, keys_to_features)), with tf.image.decode_image, repeat and batch; for its "
    "tensors make_one_shot_iterator().get_next()"
)
_RNN = "tf.nn.dynamic_rnn around a cell of tf.nn.rnn_cell"
_TPU = "tf.contrib.tpu.TPUEstimator with use_tpu=False; on a TPU Keras"
_SUMMARY = "tf.summary.FileWriter and tf.summary.scalar, .image, .histogram"

# Names that TensorFlow 2.0 removed.
TENSORFLOW: Mapping[str, str] = {
    "tf.contrib.crf": _OWN_OPS,
    "tf.contrib.cudnn_rnn": "tf.keras.layers.LSTM and GRU, which use cuDNN on a GPU",
    "tf.contrib.data": "tf.data or tf.data.experimental",
    "tf.contrib.distribute": _DISTRIBUTE,
    "tf.contrib.distributions": "tf.distributions, or the tensorflow_probability "
    "package",
    "tf.contrib.eager": "tf.GradientTape, and layers of tf.keras",
    "tf.contrib.estimator": "tf.estimator.Estimator with a model_fn",
    "tf.contrib.estimator.replicate_model_fn": "the model_fn itself, on one device",
    "tf.contrib.gan": "the tensorflow_gan package",
    "tf.contrib.image": _IMAGE,
    "tf.contrib.layers": "tf.layers",
    "tf.contrib.learn": _MODEL_FN,
    "tf.contrib.learn.DNNClassifier": _LEARN.format("DNNClassifier"),
    "tf.contrib.learn.DNNLinearCombinedClassifier": _LEARN.format(
        "DNNLinearCombinedClassifier"
    ),
    "tf.contrib.learn.DNNLinearCombinedRegressor": _LEARN.format(
        "DNNLinearCombinedRegressor"
    ),
    "tf.contrib.learn.DNNRegressor": _LEARN.format("DNNRegressor"),
    "tf.contrib.learn.LinearClassifier": _LEARN.format("LinearClassifier"),
    "tf.contrib.learn.LinearRegressor": _LEARN.format("LinearRegressor"),
    "tf.contrib.learn.datasets": "sklearn.datasets",
    "tf.contrib.learn.io": _INPUT_FN,
    "tf.contrib.learn.monitors": "a hook: tf.train.SessionRunHook",
    "tf.contrib.legacy_seq2seq": _RNN,
    "tf.contrib.lookup": "tf.lookup",
    "tf.contrib.losses": "tf.losses; beware that its arguments are labels, predictions",
    "tf.contrib.metrics": "tf.metrics",
    "tf.contrib.model_pruning": "the tensorflow_model_optimization package",
    "tf.contrib.nn": "tf.nn",
    "tf.contrib.opt": _OPTIMIZER,
    "tf.contrib.rnn": _RNN,
    "tf.contrib.seq2seq": _RNN,
    "tf.contrib.slim": "the layers of tf.contrib.slim, of which nets are made",
    "tf.contrib.slim.data_provider": _RECORDS,
    "tf.contrib.slim.dataset": _RECORDS,
    "tf.contrib.slim.dataset_data_provider": _RECORDS,
    "tf.contrib.slim.parallel_reader": _RECORDS,
    "tf.contrib.slim.prefetch_queue": _RECORDS,
    "tf.contrib.slim.queues": _RECORDS,
    "tf.contrib.slim.tfexample_decoder": _RECORDS,
    "tf.contrib.summary": _SUMMARY,
    "tf.contrib.timeseries": _MODEL_FN,
    "tf.contrib.tpu": _TPU,
    "tf.contrib.training": "tf.data.Dataset, and its batch and padded_batch",
    "tensorflow.python.ops.rnn_cell_impl._linear": "tf.layers.dense of "
    "tf.concat(args, 1)",
    "tf.pywrap_tensorflow": "tf.train.NewCheckpointReader and the public names of tf",
}
# Names that TensorFlow 1.0 removed; notebooks of 2016 still use them.
TENSORFLOW_0: Mapping[str, str] = {}
# Removed name -> name below tf.estimator. That is the replacement where the runtime has
# it; where it does not, the runtime's own table says what to write.
ESTIMATOR: Mapping[str, str] = {
    "tf.contrib.estimator.RNNClassifier": "experimental.RNNClassifier",
    "tf.contrib.estimator.RNNEstimator": "experimental.RNNEstimator",
}
# Names that other libraries removed, and Python 3; `library_names` and `numpy_names`
# give others back.
LIBRARIES: Mapping[str, str] = {
    "sklearn.datasets.fetch_mldata": "fetch_openml('mnist_784', as_frame=False), or "
    "tf.keras.datasets.mnist.load_data()",
    "sklearn.preprocessing.Imputer": "sklearn.impute.SimpleImputer",
    "matplotlib.pyplot.hold": "nothing: plots are drawn over each other anyway",
    "matplotlib.pyplot.cm.spectral": "matplotlib.pyplot.cm.nipy_spectral",
    "matplotlib.mlab.PCA": "sklearn.decomposition.PCA",
    "keras.utils.multi_gpu_model": "the model itself, on one device",
    "keras.wrappers.scikit_learn": "KerasClassifier of the scikeras package",
    "imp": "importlib",
    "cPickle": "pickle",
    "ConfigParser": "configparser",
    "Queue": "queue",
    "StringIO": "io",
    "cStringIO": "io",
    "Tkinter": "tkinter",
    "itertools.izip": "zip",
    "itertools.imap": "map",
    "sys.setdefaultencoding": "nothing: text is Unicode anyway",
    "string.letters": "string.ascii_letters",
    "input_data": "from tensorflow.examples.tutorials.mnist import input_data",
    "urllib2": "urllib.request",
    "urllib.urlopen": "urllib.request.urlopen",
    "urllib.urlretrieve": "urllib.request.urlretrieve",
    "builtins.basestring": "str",
    "builtins.execfile": "exec(open(...).read())",
    "builtins.long": "int",
    "builtins.raw_input": "input",
    "builtins.reduce": "functools.reduce",
    "builtins.reload": "importlib.reload",
    "builtins.unichr": "chr",
    "builtins.unicode": "str",
    "builtins.xrange": "range",
}
# Modules whose every missing name was removed, without a row of its own.
WHOLE_MODULES: Mapping[str, str] = {
    "numpy": "numpy no longer has it: https://numpy.org/doc/stable/release.html",
    "tensorflow.core": "TensorFlow no longer has it",
    "tensorflow.python": "TensorFlow no longer has it",
}
# Names that exist and do not work.
UNUSABLE: Mapping[str, str] = {
    "tf.contrib.boosted_trees": "ydf.GradientBoostedTreesLearner (pip install ydf), or "
    "sklearn.ensemble.GradientBoostingClassifier",
    "tf.contrib.factorization": "sklearn.cluster.KMeans, or sklearn.mixture",
    "tf.contrib.tensor_forest": "ydf.RandomForestLearner (pip install ydf), or "
    "sklearn.ensemble.RandomForestClassifier",
    "tf.contrib.tpu.TPUDistributionStrategy": _TPU,
    "tf.contrib.tpu.TPUInMemoryEvalHook": "tf.contrib.estimator.InMemoryEvaluatorHook",
    "tf.contrib.tpu.TPUInfeedOutfeedSessionHook": _TPU,
    "tf.contrib.tpu.keras_to_tpu_model": "the Keras model itself",
}
# Module that is imported -> the package to install, where that is known for certain;
# those that come with this package are never missing.
PACKAGES: Mapping[str, str] = {
    "Bio": "biopython",
    "IPython": "ipython",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "easydict": "easydict",
    "gensim": "gensim",
    "gym": "gym",
    "h5py": "h5py",
    "imageio": "imageio",
    "jieba": "jieba",
    "librosa": "librosa",
    "lmdb": "lmdb",
    "networkx": "networkx",
    "nltk": "nltk",
    "pandas": "pandas",
    "progressbar": "progressbar2",
    "psutil": "psutil",
    "pycocotools": "pycocotools",
    "seaborn": "seaborn",
    "serial": "pyserial",
    "six": "six",
    "skimage": "scikit-image",
    "spacy": "spacy",
    "tables": "tables",
    "tensorboard": "tensorboard",
    "tensorflow_datasets": "tensorflow-datasets",
    "tensorflow_hub": "tensorflow-hub",
    "tensorflow_probability": "tensorflow-probability",
    "tensorflow_text": "tensorflow-text",
    "tf_slim": "tf-slim",
    "tqdm": "tqdm",
    "yaml": "pyyaml",
}
