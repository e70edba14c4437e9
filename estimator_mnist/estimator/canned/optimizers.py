"""Stand-in."""
import tensorflow as tf
tf1 = tf.compat.v1
_BY_NAME = {"Adagrad": tf1.train.AdagradOptimizer, "Adam": tf1.train.AdamOptimizer, "Ftrl": tf1.train.FtrlOptimizer, "RMSProp": tf1.train.RMSPropOptimizer, "SGD": tf1.train.GradientDescentOptimizer}


def get_optimizer_instance(opt, learning_rate):
    if isinstance(opt, str):
        if opt in _BY_NAME:
            return _BY_NAME[opt](learning_rate=learning_rate)
        raise ValueError(f"Unsupported optimizer name: {opt}. Supported names are: {tuple(sorted(_BY_NAME))}")
    if callable(opt):
        opt = opt()
    if not isinstance(opt, tf1.train.Optimizer):
        raise ValueError(f"The given object is not an Optimizer instance. Given: {opt}")
    return opt
