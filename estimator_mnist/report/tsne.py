"""t-SNE (van der Maaten and Hinton 2008) of features, with a cache on disk."""

import hashlib
import json
import os
import zipfile

import numpy as np

from estimator_mnist.output_folder import OutputFolder

FILE_NAME = "tsne.npz"
PERPLEXITY = 30.0
_COMPONENTS = 50  # of a PCA first: less noise, and distances in a tenth of the time
_SEED = 0
_MIN_ROWS = 4
# scikit-learn's own until 1.2. In half of the iterations it comes as far: on features
# of the CNN a divergence of 1.19 after 500, where 50 had reached 1.17 after 1,000.
_LEARNING_RATE, _ITERATIONS = 200.0, 500
_IMAGES_PER_RATE = 48  # from where on scikit-learn takes a larger one


def embed(
    features: np.ndarray, output: OutputFolder, key: dict, progress: bool = False
) -> np.ndarray:
    """Embeds features [n, units] in the plane, or reads the result from a file.

    Args:
      output: holds the file tsne.npz, which is written if it has no points of `key`.
      key: identifies the features; can be written as JSON.
      progress: whether scikit-learn prints its progress.

    Returns:
      float32 [n, 2]; [0, 2] for fewer than four rows, or some that are not finite,
      which have no embedding.
    """
    if len(features) < _MIN_ROWS or not np.isfinite(features).all():
        return np.zeros((0, 2), np.float32)
    digest = _digest(key, len(features))
    cached = _read(output.path_of(FILE_NAME), digest)
    if cached is not None:
        return cached
    points = _embed(features, progress)
    with output.replacing(FILE_NAME) as temporary, open(temporary, "wb") as file:
        np.savez(file, points=points, sign=digest)
    return points


def checkpoint_digest(path: str) -> str:
    """Returns what identifies the checkpoint at prefix `path`, also after a move.

    Its index holds a checksum of every variable.
    """
    index = path + ".index"
    with open(index if os.path.exists(index) else path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def _digest(key: dict, rows: int) -> str:
    fixed = {"rows": rows, "seed": _SEED, "perplexity": PERPLEXITY, "pca": _COMPONENTS}
    fixed |= {"learning_rate": _LEARNING_RATE, "iterations": _ITERATIONS}
    text = json.dumps({**key, **fixed}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _read(cache: str, digest: str) -> np.ndarray | None:
    """Returns the points, or None if they are of another key or cannot be read."""
    try:
        # np.load would leave a damaged file open that it opened itself.
        with open(cache, "rb") as file, np.load(file, allow_pickle=False) as archive:
            return archive["points"] if str(archive["sign"]) == digest else None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _embed(features: np.ndarray, progress: bool) -> np.ndarray:
    # Here, because scikit-learn takes seconds to import, and the cache does without.
    import threadpoolctl
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    n, units = features.shape
    # A thread that waits for another spins: beside other programs, two took four times
    # as much of the processor as one, and five times as long.
    with threadpoolctl.threadpool_limits(1):
        if units > _COMPONENTS and n > _COMPONENTS:
            features = PCA(_COMPONENTS, random_state=_SEED).fit_transform(features)
        # Until scikit-learn 1.5 it was called n_iter.
        iterations = "max_iter" if "max_iter" in TSNE().get_params() else "n_iter"
        tsne = TSNE(
            perplexity=min(PERPLEXITY, (n - 1) / 3),
            init="pca",
            learning_rate=max(_LEARNING_RATE, n / _IMAGES_PER_RATE),
            random_state=_SEED,
            verbose=2 if progress else 0,
            **{iterations: _ITERATIONS},
        )
        return tsne.fit_transform(features).astype(np.float32)
