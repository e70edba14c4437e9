"""How good predictions are, in numbers; numpy only."""

from typing import NamedTuple

import numpy as np

_CERTAIN = 1.96  # standard deviations on either side of a 95 % interval


class Bins(NamedTuple):
    """Predictions by their confidence; arrays [bins], empty bins left out."""

    confidence: np.ndarray  # mean of the bin
    accuracy: np.ndarray
    low: np.ndarray  # 95 % interval of the accuracy
    high: np.ndarray
    count: np.ndarray


def wilson(right, total) -> tuple[np.ndarray, np.ndarray]:
    """95 % interval of a share, `right` of `total` (Wilson 1927); scalars or arrays."""
    share, z2 = np.asarray(right) / total, _CERTAIN**2
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    spread = np.sqrt(share * (1 - share) / total + z2 / (4 * total**2))
    half = _CERTAIN * spread / (1 + z2 / total)
    return middle - half, middle + half


def confusion(labels: np.ndarray, classes: np.ndarray, count: int) -> np.ndarray:
    """Images of class row taken for class column: int [count, count]."""
    cells = np.bincount(labels * count + classes, minlength=count * count)
    return cells.reshape(count, count)


def precision_recall(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each class, NaN where nothing was predicted as, or is of, the class.

    Args:
      table: what `confusion` returned.
    """
    right = np.diag(table).astype(float)
    with np.errstate(invalid="ignore"):
        return right / table.sum(axis=0), right / table.sum(axis=1)


def cross_entropy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Mean over images [n, classes], in nats."""
    of_label = probabilities[np.arange(len(labels)), labels].astype(float)
    return float(-np.log(np.maximum(of_label, np.finfo(np.float32).tiny)).mean())


def reliability(confidence: np.ndarray, right: np.ndarray, bins: int = 10) -> Bins:
    """How often predictions of about the same confidence, 0..1, are right.

    Args:
      confidence: [n]; right: [n] bool.
      bins: how many, of equal width.
    """
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    total = np.bincount(place, minlength=bins)
    filled = total > 0
    count = total[filled]
    hits = np.bincount(place, right, bins)[filled]
    mean = np.bincount(place, confidence, bins)[filled] / count
    return Bins(mean, hits / count, *wilson(hits, count), count)


def calibration_error(bins: Bins) -> float:
    """Mean distance between confidence and accuracy (Naeini et al. 2015)."""
    return float(np.average(abs(bins.confidence - bins.accuracy), weights=bins.count))


def worst(
    labels: np.ndarray, probabilities: np.ndarray, classes: np.ndarray
) -> np.ndarray:
    """Indices of the wrong predictions, the most confident first."""
    wrong = np.flatnonzero(labels != classes)
    return wrong[np.argsort(-probabilities[wrong, classes[wrong]], kind="stable")]
