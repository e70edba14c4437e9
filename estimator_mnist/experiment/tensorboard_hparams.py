"""An experiment's settings in an event file, for TensorBoard's HParams tab."""

import os

import tensorflow as tf
from google.protobuf import struct_pb2

from estimator_mnist.estimator.checkpoint import event_files

tf1 = tf.compat.v1

PLUGIN = "hparams"
TAG = "_hparams_/session_start_info"
_SESSION_START_INFO = 3  # number of this field in the message HParamsPluginData


def write(folder: str, settings: dict) -> None:
    """Adds `settings` to the events in `folder`, unless they are there already.

    The tab then has a row for the folder, with its last scalars beside the settings.
    Nothing is written where that is forbidden.

    Args:
      settings: name -> str, bool, int or float.
    """
    value = tf1.Summary.Value(tag=TAG, tensor=tf.make_tensor_proto([], tf.float32))
    value.metadata.plugin_data.plugin_name = PLUGIN
    value.metadata.plugin_data.content = session_start(settings)
    summary = tf1.Summary(value=[value])
    written = [summary for _, summary in event_files.summaries(folder)]
    if summary in written or not os.access(folder, os.W_OK):
        return
    with tf.Graph().as_default():  # the writer refuses eager mode
        writer = tf1.summary.FileWriterCache.get(folder)
    writer.add_summary(summary)
    writer.flush()


def session_start(settings: dict) -> bytes:
    """A serialized HParamsPluginData whose session_start_info has the settings.

    The message's class comes with TensorBoard, which need not be there. On the wire a
    SessionStartInfo of hparams alone is the same as a Struct.
    """
    info = struct_pb2.Struct()
    info.update(settings)
    serialized = info.SerializeToString(deterministic=True)
    head = bytes([_SESSION_START_INFO << 3 | 2])
    return head + _varint(len(serialized)) + serialized


def _varint(number):
    """Seven bits to a byte, the lowest first; the top bit says that more follow."""
    more = number >> 7
    if not more:
        return bytes([number])
    return bytes([number & 0x7F | 0x80]) + _varint(more)
