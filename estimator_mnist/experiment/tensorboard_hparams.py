"""An experiment's settings in an event file, for TensorBoard's HParams tab."""

import os
from collections.abc import Mapping

import tensorflow as tf
from google.protobuf import struct_pb2

from estimator_mnist.estimator.checkpoint import event_files, event_writers

tf1 = tf.compat.v1

PLUGIN = "hparams"
TAG = "_hparams_/session_start_info"
_SESSION_START_INFO = 3  # number of this field in the message HParamsPluginData


def write(folder: str, settings: Mapping[str, str | bool | int | float]) -> None:
    """Adds `settings` to the events in `folder`, unless these have them already.

    The tab then has a row for the folder, with its last scalars beside the settings.
    Writes nothing to a folder that is read-only, or on a full disk.
    """
    value = tf1.Summary.Value(tag=TAG, tensor=tf.make_tensor_proto([], tf.float32))
    value.metadata.plugin_data.plugin_name = PLUGIN
    value.metadata.plugin_data.content = session_start(settings)
    summary = tf1.Summary(value=[value])
    written = [summary for _, summary in event_files.summaries(folder)]
    if summary in written or not os.access(folder, os.W_OK):
        return
    with event_writers.EventWriter(folder) as writer:
        writer.add_summary(summary)
        writer.flush()


def session_start(settings: Mapping[str, str | bool | int | float]) -> bytes:
    """Returns a serialized HParamsPluginData whose session_start_info has the settings.

    The message's class comes with TensorBoard, which need not be installed. On the
    wire a SessionStartInfo of hparams alone is the same as a Struct.
    """
    info = struct_pb2.Struct()
    info.update(settings)
    serialized = info.SerializeToString(deterministic=True)
    head = bytes([_SESSION_START_INFO << 3 | 2])
    return head + _varint(len(serialized)) + serialized


def _varint(number: int) -> bytes:
    """Returns seven bits to a byte, the lowest first; a top bit means: more follow."""
    more = number >> 7
    if not more:
        return bytes([number])
    return bytes([number & 0x7F | 0x80]) + _varint(more)
