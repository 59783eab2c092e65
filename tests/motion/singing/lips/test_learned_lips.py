"""Learned lips at run time: the network without torch, the stream, wrong files in sentences, and lips that are heard live."""

from __future__ import annotations

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

from core.contracts import BLENDSHAPE_INDEX
from core.errors import InputError, MissingError
from motion.singing.lips import learned_lips, streaming
from motion.singing.lips.learned_lips import HEARD_LEVEL_DB, LIPS_PATH, LearnedLips, LipNetwork, level_gain
from motion.singing.lips.lip_curves import CURVE_NAMES, LipCurves
from motion.singing.lips.lip_graph import _expected_shapes, read_lip_model
from motion.singing.lips.streaming import LIVE_PATH, LOOK_AHEAD_S, ROW_SAMPLES, LiveLips, live_shapes
from tests.motion.singing.sounds import SAMPLE_RATE_HZ, faded, silence, vowel

SHAPE = {"encoder_channels": 0, "mel_channels": 160, "outputs": 16, "width": 8, "kernel": 3, "dilations": [1, 2]}
OFFLINE = {**SHAPE, "encoder_channels": 24, "causal": False, "look_ahead": 0}
BASED = {**OFFLINE, "encoder_channels": 40, "base_channels": 16, "base_kernel": 5, "dilations": [1, 4]}
LIVE = {**SHAPE, "causal": True, "look_ahead": 8}


def write_model(path, shape, **changes):
    generator = np.random.default_rng(0)
    tensors = {
        name: generator.normal(0.0, 0.3, size).astype(np.float32) + name.endswith("scale")
        for name, size in _expected_shapes(shape).items()
    }
    facts = {"shape": shape, "channels": list(CURVE_NAMES), "encoder_layers": [4], **changes}
    save_file(tensors, path, metadata={name: json.dumps(value) for name, value in facts.items()})
    return path


@pytest.mark.parametrize("shape", [OFFLINE, BASED, LIVE, {**LIVE, "look_ahead": 0}])
def test_the_graph_is_the_trained_module(tmp_path, shape):
    """The same numbers as the torch module that was trained, whole and in pieces of any size."""
    torch = pytest.importorskip("torch", reason="the torch module is what the graph is compared with")
    from motion.singing.training.checkpoint import load_network

    path = write_model(tmp_path / "lips.safetensors", shape)
    rows = np.random.default_rng(1).normal(size=(90, shape["encoder_channels"] + 160)).astype(np.float32)
    expected = load_network(path)[0].curves(torch.from_numpy(rows)).numpy()
    network = LipNetwork(read_lip_model(path))
    assert expected.std() > 0.1
    np.testing.assert_allclose(network.run(rows), expected, atol=1e-4)
    for size in (1, 7, 40):
        pieces = network.run_blocks(rows[start : start + size] for start in range(0, len(rows), size))
        np.testing.assert_allclose(np.concatenate(list(pieces)), expected, atol=1e-4)


def test_files_that_are_no_lips(tmp_path):
    with pytest.raises(MissingError, match="--lips features"):
        read_lip_model(tmp_path / "none.safetensors")
    path = write_model(tmp_path / "lips.safetensors", OFFLINE)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match="not a file of trained lips"):
        read_lip_model(path)
    write_model(path, OFFLINE)
    model = read_lip_model(path)
    with pytest.raises(InputError, match="does not hold the network"):
        save_file({**model.tensors, "more": np.zeros(1, np.float32)}, path, metadata={"shape": json.dumps(OFFLINE)})
        read_lip_model(path)
    with pytest.raises(InputError, match="give the curves a, b"):
        LipNetwork(read_lip_model(write_model(path, OFFLINE, channels=["a", "b"])))
    with pytest.raises(InputError, match="not a live network"):
        LiveLips(write_model(path, OFFLINE))


def test_without_the_encoder_the_way_out_is_told(tmp_path, monkeypatch):
    def missing(*ignored):
        raise MissingError("The weight whisper_base_part1 could not be fetched.")

    monkeypatch.setattr(learned_lips, "SpeechEncoder", missing)
    with pytest.raises(MissingError, match=r"could not be fetched\. The setting --lips features"):
        LearnedLips(write_model(tmp_path / "lips.safetensors", OFFLINE))


def test_level():
    assert level_gain(float("nan")) == 1.0 == level_gain(HEARD_LEVEL_DB)
    assert level_gain(HEARD_LEVEL_DB - 20.0) == pytest.approx(10.0)
    assert level_gain(-200.0) == pytest.approx(100.0)


def test_curves_are_read_between_their_rows():
    values = np.zeros((3, len(CURVE_NAMES)), np.float32)
    values[:, CURVE_NAMES.index("jaw_mm")] = [0.0, 2.0, 1.0]
    np.testing.assert_allclose(LipCurves(values).curve("jaw_mm", 6), [0.0, 1.0, 2.0, 1.5, 1.0, 1.0])
    assert not LipCurves.none().learned and LipCurves(values).learned


