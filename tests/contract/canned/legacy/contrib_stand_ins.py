"""What stands for tf.contrib.estimator beside the original, which has lost it."""

import tensorflow as tf


class _Clipped(tf.compat.v1.train.Optimizer):
    def __init__(self, optimizer, norm):
        super().__init__(use_locking=False, name="Clipped")
        self._optimizer = optimizer
        self._norm = norm

    def compute_gradients(self, *args, **kwargs):
        return self._optimizer.compute_gradients(*args, **kwargs)

    def apply_gradients(self, pairs, global_step=None, name=None):
        gradients, variables = zip(*pairs, strict=True)
        clipped, _ = tf.clip_by_global_norm(gradients, self._norm)
        pairs = zip(clipped, variables, strict=True)
        return self._optimizer.apply_gradients(pairs, global_step, name)


def clip_gradients_by_norm(optimizer, clip_norm):
    return _Clipped(optimizer, clip_norm)


def multi_label_head(n_classes):
    """Returns the v2 head, which by itself takes Keras optimizers only."""

    class Head(tf.estimator.MultiLabelHead):
        def create_estimator_spec(self, *args, optimizer=None, **kwargs):
            if optimizer is not None:
                kwargs["train_op_fn"] = lambda loss: optimizer.minimize(
                    loss, tf.compat.v1.train.get_global_step()
                )
            return super().create_estimator_spec(*args, **kwargs)

    return Head(n_classes)
