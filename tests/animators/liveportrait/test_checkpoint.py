"""Only the right files load; every other one ends in one sentence, and none is run."""

from __future__ import annotations

import os

import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import save_file  # noqa: E402

from animators.liveportrait.checkpoint import plain_name, read_generator, read_motion, read_small, weight_files  # noqa: E402
from animators.liveportrait.files import PARTS, folder_of, found_files  # noqa: E402
from animators.liveportrait.networks.retargeting import EyeRetargeting, LipRetargeting, Stitching  # noqa: E402
from core.errors import InputError, MissingError  # noqa: E402
from neural.own_files import WeightFile  # noqa: E402
from tests.animators.liveportrait.conftest import settled, small_generator, small_motion  # noqa: E402


def as_file(path):
    return WeightFile(path, "LivePortrait", "put the makers' own file there")


def refusal(path, wanted=InputError, make=small_motion):
    with pytest.raises(wanted) as raised:
        read_motion(as_file(path), make)
    text = str(raised.value)
    assert "\n" not in text and text.endswith(".") and path.name in text and "the makers' own file" in text
    return text


@pytest.mark.parametrize("kind", ["torch", "safetensors", "half"])
def test_every_kind_of_file_loads(kind, tmp_path):
    state = {key: tensor.clone() for key, tensor in settled(small_motion()).state_dict().items()}
    path = tmp_path / "motion_extractor.pth"
    if kind == "safetensors":
        save_file(state, path)
    else:
        torch.save({key: tensor.half() for key, tensor in state.items()} if kind == "half" else state, path)
    network = read_motion(as_file(path), small_motion)
    assert not network.training and not any(each.requires_grad for each in network.parameters())
    for key, tensor in network.state_dict().items():
        assert tensor.dtype == torch.float32 and torch.allclose(tensor, state[key], atol=1e-3 if kind == "half" else 0.0)


def test_the_generator_comes_out_of_three_files(tmp_path):
    network = settled(small_generator())
    state = network.state_dict()
    of_warping = ("dense_motion_network.", "third.", "fourth.")
    parts = {
        "appearance_feature_extractor": {k: v for k, v in state.items() if not k.startswith((*of_warping, "decoder."))},
        "warping_module": {k: v for k, v in state.items() if k.startswith(of_warping)},
        "spade_generator": {k.removeprefix("decoder."): v for k, v in state.items() if k.startswith("decoder.")},
    }
    files = {}
    for part, tensors in parts.items():
        files[part] = as_file(tmp_path / f"{part}.pth")
        torch.save(tensors, files[part].path)
    read = read_generator(files, small_generator).state_dict()
    assert all(torch.equal(read[key], tensor) for key, tensor in state.items())
    torch.save(parts["spade_generator"], files["warping_module"].path)
    with pytest.raises(InputError, match=r"warping_module\.pth is not the file that LivePortrait needs here: .* missing"):
        read_generator(files, small_generator)


@pytest.mark.parametrize("flat", [False, True])
def test_the_small_networks_come_out_of_one_file(flat, tmp_path):
    names = {"retarget_shoulder": Stitching, "retarget_eye": EyeRetargeting, "retarget_mouth": LipRetargeting}
    states = {name: settled(make(), f"{name}.").state_dict() for name, make in names.items()}
    path = tmp_path / "stitching_retargeting_module.pth"
    if flat:
        save_file({f"{name}_module.{key}": tensor for name, state in states.items() for key, tensor in state.items()}, path)
    else:
        torch.save({name: {f"module.{k}": v for k, v in state.items()} for name, state in states.items()}, path)
    for network, state in zip(read_small(as_file(path)), states.values(), strict=True):
        assert all(torch.equal(network.state_dict()[key], tensor) for key, tensor in state.items())
    assert plain_name("retarget_eye.module.mlp.0.bias") == "retarget_eye.mlp.0.bias"


def test_what_is_wrong_is_said(tmp_path):
    state = settled(small_motion()).state_dict()
    path = tmp_path / "motion_extractor.pth"
    for change, said in (
        ({"detector.fc_exp.bias": torch.zeros(62)}, "'detector.fc_exp.bias' is 62 float32 where 63 float32 is expected"),
        ({"detector.fc_exp.bias": torch.zeros(63, dtype=torch.int64)}, "is 63 int64 where 63 float32 is expected"),
        ({"detector.more": torch.zeros(1)}, "1 of its tensors are unknown, such as 'detector.more'"),
    ):
        torch.save(state | change, path)
        assert said in refusal(path)
    torch.save({key: tensor for key, tensor in state.items() if key != "detector.norm.bias"}, path)
    assert "are missing, such as 'detector.norm.bias'" in refusal(path)
    torch.save(state | {"epoch": 3}, path)
    assert "something else than a table of tensors" in refusal(path)
    torch.save(state, path)
    path.write_bytes(path.read_bytes()[:-2000])
    assert "damaged or of another kind" in refusal(path)


class Harmful:
    def __reduce__(self):
        return os.system, ("exit 1",)


def test_a_file_that_would_run_a_program_is_refused(tmp_path):
    path = tmp_path / "motion_extractor.pth"
    torch.save({"a": Harmful()}, path)
    assert "which is refused because such a file can run programs" in refusal(path)


def test_files_are_found_as_published_and_told_when_they_lack(tmp_path, monkeypatch):
    monkeypatch.setenv("BELCANTO_WEIGHTS_DIR", str(tmp_path))
    assert folder_of(None) == tmp_path / "liveportrait" and folder_of(tmp_path) == tmp_path
    places = ("base_models", "liveportrait/base_models", "", "base_models", "retargeting_models")
    for part, place in zip(PARTS, places, strict=True):
        (tmp_path / place).mkdir(parents=True, exist_ok=True)
        (tmp_path / place / f"{part}{'.safetensors' if place == '' else '.pth'}").touch()
    assert list(found_files(tmp_path)) == list(PARTS)
    assert len(weight_files(tmp_path)) == 5
    (tmp_path / "retargeting_models" / "stitching_retargeting_module.pth").unlink()
    with pytest.raises(MissingError, match=r"stitching_retargeting_module is not in .*--liveportrait-folder"):
        weight_files(tmp_path)
    with pytest.raises(MissingError, match="There is no weight file"):
        read_motion(as_file(tmp_path / "nothing.pth"), small_motion)
