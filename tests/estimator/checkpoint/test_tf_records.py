"""TFRecord files as TensorFlow writes them, whole, truncated and damaged."""

import pytest
import tensorflow as tf

from estimator_mnist.estimator.checkpoint import tf_records

# Shorter than a block of the checksum, as long as one, longer than several.
RECORDS = [bytes(i % 251 for i in range(size)) for size in (0, 1, 3, 63, 64, 65, 1000)]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "records"
    with tf.io.TFRecordWriter(str(path)) as writer:
        for record in RECORDS:
            writer.write(record)
    return path


def test_reads_what_tensorflow_writes(path):
    assert list(tf_records.read(str(path))) == RECORDS


@pytest.mark.parametrize("content", [b"", b"\0" * 11])
def test_less_than_a_header_is_the_end(path, content):
    path.write_bytes(content)
    assert list(tf_records.read(str(path))) == []


def test_truncated_and_corrupted_records_are_distinguished(path):
    path.write_bytes(path.read_bytes()[:-1])
    assert read_until_error(path) == (RECORDS[:-1], "truncated record at 292")


@pytest.mark.parametrize("byte", [16, 24, 28, 29])
def test_each_byte_of_a_record_is_verified(path, byte):
    """Of the second record: its length, its length's checksum, its data and its own."""
    content = bytearray(path.read_bytes())
    content[byte] ^= 1
    path.write_bytes(content)
    assert read_until_error(path) == (RECORDS[:1], "corrupted record at 16")


@pytest.mark.parametrize("target", ["nothing", "link"])
def test_a_link_to_nothing_or_itself_is_a_file_that_cannot_be_read(target, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / target)
    assert read_until_error(tmp_path / "link") == ([], "it is no file")


@pytest.mark.parametrize("length", [2**44, 2**63, 2**64 - 1])
@pytest.mark.parametrize("agrees, said", [(True, "truncated"), (False, "corrupted")])
def test_a_length_beyond_the_file_takes_no_room(path, length, agrees, said):
    header = length.to_bytes(8, "little")
    checksum = checksum_of(header) if agrees else bytes(4)
    path.write_bytes(path.read_bytes() + header + checksum + bytes(100))
    assert read_until_error(path) == (RECORDS, f"{said} record at 1308")


def checksum_of(data):
    """The masked CRC-32C of RFC 3720, bit by bit."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
    return masked.to_bytes(4, "little")


def read_until_error(path):
    """What is read, and the message of the error that ends it."""
    found = []
    with pytest.raises(tf.errors.DataLossError) as caught:
        for record in tf_records.read(str(path)):
            found.append(record)
    return found, caught.value.message
