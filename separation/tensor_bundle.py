"""Reader of TensorFlow's "tensor bundle" checkpoints, without TensorFlow.

A bundle is `NAME.index`, a LevelDB table from tensor names to `BundleEntryProto` records, and `NAME.data-00000-of-00001`, the
tensors end to end. Sources: LevelDB's `doc/table_format.md`; TensorFlow's `core/protobuf/tensor_bundle.proto`. Read here: one
shard, little endian, uncompressed blocks, float32 tensors; whatever else is there ends in a sentence. Every block and every
tensor is checked against the CRC-32C that the bundle stores for it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core.contracts import FloatArray
from core.errors import InputError
from core.kernels import kernel

_TABLE_MAGIC = 0xDB4775248B80FB57
_FOOTER_BYTES = 48
_BLOCK_TRAILER_BYTES = 5
_DATA_TYPE_FLOAT = 1


class _Handle(NamedTuple):
    """Where a block lies in the index file."""

    offset: int
    size: int


def read_tensor_bundle(index: Path, data: Path, remedy: str) -> dict[str, FloatArray]:
    """All float32 tensors of a bundle by name, in their stored shapes (C order); tensors of other types are left out.

    index: the `.index` file. data: the only shard, `.data-00000-of-00001`. remedy: how better ones are had.
    Raises InputError where a file is unreadable, not such a bundle, cut short or damaged.
    """
    try:
        table = index.read_bytes()
        shard = np.fromfile(data, dtype=np.uint8)
    except OSError as error:
        raise InputError("separation.checkpoint_unreadable", name=index.name, reason=error.strerror, remedy=remedy) from error
    try:
        return {
            name: _tensor(name, record, shard)
            for name, record in _table_records(table)
            if name and dict(_fields(record)).get(1) == _DATA_TYPE_FLOAT
        }
    except (IndexError, KeyError, TypeError, ValueError, struct.error) as error:
        raise InputError("separation.checkpoint_damaged", name=index.name, error=error, remedy=remedy) from error


def _table_records(table: bytes) -> Iterator[tuple[str, bytes]]:
    """(key, value) of every record of a LevelDB table, in order."""
    if len(table) < _FOOTER_BYTES or struct.unpack_from("<Q", table, len(table) - 8)[0] != _TABLE_MAGIC:
        raise ValueError("the table's closing mark is missing")
    footer = table[-_FOOTER_BYTES:]
    _, position = _handle(footer, 0)  # the meta index, which a bundle leaves empty
    root, _ = _handle(footer, position)
    for _, value in _block_records(table, root):
        block, _ = _handle(value, 0)
        for key, record in _block_records(table, block):
            yield key.decode(), record


def _block_records(table: bytes, handle: _Handle) -> Iterator[tuple[bytes, bytes]]:
    """(key, value) of one block, whose keys are stored as differences from the key before."""
    end = handle.offset + handle.size
    compression, checksum = struct.unpack_from("<BI", table, end)
    if compression != 0:
        raise ValueError("a block is compressed, which tensor bundles are not")
    if _masked_crc32c(np.frombuffer(table, np.uint8)[handle.offset : end + 1]) != checksum:
        raise ValueError("a block of the index does not match its checksum")
    block = table[handle.offset : end]
    restarts = struct.unpack_from("<I", block, len(block) - 4)[0]
    key, position, records_end = b"", 0, len(block) - 4 * (restarts + 1)
    while position < records_end:
        shared, position = _varint(block, position)
        unshared, position = _varint(block, position)
        value_size, position = _varint(block, position)
        key = key[:shared] + block[position : position + unshared]
        position += unshared
        yield key, block[position : position + value_size]
        position += value_size


def _tensor(name: str, record: bytes, shard: npt.NDArray[np.uint8]) -> FloatArray:
    """The tensor that a BundleEntryProto describes: type 1, shape 2, shard 3, offset 4, size 5, checksum 6, slices 7."""
    entry = dict(_fields(record))
    if entry.get(3, 0) != 0 or 7 in entry:
        raise ValueError(f"the tensor {name} lies in several pieces")
    shape = [dict(_fields(dimension)).get(1, 0) for number, dimension in _fields(entry.get(2, b"")) if number == 2]
    offset, size = entry.get(4, 0), entry[5]
    content = shard[offset : offset + size]
    if len(content) != size or size != 4 * int(np.prod(shape)):
        raise ValueError(f"the tensor {name} is cut short or of another size than its shape {shape}")
    if _masked_crc32c(content) != entry[6]:
        raise ValueError(f"the tensor {name} does not match its checksum")
    return content.view("<f4").astype(np.float32).reshape(shape)


def _fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """(field number, value) of a protocol-buffer message: int for numbers of variable length or 32 bits, else bytes."""
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        kind = tag & 7
        if kind == 0:
            value, position = _varint(message, position)
            yield tag >> 3, value
        elif kind == 2:
            size, position = _varint(message, position)
            yield tag >> 3, message[position : position + size]
            position += size
        elif kind == 5:
            yield tag >> 3, struct.unpack_from("<I", message, position)[0]
            position += 4
        else:
            raise ValueError(f"a record holds a field of the unknown kind {kind}")


def _handle(buffer: bytes, position: int) -> tuple[_Handle, int]:
    offset, position = _varint(buffer, position)
    size, position = _varint(buffer, position)
    return _Handle(offset, size), position


def _varint(buffer: bytes, position: int) -> tuple[int, int]:
    """A little-endian base-128 integer, and the position after it."""
    value = shift = 0
    while True:
        byte = buffer[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7


def _masked_crc32c(content: npt.NDArray[np.uint8]) -> int:
    """CRC-32C, rotated and offset as LevelDB stores it."""
    checksum = int(_crc32c(content, _CRC_TABLE))
    return ((checksum >> 15 | checksum << 17) + 0xA282EAD8) & 0xFFFFFFFF


@kernel(
    "(Array(uint8, 1, 'C', readonly=True), uint32[::1])",
    "(uint8[::1], uint32[::1])",
)
def _crc32c(content: npt.NDArray[np.uint8], table: npt.NDArray[np.uint32]) -> np.uint32:
    """CRC-32C (Castagnoli), byte by byte; compiled, since 78 MB are to be checked."""
    checksum = np.uint32(0xFFFFFFFF)
    for byte in content:
        checksum = table[(checksum ^ byte) & np.uint32(0xFF)] ^ (checksum >> np.uint32(8))
    return checksum ^ np.uint32(0xFFFFFFFF)


def _crc_table() -> npt.NDArray[np.uint32]:
    """The 256 remainders of the Castagnoli polynomial, reflected."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(0x82F63B78), table >> 1).astype(np.uint32)
    return table


_CRC_TABLE = _crc_table()
