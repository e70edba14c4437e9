"""Which part of the training examples a worker reads; numpy only."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Shard:
    """The part of the training examples that one of several workers reads.

    The default is the only worker, which reads all of them.

    Attributes:
      index: the number of this worker, 0..count - 1.
      count: the number of workers.
      of_batch: whether each batch is divided among the workers, which take a step
        together. If False, whole batches go to the workers in turn, because each
        takes steps of its own.
    """

    index: int = 0
    count: int = 1
    of_batch: bool = False

    def batch_size(self, global_batch_size: int) -> int:
        """Returns the size of this worker's batches.

        Raises:
          ValueError: a batch cannot be divided equally among the workers.
        """
        if not self.of_batch:
            return global_batch_size
        if global_batch_size % self.count:
            raise ValueError(
                f"batch_size {global_batch_size} cannot be divided among {self.count} "
                "workers: take a multiple of their number"
            )
        return global_batch_size // self.count

    def select(self, values: np.ndarray, batches: int) -> np.ndarray:
        """Returns this worker's rows of `values`.

        Args:
          values: [batches * count * batch_size, ...]: for each batch of this worker,
            the examples of all workers, in the order of their indices.
          batches: the number of batches of each worker.

        Returns:
          [batches * batch_size, ...].
        """
        if self.count == 1:
            return values
        by_worker = values.reshape(batches, self.count, -1, *values.shape[1:])
        return by_worker[:, self.index].reshape(-1, *values.shape[1:])
