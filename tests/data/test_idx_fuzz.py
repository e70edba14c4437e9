"""Whatever bytes an IDX file holds: arrays or a DataError, and no more memory."""

import gzip
import struct
import tracemalloc

import hypothesis
import pytest
from hypothesis import strategies as st

from estimator_mnist import errors
from estimator_mnist.data import idx

# What reading takes beside the content: buffers of gzip and of reading.
OVERHEAD = 1 << 19

sizes = st.one_of(st.integers(0, 40), st.integers(0, 2**32 - 1))
headers = st.builds(
    lambda code, shape: (
        bytes((0, 0, code, len(shape))) + struct.pack(f">{len(shape)}I", *shape)
    ),
    st.one_of(st.just(8), st.integers(0, 255)),
    st.lists(sizes, max_size=5),
)
contents = st.one_of(
    st.binary(max_size=200),
    st.builds(lambda header, body: header + body, headers, st.binary(max_size=4000)),
)
packings = st.sampled_from([bytes, gzip.compress, lambda b: gzip.compress(b)[:-5]])


@hypothesis.settings(max_examples=200)
@hypothesis.given(content=contents, pack=packings)
def test_any_file_is_read_or_refused(tmp_path_factory, content, pack):
    path = tmp_path_factory.getbasetemp() / "fuzzed"
    path.write_bytes(pack(content))
    for read in (idx.read_images, idx.read_labels):
        tracemalloc.start()
        try:
            array = read(path)
            assert array.nbytes <= len(content)
        except errors.DataError as error:
            assert str(path) in str(error)
        finally:
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert peak < OVERHEAD + 4 * len(content)


def test_a_small_packed_file_cannot_fill_the_memory(tmp_path):
    path = tmp_path / "bomb"
    path.write_bytes(gzip.compress(bytes((0, 0, 8, 3)) + bytes(12) + bytes(1 << 26)))
    tracemalloc.start()
    with pytest.raises(errors.DataError):
        idx.read_images(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * OVERHEAD
