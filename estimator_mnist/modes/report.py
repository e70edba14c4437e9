"""--mode=report: pictures of what the newest checkpoint makes of a split."""

from __future__ import annotations

import os
import re
import typing
from collections.abc import Callable

from absl import flags

from estimator_mnist.experiment.settings import Experiment
from estimator_mnist.modes import common, export
from estimator_mnist.options import Option

if typing.TYPE_CHECKING:
    from estimator_mnist.estimator import Estimator

DEFAULT_FOLDER = "report"
TSNE_POINTS = 2000
_PAGE = re.compile(r"model-(\d+)(?:-int8)?\.html")
FLAGS = {
    "tsne_points": Option(
        int, TSNE_POINTS, "report: images in the t-SNE; 0 for none.", lower_bound=0
    ),
}


def run(flag_values: flags.FlagValues) -> None:
    """Draws the report, prints what is being done, and where the report is."""
    from estimator_mnist.experiment import experiment as experiments

    experiment = common.experiment_of_flags(flag_values)
    estimator = experiments.build_estimator(experiment)
    folder = common.output_folder(flag_values, experiment, DEFAULT_FOLDER)
    split, tsne_points = flag_values.split, flag_values.tsne_points
    page, *pictures = write(experiment, estimator, folder, split, tsne_points, print)
    print(f"{len(pictures)} pictures, all of them in one page: {page}")


def write(
    experiment: Experiment,
    estimator: Estimator,
    folder: str,
    split: str = "test",
    tsne_points: int = TSNE_POINTS,
    on_progress: Callable[[str], None] | None = None,
) -> list[str]:
    """Draws what the newest checkpoint makes of `split` into `folder`.

    Args:
      estimator: the one that build_estimator made of the experiment.
      tsne_points: how many images the t-SNE is of; 0 for none.
      on_progress: called with a few words on what is being done.

    Returns:
      paths of the files, report.html first.

    Raises:
      ExperimentError: nothing has been trained.
      ForeignFileError: a file that this program has not written is in the way.
    """
    from estimator_mnist.estimator.checkpoint import snapshot
    from estimator_mnist.experiment import experiment as experiments
    from estimator_mnist.experiment import report_source
    from estimator_mnist.report import report

    experiments.need_checkpoint(estimator)
    output = common.opened(experiment, folder, DEFAULT_FOLDER, report.FILE_NAME)
    output.check(report.names())
    with (
        output.temporary("report") as temporary,
        snapshot.newest(experiment.model_dir, temporary) as checkpoint,
    ):
        source = report_source.source_of(
            experiment,
            estimator,
            experiments.some(checkpoint, experiment),
            split,
            tsne_points,
            on_progress or _ignore,
        )
        page = drawing_page(folder, experiment.model_dir)
        return report.write(source._replace(page=page), output, on_progress)


def drawing_page(folder: str, model_dir: str) -> str | None:
    """Returns the newest page of --format=html, as a path from `folder`; None without.

    It is looked for in `folder`, and where exports of `model_dir` are.
    """
    found = [
        (int(name[1]), os.path.relpath(os.path.join(place, name[0]), folder))
        for place in (folder, os.path.join(model_dir, export.DEFAULT_FOLDER))
        for name in map(
            _PAGE.fullmatch, os.listdir(place) if os.path.isdir(place) else ()
        )
        if name
    ]
    return max(found)[1].replace(os.sep, "/") if found else None


def _ignore(text: str) -> None:
    del text
