"""The container of glTF."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from media.glb import INDICES, VERTICES, GlbWriter, read_glb


def triangle() -> GlbWriter:
    writer = GlbWriter("a test")
    places = writer.add_values(np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32), VERTICES, bounds=True)
    indices = writer.add_values(np.array([0, 1, 2], np.uint16), INDICES)
    primitive = {"attributes": {"POSITION": places}, "indices": indices, "targets": [{"POSITION": writer.add_zeros(3)}]}
    mesh = writer.add("meshes", {"primitives": [primitive]})
    writer.add("scenes", {"nodes": [writer.add("nodes", {"mesh": mesh})]})
    return writer


def test_chunks_are_aligned_and_say_how_long_they_are(tmp_path):
    writer = triangle()
    size = writer.write(tmp_path / "a.glb")
    data = (tmp_path / "a.glb").read_bytes()
    assert len(data) == size and struct.unpack_from("<4sII", data) == (b"glTF", 2, size) and size % 4 == 0
    document, buffer = read_glb(data)
    assert document["buffers"] == [{"byteLength": len(buffer)}]
    assert all(view["byteOffset"] % 4 == 0 for view in document["bufferViews"]), "six bytes of indices were filled up to eight"
    places = np.frombuffer(buffer, np.float32, 9).reshape(3, 3)
    assert places[1].tolist() == [document["accessors"][0]["max"][0], 0, 0]


def test_zeros_take_no_room(tmp_path):
    writer = triangle()
    writer.write(tmp_path / "a.glb")
    document, _ = read_glb((tmp_path / "a.glb").read_bytes())
    assert "bufferView" not in document["accessors"][2] and document["accessors"][2]["count"] == 3


@pytest.mark.parametrize("damaged", [b"", b"glTF" + bytes(40), b"PNG!" + bytes(40)])
def test_what_is_no_such_file_is_refused(damaged):
    with pytest.raises((ValueError, struct.error)):
        read_glb(damaged)
