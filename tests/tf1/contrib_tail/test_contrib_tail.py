"""What later parts of tf.contrib refuse, and what chance decides in them."""

import numpy as np
import pytest

from estimator_mnist import tf1 as tf

contrib = tf.contrib
pytestmark = pytest.mark.filterwarnings("ignore:`tf.nn.rnn_cell")


def lengths(boundaries):
    words = tf.constant([1, 2])
    return contrib.training.bucket_by_sequence_length(2, [words], 2, boundaries)


def search(start=(0, 0), end=1, **options):
    cell = tf.nn.rnn_cell.GRUCell(3)
    state = cell.zero_state(4, tf.float32)
    decoder = contrib.seq2seq.BeamSearchDecoder(
        cell, tf.zeros([5, 3]), tf.constant(start), end, state, 2, **options
    )
    return decoder.initialize()


def attention(mode):
    p = tf.zeros([1, 2])
    return contrib.seq2seq.monotonic_attention(p, p, mode)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: lengths([]), ValueError, "must not be empty"),
        (lambda: lengths(3), TypeError, "must be a list or tuple"),
        (lambda: lengths([2.5]), TypeError, "must be ints"),
        (lambda: lengths([3, 2]), ValueError, "increasing lengths.*3 before 2"),
        (
            lambda: contrib.training.bucket([tf.zeros([2])], 0, [2, 2, 2], 2),
            ValueError,
            "batch_size must have one value per bucket: there are 2",
        ),
        (
            lambda: contrib.training.bucket([], 0, 2, 2),
            ValueError,
            "Expected at least one tensor",
        ),
        (lambda: search(start=0), ValueError, "start_tokens must be a vector"),
        (lambda: search(end=[1]), ValueError, "end_token must be a scalar"),
        (
            lambda: search(coverage_penalty_weight=1.0),
            ValueError,
            "coverage_penalty_weight needs an AttentionWrapper",
        ),
        (lambda: attention("soft"), ValueError, "mode must be 'recursive'.*'soft'"),
        (
            lambda: contrib.rnn.ConvLSTMCell(2, [4, 1], 3, [3]),
            ValueError,
            r"Invalid input_shape \[4, 1\] for conv_ndims=2",
        ),
        (
            lambda: contrib.rnn.CoupledInputForgetGateLSTMCell(2, layer_norm=True),
            NotImplementedError,
            "layer_norm and shards",
        ),
        (
            lambda: contrib.mixed_precision.FixedLossScaleManager(0.5),
            ValueError,
            "at least 1",
        ),
        (
            lambda: contrib.training.byte_size_load_fn(
                tf.placeholder(tf.float32, [None]).op
            ),
            ValueError,
            "not fully defined",
        ),
        (
            lambda: contrib.training.HParams(hparam_def=1),
            NotImplementedError,
            "give the values by their names",
        ),
        (
            lambda: contrib.training.stratified_sample(
                [1], 1, [0.5, 0.5], 2, init_probs=[0.2, 0.3, 0.5]
            ),
            ValueError,
            "give one share per class",
        ),
    ],
)
def test_what_does_not_fit_is_an_error(make, error, message):
    with tf.Graph().as_default(), pytest.raises(error, match=message):
        make()


def test_an_external_optimizer_needs_its_method():
    with tf.Graph().as_default(), tf.Session() as session:
        at = tf.get_variable("at", [2])
        session.run(at.initializer)
        make = contrib.opt.ExternalOptimizerInterface
        with pytest.raises(NotImplementedError, match="implement the _minimize"):
            make(tf.reduce_sum(at)).minimize(session)


def test_rare_classes_come_as_often_as_they_are_wanted():
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(1)
        labels = tf.constant(np.arange(50, dtype=np.int32) % 10 // 9)  # a tenth
        label = tf.train.input_producer(labels, shuffle=False).dequeue()
        _, found = contrib.training.stratified_sample([label], label, [0.5, 0.5], 300)
        (count,) = tf.global_variables()
        assert (count.op.name, count.shape) == ("stratified_sample/class_count", [2])
        session.run(tf.global_variables_initializer())
        coordinator = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(session, coordinator)
        share = session.run(found).mean()
        coordinator.request_stop()
        for runner in tf.get_collection(tf.GraphKeys.QUEUE_RUNNERS):
            session.run(runner.cancel_op)
        coordinator.join(threads, stop_grace_period_secs=10)
    assert 0.35 < share < 0.65


def test_variables_go_to_the_server_with_the_least_bytes():
    training = contrib.training
    with tf.Graph().as_default():
        least = training.GreedyLoadBalancingStrategy(2, training.byte_size_load_fn)
        ops = [tf.zeros([size]).op for size in (4, 1, 1, 1, 3, 2)]
        assert [least(op) for op in ops] == [0, 1, 1, 1, 1, 0]  # as TF 1.15
        by_chance = training.RandomStrategy(3)
        places = [by_chance(op) for op in ops]
        assert places == [training.RandomStrategy(3)(op) for op in ops]
        assert set(places) <= {0, 1, 2}
