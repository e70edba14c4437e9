"""Keeps a session for the next evaluation, where that is certain to be as a new one."""

import contextlib
from collections.abc import Iterator

import tensorflow as tf

from estimator_mnist.estimator.run_config import RunConfig
from estimator_mnist.estimator.session.model_graph import ModelGraph

tf1 = tf.compat.v1


class KeptSession:
    """Holds a session on an EVAL graph, which begins again with each checkpoint.

    A new one would have to be told the graph, which is optimized again for each op that
    it runs: 0.1 to 0.2 s, several times what an evaluation of a small model takes.
    """

    def __init__(self, model: ModelGraph, config: RunConfig):
        """Takes a graph that certainty.may_begin_again has passed.

        Between evaluations the session holds memory: a copy of the variables, and where
        an evaluation ends before its input does, the batches that are ready.
        """
        self._model, self._config = model, config
        self._session: tf.compat.v1.Session | None = None

    @contextlib.contextmanager
    def begun(self, checkpoint_path: str) -> Iterator[tf.compat.v1.Session]:
        """Yields the session with this checkpoint, metrics of 0 and the whole input.

        After an error the next one is new. Raises as ModelGraph.session_creator and
        restoring do.
        """
        try:
            yield self._begin(checkpoint_path)
        except BaseException:
            self.close()
            raise

    def _begin(self, checkpoint_path: str) -> tf.compat.v1.Session:
        creator = self._model.session_creator(self._config, checkpoint_path)
        if self._session is None:
            self._session = creator.create_session()
        else:
            self._model.restore(self._session, checkpoint_path)
            tf1.logging.info("Running local_init_op.")
            self._session.run(self._model.scaffold.local_init_op)
            tf1.logging.info("Done running local_init_op.")
        for hook in self._model.input_hooks:
            hook.after_create_session(self._session, None)
        return self._session

    def close(self) -> None:
        """Closes the session; `begun` opens another."""
        if self._session:
            self._session.close()
        self._session = None
