"""DistributeConfig: the strategies of a RunConfig in one object."""

import collections
from typing import Any

import tensorflow as tf

_Fields = collections.namedtuple(
    "_Fields", ["train_distribute", "eval_distribute", "remote_cluster"]
)


class DistributeConfig(_Fields):
    """Holds strategies of tf.distribute for RunConfig(experimental_distribute=...)."""

    __slots__ = ()

    def __new__(
        cls,
        train_distribute: Any = None,
        eval_distribute: Any = None,
        remote_cluster: Any = None,
    ) -> "DistributeConfig":
        """Takes the strategies of training and evaluation, each None for none.

        Args:
          remote_cluster: None; the runtime refuses another when training starts.
        """
        return super().__new__(cls, train_distribute, eval_distribute, remote_cluster)


def refuse_parameter_server_of_2(*strategies: Any) -> None:
    """Raises ValueError for TensorFlow 2's ParameterServerStrategy, as the original."""
    if any(
        isinstance(one, tf.distribute.ParameterServerStrategy) for one in strategies
    ):
        raise ValueError(
            "Please use `tf.compat.v1.distribute.experimental.ParameterServerStrategy` "
            "for parameter server strategy with estimator. This runtime has parameter "
            "servers without a strategy: leave it out, and set TF_CONFIG."
        )
