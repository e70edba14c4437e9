"""--mode=doctor: what is in a model_dir, and what of it is damaged."""

import os
import sys
from collections.abc import Sequence

from absl import flags

from estimator_mnist import errors
from estimator_mnist.options import Option

FLAGS = {
    "repair": Option(
        bool, False, "doctor: write the state file `checkpoint` anew [only look]."
    ),
}


def run(flag_values: flags.FlagValues, folders: Sequence[str] = ()) -> None:
    """Prints what is in one folder; exits with code 1 where something is damaged.

    Args:
      folders: named after the flags; --model_dir is one more.

    Raises ExperimentError where none or several are given.
    """
    if flag_values.model_dir:
        folders = [flag_values.model_dir, *folders]
    if len(folders) != 1:
        raise errors.ExperimentError(
            "--mode=doctor examines one folder: name it after the flags."
        )
    examine(os.path.expanduser(folders[0]), flag_values.repair)


def examine(model_dir: str, repair: bool) -> None:
    """Prints what is in `model_dir`; exits with code 1 where something is damaged."""
    from estimator_mnist.experiment import examination

    findings = examination.examine(model_dir)
    width = max(len(finding.name) for finding in findings)
    for name, state, detail in findings:
        line = f"{state:4}  {name:{width}}  {detail}"
        # A name may be in no encoding, and nothing else of the line.
        print(line.encode(errors="backslashreplace").decode())
    bad = [finding for finding in findings if finding.state == examination.BAD]
    print(f"{len(bad)} of {len(findings)} damaged." if bad else "Nothing is damaged.")
    if repair:
        print(f"The state file now names {', '.join(examination.repair(model_dir))}.")
    if bad:
        sys.exit(1)
