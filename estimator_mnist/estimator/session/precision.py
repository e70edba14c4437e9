"""Training in bfloat16, on processors that have it.

Products of matrices and convolutions are computed on numbers of 16 bits, their sums
and all else in float32; variables, slots and checkpoints stay float32. Kalamkar
et al. 2019, "A Study of BFLOAT16 for Deep Learning Training".
"""

import copy
import os

import tensorflow as tf

from estimator_mnist import errors

FLOAT32, BFLOAT16 = PRECISIONS = ("float32", "bfloat16")
_CPUINFO = "/proc/cpuinfo"


def session_config(
    given: tf.compat.v1.ConfigProto, precision: str
) -> tf.compat.v1.ConfigProto:
    """Returns `given` for sessions that train with this precision.

    Raises PrecisionError where bfloat16 would not be faster.
    """
    if precision == FLOAT32:
        return given
    check(precision)
    config = copy.deepcopy(given)
    rewriting = config.graph_options.rewrite_options
    rewriting.auto_mixed_precision_onednn_bfloat16 = rewriting.ON
    return config


def check(precision: str, cpuinfo: str = _CPUINFO) -> None:
    """Raises PrecisionError where `precision` would not be faster than float32.

    Args:
      cpuinfo: file in which Linux lists what the processor can do.
    """
    if precision == FLOAT32:
        return
    remedy = "leave precision at float32"
    if os.environ.get("TF_ENABLE_ONEDNN_OPTS") == "0":
        raise errors.PrecisionError(
            "precision bfloat16 needs oneDNN, which TF_ENABLE_ONEDNN_OPTS=0 switches "
            f"off: unset it, or {remedy}."
        )
    if not _processor_has_bfloat16(cpuinfo):
        raise errors.PrecisionError(
            "precision bfloat16 would be slower than float32 here: the processor does "
            f"not know it (no avx512_bf16, amx_bf16 or bf16 in {cpuinfo}); {remedy}."
        )


def _processor_has_bfloat16(cpuinfo: str) -> bool:
    try:
        with open(cpuinfo, encoding="utf-8", errors="replace") as file:
            words = {word for line in file for word in line.split()}
    except OSError:  # not Linux
        return False
    return bool(words & {"avx512_bf16", "amx_bf16", "bf16"})
