"""What to write today instead of what libraries other than TensorFlow dropped."""

import builtins
import importlib
import types
import warnings

_IN_NUMPY = "numpy no longer has it: https://numpy.org/doc/stable/release.html"
_IMAGES = "PIL.Image, which reads, writes and resizes"
_NAMES = {
    "sklearn.datasets.fetch_mldata": "fetch_openml('mnist_784', as_frame=False), or "
    "tf.keras.datasets.mnist.load_data()",
    "sklearn.cross_validation": "sklearn.model_selection",
    "sklearn.grid_search": "sklearn.model_selection",
    "sklearn.externals.joblib": "import joblib",
    "sklearn.preprocessing.Imputer": "sklearn.impute.SimpleImputer",
    "scipy.misc.imread": _IMAGES,
    "scipy.misc.imsave": _IMAGES,
    "scipy.misc.imresize": _IMAGES,
    "scipy.misc.imrotate": _IMAGES,
    "scipy.misc.imshow": "matplotlib.pyplot.imshow",
    "scipy.misc.toimage": "PIL.Image.fromarray",
    "scipy.misc.logsumexp": "scipy.special.logsumexp",
    "matplotlib.pyplot.hold": "nothing: plots are drawn over each other anyway",
    "matplotlib.pyplot.cm.spectral": "matplotlib.pyplot.cm.nipy_spectral",
    "matplotlib.mlab.PCA": "sklearn.decomposition.PCA",
    "keras.utils.np_utils": "keras.utils.to_categorical",
    "keras.backend.tensorflow_backend": "tf.keras.backend",
    "keras.layers.core": "keras.layers",
    "keras.layers.convolutional": "keras.layers",
    "keras.layers.pooling": "keras.layers",
    "keras.layers.normalization.BatchNormalization": "keras.layers.BatchNormalization",
    "time.clock": "time.perf_counter",
    "inspect.getargspec": "inspect.getfullargspec",
    "collections.Iterable": "collections.abc.Iterable",
    "collections.Mapping": "collections.abc.Mapping",
    "collections.Sequence": "collections.abc.Sequence",
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
    "urllib2": "urllib.request",
    "urllib.urlopen": "urllib.request.urlopen",
    "urllib.urlretrieve": "urllib.request.urlretrieve",
}
_BUILTINS = {
    "basestring": "str",
    "execfile": "exec(open(...).read())",
    "long": "int",
    "raw_input": "input",
    "reduce": "functools.reduce",
    "reload": "importlib.reload",
    "unichr": "chr",
    "unicode": "str",
    "xrange": "range",
}


def of_builtin(name: str) -> str | None:
    """What to write for a built-in of Python 2."""
    return None if hasattr(builtins, name) else _BUILTINS.get(name)


def of_name(dotted: str) -> tuple[str, str] | None:
    """The part of `sklearn.datasets.fetch_mldata` that is gone, and what to write.

    None for what is not known to be gone, and for what is still there.
    """
    if dotted.startswith("numpy."):
        gone = first_missing(dotted)
        return gone and (gone, _IN_NUMPY)
    for known, mend in _NAMES.items():
        if f"{dotted}.".startswith(f"{known}.") and first_missing(known):
            return known, mend
    return None


def first_missing(dotted: str) -> str | None:
    """The shortest beginning of the name that importing and getattr do not find."""
    found, name = None, ""
    for part in dotted.split("."):
        if not isinstance(found, types.ModuleType | None):
            return None  # what classes and other objects have is not looked into
        name = f"{name}.{part}" if name else part
        found = _member(found, part, name)
        if found is None:
            return name
    return None


def _member(module, part, name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is only old
        try:
            if hasattr(module, part):
                return getattr(module, part)
            return importlib.import_module(name)
        except Exception:  # a library may raise anything while it is imported
            return None
