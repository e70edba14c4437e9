"""tf.contrib.slim, tf.contrib.training and tf.contrib.losses."""

import tempfile

import numpy as np

X = np.sin(np.arange(24)).reshape(8, 3).astype(np.float32)
Y = np.array([0, 1, 1, 0, 1, 0, 0, 1])
ONE_HOT = np.eye(2, dtype=np.float32)[Y]


def _slim(tf):
    if hasattr(tf, "behave_like_tf1"):
        return tf.contrib.slim
    import tensorflow.contrib.slim as slim

    return slim


def net(tf):
    slim = _slim(tf)
    images = np.sin(np.arange(2 * 64)).reshape(2, 8, 8, 1).astype(np.float32)
    defaults = slim.arg_scope(
        [slim.conv2d, slim.fully_connected],
        activation_fn=tf.nn.relu,
        weights_regularizer=slim.l2_regularizer(0.1),
    )
    with defaults, tf.variable_scope("vgg") as scope:
        ends = scope.original_name_scope + "_end_points"
        with slim.arg_scope(
            [slim.conv2d, slim.max_pool2d, slim.fully_connected],
            outputs_collections=ends,
        ):
            out = slim.repeat(images, 2, slim.conv2d, 2, [3, 3], scope="conv1")
            out = slim.max_pool2d(out, [2, 2], scope="pool1")
            out = slim.dropout(slim.flatten(out), 0.5, is_training=False)
            out = slim.fully_connected(out, 3, activation_fn=None, scope="fc")
            points = slim.utils.convert_collection_to_dict(ends)
    names = sorted(points)
    total = tf.losses.get_regularization_losses()
    size = slim.model_analyzer.analyze_vars(slim.get_model_variables())
    return lambda session: [session.run([out, total]), names, size]


def train_ops(tf):
    slim = _slim(tf)
    logits = slim.fully_connected(X, 2, activation_fn=None, scope="out")
    slim.losses.softmax_cross_entropy(logits, tf.constant(ONE_HOT))
    loss = slim.losses.get_total_loss()
    train = slim.learning.create_train_op(
        loss,
        tf.train.GradientDescentOptimizer(1.0),
        clip_gradient_norm=0.1,
        gradient_multipliers={"out/biases": 0.5},
    )

    def run(session):
        for _ in range(3):
            session.run(train)
        return session.run(tf.global_variables())

    return run


def trained(tf):
    slim = _slim(tf)
    folder = tempfile.mkdtemp()
    with tf.Graph().as_default():
        out = slim.fully_connected(
            X, 2, activation_fn=None, weights_initializer=tf.zeros_initializer()
        )
        slim.losses.sparse_softmax_cross_entropy(out, Y)
        train = slim.learning.create_train_op(
            slim.losses.get_total_loss(), tf.train.GradientDescentOptimizer(0.5)
        )
        slim.learning.train(train, folder, number_of_steps=5, log_every_n_steps=0)
    path = tf.train.latest_checkpoint(folder)
    with tf.Graph().as_default():
        out = slim.fully_connected(X, 2, activation_fn=None)
        tf.train.get_or_create_global_step()
        accuracy, update = slim.metrics.streaming_accuracy(tf.argmax(out, 1), Y)
        values, updates = slim.metrics.aggregate_metric_map(
            {"accuracy": (accuracy, update)}
        )
        found = slim.evaluation.evaluate_once(
            "",
            path,
            folder,
            num_evals=2,
            eval_op=list(updates.values()),
            final_op=list(values.values()),
        )
    reader = tf.train.NewCheckpointReader(path)
    names = sorted(reader.get_variable_to_shape_map())
    weights = reader.get_tensor("fully_connected/weights")
    step = reader.get_tensor("global_step")
    return lambda session: [found, names, weights, step]


def training_ops(tf):
    training = tf.contrib.training
    w = tf.get_variable("w", [3])
    loss = tf.reduce_sum(tf.square(w - 1.0))
    train = training.create_train_op(
        loss,
        tf.train.GradientDescentOptimizer(0.3),
        transform_grads_fn=training.clip_gradient_norms_fn(0.5),
    )
    grads = training.multiply_gradients([(tf.constant([2.0]), w)], {w: 0.25})

    def run(session):
        session.run(train)
        session.run(train)
        return session.run([w, grads[0][0], tf.train.get_global_step()])

    return run


