"""A trained file: read without torch, strictly, with sentences for what is no such file."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import save_file

from core.errors import InputError, MissingError
from core.rigs.rig_list import ARKIT
from motion.emotion.model_file import ENTRY, Facts, expected_shapes, load_model, save_model
from motion.emotion.networks.shape import DeitalkShape, Switches
from motion.emotion.styles import STYLES, one_hot, style_index

SHAPE = DeitalkShape(
    features=6, outputs=len(ARKIT.curves), filters=8, intensity_width=10, dilations=(1, 2), motion_filters=(4,) * 4
)
FACTS = Facts("whisper", (4,), "arkit", ARKIT.curves, SHAPE, training={"licence": "CC0"})


def tensors(shape=SHAPE):
    generator = np.random.default_rng(2)
    return {name: generator.normal(size=size).astype(np.float32) for name, size in expected_shapes(shape).items()}


@pytest.mark.parametrize("half", [False, True])
def test_a_file_gives_back_what_was_saved(tmp_path, half):
    path, kept = tmp_path / "model.safetensors", tensors()
    save_model(path, kept, FACTS, half)
    read = load_model(path)
    assert read.facts == FACTS and read.facts.styles == STYLES and read.facts.fps == 30
    assert read.tensors.keys() == kept.keys()
    for name, value in kept.items():
        assert read.tensors[name].dtype == np.float32
        exact = not half or name.endswith(("_mean", "_scale"))
        np.testing.assert_allclose(read.tensors[name], value, rtol=0 if exact else 2e-3, atol=0 if exact else 1e-6)
    again = tmp_path / "again.safetensors"
    save_model(again, kept, FACTS, half)
    assert again.read_bytes() == path.read_bytes()
    assert [each.name for each in tmp_path.iterdir() if each.suffix != ".safetensors"] == []


def test_without_intensity_nothing_of_it_is_kept(tmp_path):
    shape = replace(SHAPE, switches=Switches(intensity=False))
    assert not any(name.startswith("intensity") for name in expected_shapes(shape))
    save_model(tmp_path / "model.safetensors", tensors(shape), replace(FACTS, shape=shape))
    assert not load_model(tmp_path / "model.safetensors").facts.shape.switches.intensity


def test_other_tensors_are_not_saved(tmp_path):
    kept = tensors()
    with pytest.raises(ValueError, match="curve_mean is missing"):
        save_model(tmp_path / "m.safetensors", {name: value for name, value in kept.items() if name != "curve_mean"}, FACTS)
    kept["decoder.curves.bias"][0] = np.nan
    with pytest.raises(ValueError, match=r"decoder.curves.bias is no array of finite numbers"):
        save_model(tmp_path / "m.safetensors", kept, FACTS)
    assert not list(tmp_path.iterdir())


def test_another_file_is_refused_in_a_sentence(tmp_path):
    path = tmp_path / "model.safetensors"
    with pytest.raises(MissingError, match=r"motion.emotion.training.train"):
        load_model(path)
    path.write_bytes(b"no network")
    with pytest.raises(InputError, match="is not a file of a trained emotion network"):
        load_model(path)
    save_file({"curve_mean": np.zeros(3, np.float32)}, path)
    with pytest.raises(InputError, match="is not a file of a trained emotion network"):
        load_model(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": 9}, "version 9"),
        ({"kind": "lips"}, "it is a lips"),
        ({"styles": ["calm", "angry", "happy", "sad", "surprised"]}, "this program knows others"),
        ({"curves": ["jawOpen"]}, "it names 1 curves"),
        ({"layers": [-1]}, "sizes"),
        ({"shape": {"filters": 8}}, "is not a file"),
    ],
)
def test_a_header_that_says_something_else_is_refused(tmp_path, change, said):
    path = tmp_path / "model.safetensors"
    save_model(path, tensors(), FACTS)
    size = int.from_bytes(path.read_bytes()[:8], "little")
    header = json.loads(json.loads(path.read_bytes()[8 : 8 + size])["__metadata__"][ENTRY])
    save_file(tensors(), path, metadata={ENTRY: json.dumps({**header, **change})})
    with pytest.raises(InputError, match=said):
        load_model(path)


def test_a_file_with_another_network_is_refused(tmp_path):
    path = tmp_path / "model.safetensors"
    save_model(path, tensors(), FACTS)
    size = int.from_bytes(path.read_bytes()[:8], "little")
    header = json.loads(path.read_bytes()[8 : 8 + size])["__metadata__"]
    save_file({**tensors(), "decoder.curves.bias": np.zeros(3, np.float32)}, path, metadata=header)
    with pytest.raises(InputError, match=r"decoder.curves.bias is 3 where 55 is expected"):
        load_model(path)


def test_styles_have_their_places():
    assert one_hot(["sad", "neutral"]).tolist() == [[0, 0, 0, 1, 0], [1, 0, 0, 0, 0]]
    with pytest.raises(InputError, match="calm"):
        style_index("calm")
