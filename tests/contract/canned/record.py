"""Records what the original gives: `python -m tests.contract.canned.record FAMILY`.

For TensorFlow 2.15. A family is a module `FAMILY_cases` here with a dict CASES: name ->
function (runtime, model_dir) -> outcome.
"""

import importlib
import sys
import tempfile

from estimator_mnist import compat
from tests.contract.canned import runs


def main():
    for family in sys.argv[1:]:
        cases = importlib.import_module(f"{__package__}.{family}_cases").CASES
        original = compat.tensorflow_estimator()
        outcomes = {
            name: case(original, tempfile.mkdtemp()) for name, case in cases.items()
        }
        runs.record(family, outcomes)


if __name__ == "__main__":
    main()
