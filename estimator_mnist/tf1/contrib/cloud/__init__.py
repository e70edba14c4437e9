"""tf.contrib.cloud: the settings of Google Cloud Storage, which are accepted.

They do nothing here; a warning says so.
"""

from typing import Any

import tensorflow as tf

from estimator_mnist.tf1 import replacements

tf1 = tf.compat.v1
_SessionRunHook: Any = tf1.train.SessionRunHook

__all__ = [
    "BlockCacheParams",
    "ConfigureGcsHook",
    "configure_colab_session",
    "configure_gcs",
]


class BlockCacheParams:
    """Sizes of a cache of blocks; None: those of TF 1.15.

    Args:
      block_size: bytes of a block; 128 MiB.
      max_bytes: bytes of the cache; that of two blocks.
      max_staleness: seconds after which a file counts as new.
    """

    def __init__(
        self,
        block_size: int | None = None,
        max_bytes: int | None = None,
        max_staleness: int | None = None,
    ) -> None:
        block_size = block_size or 128 * 1024 * 1024
        self._sizes = (block_size, max_bytes or 2 * block_size, max_staleness or 0)

    @property
    def block_size(self) -> int:
        """Bytes of a block."""
        return self._sizes[0]

    @property
    def max_bytes(self) -> int:
        """Bytes of the cache."""
        return self._sizes[1]

    @property
    def max_staleness(self) -> int:
        """Seconds after which a file counts as new."""
        return self._sizes[2]


class ConfigureGcsHook(_SessionRunHook):
    """A hook that does nothing, and says so."""

    def __init__(self, credentials: Any = None, block_cache: Any = None) -> None:
        del credentials, block_cache
        _say("ConfigureGcsHook")


def configure_gcs(
    session: Any, credentials: Any = None, block_cache: Any = None, device: Any = None
) -> None:
    """Does nothing, and says so."""
    del session, credentials, block_cache, device
    _say("configure_gcs")


def configure_colab_session(session: Any) -> None:
    """Does nothing, and says so."""
    del session
    _say("configure_colab_session")


def _say(name: str) -> None:
    tf1.logging.warning(
        "tf.contrib.cloud.%s does nothing here: TensorFlow finds credentials of Google "
        "Cloud by itself (GOOGLE_APPLICATION_CREDENTIALS), and has no cache to set.",
        name,
    )


__getattr__ = replacements.module_getattr("tf.contrib.cloud")
