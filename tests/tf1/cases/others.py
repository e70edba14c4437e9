"""Smaller families: tutorials, the projector, summary, util."""

import glob
import os
import tempfile

import numpy as np


def projector(tf):
    from importlib import import_module

    package = tf.__name__ if hasattr(tf, "behave_like_tf1") else "tensorflow"
    plugin = import_module(package + ".contrib.tensorboard.plugins").projector
    config = plugin.ProjectorConfig()
    embedding = config.embeddings.add()
    embedding.tensor_name = "embedding:0"
    embedding.metadata_path = 'a "b".tsv'
    embedding.sprite.image_path = "sprite.png"
    embedding.sprite.single_image_dim.extend([28, 28])
    config.embeddings.add().tensor_name = "second"
    folder = tempfile.mkdtemp()
    plugin.visualize_embeddings(tf.summary.FileWriter(folder), config)
    with open(os.path.join(folder, "projector_config.pbtxt")) as file:
        text = file.read()
    return lambda session: text


def util(tf):
    util = tf.contrib.util
    value = util.constant_value(tf.constant([1.0, 2.0]))
    proto = util.make_tensor_proto([1, 2, 3])
    return lambda session: [value, util.make_ndarray(proto)]


def summaries(tf):
    summary = tf.contrib.summary
    folder = tempfile.mkdtemp()
    step = tf.train.get_or_create_global_step()
    writer = summary.create_file_writer(folder, flush_millis=1)
    with writer.as_default():
        with summary.always_record_summaries():
            summary.scalar("loss", 2.0)
            with tf.name_scope("inner"):
                summary.scalar("loss", tf.cast(step, tf.float32), family="kind")
            summary.histogram("values", np.float32([1, 2]))
            summary.image("image", np.zeros([1, 2, 3, 1], np.float32))
        with summary.never_record_summaries():
            summary.scalar("never", 1.0)
        with summary.record_summaries_every_n_global_steps(2):
            summary.scalar("second", 3.0, step=step)
        summary.scalar("unrecorded", 1.0)
        add, ops = tf.assign_add(step, 1), summary.all_summary_ops()
        flush = summary.flush()

    def run(session):
        with writer.as_default():
            summary.initialize(session=session)
        for _ in range(3):
            session.run(ops)
            session.run(add)
        session.run(flush)
        found = []
        for path in glob.glob(os.path.join(folder, "*")):
            for event in tf.train.summary_iterator(path):
                for value in event.summary.value:
                    found.append(
                        [event.step, value.tag, value.simple_value, value.histo.sum]
                    )
        return sorted(found)

    return run


def near_and_far(tf):
    learning = tf.contrib.losses.metric_learning
    rows = np.cos(np.arange(18)).reshape(6, 3).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    labels = np.array([0, 1, 0, 2, 1, 0], np.int32)
    first, second = tf.constant(rows), tf.constant(rows[::-1].copy())
    return [
        learning.contrastive_loss(labels % 2, first, second),
        learning.npairs_loss(labels, first, second),
        learning.triplet_semihard_loss(labels, first),
        learning.triplet_semihard_loss(labels, first, 0.2),
        tf.gradients(learning.triplet_semihard_loss(labels, first), first),
    ]


def streaming(tf):
    metrics = tf.contrib.metrics
    classes = tf.constant([0, 1, 2, 2, 1, 0], tf.int64)
    said = tf.constant([0, 2, 2, 1, 1, 0], tf.int64)
    scores = tf.constant(np.cos(np.arange(18)).reshape(6, 3).astype(np.float32))
    yes, chance = tf.equal(classes, 1), tf.constant([0.1, 0.8, 0.4, 0.6, 0.3, 0.2])
    found = [
        metrics.streaming_mean_iou(said, classes, 3),
        metrics.streaming_recall_at_k(scores, classes, 2),
        metrics.streaming_sparse_recall_at_k(scores, classes[:, None], 2),
        metrics.streaming_sparse_precision_at_k(scores, classes[:, None], 2),
        metrics.streaming_sparse_average_precision_at_k(scores, classes[:, None], 2),
        metrics.streaming_precision_at_thresholds(chance, yes, [0.2, 0.5]),
        metrics.streaming_recall_at_thresholds(chance, yes, [0.2, 0.5]),
        metrics.streaming_sensitivity_at_specificity(chance, yes, 0.5),
        metrics.streaming_specificity_at_sensitivity(chance, yes, 0.5),
        metrics.streaming_true_positives(chance > 0.5, yes),
        metrics.streaming_true_negatives(chance > 0.5, yes),
        metrics.streaming_false_positives(chance > 0.5, yes),
        metrics.streaming_false_negatives(chance > 0.5, yes),
        metrics.streaming_false_negatives_at_thresholds(chance, yes, [0.2, 0.5]),
        metrics.streaming_percentage_less(chance, 0.35),
        metrics.streaming_mean_tensor(chance),
        metrics.streaming_mean_relative_error(chance, chance * 2, chance),
        metrics.streaming_mean_cosine_distance(scores, scores[::-1], 1),
    ]
    sizes = metrics.set_size(metrics.set_union(said[None], classes[None]))

    def run(session):
        session.run(tf.local_variables_initializer())
        session.run([update for _, update in found])
        return session.run([[value for value, _ in found], sizes])

    return run


def scaled_losses(tf):
    precision = tf.contrib.mixed_precision
    manager = precision.ExponentialUpdateLossScaleManager(64.0, 2, 1, 4.0, 0.5)
    factor = tf.placeholder_with_default(1.0, [])
    weights = tf.get_variable("weights", [3])
    loss = tf.reduce_sum(weights**2) * factor
    step = tf.train.get_or_create_global_step()
    descent = tf.train.GradientDescentOptimizer(0.1)
    optimizer = precision.LossScaleOptimizer(descent, manager)
    train = optimizer.minimize(loss, step)
    fixed = precision.LossScaleOptimizer(descent, precision.FixedLossScaleManager(8.0))
    gradients = [pair[0] for pair in fixed.compute_gradients(loss, [weights])]

    def run(session):
        found = [session.run(gradients)]
        for value in [1.0, 1.0, np.inf, 1.0, np.inf, np.inf]:
            session.run(train, {factor: value})
            found.append(session.run([weights, step, manager.get_loss_scale()]))
        return found

    return run


def cache_of_the_cloud(tf):
    params = tf.contrib.cloud.BlockCacheParams
    made = [params(), params(5, 7, 9), params(block_size=5), params(max_bytes=1)]
    sizes = [[each.block_size, each.max_bytes, each.max_staleness] for each in made]
    return lambda session: sizes


def keras_model_loaded(tf):
    layers, saved_model = tf.keras.layers, tf.contrib.saved_model
    dense = layers.Dense(2, "tanh", input_shape=(3,), name="d")
    model = tf.keras.Sequential([dense, layers.BatchNormalization(name="bn")])
    rows = np.sin(np.arange(6)).reshape(2, 3)

    def predicted(session):
        folder = os.path.join(tempfile.mkdtemp(), "exported")
        saved_model.save_keras_model(model, folder)
        return saved_model.load_keras_model(folder).predict(rows)

    return predicted
