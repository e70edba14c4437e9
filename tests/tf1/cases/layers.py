"""tf.contrib.layers."""

import numpy as np

IMAGES = np.sin(np.arange(2 * 5 * 4 * 3)).reshape(2, 5, 4, 3).astype(np.float32)
ROWS = np.cos(np.arange(12)).reshape(4, 3).astype(np.float32)
VOLUMES = np.sin(np.arange(60)).reshape(1, 3, 5, 2, 2).astype(np.float32)
SEQUENCES = np.sin(np.arange(30)).reshape(2, 5, 3).astype(np.float32)


def dense(tf):
    layers = tf.contrib.layers
    net = layers.fully_connected(ROWS, 4)
    net = layers.relu6(net, 4)
    net = layers.elu(net, 3, scope="elu")
    net = layers.bias_add(net, activation_fn=tf.tanh)
    return layers.linear(net, 2, normalizer_fn=layers.layer_norm)


def stacks(tf):
    layers = tf.contrib.layers
    net = layers.stack(ROWS, layers.fully_connected, [4, 5], scope="fc")
    net = layers.stack(net, layers.linear, [4, 3])
    return layers.repeat(net, 2, layers.fully_connected, 4)


def repeated_convolutions(tf):
    layers = tf.contrib.layers
    net = layers.repeat(IMAGES, 2, layers.conv2d, 4, [3, 3], scope="conv1")
    net = layers.max_pool2d(net, [2, 2], scope="pool1")
    return layers.repeat(net, 2, layers.conv2d, 3, 2)


def convolutions(tf):
    layers = tf.contrib.layers
    return [
        layers.conv2d(IMAGES, 2, [3, 2], stride=2, padding="VALID"),
        layers.convolution2d(IMAGES, 2, 2, rate=2, activation_fn=None),
        layers.conv1d(SEQUENCES, 2, 3),
        layers.conv3d(VOLUMES, 2, [2, 3, 1], stride=[1, 2, 1]),
        layers.conv2d_in_plane(tf.constant(IMAGES), 3),
        layers.convolution(SEQUENCES, 2, 2, padding="VALID"),
    ]


def transposed_convolutions(tf):
    layers = tf.contrib.layers
    return [
        layers.conv2d_transpose(IMAGES, 2, 3, 2),
        layers.convolution2d_transpose(IMAGES, 2, [4, 2], [2, 1], padding="VALID"),
        layers.conv3d_transpose(VOLUMES, 1, 2, 2),
    ]


def separable_convolutions(tf):
    layers = tf.contrib.layers
    return [
        layers.separable_conv2d(IMAGES, 4, 3, 2),
        layers.separable_convolution2d(IMAGES, None, [3, 3], 1, stride=2, scope="dw"),
        layers.separable_conv2d(IMAGES, 2, 2, 1, rate=2, padding="VALID"),
    ]


def pools(tf):
    layers = tf.contrib.layers
    return [
        layers.max_pool2d(IMAGES, 2),
        layers.avg_pool2d(IMAGES, [3, 2], 1, padding="SAME"),
        layers.max_pool3d(VOLUMES, 2, 1),
        layers.avg_pool3d(VOLUMES, [2, 2, 1], 1),
    ]


def normalized(tf):
    layers = tf.contrib.layers
    images = np.concatenate([IMAGES, 2 * IMAGES[..., :1]], 3)
    return [
        layers.layer_norm(IMAGES, begin_norm_axis=2),
        layers.layer_norm(ROWS, scale=False, activation_fn=tf.nn.relu),
        layers.instance_norm(IMAGES),
        layers.group_norm(images, 2),
        layers.unit_norm(tf.constant(IMAGES), 3),
    ]


def batch_normalized(tf):
    layers = tf.contrib.layers
    net = layers.batch_norm(IMAGES, decay=0.9, scale=True, is_training=True)
    rows = layers.batch_norm(ROWS, center=False, updates_collections=None, decay=0.5)
    updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
    models = [variable.op.name for variable in tf.model_variables()]

    def run(session):
        found = session.run([net, rows])
        session.run(updates)
        return found, session.run(tf.global_variables()), models

    return run


def without_weights(tf):
    layers = tf.contrib.layers
    return [
        layers.flatten(IMAGES),
        layers.one_hot_encoding([2, 0, 1], 4, on_value=2.0),
        layers.softmax(tf.constant(IMAGES)),
        layers.maxout(tf.constant(IMAGES[..., :2]), 1),
        layers.dropout(ROWS, 0.5, is_training=False),
        tf.sparse_tensor_to_dense(layers.dense_to_sparse([[1, 0], [0, 3]])),
    ]


