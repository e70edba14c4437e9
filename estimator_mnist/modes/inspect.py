"""--mode=inspect: the variables of the newest checkpoint."""

from collections.abc import Mapping

from absl import flags

from estimator_mnist.modes import common
from estimator_mnist.options import Option

FLAGS: Mapping[str, Option] = {}


def run(flag_values: flags.FlagValues) -> None:
    """Prints the variables of the newest checkpoint, and how many numbers they hold."""
    from estimator_mnist.experiment import variables

    model_dir = flag_values.model_dir
    if not model_dir:
        model_dir = common.experiment_of_flags(flag_values).model_dir
    path, found = variables.inspect(model_dir)
    print(f"{path}:")
    width = max(len(variable.name) for variable in found)
    for variable in found:
        trained = "" if variable.trained else "  (not a parameter)"
        print(f"  {variable.name:{width}}  {str(list(variable.shape)):16}{trained}")
    parameters = sum(v.size for v in found if v.trained)
    print(f"{len(found)} variables, {parameters:,} parameters.")
