"""What the input functions do beyond the original's: seeds, resuming, small graphs."""

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist.estimator import inputs

tf1 = tf.compat.v1
ROWS = np.arange(10)


def batches(input_fn, count, seed=None, **kwargs):
    """The first batches in a plain session, which runs no initializer."""
    with tf.Graph().as_default():
        tf1.set_random_seed(seed)
        tensors = input_fn(**kwargs)
        with tf1.Session() as session:
            return [session.run(tensors).tolist() for _ in range(count)]


def shuffled(num_epochs=None, batch_size=5):
    return inputs.numpy_input_fn(
        ROWS, batch_size=batch_size, num_epochs=num_epochs, shuffle=True
    )


def test_the_same_seed_gives_the_same_order():
    assert batches(shuffled(), 6, seed=3) == batches(shuffled(), 6, seed=3)


def test_another_seed_gives_another_order():
    assert batches(shuffled(), 6, seed=3) != batches(shuffled(), 6, seed=4)


def test_a_negative_seed_is_a_seed():
    assert batches(shuffled(), 6, seed=-3) == batches(shuffled(), 6, seed=-3)


def test_without_a_seed_each_run_has_its_own_order():
    assert batches(shuffled(), 20) != batches(shuffled(), 20)


def test_each_epoch_has_its_own_order_of_all_rows():
    first, second = np.reshape(batches(shuffled(), 4, seed=3), [2, 10]).tolist()
    assert sorted(first) == sorted(second) == ROWS.tolist()
    assert first != second


def test_an_endless_shuffled_input_goes_on_where_a_run_stopped():
    whole = batches(shuffled(batch_size=3), 9, seed=3)
    assert batches(shuffled(batch_size=3), 5, seed=3, start_step=4) == whole[4:]


def test_a_finite_input_starts_afresh():
    once = batches(shuffled(num_epochs=1), 2, seed=3)
    assert batches(shuffled(num_epochs=1), 2, seed=3, start_step=7) == once


def test_an_input_in_order_starts_afresh():
    input_fn = inputs.numpy_input_fn(ROWS, None, 5, None, False)
    assert batches(input_fn, 1, start_step=7) == [[0, 1, 2, 3, 4]]


def test_a_batch_may_be_larger_than_the_data():
    input_fn = inputs.numpy_input_fn(ROWS[:2], None, 5, 3, False)
    assert batches(input_fn, 2) == [[0, 1, 0, 1, 0], [1]]


def test_several_threads_read_every_row_once():
    input_fn = inputs.numpy_input_fn(ROWS, None, 4, 1, False, num_threads=3)
    assert np.concatenate(batches(input_fn, 3)).tolist() == ROWS.tolist()


def test_no_row_enters_the_graph():
    images = np.zeros([1000, 784], np.float32)
    with tf.Graph().as_default() as graph:
        inputs.numpy_input_fn({"x": images}, shuffle=True)()
        assert graph.as_graph_def().ByteSize() < 10_000


def test_only_an_endless_batch_has_a_known_size():
    with tf.Graph().as_default():
        assert shuffled()().shape.as_list() == [5]
        assert shuffled(num_epochs=1)().shape.as_list() == [None]


@pytest.mark.parametrize(
    "options, named",
    [
        ({"batch_size": 0}, "batch_size must be an integer >= 1; got 0"),
        ({"batch_size": 2.5}, "batch_size must be an integer >= 1; got 2.5"),
        ({"num_epochs": -1}, "num_epochs must be an integer >= 0; got -1"),
    ],
)
def test_a_bad_number_is_named_when_the_input_fn_is_made(options, named):
    with pytest.raises(ValueError, match=named):
        inputs.numpy_input_fn(ROWS, shuffle=False, **options)


@pytest.mark.parametrize(
    "x, y, named",
    [
        ({"a": [1, 2]}, None, r"x\['a'\] must be an array .* got list"),
        (ROWS, [1, 2], "y must be an array .* got list"),
        (ROWS, {"b": 3}, r"y\['b'\] must be an array .* got int"),
        (np.array(3), None, "x must be an array with a row per example"),
        (np.array(["2020-01-01"], "datetime64"), None, "x has dtype datetime64"),
    ],
)
def test_what_is_no_array_of_rows_is_named(x, y, named):
    with pytest.raises(TypeError, match=named):
        inputs.numpy_input_fn(x, y, shuffle=False)()


def test_data_without_a_row_is_rejected():
    with pytest.raises(ValueError, match="x cannot be an empty array"):
        inputs.numpy_input_fn({"a": ROWS[:0]}, shuffle=True)()


def test_columns_of_the_same_name_are_rejected():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame([[1, 2]], columns=["a", "a"])
    with pytest.raises(ValueError, match="x has columns of the same name"):
        inputs.pandas_input_fn(frame, shuffle=False)


def test_columns_are_taken_by_position_whatever_their_index_is():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [7, 8, 9]}, index=[2, 5, 5])
    input_fn = inputs.numpy_input_fn(dict(frame), shuffle=False)
    assert batches(lambda start_step=0: input_fn(start_step)["a"], 1) == [[7, 8, 9]]


def test_a_shuffled_frame_goes_on_where_a_run_stopped():
    pandas = pytest.importorskip("pandas")
    input_fn = inputs.pandas_input_fn(
        pandas.DataFrame({"a": ROWS})[["a"]],
        pandas.Series(ROWS),
        batch_size=3,
        num_epochs=None,
        shuffle=True,
    )
    label_fn = lambda start_step=0: input_fn(start_step)[1]  # noqa: E731
    whole = batches(label_fn, 6, seed=3)
    assert batches(label_fn, 2, seed=3, start_step=4) == whole[4:]