def embeddings(tf):
    layers = tf.contrib.layers
    ids = np.array([[1, 2, 0], [3, 3, 1]])
    sparse = tf.SparseTensor([[0, 0], [0, 1], [2, 0]], np.int64([1, 3, 2]), [3, 2])
    weights = tf.get_variable("weights", [4, 2])
    return [
        layers.embed_sequence(ids, 4, 3),
        layers.embed_sequence(ids, 4, 3, unique=True, scope="unique"),
        layers.embed_sequence(ids, 4, 3, scope="unique", reuse=True),
        layers.bow_encoder(ids, 4, 2),
        layers.bow_encoder(ids, 4, 2, sparse_lookup=False, scope="dense"),
        layers.embedding_lookup_unique(weights, ids),
        layers.safe_embedding_lookup_sparse([weights], sparse),
        layers.safe_embedding_lookup_sparse([weights], sparse, combiner="sum"),
    ]


def regularizers(tf):
    layers = tf.contrib.layers
    weights = tf.constant(ROWS)
    both = layers.l1_l2_regularizer(0.1, 0.2)
    total = layers.sum_regularizer([layers.l1_regularizer(0.5), None, both])
    losses = [
        layers.l2_regularizer(0.1)(weights),
        both(weights),
        total(weights),
        layers.apply_regularization(layers.l1_regularizer(2.0), [weights, weights]),
    ]
    return losses, tf.losses.get_regularization_losses()


def initializers(tf):
    layers = tf.contrib.layers
    uniform = layers.variance_scaling_initializer(3.0, "FAN_AVG", uniform=True)
    wide = uniform([3, 4, 5, 6])
    xavier = layers.xavier_initializer()([50, 30])
    return lambda session: [
        bool(np.abs(session.run(value)).max() <= limit)
        for value, limit in ((wide, (3 * 3 / 66) ** 0.5), (xavier, (3 / 40) ** 0.5))
    ]


def _loss(tf):
    tf.train.get_or_create_global_step()
    w = tf.get_variable("w", [2])
    b = tf.get_variable("b", [])
    return tf.reduce_sum(tf.square(w - 3.0)) + tf.square(b + 1.0)


def _optimized(tf, *args, **kwargs):
    loss = _loss(tf)
    step = tf.train.get_global_step()
    train = tf.contrib.layers.optimize_loss(loss, step, *args, **kwargs)
    summaries = tf.summary.merge_all()

    def run(session):
        for _ in range(3):  # the loss is read before or after the step, by chance
            session.run(train)
        found = (
            tf.Summary.FromString(session.run(summaries))
            if summaries is not None
            else None
        )
        tags = [[v.tag, v.simple_value] for v in found.value] if found else []
        return session.run(tf.global_variables()), train.op.name, tags

    return run


def optimize_loss_by_name(tf):
    return _optimized(tf, 0.1, "SGD")


def optimize_loss_clips(tf):
    return _optimized(
        tf,
        0.1,
        "Adam",
        clip_gradients=1.0,
        summaries=tf.contrib.layers.OPTIMIZER_SUMMARIES,
    )


def optimize_loss_with_a_function(tf):
    def optimizer(rate):
        return tf.train.MomentumOptimizer(rate, 0.5)

    def decay(rate, step):
        return tf.train.exponential_decay(rate, step, 1, 0.5, staircase=True)

    return _optimized(
        tf,
        0.1,
        optimizer,
        learning_rate_decay_fn=decay,
        name="train",
        gradient_multipliers={"b:0": 0.1},
    )


def optimize_loss_of_an_optimizer(tf):
    return _optimized(
        tf,
        None,
        tf.train.GradientDescentOptimizer(0.2),
        variables=None,
        summaries=["gradient_norm"],
        increment_global_step=False,
    )


def optimize_loss_refuses(tf):
    messages = []
    for rate, optimizer, summaries in (
        (0.1, "Foo", None),
        ("x", "SGD", None),
        (None, "SGD", None),
        (0.1, "SGD", ["x"]),
        (0.1, 3, None),
    ):
        with tf.Graph().as_default():
            loss = _loss(tf)
            try:
                tf.contrib.layers.optimize_loss(
                    loss, None, rate, optimizer, summaries=summaries
                )
            except ValueError as error:
                messages.append(str(error))
    return lambda session: messages


def summaries(tf):
    layers = tf.contrib.layers
    relu, six = tf.nn.relu(ROWS, name="act"), tf.nn.relu6(8 * ROWS, name="six")
    for tensor in (relu, six, tf.tanh(ROWS, name="tanh")):
        tf.add_to_collection(tf.GraphKeys.ACTIVATIONS, tensor)
    layers.summarize_activations()
    layers.summarize_tensor(tf.constant(2.0, name="scalar"))
    layers.summarize_tensors([tf.constant(ROWS, name="rows")])
    layers.summarize_tensor(tf.constant(3.0), tag="tagged")
    layers.summarize_collection(tf.GraphKeys.ACTIVATIONS, "act")
    merged = tf.summary.merge_all()
    return lambda session: [
        [v.tag, v.simple_value]
        for v in tf.Summary.FromString(session.run(merged)).value
    ]


