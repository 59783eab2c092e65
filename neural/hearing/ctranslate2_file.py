"""Reader of CTranslate2's `model.bin`, without CTranslate2.

The file, little endian: format version, name and revision of the model's specification, number of variables; then every variable
as name, rank, dimensions, type, bytes, content; then aliases (a second name for a variable). A text is its length with the
closing zero, and then its bytes. Source: OpenNMT/CTranslate2, `python/ctranslate2/specs/model_spec.py`, which writes it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import InputError
from core.places import call_of

#: The version that is read: since 6 variables carry their size in bytes, and aliases close the file.
FORMAT_VERSION = 6
#: CTranslate2's numbers of the types that are read. Its bfloat16 (5) has no numpy type.
TYPES: dict[int, str] = {0: "<f4", 1: "<i1", 2: "<i2", 3: "<i4", 4: "<f2"}
_REMEDY = f"Fetch it again with `{call_of('weights')} fetch`."


def read_ctranslate2(parts: Sequence[Path], specification: str, prefix: str = "") -> dict[str, npt.NDArray[Any]]:
    """The variables whose names begin with `prefix`, in their stored shapes (C order) and types.

    parts: the pieces of the file, in order; their bytes are joined. specification: the name of the model's kind that is expected,
    "WhisperSpec" for example.
    Raises InputError where the file is unreadable, of another kind, cut short or longer than it says.
    """
    name = parts[0].name
    try:
        content = b"".join(part.read_bytes() for part in parts)
    except OSError as error:
        raise InputError("neural.ctranslate2_unreadable", name=name, reason=error.strerror, remedy=_REMEDY) from error
    reader = _Reader(content)
    try:
        version = reader.number("I")
        if version != FORMAT_VERSION:
            raise ValueError(f"its format is {version}, and {FORMAT_VERSION} is expected")
        kind, _ = reader.text(), reader.number("I")
        if kind != specification:
            raise ValueError(f"it holds a {kind[:40]}, and a {specification} is expected")
        variables = dict(_variables(reader, prefix))
        for _ in range(reader.number("I")):
            reader.text(), reader.text()
        if reader.position != len(content):
            raise ValueError("bytes follow its end")
        return variables
    except (struct.error, ValueError) as error:
        raise InputError("neural.ctranslate2_damaged", name=name, error=error, remedy=_REMEDY) from error


def _variables(reader: _Reader, prefix: str) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    for _ in range(reader.number("I")):
        name = reader.text()
        shape = [reader.number("I") for _ in range(reader.number("B"))]
        kind, size = reader.number("B"), reader.number("I")
        content = reader.take(size)
        if not name.startswith(prefix):
            continue
        if kind not in TYPES:
            raise ValueError(f"the variable {name} has the unknown type {kind}")
        array = np.frombuffer(content, dtype=TYPES[kind])
        if array.size != int(np.prod(shape, dtype=np.int64)):
            raise ValueError(f"the variable {name} does not fill its shape {shape}")
        yield name, array.reshape(shape)


class _Reader:
    """Numbers and texts one after the other; whatever goes beyond the end raises struct.error or ValueError."""

    def __init__(self, content: bytes) -> None:
        self._content = memoryview(content)
        self.position = 0

    def number(self, kind: str) -> int:
        (value,) = struct.unpack_from(f"<{kind}", self._content, self.position)
        self.position += struct.calcsize(kind)
        return int(value)

    def text(self) -> str:
        content = bytes(self.take(self.number("H")))
        if not content.endswith(b"\0"):
            raise ValueError("a name does not end where it should")
        return content[:-1].decode()

    def take(self, size: int) -> memoryview:
        piece = self._content[self.position : self.position + size]
        if len(piece) != size:
            raise ValueError("it is cut short")
        self.position += size
        return piece
