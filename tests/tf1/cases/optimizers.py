"""tf.contrib.opt."""

import numpy as np

TARGETS = np.cos(np.arange(6)).reshape(3, 2).astype(np.float32)


def _steps(tf, optimizer, decay_some=False):
    """Trains a matrix by a dense gradient, and rows 0 and 2 of another by a sparse.

    The gradients do not depend on the values: TensorFlow 1.15 did not order the decay
    and the gradients.
    """
    with tf.variable_scope("", initializer=tf.zeros_initializer()):
        dense, rows = tf.get_variable("dense", [3, 2]), tf.get_variable("rows", [4, 2])
    used = tf.nn.embedding_lookup(rows, [0, 2, 0])
    loss = tf.reduce_sum(dense * TARGETS) + tf.reduce_sum(used * TARGETS)
    step = tf.train.get_or_create_global_step()
    if decay_some:  # TensorFlow 1.15's minimize ignored decay_var_list
        pairs = optimizer.compute_gradients(loss)
        train = optimizer.apply_gradients(pairs, step, decay_var_list=[dense])
    else:
        train = optimizer.minimize(loss, step)

    def run(session):
        for _ in range(3):
            session.run(train)
        return session.run(tf.global_variables())

    return run


def lazy_adam(tf):
    return _steps(tf, tf.contrib.opt.LazyAdamOptimizer(0.1))


def adamax(tf):
    return _steps(tf, tf.contrib.opt.AdaMaxOptimizer(0.1))


def nadam(tf):
    optimizer = tf.contrib.opt.NadamOptimizer(0.1)
    dense = tf.get_variable("dense", [3, 2])
    train = optimizer.minimize(tf.reduce_sum((dense - TARGETS) ** 2))

    def run(session):
        session.run(train)
        session.run(train)
        return session.run(tf.global_variables())

    return run


def adam_with_decay(tf):
    return _steps(tf, tf.contrib.opt.AdamWOptimizer(0.01, learning_rate=0.1))


def adam_with_decay_of_some(tf):
    return _steps(tf, tf.contrib.opt.AdamWOptimizer(0.01, 0.1), decay_some=True)


def momentum_with_decay(tf):
    return _steps(tf, tf.contrib.opt.MomentumWOptimizer(0.01, 0.1, 0.9))


def another_with_decay(tf):
    optimizer = tf.contrib.opt.extend_with_decoupled_weight_decay(
        tf.train.AdagradOptimizer
    )
    return _steps(tf, optimizer(weight_decay=0.01, learning_rate=0.1))


def averages(tf):
    inner = tf.train.GradientDescentOptimizer(0.1)
    return _steps(tf, tf.contrib.opt.MovingAverageOptimizer(inner, 0.5))


def averages_of_few_updates(tf):
    inner, step = tf.train.AdamOptimizer(0.1), tf.train.get_or_create_global_step()
    optimizer = tf.contrib.opt.MovingAverageOptimizer(inner, 0.9, num_updates=step)
    return _steps(tf, optimizer)


def external(tf):
    """An optimizer that is not TensorFlow's sees one long vector."""

    class Descent(tf.contrib.opt.ExternalOptimizerInterface):
        def _minimize(self, initial_val, loss_grad_func, packed_bounds, **kwargs):
            at = np.array(initial_val, np.float64)
            low, high = np.array(packed_bounds).T
            for _ in range(3):
                loss, gradient = loss_grad_func(at)
                at = np.clip(at - 0.1 * gradient, low, high)
                kwargs["step_callback"](at)
            for name in ("equality", "inequality"):
                for kind in ("funcs", "grad_funcs"):
                    told.extend(each(at) for each in kwargs[name + "_" + kind])
            return at

    told = []
    a, b = tf.get_variable("a", [2]), tf.get_variable("b", [3, 1])
    tf.get_variable("unused", [1])
    loss = tf.reduce_sum(a**2) + tf.reduce_sum((b - 1.0) ** 2)
    optimizer = Descent(
        loss,
        equalities=[tf.reduce_sum(a)],
        inequalities=[b[0, 0] - 0.5],
        var_to_bounds={a: (-0.1, [0.05, 0.1])},
    )

    def run(session):
        keep = told.append
        optimizer.minimize(
            session, fetches=[loss], loss_callback=keep, step_callback=keep
        )
        return [told, session.run([a, b])]

    return run
