"""input_fns as an Estimator runs them: inside a graph, through a session."""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist.data import datasets, input_fns
from tests.data.idx_files import numbered_split

tf1 = tf.compat.v1

SPLIT = numbered_split(30)
IMAGES = np.random.RandomState(0).randint(0, 256, (30, 28, 28)).astype(np.uint8)
NOISE = datasets.Split(IMAGES, SPLIT.labels)


def elements(input_fn, count=None, **options):
    """The first `count` elements, or all, as (x, labels)."""
    with tf.Graph().as_default(), tf1.Session() as session:
        dataset = input_fn(**options)
        features, labels = tf1.data.make_one_shot_iterator(dataset).get_next()
        batches = []
        for _ in itertools.count() if count is None else range(count):
            try:
                batches.append(session.run((features["x"], labels)))
            except tf.errors.OutOfRangeError:
                break
    return batches


def training(batch_size=10, seed=7, translate=True, split=SPLIT, **options):
    return input_fns.train_input_fn(split, batch_size, seed, translate, **options)


def numbers_in(batches):
    """Which image of a numbered split each example is."""
    pixels = np.concatenate([x for x, _ in batches])
    return np.rint(pixels.max((1, 2)) * 255).astype(int) - 1


def places_in(batches):
    """(row, column) of each example's top-left corner."""
    ink = np.concatenate([x for x, _ in batches]) > 0
    return np.stack([ink.any(2).argmax(1), ink.any(1).argmax(1)], axis=1)


def assert_same(one, two):
    for (x, labels), (other_x, other_labels) in zip(one, two, strict=True):
        np.testing.assert_array_equal(x, other_x)
        np.testing.assert_array_equal(labels, other_labels)


@pytest.mark.parametrize("batch_size", [10, 7, 64])
@pytest.mark.parametrize("start", [1, 5])
def test_a_resumed_run_sees_what_an_uninterrupted_one_would_have(batch_size, start):
    whole = elements(training(batch_size), 9)
    assert_same(
        whole[start:], elements(training(batch_size), 9 - start, start_step=start)
    )


def test_a_late_start_needs_no_reading_up_to_it():
    (_, labels), *_ = elements(training(), 1, start_step=10**9)
    assert labels.shape == (10,)


