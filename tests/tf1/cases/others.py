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
