"""Measures of how good predictions are; numpy only."""

import dataclasses

import numpy as np

_DEVIATIONS = 1.96  # from the middle of a 95 % interval to its ends


@dataclasses.dataclass(frozen=True, eq=False)
class Bins:
    """Predictions grouped by confidence: arrays [bins] without the empty bins."""

    confidence: np.ndarray  # mean of the bin, 0..1
    accuracy: np.ndarray
    low: np.ndarray  # 95 % interval of the accuracy
    high: np.ndarray
    count: np.ndarray


def wilson(
    right: int | np.ndarray, total: int | np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the 95 % interval of the share right / total (Wilson 1927).

    Args:
      right: int, or int [n]; total: the same, or one for all.

    Returns:
      Lower and upper ends, float64 of the shape of `right`.
    """
    share, z2 = np.asarray(right) / total, _DEVIATIONS**2
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    spread = np.sqrt(share * (1 - share) / total + z2 / (4 * total**2))
    half = _DEVIATIONS * spread / (1 + z2 / total)
    return middle - half, middle + half


def confusion(labels: np.ndarray, classes: np.ndarray, count: int) -> np.ndarray:
    """Returns the number of images by label (row) and prediction (column).

    Args:
      labels, classes: int [n], the true and the predicted classes.
      count: the number of classes.

    Returns:
      int [count, count].
    """
    cells = np.bincount(labels * count + classes, minlength=count * count)
    return cells.reshape(count, count)


def precision_recall(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns precision and recall of each class, float64 [classes] each.

    They are NaN for a class that is never predicted, or has no images.

    Args:
      table: what `confusion` returned.
    """
    right = np.diag(table).astype(float)
    with np.errstate(invalid="ignore"):
        return right / table.sum(axis=0), right / table.sum(axis=1)


def cross_entropy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Returns the mean over all images, in nats.

    Args:
      probabilities: [n, classes].
      labels: int [n].
    """
    of_label = probabilities[np.arange(len(labels)), labels].astype(float)
    return float(-np.log(np.maximum(of_label, np.finfo(np.float32).tiny)).mean())


def reliability(confidence: np.ndarray, right: np.ndarray, bins: int = 10) -> Bins:
    """Groups predictions of about the same confidence; returns how many are right.

    Args:
      confidence: [n], 0..1; NaN is in no bin.
      right: bool [n].
      bins: the number of bins, of equal width.
    """
    known = ~np.isnan(confidence)
    confidence, right = confidence[known], right[known]
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    total = np.bincount(place, minlength=bins)
    filled = total > 0
    count = total[filled]
    hits = np.bincount(place, right, bins)[filled]
    mean = np.bincount(place, confidence, bins)[filled] / count
    return Bins(mean, hits / count, *wilson(hits, count), count)


def calibration_error(bins: Bins) -> float:
    """Returns the mean distance of confidence and accuracy (Naeini et al. 2015).

    It is NaN where there is no bin.
    """
    if not len(bins.count):
        return float("nan")
    return float(np.average(abs(bins.confidence - bins.accuracy), weights=bins.count))


def worst(
    labels: np.ndarray, probabilities: np.ndarray, classes: np.ndarray
) -> np.ndarray:
    """Returns the indices of the wrong predictions, the most confident first.

    Args:
      labels, classes: int [n], the true and the predicted classes.
      probabilities: [n, classes].
    """
    wrong = np.flatnonzero(labels != classes)
    return wrong[np.argsort(-probabilities[wrong, classes[wrong]], kind="stable")]
