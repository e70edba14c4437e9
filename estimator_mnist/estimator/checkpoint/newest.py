"""Gives what evaluates, predicts and exports a checkpoint to read, while it exists."""

import os
from collections.abc import Callable, Hashable
from typing import Any

import tensorflow as tf

from estimator_mnist.estimator.checkpoint import integrity, paths

tf1 = tf.compat.v1


class NewestCheckpoint:
    """Finds the newest whole checkpoint of a model_dir, each time it is asked.

    One is verified once, since predict may be called a thousand times.

    Attributes:
      fingerprint: of the checkpoint that `intact` returned last; None before.
      damaged: path prefixes of those that it passed over, newer and not whole.
    """

    def __init__(self, model_dir: str) -> None:
        self._model_dir = model_dir
        self._path: str | None = None
        self.fingerprint: Hashable = None
        self.damaged: list[str] = []

    def intact(self) -> str | None:
        """Returns the path prefix of the newest whole checkpoint; None without any.

        Raises:
          DamagedCheckpointError: there are checkpoints, and all are damaged.
        """
        newest = paths.latest(self._model_dir)
        known = self._path, self.fingerprint
        if newest and known == (newest, paths.fingerprint(newest)):
            return newest
        newest, self.damaged = integrity.newest_and_damaged(self._model_dir)
        self._path = newest
        self.fingerprint = paths.fingerprint(newest) if newest else None
        return newest

    def step(self) -> int:
        """Returns the global step of the newest checkpoint; 0 without any."""
        return paths.step_of(self.intact())

    def of_trained(self, failure: str = "Couldn't find trained model at") -> str:
        """Returns `intact`.

        Raises:
          ValueError: there is none; the message begins with `failure`.
        """
        path = self.intact()
        if not path:
            raise ValueError(
                f"{failure} {self._model_dir}. The Estimator has not been trained yet."
            )
        return path

    def intact_for(self, purpose: str) -> str | None:
        """Returns `intact`; logs that initial values are used instead without any.

        Args:
          purpose: a verb for the log: "predict".
        """
        path = self.intact()
        if not path:
            tf1.logging.info(
                "Could not find trained model in model_dir: %s, running initialization "
                "to %s.",
                self._model_dir,
                purpose,
            )
        return path

    def given_or_newest(
        self,
        given: str | bytes | os.PathLike | None,
        use: Callable[[str | None], Any],
    ) -> tuple[str | None, Any]:
        """Returns `given` or the newest checkpoint, and what `use` makes of it.

        Args:
          given: path prefix of a checkpoint; None for the newest.
          use: takes the path.

        Raises:
          ValueError: there is no checkpoint at `given`.
          FileNotFoundError: the newest was deleted, and there is no other.
        """
        if not given:
            return self.while_it_exists(self.intact, use)
        path = paths.as_text(given)
        paths.check_exists(path)
        return path, use(path)

    def while_it_exists(
        self, find: Callable[[], Any], use: Callable[[Any], Any]
    ) -> tuple[Any, Any]:
        """Returns a path, and what `use` makes of it, also while a trainer deletes.

        Args:
          find: returns the path; asked again where it was deleted during `use`.
          use: takes the path.

        Raises:
          FileNotFoundError: it was deleted, and there is no other.
        """
        path = find()
        try:
            return path, use(path)
        except (tf.errors.OpError, OSError, ValueError):
            if not path or paths.exists(path):
                raise
            # A trainer has deleted it meanwhile, since there are newer ones.
            if not self.intact():
                raise FileNotFoundError(
                    f"The checkpoint {path} was deleted while it was read, and "
                    f"{self._model_dir} has no other."
                ) from None
            return self.while_it_exists(find, use)

    def read(self, use: Callable[[Any], Any]) -> Any:
        """Returns what `use` makes of TensorFlow's reader of the newest checkpoint.

        Raises:
          ValueError: there is none.
        """
        failure = "Could not find trained model in model_dir:"
        _, found = self.while_it_exists(
            lambda: self.of_trained(failure), lambda path: use(paths.reader(path))
        )
        return found