@pytest.mark.parametrize("batch_size", [10, 7, 64])
def test_every_image_is_seen_once_per_epoch(batch_size):
    numbers = numbers_in(elements(training(batch_size), 20))
    epochs = numbers[: len(numbers) // 30 * 30].reshape(-1, 30)
    for epoch in epochs:
        assert sorted(epoch) == list(range(30))
    assert not (epochs[0] == epochs[1]).all()


def test_sets_of_more_than_a_block_are_seen_once_per_epoch_and_resumed():
    numbers = np.arange(70_000)
    images = np.broadcast_to(np.uint8(0), [70_000, 28, 28])
    split = datasets.Split(images, numbers)
    input_fn = training(10_000, split=split, translate=False)

    def labels(start_step, count):
        dataset = input_fn(start_step).take(count)
        return np.concatenate([y for _, y in dataset.as_numpy_iterator()])

    epoch, following = np.split(labels(0, 14), 2)
    np.testing.assert_array_equal(np.sort(epoch), numbers)
    np.testing.assert_array_equal(np.sort(following), numbers)
    assert (epoch != following).mean() > 0.99
    # Neither the whole nor its beginning is in the order of the file.
    assert abs(np.corrcoef(epoch, numbers)[0, 1]) < 0.02
    assert abs(epoch[:10_000].mean() - 35_000) < 1000
    np.testing.assert_array_equal(labels(6, 1), epoch[60_000:])


def test_labels_stay_with_their_images():
    batches = elements(training(), 6)
    labels = np.concatenate([labels for _, labels in batches])
    np.testing.assert_array_equal(labels, numbers_in(batches) % 10)


def test_an_image_lands_somewhere_else_each_time_it_is_seen():
    batches = elements(training(), 60)
    numbers, places = numbers_in(batches), places_in(batches)
    first_image = places[numbers == 0]
    assert len(first_image) == 20
    assert len(np.unique(first_image, axis=0)) > 14
    assert places.min() == 0 and places.max() == 11


def test_seeds_differ_and_the_same_seed_does_not():
    batches = elements(training(), 3)
    assert_same(batches, elements(training(), 3))
    other = elements(training(seed=8), 3)
    assert not (numbers_in(batches) == numbers_in(other)).all()


def test_the_order_does_not_depend_on_translation():
    plain = elements(training(translate=False), 4)
    assert plain[0][0].shape == (10, 28, 28)
    np.testing.assert_array_equal(
        numbers_in(plain), numbers_in(elements(training(), 4))
    )


def test_batches_are_the_same_under_every_numpy():
    batches = elements(training(seed=0), 1)
    assert numbers_in(batches).tolist() == [13, 14, 19, 16, 25, 8, 24, 2, 20, 21]
    assert places_in(batches)[:3].tolist() == [[1, 7], [6, 6], [7, 5]]


def test_pixels_are_exactly_uint8_over_255():
    split = datasets.Split(IMAGES[:1], SPLIT.labels[:1])
    ((x, _),) = elements(training(1, translate=False, split=split), 1)
    np.testing.assert_array_equal(x[0], IMAGES[0].astype(np.float32) / 255)
    assert x.dtype == np.float32


def test_evaluation_places_images_as_the_recorded_accuracies_had_them():
    ((x, _),) = elements(input_fns.eval_input_fn(NOISE, 30, True))
    expected = np.zeros((30, 40, 40), np.float32)
    corners = np.random.RandomState(2).choice(12, size=(30, 2))
    for i, (row, column) in enumerate(corners):
        expected[i, row : row + 28, column : column + 28] = IMAGES[i] / np.float32(255)
    np.testing.assert_array_equal(x, expected)


@pytest.mark.parametrize("batch_size", [1, 7, 29, 30, 31])
@pytest.mark.parametrize("translate", [False, True])
def test_evaluation_gives_every_image_once_at_any_batch_size(batch_size, translate):
    batches = elements(input_fns.eval_input_fn(NOISE, batch_size, translate))
    ((x, labels),) = elements(input_fns.eval_input_fn(NOISE, 30, translate))
    np.testing.assert_array_equal(np.concatenate([b[0] for b in batches]), x)
    np.testing.assert_array_equal(np.concatenate([b[1] for b in batches]), labels)
    assert len(labels) == 30


def test_another_evaluation_seed_gives_other_places():
    one = elements(input_fns.eval_input_fn(SPLIT, 30, True))
    two = elements(input_fns.eval_input_fn(SPLIT, 30, True, seed=3))
    assert not (places_in(one) == places_in(two)).all()


def test_one_hot_labels_say_the_same():
    ((_, sparse),) = elements(training(), 1)
    ((_, one_hot),) = elements(training(one_hot=True), 1)
    assert one_hot.dtype == np.float32 and one_hot.shape == (10, 10)
    np.testing.assert_array_equal(one_hot.argmax(1), sparse)
    np.testing.assert_array_equal(one_hot.sum(1), np.ones(10))


def test_shapes_and_dtypes_are_known_before_anything_runs():
    with tf.Graph().as_default():
        features, labels = training(translate=True)().element_spec
        assert features == {"x": tf.TensorSpec([10, 40, 40], tf.float32)}
        assert labels == tf.TensorSpec([10], tf.int32)
        features, labels = input_fns.eval_input_fn(SPLIT, 10, False)().element_spec
        assert features["x"].shape.as_list() == [None, 28, 28]
        assert labels.shape.as_list() == [None]


def test_no_pixel_enters_the_graph():
    split = datasets.Split(np.tile(IMAGES, (100, 1, 1)), np.tile(SPLIT.labels, 100))
    for input_fn in (
        training(split=split),
        input_fns.eval_input_fn(split, 100, True),
    ):
        with tf.Graph().as_default() as graph:
            tf1.data.make_one_shot_iterator(input_fn()).get_next()
            definition = graph.as_graph_def().SerializeToString()
        assert len(definition) < 100_000
        assert IMAGES[0, 5].tobytes() not in definition


def test_it_runs_eagerly_too():
    features, labels = next(iter(training()()))
    assert features["x"].shape == (10, 40, 40) and labels.shape == (10,)


def test_two_iterators_of_one_input_fn_do_not_disturb_each_other():
    input_fn = training(7)
    alone = elements(training(7), 40)
    with tf.Graph().as_default(), tf1.Session() as session:
        one, two = (
            tf1.data.make_one_shot_iterator(input_fn(start_step=s)).get_next()
            for s in (0, 20)
        )
        pairs = [session.run((one, two)) for _ in range(20)]
    for at, (first, second) in enumerate(pairs):
        np.testing.assert_array_equal(first[0]["x"], alone[at][0])
        np.testing.assert_array_equal(second[0]["x"], alone[at + 20][0])


def test_arguments_that_make_no_batch_are_refused():
    empty = datasets.Split(IMAGES[:0], SPLIT.labels[:0])
    for make in (
        lambda split, size: input_fns.train_input_fn(split, size, 0, True),
        lambda split, size: input_fns.eval_input_fn(split, size, True),
    ):
        with pytest.raises(ValueError, match="split is empty"):
            make(empty, 10)
        with pytest.raises(ValueError, match="batch_size must be 1 or more, got 0"):
            make(SPLIT, 0)
    with pytest.raises(ValueError, match="seed must be 0 or more, got -1"):
        training(seed=-1)


def test_evaluation_puts_images_at_the_given_corners():
    corners = np.arange(60).reshape(30, 2) % 13
    batches = elements(input_fns.eval_input_fn(SPLIT, 7, True, corners=corners))
    np.testing.assert_array_equal(places_in(batches), corners)


@pytest.mark.parametrize("start", [0, 6])
def test_workers_in_turns_read_the_batches_of_one_machine(start):
    shards = [
        elements(training(shard=input_fns.Shard(i, 3)), 2, start_step=start)
        for i in range(3)
    ]
    dealt = [batch for turn in zip(*shards, strict=True) for batch in turn]
    assert_same(elements(training(), 6, start_step=start), dealt)


def test_the_shares_of_a_batch_make_up_that_of_one_machine():
    shares = [
        elements(training(shard=input_fns.Shard(i, 2, of_batch=True)), 7, start_step=3)
        for i in range(2)
    ]
    whole = [
        [np.concatenate(parts) for parts in zip(*pair, strict=True)]
        for pair in zip(*shares, strict=True)
    ]
    assert_same(elements(training(), 7, start_step=3), whole)


def test_a_batch_that_cannot_be_shared_equally_is_refused():
    with pytest.raises(ValueError, match="batch_size 10 cannot be divided among 3"):
        training(shard=input_fns.Shard(0, 3, of_batch=True))


@pytest.mark.parametrize(
    "input_fn",
    [training(), input_fns.eval_input_fn(SPLIT, batch_size=10, translate=True)],
    ids=["training", "evaluation"],
)
def test_nothing_tunes_them_whose_sleep_the_end_of_a_session_would_wait_for(input_fn):
    assert input_fn().options().autotune.enabled is False
