"""The baselines learn, look only where they may, and come back from their files as they were."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.errors import InputError
from motion.emotion.training.baselines.attention import PERIOD, causal_bias, periodic_positions
from motion.emotion.training.baselines.base import BaselineShape
from motion.emotion.training.baselines.kinds import KINDS, is_baseline, load_baseline, made_baseline, save_baseline
from motion.emotion.training.baselines.lesson import BaselineLesson, best_network
from motion.emotion.training.prepare import Example, Hearing
from motion.emotion.training.settings import TrainSettings
from motion.emotion.training.take_set import Take

SHAPE = BaselineShape(features=6, outputs=5, width=8, heads=2, lips=(0, 2))


def style_of(number):
    return torch.eye(5)[number]


def an_example(seed, style="happy", frames=40):
    generator = np.random.default_rng(seed)
    features = generator.normal(size=(frames, 6)).astype(np.float16)
    curves = (0.5 + 0.2 * features[:, :5] + (0.2 if style == "happy" else 0.0)).astype(np.float32)
    return Example(Take(f"a/{style}/{seed}", "a", style, None, None), features, curves, None)


@pytest.mark.parametrize("kind", KINDS)
def test_a_baseline_learns(kind):
    torch.manual_seed(0)
    settings = TrainSettings(steps=60, batch=4, window_frames=32, rate=1e-2, check_steps=20, one_curve_scale=True)
    examples = [an_example(seed, style) for seed, style in enumerate(("happy", "sad", "happy", "neutral"))]
    lesson = BaselineLesson(kind, SHAPE, examples, examples, settings)
    losses = [lesson.step(number)["position"] for number in range(60)]
    assert np.mean(losses[-5:]) < 0.8 * np.mean(losses[:5])
    assert lesson.best_loss < np.inf and lesson.best_step % 20 == 0
    told = best_network(lesson).whole(torch.from_numpy(examples[0].features), style_of(2))
    assert told.shape == (40, 5) and torch.isfinite(told).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_baseline_comes_back_from_its_file(kind, tmp_path):
    torch.manual_seed(1)
    network, path = made_baseline(kind, SHAPE), tmp_path / "it.safetensors"
    save_baseline(path, kind, network, Hearing("whisper", (2, 4)), "arkit")
    assert is_baseline(path)
    again, hearing, rig = load_baseline(path)
    assert (hearing, rig, again.shape) == (Hearing("whisper", (2, 4)), "arkit", SHAPE)
    sound = torch.randn(10, 6)
    assert torch.equal(again.whole(sound, style_of(1)), network.whole(sound, style_of(1)))


def test_a_faceformer_sees_its_past_and_its_own_moment_alone():
    torch.manual_seed(2)
    network, sound = made_baseline("faceformer", SHAPE), torch.randn(12, 6)
    told = network.whole(sound, style_of(0))
    changed = sound.clone()
    changed[7] += 3.0
    other = network.whole(changed, style_of(0))
    assert torch.allclose(told[:7], other[:7], atol=1e-6)
    assert not torch.allclose(told[7], other[7]) and not torch.allclose(told[8], other[8])


def test_a_faceformer_tells_as_if_one_frame_followed_another():
    """Told one by one, each frame over those before it, the frames are those that `told` gives at once."""
    torch.manual_seed(3)
    network, sound = made_baseline("faceformer", SHAPE), torch.randn(1, 9, 6)
    heard, felt = network.sound(sound), network.style(style_of(1)[None])[:, None]
    with torch.no_grad():
        before = torch.zeros(1, 10, 5)
        for frame in range(9):
            here = slice(0, frame + 1)
            before[:, frame + 1] = network._pass(heard[:, here], felt, before[:, here])[:, -1]
        told, _ = network.told(sound, style_of(1)[None], torch.ones(1, 9, dtype=torch.bool), None)
    assert torch.allclose(told, before[:, 1:], atol=1e-3)


def test_an_emotalk_hears_the_style_and_not_what_lies_beyond_the_end():
    torch.manual_seed(4)
    network, sound = made_baseline("emotalk", SHAPE), torch.randn(2, 20, 6)
    mask = torch.ones(2, 20, dtype=torch.bool)
    mask[1, 12:] = False
    told, logits = network.told(sound, torch.eye(5)[:2], mask, None)
    sound[1, 12:] += 5.0
    other, again = network.told(sound, torch.eye(5)[:2], mask, None)
    assert logits.shape == (2, 5) and torch.allclose(logits, again, atol=1e-5)
    assert torch.allclose(told[1, :12], other[1, :12], atol=1e-5)


def test_one_hot_moves_lips_alone():
    torch.manual_seed(5)
    network, sound = made_baseline("one_hot", SHAPE), torch.randn(30, 6)
    told = network.whole(sound, style_of(3))
    still = [1, 3, 4]
    assert torch.allclose(told[:, still], told[:1, still]) and told[:, [0, 2]].std(dim=0).min() > 1e-4
    assert not torch.allclose(told[0, still], network.whole(sound, style_of(1))[0, still])


def test_positions_repeat_and_what_lies_ahead_is_hidden():
    places = periodic_positions(2 * PERIOD + 1, 8)
    assert torch.equal(places[3], places[PERIOD + 3]) and not torch.equal(places[3], places[4])
    bias = causal_bias(PERIOD + 2, 2)
    assert bias[0, 0, 1] == -torch.inf and bias[0, 5, 2] == 0.0 and bias[0, PERIOD + 1, 0] < 0.0


def test_no_such_baseline_and_no_such_file_are_told(tmp_path):
    with pytest.raises(InputError, match="no baseline mouth"):
        made_baseline("mouth", SHAPE)
    (tmp_path / "it.safetensors").write_bytes(b"no network")
    with pytest.raises(InputError, match="no trained network"):
        load_baseline(tmp_path / "it.safetensors")
