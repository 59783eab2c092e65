# ruff: noqa: E402 - without torch the imports below would fail before the test can skip
"""Published weights are read in every form that they come in; nothing in them runs, and what does not fit is told."""

from __future__ import annotations

import copy
import hashlib
import os
import pickle
import zipfile

import pytest

torch = pytest.importorskip("torch")

from core.errors import InputError
from lipsync.wav2lip.checkpoint import read_expert, read_generator
from lipsync.wav2lip.networks.generator import Wav2LipGenerator


def same(network, other):
    ours, theirs = network.state_dict(), other.state_dict()
    return list(ours) == list(theirs) and all(torch.equal(ours[key], theirs[key]) for key in ours)


def refusal(path, read=read_generator):
    with pytest.raises(InputError) as raised:
        read(path)
    text = str(raised.value)
    assert "\n" not in text and text.endswith(".") and str(path) in text and "wav2lip_gan.pth" in text
    return text


def published(network):
    """As a training on several cards leaves it."""
    state = {f"module.{key}": value for key, value in network.state_dict().items()}
    return {"state_dict": state, "optimizer": None, "global_step": 7, "global_epoch": 1}


def test_a_plain_checkpoint(tmp_path, generator):
    path = tmp_path / "wav2lip.pth"
    torch.save(published(generator), path)
    checkpoint = read_generator(path)
    assert same(checkpoint.network, generator) and not checkpoint.network.training
    assert checkpoint.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert checkpoint.path == path


@pytest.mark.parametrize("zipped", [True, False])
def test_the_expert_in_both_formats_of_torch_and_bare(tmp_path, expert, zipped):
    path = tmp_path / "lipsync_expert.pth"
    torch.save(published(expert) if zipped else expert.state_dict(), path, _use_new_zipfile_serialization=zipped)
    assert same(read_expert(path).network, expert)


@pytest.mark.parametrize("made", ["scripted", "traced"])
def test_torchscript_without_its_program(tmp_path, expert, generator, monkeypatch, made):
    path = tmp_path / "script.pth"
    if made == "scripted":
        torch.jit.script(generator).save(str(path))
    else:
        shown = torch.zeros(1, 1, 80, 16), torch.zeros(1, 15, 48, 96)
        turned = copy.deepcopy(expert).to(memory_format=torch.channels_last)  # numbers that lie in another order
        torch.jit.trace(turned, shown, check_trace=False).save(str(path))
    monkeypatch.setattr(torch.jit, "load", lambda *_: pytest.fail("the program was loaded"))
    monkeypatch.setattr(torch._C, "import_ir_module", lambda *_: pytest.fail("the program was loaded"))
    if made == "scripted":
        assert same(read_generator(path).network, generator)
    else:
        assert same(read_expert(path).network, expert)


def test_half_precision_and_missing_counters(tmp_path, expert):
    state = {key: value.half() for key, value in expert.state_dict().items() if value.is_floating_point()}
    path = tmp_path / "half.pth"
    torch.save({"state_dict": state}, path)
    network = read_expert(path).network
    assert all(torch.equal(network.state_dict()[key].half(), value) for key, value in state.items())
    assert all(value.dtype == torch.float32 for value in network.parameters())


class Harm:
    """Would make a folder if it were unpickled."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


@pytest.mark.parametrize("constants", [True, False], ids=["TorchScript", "plain"])
def test_nothing_in_a_file_runs(tmp_path, constants):
    path, harm = tmp_path / "bad.pth", pickle.dumps(Harm(tmp_path / "harm"))
    torch.save({"state_dict": {"a": torch.zeros(2)}}, path)
    with zipfile.ZipFile(path) as old:
        members = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w") as new:
        for name, content in members.items():
            new.writestr(name, harm if name.endswith("data.pkl") else content)
        if constants:
            new.writestr(f"{name.partition('/')[0]}/constants.pkl", b"")
    assert ("it names posix.mkdir" if constants else "more than numbers") in refusal(path)
    assert not (tmp_path / "harm").exists()
    pickle.loads(harm)
    assert (tmp_path / "harm").exists(), "the control: it does run where it is let"


class Mouth(torch.nn.Module):
    """Somebody else's network, whose one tensor may be set."""

    def __init__(self, weight):
        super().__init__()
        self.weight = torch.nn.Parameter(weight)

    def forward(self, x):
        return x * self.weight


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"FloatStorage", b"LongStorage", "12 bytes in place of 3 numbers"),
        (b"FloatStorage", b"QInt8Storage", "QInt8Storage, which no network"),
        (b"_rebuild_tensor_v2", b"_rebuild_qtensor", "_rebuild_qtensor, which no network"),
        (b"K\x00(K\x03t", b"K\x00(K\x09t", "beyond its storage"),
    ],
)
def test_a_changed_script_archive(tmp_path, old, new, said):
    path = tmp_path / "script.pth"
    torch.jit.script(Mouth(torch.ones(3))).save(str(path))
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            if name.endswith("data.pkl"):
                assert old in content
                content = content.replace(old, new)
            archive.writestr(name, content)
    assert said in refusal(path)


def test_other_networks_files(tmp_path, expert):
    path = tmp_path / "other.pth"
    torch.save(published(expert), path)
    assert "of its 352 tensors are missing" in refusal(path)
    torch.jit.script(Mouth(torch.ones(3))).save(str(path))
    assert "of its 217 tensors are missing" in refusal(path, read_expert)
    for content in ([1, 2], {"state_dict": 3}, {"state_dict": {"a": 1}}, {}):
        torch.save(content, path)
        assert "does not hold the network of Wav2Lip (" in refusal(path)


def changed(name, value):
    state = Wav2LipGenerator().state_dict()
    state[name] = value
    return {"state_dict": state}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("output_block.1.bias", torch.zeros(4), "'output_block.1.bias' is 4 numbers where 3 are expected"),
        ("output_block.3.bias", torch.zeros(3), "1 tensors are none of its own, such as 'output_block.3.bias'"),
        ("output_block.1.bias", torch.zeros(3, dtype=torch.int64), "is torch.int64 where torch.float32 is expected"),
    ],
)
def test_a_changed_file(tmp_path, name, value, said):
    path = tmp_path / "changed.pth"
    torch.save(changed(name, value), path)
    assert said in refusal(path)


def test_no_file_nonsense_and_a_cut_one(tmp_path, expert):
    path = tmp_path / "lipsync_expert.pth"
    assert "There is no file" in refusal(path)
    path.write_bytes(b"no weights at all")
    assert "can't be read" in refusal(path)
    path.write_bytes(b"")
    assert "can't be read" in refusal(path)
    torch.save(published(expert), path)
    os.truncate(path, path.stat().st_size // 2)
    assert "can't be read" in refusal(path, read_expert)
