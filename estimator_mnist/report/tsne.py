"""t-SNE (van der Maaten and Hinton 2008) of features, kept for the next time."""

import hashlib
import json
import os
import zipfile

import numpy as np

from estimator_mnist import files

FILE_NAME = "tsne.npz"
PERPLEXITY = 30.0
_COMPONENTS = 50  # of a PCA first: less noise, and distances in a tenth of the time
_SEED = 0
_FEWEST = 4


def embed(
    features: np.ndarray, cache: str, key: dict, progress: bool = False
) -> np.ndarray:
    """Places features [n, units] on a plane, or finds in `cache` that this was done.

    Args:
      cache: path of an .npz file, written where it has no points of `key`.
      key: what tells these features from others, as JSON can hold it.
      progress: whether scikit-learn prints how far it is.

    Returns:
      float32 [n, 2]; fewer than four have no map, they give [0, 2].
    """
    if len(features) < _FEWEST:
        return np.zeros((0, 2), np.float32)
    sign = _sign(key, len(features))
    known = _read(cache, sign)
    if known is not None:
        return known
    points = _embed(features, progress)
    with files.replacing(cache) as temporary, open(temporary, "wb") as file:
        np.savez(file, points=points, sign=sign)
    return points


def checkpoint_sign(path: str) -> str:
    """What tells the checkpoint at prefix `path` from others, wherever it lies.

    Its index holds a checksum of every variable.
    """
    index = path + ".index"
    with open(index if os.path.exists(index) else path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def _sign(key, rows):
    fixed = {"rows": rows, "seed": _SEED, "perplexity": PERPLEXITY, "pca": _COMPONENTS}
    text = json.dumps({**key, **fixed}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _read(cache, sign):
    """What cannot be read is computed anew."""
    try:
        with open(cache, "rb") as file, np.load(file, allow_pickle=False) as archive:
            return archive["points"] if str(archive["sign"]) == sign else None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _embed(features, progress):
    # Here, because scikit-learn takes seconds to import and a cached map needs none.
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    n, units = features.shape
    if units > _COMPONENTS and n > _COMPONENTS:
        features = PCA(_COMPONENTS, random_state=_SEED).fit_transform(features)
    tsne = TSNE(
        perplexity=min(PERPLEXITY, (n - 1) / 3),
        init="pca",
        random_state=_SEED,
        verbose=2 * progress,
    )
    return tsne.fit_transform(features).astype(np.float32)
