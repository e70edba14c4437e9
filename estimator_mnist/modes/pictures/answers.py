"""Predicts for pictures: a table, predictions.csv, and what the network saw of each."""

from __future__ import annotations

import functools
import os
import sys
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from absl import flags

from estimator_mnist import errors
from estimator_mnist.data.pictures import fashion_form, mnist_form
from estimator_mnist.experiment.settings import Experiment
from estimator_mnist.modes import common, tables
from estimator_mnist.modes.pictures import sources
from estimator_mnist.output_folder import OutputFolder

if typing.TYPE_CHECKING:
    from estimator_mnist.estimator import Estimator

CSV = "predictions.csv"
DEFAULT_FOLDER = "predictions"
_SEEN, _PNG = "seen-", ".png"
_ENLARGED = 8  # a pixel that the network saw is a square of as many
_SHOWN = ["file", "class", "probability", "runner-up", "its probability"]
_COLUMNS = [*_SHOWN, "seen", "error"]
_DECIMALS = 6
# How pictures come into the form of a data set's images, where that is not MNIST's.
_FORMS: Mapping[str, Callable[[np.ndarray], mnist_form.Seen]] = {
    "fashion_mnist": fashion_form.see
}


class Look(NamedTuple):
    """What is seen of a picture."""

    file: str
    seen: mnist_form.Seen | None  # None where it cannot be used
    error: str = ""


class Answer(NamedTuple):
    """What the model says of a picture."""

    file: str
    classes: tuple[str, str] | None  # the likeliest and the next; None for no answer
    probabilities: tuple[float, float] = (0, 0)
    seen: str = ""  # name of the file that shows what the network saw
    error: str = ""  # why there is no answer


def run(flag_values: flags.FlagValues) -> None:
    """Prints and writes the answers for --images.

    A picture that cannot be used is named, and the others go on.

    Raises DataError, in the end, where there was one.
    """
    from estimator_mnist.experiment import experiment as experiments

    given = common.given_of_flags(flag_values)
    experiment = experiments.make_without_examples(**given)
    estimator = experiments.build_estimator(experiment)
    folder = common.output_folder(flag_values, experiment, DEFAULT_FOLDER)
    answers = predict(experiment, estimator, folder, flag_values.images)
    print(tables.aligned(_SHOWN, map(_shown, filter(_is_answered, answers))))
    print(f"{CSV}, and what the network saw of each picture: {folder}")
    _report(answers)


def predict(
    experiment: Experiment, estimator: Estimator, folder: str, images: Sequence[str]
) -> list[Answer]:
    """Predicts the class of each picture with the newest checkpoint.

    Writes predictions.csv, with a row per picture, and seen-NAME.png for each one that
    can be used: the image that the network was given, its pixels enlarged 8 times.
    Those of an earlier call are removed.

    Args:
      experiment: made by make_without_examples or make.
      folder: where the files go.
      images: of each a file, a folder, or "-": see `sources.sources`.

    Returns:
      an Answer per picture, in their order.

    Raises:
      DataError: no picture can be used.
      ExperimentError: nothing has been trained.
      ForeignFileError: a file that this program has not written is in the way.
    """
    from estimator_mnist.experiment import experiment as experiments

    experiments.need_checkpoint(estimator)
    output = OutputFolder(folder)
    see = _FORMS.get(experiment.dataset, mnist_form.see)
    found = sources.sources(images, functools.partial(_is_output, output))
    looks = [_look(source, see) for source in found]
    seen = [look.seen for look in looks if look.seen]
    if not seen:
        _report(looks)
    names = sources.unique_names([look.file for look in looks], _SEEN, _PNG)
    output.check([CSV, *names])
    with output.temporary("predictions") as temporary:
        probabilities = iter(_probabilities(experiment, estimator, seen, temporary))
        answers = [
            _answer(look, name, probabilities, experiment.data.class_names)
            for look, name in zip(looks, names, strict=True)
        ]
        _write(output, temporary, answers, seen, experiment.translate)
    return answers


def _is_answered(answer: Answer) -> bool:
    return answer.classes is not None


def _is_output(output: OutputFolder, path: str) -> bool:
    """Returns whether a picture that --images names is one that was written there."""
    folder, name = os.path.split(os.path.abspath(path))
    return folder == os.path.abspath(output.path) and output.is_ours(name)


