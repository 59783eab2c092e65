"""Only the right files load; every other one ends in one sentence, and none is run."""

from __future__ import annotations

import os
from hashlib import sha256

import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import save_file  # noqa: E402

from core.errors import InputError, MissingError  # noqa: E402
from lipsync.musetalk import checkpoint  # noqa: E402
from lipsync.musetalk.checkpoint import read_networks, read_unet, read_vae, read_whisper, recorded  # noqa: E402
from tests.lipsync.musetalk.conftest import small_unet, small_vae  # noqa: E402
from weights.registry import find  # noqa: E402


def state(network):
    return {key: tensor.clone() for key, tensor in network.state_dict().items()}


@pytest.fixture
def unet_state():
    return state(small_unet())


def refusal(path, wanted=InputError, read=lambda path: read_unet(path, small_unet), name="musetalk_v15_unet"):
    """The sentence that ends the attempt to read `path`."""
    with pytest.raises(wanted) as raised:
        read(path)
    text = str(raised.value)
    assert "\n" not in text and text.endswith(".") and path.name in text and f"python -m weights fetch {name}" in text
    return text


@pytest.mark.parametrize("kind", ["torch", "old torch", "safetensors", "half"])
def test_every_kind_of_file_loads(kind, unet_state, tmp_path):
    path = tmp_path / "unet.anything"
    if kind == "safetensors":
        save_file(unet_state, path)
    else:
        halved = {key: tensor.half() for key, tensor in unet_state.items()}
        content = halved if kind == "half" else unet_state
        torch.save(content, path, _use_new_zipfile_serialization=kind != "old torch")
    network = read_unet(path, small_unet)
    assert not network.training and not any(each.requires_grad for each in network.parameters())
    for key, tensor in network.state_dict().items():
        assert tensor.dtype == torch.float32 and torch.allclose(tensor, unet_state[key], atol=1e-3 if kind == "half" else 0.0)


def test_the_autoencoder_by_its_newer_names(tmp_path):
    older = state(small_vae())
    assert sum(".query." in key or ".proj_attn." in key for key in older) == 8
    newer = older
    for new, old in checkpoint.OLDER_NAMES.items():
        newer = {key.replace(old, new): tensor for key, tensor in newer.items()}
    path = tmp_path / "vae.bin"
    torch.save(newer, path)
    loaded = read_vae(path, small_vae).state_dict()
    assert all(torch.equal(loaded[key], tensor) for key, tensor in older.items())
    torch.save(older | newer, path)
    assert "16 of its tensors are unknown" in refusal(path, read=lambda path: read_vae(path, small_vae), name="sd_vae_ft_mse")


def test_whisper_is_read_without_what_writes(tmp_path):
    from lipsync.musetalk.networks.whisper_encoder import WhisperEncoder

    tensors = {f"model.encoder.{key}": tensor for key, tensor in state(WhisperEncoder()).items()}
    path = tmp_path / "whisper.safetensors"
    save_file(tensors | {"model.decoder.layer_norm.weight": torch.zeros(384)}, path)
    assert torch.equal(read_whisper(path).conv1.weight, tensors["model.encoder.conv1.weight"])
    save_file(tensors | {"model.something.weight": torch.zeros(384)}, path)
    assert "unknown, such as 'model.something.weight'" in refusal(path, read=read_whisper, name="whisper_tiny")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.update({"conv_in.shift": t.pop("conv_in.bias")}), "1 of its"),
        (lambda t: t.update({"extra.weight": torch.zeros(3)}), "unknown, such as 'extra.weight'"),
        (lambda t: t.update({"conv_out.bias": torch.zeros(5)}), "'conv_out.bias' has the shape (5,) where (4,) is expected"),
        (lambda t: t.update({"conv_out.bias": torch.zeros(4, dtype=torch.int64)}), "is of the type int64"),
        (lambda t: t.clear(), "tensors are missing"),
    ],
    ids=["renamed", "one too many", "another shape", "another type", "empty"],
)
def test_a_changed_file(change, said, unet_state, tmp_path):
    change(unet_state)
    path = tmp_path / "unet.pth"
    torch.save(unet_state, path)
    assert said in refusal(path)


class Dangerous:
    """Would make a folder if it were unpickled."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


@pytest.mark.parametrize("zipped", [True, False])
def test_a_file_that_would_run_something_is_refused(zipped, unet_state, tmp_path):
    path = tmp_path / "unet.pth"
    torch.save(unet_state | {"more": Dangerous(tmp_path / "harm")}, path, _use_new_zipfile_serialization=zipped)
    assert "can run programs" in refusal(path)
    assert not (tmp_path / "harm").exists()
    torch.load(path, weights_only=False)
    assert (tmp_path / "harm").exists(), "the control: it does run where it is let"


@pytest.mark.parametrize("kind", ["torch", "old torch", "safetensors"])
def test_a_truncated_file(kind, unet_state, tmp_path):
    path = tmp_path / "unet.pth"
    if kind == "safetensors":
        save_file(unet_state, path)
    else:
        torch.save(unet_state, path, _use_new_zipfile_serialization=kind != "old torch")
    os.truncate(path, path.stat().st_size // 2)
    refusal(path)


def test_other_files(tmp_path):
    path = tmp_path / "unet.pth"
    assert "There is no weight file" in refusal(path, MissingError)
    for content in (b"", b"no weights at all", b"\x05\x00\x00\x00\x00\x00\x00\x00{none", b"\xff" * 8 + b"{"):
        path.write_bytes(content)
        refusal(path)
    for content in ([torch.zeros(2)], {"state_dict": {"conv_in.bias": torch.zeros(3)}}, {"epoch": 3}):
        torch.save(content, path)
        assert "no table of tensors" in refusal(path)


def test_what_is_kept_of_a_file(tmp_path):
    path = tmp_path / "unet.pth"
    path.write_bytes(b"somebody's own")
    kept = recorded("unet", path)
    assert kept.sha256 == sha256(b"somebody's own").hexdigest() and not kept.published
    fetched = recorded("unet", path, fetched=True)
    assert fetched.published and fetched.sha256 == find("musetalk_v15_unet").sha256


def test_named_files_and_those_of_the_registry(monkeypatch, unet_state, tmp_path):
    """The networks of a made-up U-Net that is named, and of the registry's other two, which are fetched."""
    from lipsync.musetalk.networks.whisper_encoder import WhisperEncoder

    made = {"unet": unet_state, "vae": state(small_vae())}
    made["whisper"] = {f"model.encoder.{key}": tensor for key, tensor in state(WhisperEncoder()).items()}
    for part, tensors in made.items():
        torch.save(tensors, tmp_path / f"{part}.bin")
    asked = []
    names = {name: tmp_path / f"{part}.bin" for part, name in checkpoint.WEIGHTS.items()}
    monkeypatch.setattr(checkpoint, "ensure", lambda name: asked.append(name) or names[name])
    monkeypatch.setattr(checkpoint, "read_unet", lambda path: read_unet(path, small_unet))
    monkeypatch.setattr(checkpoint, "read_vae", lambda path: read_vae(path, small_vae))
    networks = read_networks(unet=tmp_path / "unet.bin")
    assert asked == ["sd_vae_ft_mse", "whisper_tiny"]
    assert {part: file.published for part, file in networks.files.items()} == {"unet": False, "vae": True, "whisper": True}
    assert torch.equal(networks.unet.conv_in.weight, unet_state["conv_in.weight"])
