"""Sealed files: any content comes back from any place, and whatever is changed, cut, swapped or moved is noticed."""

from __future__ import annotations

import io
import os
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.sealed_files import (
    BLOCK_BYTES,
    HEADER_BYTES,
    KEY_ID_BYTES,
    TAG_BYTES,
    DamagedFile,
    DataKey,
    SealedReader,
    SealedWriter,
    content_size,
    key_id_of,
    new_data_key,
    open_sealed,
    sealed_size,
)

KEY = DataKey(bytes(range(KEY_ID_BYTES)), bytes(range(32)))
SEALED_BLOCK = BLOCK_BYTES + TAG_BYTES
#: Sizes around the borders of blocks.
SIZES = st.builds(lambda blocks, more: max(0, blocks * BLOCK_BYTES + more), st.integers(0, 3), st.integers(-2, 2))


def content(size: int) -> bytes:
    """Bytes of which no two blocks are alike."""
    return bytes((index * 7 + index // 251) % 256 for index in range(size))


CONTENT = content(4 * BLOCK_BYTES)


def sealed(plain: bytes, key: DataKey = KEY, pieces: int = 10_000) -> bytes:
    """The sealed file, written in pieces of so many bytes."""
    file = io.BytesIO()
    with SealedWriter(file, key) as writer:
        for begin in range(0, len(plain), pieces):
            writer.write(plain[begin : begin + pieces])
    return file.getvalue()


def opened(file: bytes, key: DataKey = KEY) -> bytes:
    """All of it."""
    return io.BufferedReader(SealedReader(io.BytesIO(file), {key.id: key.secret}.__getitem__), BLOCK_BYTES).read()


@settings(max_examples=40, deadline=None)
@given(SIZES, st.sampled_from([1000, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 4 * BLOCK_BYTES]))
def test_what_was_sealed_comes_back_whatever_its_size_and_its_pieces(size, pieces):
    plain = CONTENT[:size]
    file = sealed(plain, pieces=pieces)
    assert opened(file) == plain
    assert len(file) == sealed_size(size)


@settings(max_examples=60, deadline=None)
@given(SIZES, st.lists(st.tuples(st.integers(0, 4 * BLOCK_BYTES), st.integers(0, 2 * BLOCK_BYTES)), max_size=6))
def test_any_part_is_read_by_itself(size, parts):
    reader = io.BufferedReader(SealedReader(io.BytesIO(sealed(CONTENT[:size])), lambda _: KEY.secret), BLOCK_BYTES)
    for begin, length in parts:
        reader.seek(begin)
        assert reader.read(length) == CONTENT[:size][begin : begin + length]
    assert reader.seek(0, os.SEEK_END) == size


@settings(max_examples=80, deadline=None)
@given(SIZES, st.data())
def test_a_change_of_any_bit_is_noticed(size, data):
    file = bytearray(sealed(CONTENT[:size]))
    place = data.draw(st.integers(0, len(file) - 1) | st.integers(0, HEADER_BYTES - 1))
    file[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises((DamagedFile, KeyError)):  # KeyError: it names a key that nobody has
        opened(bytes(file))


@settings(max_examples=60, deadline=None)
@given(SIZES, st.data())
def test_a_file_that_was_cut_or_grew_is_noticed_when_it_is_opened(size, data):
    file = sealed(CONTENT[:size])
    cut = file[: data.draw(st.integers(0, len(file) - 1))]
    for changed in (cut, file[: max(HEADER_BYTES, len(file) - SEALED_BLOCK)], file + b"\0", file + file[-SEALED_BLOCK:]):
        if changed != file:
            with pytest.raises(DamagedFile):
                SealedReader(io.BytesIO(changed), lambda _: KEY.secret)


def blocks_of(file: bytes) -> tuple[bytes, list[bytes]]:
    """Header and blocks."""
    body = file[HEADER_BYTES:]
    return file[:HEADER_BYTES], [body[begin : begin + SEALED_BLOCK] for begin in range(0, len(body), SEALED_BLOCK)]


def test_blocks_that_are_swapped_doubled_or_taken_out_are_noticed():
    header, blocks = blocks_of(sealed(CONTENT))
    for order in ([1, 0, 2, 3], [0, 0, 2, 3], [0, 1, 3], [0, 1, 2, 2, 3], [0, 1, 2]):
        with pytest.raises(DamagedFile):
            opened(header + b"".join(blocks[index] for index in order))


def test_a_block_of_another_file_of_the_same_owner_is_noticed():
    (header, mine), (other_header, others) = blocks_of(sealed(CONTENT)), blocks_of(sealed(CONTENT))
    assert mine != others  # the same content, sealed twice, is not the same
    with pytest.raises(DamagedFile):
        opened(header + b"".join([mine[0], others[1], *mine[2:]]))
    with pytest.raises(DamagedFile):
        opened(other_header + b"".join(mine))


def test_another_key_opens_nothing():
    file = sealed(CONTENT)
    with pytest.raises(DamagedFile):
        SealedReader(io.BytesIO(file), lambda _: bytes(32))


def test_nothing_of_the_content_stands_in_the_file():
    plain = b"\xff\xd8\xff\xe0 a picture" * 9000
    file = sealed(plain)
    assert b"picture" not in file and b"\xff\xd8\xff\xe0" not in file


def test_a_writing_that_fails_leaves_no_file_that_opens():
    file = io.BytesIO()
    with pytest.raises(OSError), SealedWriter(file, KEY) as writer:
        writer.write(CONTENT)
        raise OSError
    with pytest.raises(DamagedFile):
        opened(file.getvalue())


def test_a_sealed_file_is_known_by_its_header_and_tells_its_size(tmp_path):
    path, plain = tmp_path / "sealed", tmp_path / "plain"
    path.write_bytes(sealed(CONTENT[:70_001]))
    plain.write_bytes(CONTENT)
    assert (key_id_of(path), key_id_of(plain)) == (KEY.id, None)
    assert content_size(path) == 70_001
    with open_sealed(path, lambda _: KEY.secret) as file:
        file.seek(-1, os.SEEK_END)
        assert file.read() == CONTENT[70_000:70_001]


def test_reading_a_large_file_takes_the_memory_of_a_block(tmp_path):
    path = tmp_path / "large"
    with path.open("wb") as file, SealedWriter(file, KEY) as writer:
        for _ in range(320):
            writer.write(bytes(BLOCK_BYTES))
    tracemalloc.start()
    try:
        with open_sealed(path, lambda _: KEY.secret) as file:
            while file.read(BLOCK_BYTES):
                pass
        assert tracemalloc.get_traced_memory()[1] < 10 * BLOCK_BYTES
    finally:
        tracemalloc.stop()


def test_keys_are_never_shown():
    key = new_data_key()
    assert key.secret.hex() not in repr(key) and repr(key.secret) not in repr(key)