def _look(source: sources.Source, see: Callable[[np.ndarray], mnist_form.Seen]) -> Look:
    try:
        return Look(source.name, source.seen(see))
    except errors.DataError as error:
        return Look(source.name, None, str(error))


def _probabilities(
    experiment: Experiment,
    estimator: Estimator,
    seen: Sequence[mnist_form.Seen],
    temporary: str,
) -> np.ndarray:
    """Returns float32 [pictures, classes], all of one checkpoint."""
    from estimator_mnist.data import datasets, input_fns
    from estimator_mnist.estimator.checkpoint import snapshot
    from estimator_mnist.experiment import experiment as experiments

    images = np.stack([one.image for one in seen])
    corners = np.array([one.corner for one in seen])
    input_fn = input_fns.eval_input_fn(
        datasets.Split(images, np.zeros(len(images), np.uint8)),
        experiments.EVAL_BATCH_SIZE,
        experiment.translate,
        corners=corners,
    )
    with snapshot.newest(experiment.model_dir, temporary) as checkpoint:
        batches = estimator.predict(
            input_fn,
            ["probabilities"],
            checkpoint_path=experiments.some(checkpoint, experiment).path,
            yield_single_examples=False,
        )
        return np.concatenate([batch["probabilities"] for batch in batches])


def _answer(
    look: Look, name: str, probabilities: Iterator[np.ndarray], names: Sequence[str]
) -> Answer:
    """Returns the answer on a picture; takes its probabilities, if it can be used."""
    if not look.seen:
        return Answer(look.file, None, error=look.error)
    of_classes = next(probabilities)
    first, second = np.argsort(-of_classes, kind="stable")[:2]
    return Answer(
        look.file,
        (names[first], names[second]),
        (float(of_classes[first]), float(of_classes[second])),
        name,
    )


def _shown(answer: Answer) -> list[str]:
    first, second = answer.classes or ("", "")
    likely, unlikely = (f"{p:.4f}" for p in answer.probabilities)
    return [answer.file, first, likely, second, unlikely]


def _row(answer: Answer) -> list[str | float]:
    """Returns the picture's row of predictions.csv."""
    if not answer.classes:
        return [answer.file, "", "", "", "", "", answer.error]
    first, second = answer.classes
    likely, unlikely = (round(p, _DECIMALS) for p in answer.probabilities)
    return [answer.file, first, likely, second, unlikely, answer.seen, ""]


def _write(
    output: OutputFolder,
    temporary: str,
    answers: Sequence[Answer],
    seen: Sequence[mnist_form.Seen],
    translate: bool,
) -> None:
    """Writes predictions.csv and the pictures; removes those of an earlier call."""
    names = [answer.seen for answer in answers if answer.seen]
    for name, one in zip(names, seen, strict=True):
        path = os.path.join(temporary, name)
        _save(_on_canvas(one) if translate else one.image, path)
        output.move(path, name)
    for name in output.names():
        if name.startswith(_SEEN) and name not in names:
            output.remove(name)
    output.write_text(CSV, tables.csv_text(_COLUMNS, map(_row, answers)))


def _on_canvas(seen: mnist_form.Seen) -> np.ndarray:
    """Returns what a translated model sees, uint8 [40, 40]."""
    from estimator_mnist.data import translation

    return translation.place(seen.image[None], np.array([seen.corner]))[0]


def _save(image: np.ndarray, path: str) -> None:
    from PIL import Image

    large = np.repeat(np.repeat(image, _ENLARGED, axis=0), _ENLARGED, axis=1)
    Image.fromarray(large).save(path)


def _report(pictures: Sequence[Look | Answer]) -> None:
    """Raises DataError where one has an error; all but an only one are printed."""
    lines = [f"{one.file}: {one.error}" for one in pictures if one.error]
    if not lines:
        return
    if len(pictures) == 1:
        raise errors.DataError(lines[0])
    for line in lines:
        print(f"error: {line}", file=sys.stderr)
    raise errors.DataError(
        f"{len(lines)} of {len(pictures)} pictures could not be used: their lines say "
        "why."
    )
