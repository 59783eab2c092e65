from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest

from core.errors import InputError
from separation.checkpoint import expected_shapes, load_checkpoint, two_stems
from separation.tensor_bundle import _masked_crc32c, read_tensor_bundle


@pytest.fixture
def copies(bundle_paths, tmp_path):
    """The published index as a file that a test may damage, and the data as it is."""
    return shutil.copy(bundle_paths[0], tmp_path / bundle_paths[0].name), bundle_paths[1]


def test_checksum_is_crc32c():
    # RFC 3720, appendix B.4: CRC-32C of 32 zeros, and of the bytes 0 to 31; unmasked here.
    for content, expected in ((bytes(32), 0x8A9136AA), (bytes(range(32)), 0x46DD794E)):
        masked = _masked_crc32c(np.frombuffer(content, np.uint8))
        rotated = (masked - 0xA282EAD8) & 0xFFFFFFFF
        assert (rotated >> 17 | rotated << 15) & 0xFFFFFFFF == expected


@pytest.mark.slow
def test_published_checkpoint_loads_whole(bundle_paths):
    tensors = load_checkpoint(two_stems())
    assert {name: tensor.shape for name, tensor in tensors.items()} == expected_shapes()
    assert sum(tensor.size for tensor in tensors.values()) == (bundle_paths[1].stat().st_size - 8) // 4  # without global_step
    assert all(np.isfinite(tensor).all() for tensor in tensors.values())


@pytest.mark.parametrize("kept_bytes", [0, 30, 2000, -1])
def test_index_cut_short(copies, kept_bytes):
    index, data = copies
    index.write_bytes(index.read_bytes()[:kept_bytes])
    with pytest.raises(InputError, match="damaged, or not a TensorFlow tensor bundle"):
        read_tensor_bundle(index, data, "Try again.")


@pytest.mark.parametrize("position", [100, 3000, 4100, 5160, 5200])
def test_index_with_one_changed_byte(copies, position):
    index, data = copies
    content = bytearray(index.read_bytes())
    content[position] ^= 0x40
    index.write_bytes(content)
    with pytest.raises(InputError, match="damaged"):
        read_tensor_bundle(index, data, "Try again.")


def test_data_cut_short(copies):
    index, data = copies
    part = index.with_name("part")
    part.write_bytes(data.read_bytes()[:1_000_000])
    with pytest.raises(InputError, match="is cut short"):
        read_tensor_bundle(index, part, "Try again.")


@pytest.mark.slow
def test_data_with_one_changed_bit(copies):
    index, data = copies
    content = bytearray(data.read_bytes())
    content[40_000_000] ^= 1
    changed = index.with_name("changed")
    changed.write_bytes(content)
    try:
        with pytest.raises(InputError, match="does not match its checksum"):
            read_tensor_bundle(index, changed, "Try again.")
    finally:
        changed.unlink()  # 78 MB that need not wait for the clean-up of the temporary folder


def test_files_taken_for_each_other(copies):
    index, data = copies
    with pytest.raises(InputError, match="damaged, or not a TensorFlow tensor bundle"):
        read_tensor_bundle(data, index, "Try again.")


def test_missing_data_file(copies, tmp_path):
    with pytest.raises(InputError, match=r"can't be read: No such file.*python -m weights fetch"):
        load_checkpoint(replace(two_stems(), data=tmp_path / "nothing"))


@pytest.mark.parametrize(
    ("name", "tensor", "complaint"),
    [
        ("conv2d/bias", None, r"1 tensors are missing \(the first is conv2d/bias\)"),
        ("conv2d_99/bias", np.zeros(3, np.float32), r"1 tensors are unknown \(the first is conv2d_99/bias\)"),
        ("conv2d/kernel", np.zeros((5, 5, 1, 16), np.float32), r"of another shape \(the first is conv2d/kernel\)"),
    ],
)
def test_another_network_is_refused(bundle_paths, monkeypatch, name, tensor, complaint):
    tensors = {key: np.zeros(shape, np.float32) for key, shape in expected_shapes().items()} | {name: tensor}
    if tensor is None:
        del tensors[name]
    monkeypatch.setattr("separation.tensor_bundle.read_tensor_bundle", lambda index, data, remedy: tensors)
    with pytest.raises(InputError, match=complaint):
        load_checkpoint(two_stems())
