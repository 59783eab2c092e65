"""Only the right files load; every other one ends in one sentence, and none is run."""

from __future__ import annotations

import json
import os
import struct

import pytest

torch = pytest.importorskip("torch")

from core.errors import InputError, MissingError  # noqa: E402
from neural.exact_loading import skeleton  # noqa: E402
from sadtalker_runner.checkpoint import NETWORKS, SadTalkerCheckpoint, load_mapping_net  # noqa: E402

KINDS = {torch.float32: ("F32", 4), torch.int64: ("I64", 8)}
#: Size of the published file.
PUBLISHED_BYTES = 725_066_984


def layout():
    """Names, types and shapes of the published file."""
    return {
        f"{prefix}.{key}": [KINDS[value.dtype][0], list(value.shape), value.numel() * KINDS[value.dtype][1]]
        for prefix, make in NETWORKS.items()
        for key, value in skeleton(make).items()
    }


def write_empty(path, tensors):
    """A safetensors file whose tensors are all zero and take no room on the disk."""
    header, offset = {}, 0
    # the library writes the widest types first, and then by name
    for key, (kind, shape, size) in sorted(tensors.items(), key=lambda item: (item[1][0] != "I64", item[0])):
        header[key] = {"dtype": kind, "shape": shape, "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text)
    os.truncate(path, 8 + len(text) + offset)
    return path


def refusal(path, wanted=InputError):
    """The sentence that ends the attempt to open `path`."""
    with pytest.raises(wanted) as raised:
        SadTalkerCheckpoint(path)
    text = str(raised.value)
    assert "\n" not in text and text.endswith(".") and path.name in text and "python -m weights fetch sadtalker_" in text
    return text


def test_the_layout_has_the_published_size(tmp_path):
    """To the byte: so these names, types and shapes are the published ones, and all of them."""
    sizes = layout()
    path = write_empty(tmp_path / "a_256.safetensors", sizes)
    assert SadTalkerCheckpoint(path).expression_net().mapping1.weight.abs().sum() == 0
    assert path.stat().st_size == PUBLISHED_BYTES


@pytest.mark.slow
def test_every_network_of_a_full_file_loads(checkpoint, checkpoint_path):
    assert checkpoint_path.stat().st_size > 724_000_000
    networks = [
        checkpoint.expression_net(),
        checkpoint.pose_vae(),
        checkpoint.face_reconstruction_net(),
        checkpoint.keypoint_detector(),
        checkpoint.generator(),
    ]
    for network in networks:
        assert not network.training
        assert all(value.device.type == "cpu" for value in network.state_dict().values())


def test_a_missing_file(tmp_path):
    assert "no weight file" in refusal(tmp_path / "SadTalker_512.safetensors", MissingError)
    assert "sadtalker_512" in refusal(tmp_path / "SadTalker_512.safetensors", MissingError)
    refusal(tmp_path, MissingError)


def test_a_file_of_another_kind(tmp_path, root_dir):
    path = tmp_path / "picture.safetensors"
    path.write_bytes((root_dir / "pyproject.toml").read_bytes())
    assert "not a whole safetensors file" in refusal(path)
    path.write_bytes(b"")
    assert "not a whole safetensors file" in refusal(path)


def test_a_truncated_file(tmp_path):
    path = write_empty(tmp_path / "a.safetensors", layout())
    os.truncate(path, path.stat().st_size // 2)
    assert "not a whole safetensors file" in refusal(path)


def test_another_models_file(tmp_path):
    from safetensors.torch import save_file

    path = tmp_path / "other.safetensors"
    save_file({"weight": torch.zeros(3)}, str(path))
    assert "of its 1305 tensors are missing" in refusal(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.update({"generator.third.weight": t.pop("generator.third.conv.weight")}), "generator.third.conv.weight"),
        (lambda t: t.update({"he_estimator.fc.weight": ["F32", [3], 12]}), "unknown, such as 'he_estimator.fc.weight'"),
        (lambda t: t.update({"audio2exp.mapping1.bias": ["F32", [65], 260]}), "is 65 float32 where 64 float32 is expected"),
        (lambda t: t.update({"audio2exp.mapping1.bias": ["F16", [64], 128]}), "is 64 float16 where 64 float32 is expected"),
    ],
    ids=["renamed", "one too many", "another shape", "another type"],
)
def test_a_changed_file(tmp_path, change, said):
    tensors = layout()
    change(tensors)
    assert said in refusal(write_empty(tmp_path / "a.safetensors", tensors))


class Dangerous:
    """Would make a folder if it were unpickled."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


def mapping_refusal(path, coefficients=70, wanted=InputError):
    with pytest.raises(wanted) as raised:
        load_mapping_net(path, coefficients)
    text = str(raised.value)
    assert "\n" not in text and text.endswith(".") and path.name in text and "python -m weights fetch sadtalker_mapping" in text
    return text


def test_a_mapping_file_that_would_run_something_is_refused(tmp_path):
    path = tmp_path / "mapping.pth.tar"
    torch.save({"mapping": Dangerous(tmp_path / "harm")}, path)
    assert "can run programs" in mapping_refusal(path)
    assert not (tmp_path / "harm").exists()
    torch.load(path, weights_only=False)
    assert (tmp_path / "harm").exists(), "the control: it does run where it is let"


@pytest.mark.parametrize("zipped", [True, False])
def test_a_mapping_file_of_both_formats_and_cut_short(tmp_path, zipped, mapping_path):
    content = torch.load(mapping_path(70), weights_only=True)
    path = tmp_path / "mapping.pth.tar"
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    assert load_mapping_net(path, 70).fc_t.out_features == 3
    os.truncate(path, path.stat().st_size // 2)
    mapping_refusal(path)


def test_other_mapping_files(tmp_path, mapping_path):
    assert "1024 x 70 x 7 float32 where 1024 x 73 x 7 float32" in mapping_refusal(mapping_path(70), 73)
    path = tmp_path / "mapping.pth.tar"
    mapping_refusal(path, wanted=MissingError)
    path.write_bytes(b"not a pickle at all")
    mapping_refusal(path)
    for content in ([1, 2], {"model": {}}, {"mapping": {"first": 3}}):
        torch.save(content, path)
        assert "holds no SadTalker mapping network" in mapping_refusal(path)
    torch.save({"mapping": {"first": torch.zeros(2)}}, path)
    assert "are missing" in mapping_refusal(path)