def fed(live, sound, sizes):
    """All frames of `sound` in blocks of `sizes` samples, over and over, and how many were out before the end."""
    pieces, start, turn = [], 0, 0
    while start < len(sound):
        pieces.append(live.feed(sound[start : start + sizes[turn % len(sizes)]]))
        start, turn = start + sizes[turn % len(sizes)], turn + 1
    before_end = sum(map(len, pieces))
    return np.concatenate([*pieces, live.finish()]), before_end


@pytest.fixture(scope="module")
def live_model(tmp_path_factory):
    return write_model(tmp_path_factory.mktemp("live") / "lips_live.safetensors", LIVE)


def test_live_frames_do_not_depend_on_the_blocks(live_model):
    live = LiveLips(live_model)
    sound = (0.1 * np.random.default_rng(0).normal(size=SAMPLE_RATE_HZ + 77)).astype(np.float32)
    sound[5000:9000] *= 0.01
    whole, early = fed(live, sound, [len(sound)])
    assert len(whole) == -(-len(sound) // ROW_SAMPLES) and whole.std() > 0.1
    assert early >= len(whole) - np.ceil(LOOK_AHEAD_S * 50) - 1
    for sizes in ([1600], [320], [1, 799, 3000], [50]):
        np.testing.assert_allclose(fed(live, sound, sizes)[0], whole, atol=1e-4)
    assert fed(live, sound[:0], [1])[0].shape == (0, 16) and fed(live, sound[:1], [1])[0].shape == (1, 16)


def test_live_frames_hear_no_more_than_200_ms_ahead(live_model):
    live = LiveLips(live_model)
    assert LOOK_AHEAD_S <= 0.2
    generator = np.random.default_rng(0)
    sound = (0.1 * generator.normal(size=2 * SAMPLE_RATE_HZ)).astype(np.float32)
    other = sound.copy()
    other[SAMPLE_RATE_HZ:] = 0.3 * generator.normal(size=SAMPLE_RATE_HZ)
    one, two = fed(live, sound, [1600])[0], fed(live, other, [1600])[0]
    unheard = int(np.floor((1.0 - LOOK_AHEAD_S) * 50))
    np.testing.assert_allclose(one[:unheard], two[:unheard], atol=1e-5)
    assert np.abs(one[unheard + 2 :] - two[unheard + 2 :]).max() > 0.1
    frames = sum(len(live.feed(sound[start : start + 320])) for start in range(0, SAMPLE_RATE_HZ, 320))
    assert frames >= unheard - 1


def test_live_level_follows_a_soft_voice(live_model):
    """Twenty decibels softer is heard almost alike once the follower has found the level; without it, it would not be."""
    live = LiveLips(live_model)
    noise = (0.2 * np.random.default_rng(0).normal(size=12 * SAMPLE_RATE_HZ)).astype(np.float32)
    loud, soft = fed(live, noise, [4000])[0], fed(live, 0.25 * noise, [4000])[0]
    start, end = np.abs(loud[50:100] - soft[50:100]).mean(), np.abs(loud[-100:-20] - soft[-100:-20]).mean()
    assert end < 0.25 * start


def test_live_refuses_what_is_no_sound(live_model):
    live = LiveLips(live_model)
    for wrong in (np.array([0.0, np.nan], np.float32), np.zeros((4, 2), np.float32)):
        with pytest.raises(InputError, match="mono, 16 kHz"):
            live.feed(wrong)
    assert live.finish().shape == (0, 16)


def test_live_shapes_close_the_lips():
    curves = np.zeros((3, len(CURVE_NAMES)), np.float32)
    for name, values in {"jawOpen": [0.3, 0.3, -0.1], "mouthClose": [0.05, 0.5, 0.0], "closure": [0.1, 0.9, 0.0]}.items():
        curves[:, CURVE_NAMES.index(name)] = values
    curves[:, CURVE_NAMES.index("mouthSmile")] = 0.4
    shapes = live_shapes(curves)
    jaw, close = (shapes[:, BLENDSHAPE_INDEX[name]] for name in ("jawOpen", "mouthClose"))
    np.testing.assert_allclose(jaw, [0.3, 0.3, 0.0], atol=1e-6)
    np.testing.assert_allclose(close, [0.05, 0.3, 0.0], atol=1e-6)
    assert shapes[0, BLENDSHAPE_INDEX["mouthSmileLeft"]] == shapes[0, BLENDSHAPE_INDEX["mouthSmileRight"]] == np.float32(0.4)


def test_the_project_s_own_live_network():
    """The committed weights: a vowel opens the mouth, silence shuts it."""
    assert LIPS_PATH.is_file() and LIVE_PATH.is_file()
    live = LiveLips()
    sound = np.concatenate([silence(0.5), faded(0.3 * vowel((730, 1090, 2440), 140.0, 0.8)), silence(0.7)])
    curves, _ = fed(live, sound.astype(np.float32), [1600])
    aperture_mm = curves[:, CURVE_NAMES.index("aperture_mm")]
    assert aperture_mm[35:55].max() > 6.0 > 2.0 > np.median(aperture_mm[:15])
    assert streaming.LOOK_AHEAD_S < 0.2 and aperture_mm[-10:].mean() < 2.0
