"""glTF 2.0 in one binary file (GLB): values and pictures go into one buffer, what they mean into JSON before it.

Source: Khronos Group, "glTF 2.0 Specification" (ISO/IEC 12113:2022), sections 3.6 (accessors) and 4.4 (the binary container).
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.output_files import whole_file

GLB_SUFFIX = ".glb"
GLB_MIME = "model/gltf-binary"
#: The specification's numbers for what a buffer's part is for.
VERTICES, INDICES = 34962, 34963
_COMPONENTS = {"float32": 5126, "uint32": 5125, "uint16": 5123, "uint8": 5121}
_SHAPES = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}
_MAGIC, _VERSION, _JSON_CHUNK, _BINARY_CHUNK = 0x46546C67, 2, 0x4E4F534A, 0x004E4942


class GlbWriter:
    """Collects the parts of one file. Every `add_...` gives the index by which others name what was added."""

    def __init__(self, generator: str) -> None:
        """generator: the program's name, which the file tells."""
        self._parts: list[bytes] = []
        self._length = 0
        self.document: dict[str, Any] = {"asset": {"version": "2.0", "generator": generator}}

    def add(self, kind: str, entry: dict[str, Any]) -> int:
        """One more of the document's `nodes`, `meshes`, `materials` ..."""
        entries: list[Any] = self.document.setdefault(kind, [])
        entries.append(entry)
        return len(entries) - 1

    def add_values(self, values: npt.NDArray[Any], target: int | None = None, bounds: bool = False) -> int:
        """An accessor of (N,) or (N, K) values, K of 2, 3, 4 or 16 (a matrix by columns); float32, uint32, uint16 or uint8.

        target: `VERTICES` or `INDICES`, where it is one of these. bounds: whether the least and largest values are told, as
        places and times must.
        """
        table = np.ascontiguousarray(values if values.ndim > 1 else values[:, None])
        entry: dict[str, Any] = {
            "bufferView": self._add_bytes(table.tobytes(), target),
            "componentType": _COMPONENTS[str(table.dtype)],
            "count": len(table),
            "type": _SHAPES[table.shape[1]],
        }
        if bounds:
            entry |= {"min": table.min(axis=0).tolist(), "max": table.max(axis=0).tolist()}
        return self.add("accessors", entry)

    def add_zeros(self, count: int) -> int:
        """An accessor of `count` vectors (3,) of zeros, which takes no room."""
        nothing = {"min": [0.0] * 3, "max": [0.0] * 3}
        return self.add("accessors", {"componentType": _COMPONENTS["float32"], "count": count, "type": "VEC3", **nothing})

    def add_picture(self, encoded: bytes, mime: str) -> int:
        """A picture as the bytes of a PNG or JPEG file."""
        return self.add("images", {"bufferView": self._add_bytes(encoded, None), "mimeType": mime})

    def _add_bytes(self, data: bytes, target: int | None) -> int:
        view: dict[str, Any] = {"buffer": 0, "byteOffset": self._length, "byteLength": len(data)}
        if target is not None:
            view["target"] = target
        padded = data + b"\0" * (-len(data) % 4)
        self._parts.append(padded)
        self._length += len(padded)
        return self.add("bufferViews", view)

    def write(self, path: Path) -> int:
        """Write the file, whole or not at all; returns its bytes."""
        document = {**self.document, "buffers": [{"byteLength": self._length}]}
        text = json.dumps(document, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 4)
        length = 12 + 8 + len(text) + 8 + self._length
        with whole_file(path, "The head") as file:
            file.write(struct.pack("<III", _MAGIC, _VERSION, length))
            file.write(struct.pack("<II", len(text), _JSON_CHUNK) + text)
            file.write(struct.pack("<II", self._length, _BINARY_CHUNK))
            for part in self._parts:
                file.write(part)
        return length


def read_glb(data: bytes) -> tuple[dict[str, Any], bytes]:
    """The JSON and the buffer of a file that `GlbWriter` wrote. Raises ValueError where the container is not one."""
    magic, version, length = struct.unpack_from("<III", data)
    if magic != _MAGIC or version != _VERSION or length != len(data):
        raise ValueError("This is no GLB file of version 2.")
    size, kind = struct.unpack_from("<II", data, 12)
    binary_size, binary_kind = struct.unpack_from("<II", data, 20 + size)
    if (kind, binary_kind) != (_JSON_CHUNK, _BINARY_CHUNK):
        raise ValueError("The chunks of the GLB file are not JSON and its buffer.")
    return json.loads(data[20 : 20 + size]), data[28 + size : 28 + size + binary_size]