def training_loop(tf):
    training = tf.contrib.training
    folder = tempfile.mkdtemp()
    with tf.Graph().as_default():
        w = tf.get_variable("w", [2], initializer=tf.zeros_initializer())
        train = training.create_train_op(
            tf.reduce_sum(tf.square(w - 1.0)), tf.train.GradientDescentOptimizer(0.1)
        )
        training.train(
            train, folder, hooks=[tf.train.StopAtStepHook(3)], save_summaries_steps=None
        )
    with tf.Graph().as_default():
        w = tf.get_variable("w", [2])
        tf.train.get_or_create_global_step()
        value, update = tf.metrics.mean(w)
        found = training.evaluate_once(
            training.wait_for_new_checkpoint(folder),
            eval_ops=[update],
            final_ops={"mean": value},
            hooks=[training.StopAfterNEvalsHook(2)],
        )
    return lambda session: found


def losses(tf):
    losses = tf.contrib.losses
    x, y = tf.constant(X[:, :2]), tf.constant(Y)
    p, t = tf.nn.sigmoid(x), tf.constant(ONE_HOT)
    found = [
        losses.absolute_difference(p, t),
        losses.mean_squared_error(p, t, weights=2.0),
        losses.log_loss(p, t),
        losses.hinge_loss(x, t),
        losses.sigmoid_cross_entropy(x, t, label_smoothing=0.1),
        losses.softmax_cross_entropy(x, t),
        losses.sparse_softmax_cross_entropy(x, y),
        losses.mean_pairwise_squared_error(p, t),
        losses.cosine_distance(tf.nn.l2_normalize(p, 1), t, dim=1),
    ]
    total, n = losses.get_total_loss(), len(losses.get_losses())
    return lambda session: [session.run([found, total]), n]


def hparams(tf):
    make = tf.contrib.training.HParams

    def outcome(method, *arguments):
        made = make(
            rate=0.1, units=[8, 4], n=3, name="a", flag=True, none=None, rates=[0.5]
        )
        try:
            found = getattr(made, method)(*arguments)
        except (ValueError, KeyError) as error:
            return f"{type(error).__name__} {str(error)[:60]}"
        found = "itself" if found is made else found
        return f"{found} {made} {made!r}"

    calls = [("parse", each) for each in PARSED]
    calls += [("set_hparam",) + each for each in SET]
    calls += [("get",) + each for each in ASKED]
    calls += [("to_json", None, (",", ":"), True), ("del_hparam", "n"), ("values",)]
    calls += [("parse_json", '{"n": 5, "units": [1], "rate": 2}')]
    calls += [("override_from_dict", {"n": 5, "name": "z"}), ("parse_json", "{}")]
    calls += [("add_hparam", "n", 3), ("add_hparam", "more", [])]
    found = [outcome(*each) for each in calls]
    parse_values = tf.contrib.training.parse_values
    found.append(
        str(sorted(parse_values("a[1]=5,a[3]=6,c=1", {"a": int}, True).items()))
    )
    return lambda session: found


PARSED = ["rate=1", "rate=1e-3,units=[1,2,3],name=b c", "n=1.5", "n=x", "flag=yes"]
PARSED += ["flag=False", "flag=0", "units[1]=7", "units=3", "n=[1,2]", "rate"]
PARSED += ["", "rate=1,rate=2", "rate=1 , n=4", "name=", "name=a=b", "units=[]", "n=1,"]
SET = [("n", 4), ("n", 4.5), ("n", "4"), ("n", True), ("rate", 1), ("rate", "1")]
SET += [("name", 3), ("flag", 1), ("units", 3), ("units", [1.5]), ("units", (1, 2))]
SET += [("n", [1]), ("none", 3), ("none", "x"), ("bad", 3), ("units", [])]
ASKED = [
    ("n",),
    ("bad",),
    ("bad", 3),
    ("n", 7),
    ("n", 7.5),
    ("units", [1]),
    ("units", 1),
]
ASKED += [("rate", 1), ("rate", "x"), ("n", [1]), ("units", ["x"])]
