"""Copies words, batched by length, with scheduled sampling; a beam search decodes."""
import numpy as np
import tensorflow as tf
from tensorflow.contrib import rnn, seq2seq, training
from tensorflow.contrib.seq2seq.python.ops import beam_search_decoder

START, END, WORDS, UNITS, BEAMS = 0, 1, 6, 24, 3
FLAGS = tf.app.flags.FLAGS
tf.app.flags.DEFINE_integer("steps", 8, "batches to train on")
tf.app.flags.DEFINE_string("log_dir", "/tmp/logs", "where to log, as absl has it, too")
rng = np.random.RandomState(0)
lengths = rng.randint(1, 4, 40).astype(np.int32)
words = np.where(np.arange(3) < lengths[:, None], rng.randint(2, WORDS, (40, 3)), END)

index = tf.train.range_input_producer(40, shuffle=True, seed=1).dequeue()
length = tf.gather(tf.constant(lengths), index)
sentence = tf.gather(tf.constant(words.astype(np.int32)), index)[:length]
source_lengths, (source,) = training.bucket_by_sequence_length(
    length, [sentence], batch_size=8, bucket_boundaries=[2, 3], dynamic_pad=True)
end = tf.fill([tf.shape(source)[0], 1], END)
target = tf.concat([source, end], 1)
fed = tf.concat([tf.fill([tf.shape(source)[0], 1], START), source], 1)
embedding = tf.get_variable("embedding", [WORDS, UNITS])
projection = tf.layers.Dense(WORDS, use_bias=False, name="projection")
decoder_cell = rnn.GRUCell(UNITS)


def encode(ids, sizes):
    with tf.variable_scope("encoder", reuse=tf.AUTO_REUSE):
        return tf.nn.dynamic_rnn(
            rnn.GRUCell(UNITS), tf.nn.embedding_lookup(embedding, ids),
            sequence_length=sizes, dtype=tf.float32)


def attentive(memory, sizes, state, count):
    attention = seq2seq.BahdanauAttention(UNITS, memory, sizes)
    cell = seq2seq.AttentionWrapper(decoder_cell, attention, UNITS, name="attention")
    return cell, cell.zero_state(count, tf.float32).clone(cell_state=state)


def decode(decoder, **options):
    with tf.variable_scope("decode", reuse=tf.AUTO_REUSE):
        return seq2seq.dynamic_decode(decoder, **options)


with tf.variable_scope("model"):
    memory, state = encode(source, source_lengths)
    helper = seq2seq.ScheduledEmbeddingTrainingHelper(
        tf.nn.embedding_lookup(embedding, fed), source_lengths + 1, embedding, 0.1)
    cell, first = attentive(memory, source_lengths, state, tf.shape(source)[0])
    outputs, _, sizes = decode(seq2seq.BasicDecoder(cell, helper, first, projection))
loss = seq2seq.sequence_loss(
    outputs.rnn_output, target[:, :tf.reduce_max(sizes)],
    tf.sequence_mask(sizes, dtype=tf.float32))
train_op = training.create_train_op(
    loss, tf.train.AdamOptimizer(0.02),
    global_step=tf.train.get_or_create_global_step())

with tf.variable_scope("model", reuse=True):
    memory, state = encode(tf.constant(words[:5].astype(np.int32)), lengths[:5])
    memory, state, sizes = seq2seq.tile_batch((memory, state, tf.constant(lengths[:5])),
                                              multiplier=BEAMS)
    cell, first = attentive(memory, sizes, state, 5 * BEAMS)
    beams, last, _ = decode(
        beam_search_decoder.BeamSearchDecoder(
            cell, embedding, tf.fill([5], START), END, first, BEAMS, projection,
            length_penalty_weight=0.6),
        maximum_iterations=5)

with tf.train.MonitoredTrainingSession() as sess:
    losses = [sess.run(train_op) for _ in range(FLAGS.steps)]
    found, scores = sess.run([beams, last.log_probs])
print("log %s" % FLAGS.log_dir)
print("fell %s" % (losses[-1] < losses[0]))
print("beams %s %s" % (found.predicted_ids.shape[::2], scores.shape))
said = np.full([5, 5], END)
said[:, :found.predicted_ids.shape[1]] = found.predicted_ids[:, :, 0]
print("right %.1f" % (said[:, :3] == words[:5]).mean())