def _columns(tf):
    layers = tf.contrib.layers
    features = {
        "age": tf.constant([[1.0], [25.0]]),
        "edu": tf.SparseTensor([[0, 0], [1, 0], [1, 1]], ["a", "b", "c"], [2, 2]),
        "id": tf.SparseTensor([[0, 0], [1, 0]], np.int64([1, 2]), [2, 1]),
        "w": tf.SparseTensor([[0, 0], [1, 0], [1, 1]], [1.0, 2.0, 3.0], [2, 2]),
    }
    age = layers.real_valued_column("age")
    edu = layers.sparse_column_with_keys("edu", ["a", "b"])
    hashed = layers.sparse_column_with_hash_bucket("edu", 5)
    numbers = layers.sparse_column_with_integerized_feature("id", 4)
    buckets = layers.bucketized_column(age, [10, 20])
    return features, age, edu, hashed, numbers, buckets


def columns_as_inputs(tf):
    layers = tf.contrib.layers
    features, age, edu, hashed, numbers, buckets = _columns(tf)
    columns = [
        layers.embedding_column(edu, 3),
        buckets,
        age,
        layers.embedding_column(hashed, 2, combiner="sum"),
        layers.one_hot_column(numbers),
    ]
    return layers.input_from_feature_columns(features, columns)


def columns_of_shared_embeddings(tf):
    layers = tf.contrib.layers
    features, _, edu, hashed, numbers, _ = _columns(tf)
    four = layers.sparse_column_with_integerized_feature("other", 4)
    features["other"] = features["id"]
    columns = layers.shared_embedding_columns([numbers, four], 2)
    scaled = layers.real_valued_column("age", normalizer=lambda x: x / 10)
    return layers.input_from_feature_columns(features, [*columns, scaled])


def columns_as_weighted_sum(tf):
    layers = tf.contrib.layers
    features, age, edu, hashed, numbers, buckets = _columns(tf)
    weighted = layers.weighted_sparse_column(edu, "w")
    columns = [numbers, edu, age, hashed, weighted, buckets]
    sums, weights, bias = layers.weighted_sum_from_feature_columns(features, columns, 2)
    assert len(weights) == 6
    return sums, bias, weights[age]


def columns_crossed(tf):
    layers = tf.contrib.layers
    features, age, edu, hashed, numbers, buckets = _columns(tf)
    features["two"] = tf.constant([[1.0, -1.0], [2.0, 3.0]])
    two = layers.bucketized_column(layers.real_valued_column("two", 2), [0.0])
    crossed = layers.crossed_column([hashed, buckets], 7)
    keyed = layers.crossed_column([edu, numbers], 6, hash_key=0xDECAFCAFFE)
    outer = layers.crossed_column([two, buckets], 8)
    nested = layers.crossed_column([outer, numbers, hashed], 9, combiner="mean")
    columns = [crossed, nested, edu, keyed]
    sums, _, _ = layers.weighted_sum_from_feature_columns(features, columns, 2)
    embedded = layers.embedding_column(crossed, 3)
    ids = layers.transform_features(features, columns)
    spec = layers.create_feature_spec_for_parsing(columns)
    rows = [ids[each].values for each in (crossed, nested, keyed)]
    inputs = layers.input_from_feature_columns(features, [embedded])
    names = [nested.name, *map(str, sorted(spec))]
    return lambda session: [names, session.run([rows, sums, inputs])]


def columns_that_are_not_crossed(tf):
    layers = tf.contrib.layers
    _, age, edu, hashed, _, _ = _columns(tf)
    messages = []
    for columns, size in (([edu], 9), ([edu, age], 9), ([edu, hashed], 1)):
        try:
            layers.crossed_column(columns, size)
        except (TypeError, ValueError) as error:
            messages.append(str(error)[:40])
    return lambda session: messages


def columns_to_parse(tf):
    layers = tf.contrib.layers
    _, age, edu, hashed, numbers, buckets = _columns(tf)
    columns = [buckets, layers.embedding_column(edu, 3), numbers]
    spec = layers.create_feature_spec_for_parsing(columns)
    return lambda session: [[name, str(spec[name])] for name in sorted(spec)]


def columns_transformed(tf):
    layers = tf.contrib.layers
    features, age, edu, hashed, numbers, buckets = _columns(tf)
    found = layers.transform_features(features, [edu, hashed, buckets])
    (inferred,) = layers.infer_real_valued_columns({"age": features["age"]})
    assert (inferred.name, inferred.dimension) == ("age", 1)
    return found[edu].values, found[hashed].values, found[buckets]


def gradients_scaled(tf):
    x = tf.constant([1.0, 2.0])
    y = tf.contrib.layers.scale_gradient(x, 0.5)
    return y, tf.gradients(tf.square(y), x)
