"""Smaller families: tutorials, the projector, util."""

import os
import tempfile


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
