"""Two steps of training, the loss, the file, and that what must not be heard ahead is not heard."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.errors import InputError
from motion.singing.networks.lip_network import LipNetwork, LipNetworkShape
from motion.singing.training.checkpoint import load_network, save_network
from motion.singing.training.dataset import CHANNEL_NAMES, plain_streams
from motion.singing.training.inputs import MEL_CHANNELS, mel_rows, network_input
from motion.singing.training.losses import LossWeights, lip_loss
from motion.singing.training.prepare import Example
from motion.singing.training.train import TrainSettings, draw_crops, fit, main, network_shape, without_clips

SMALL = LipNetworkShape(encoder_channels=0, outputs=len(CHANNEL_NAMES) + 1, width=16, dilations=(1, 2))
QUICK = TrainSettings(steps=2, batch=4, crop_rows=64, settling_steps=0)


@pytest.fixture(scope="module")
def examples(toy_corpus):
    streams = plain_streams(toy_corpus, range(12), clips_each=4)
    return [
        Example(network_input(each.sound, None), each.curves, each.closure, each.clip, each.time_s, "plain") for each in streams
    ]


@pytest.mark.slow
def test_two_steps_make_the_loss_fall_and_the_file_can_be_loaded(examples, tmp_path):
    losses = []
    settings = replace(QUICK, steps=40, settling_steps=6)
    network = fit(examples, SMALL, settings, lambda done, total, loss: losses.append(loss))
    assert len(losses) == 46
    losses = losses[:40]
    assert np.mean(losses[-5:]) < 0.8 * np.mean(losses[:5])
    save_network(network, tmp_path / "lips.safetensors", {"channels": list(CHANNEL_NAMES), "steps": 40})
    again, facts = load_network(tmp_path / "lips.safetensors")
    rows = torch.from_numpy(np.asarray(examples[0].rows, dtype=np.float32))
    assert torch.equal(network.curves(rows), again.curves(rows))
    assert facts["steps"] == 40 and again.shape == SMALL
    assert [path.name for path in tmp_path.iterdir()] == ["lips.safetensors"]


def test_the_same_seed_gives_the_same_network(examples):
    first, again, other = (fit(examples, SMALL, replace(QUICK, seed=seed)) for seed in (1, 1, 2))
    assert all(torch.equal(one, two) for one, two in zip(first.parameters(), again.parameters(), strict=True))
    assert not all(torch.equal(one, two) for one, two in zip(first.parameters(), other.parameters(), strict=True))


def test_another_file_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "lips.safetensors").write_bytes(b"no network")
    with pytest.raises(InputError, match="make train-lips"):
        load_network(tmp_path / "lips.safetensors")
    save_network(LipNetwork(SMALL), tmp_path / "lips.safetensors", {})
    wrong = LipNetwork(replace(SMALL, width=8))
    wrong.shape = SMALL
    save_network(wrong, tmp_path / "lips.safetensors", {})
    with pytest.raises(InputError, match="no file of the learned lips"):
        load_network(tmp_path / "lips.safetensors")
    with pytest.raises(InputError, match="missing"):
        load_network(tmp_path / "none.safetensors")


def test_loss_knows_place_motion_and_closures():
    weights = LossWeights()
    curves, closure = torch.randn(2, 30, 5), torch.zeros(2, 30)
    closure[:, 10:14] = 1.0
    known = torch.ones(2, 30)
    perfect = torch.cat([curves, torch.where(closure > 0.5, 20.0, -20.0)[..., None]], dim=-1)
    assert lip_loss(perfect, curves, closure, known, weights) < 1e-6
    raised = perfect.clone()
    raised[..., :5] += 0.5
    trembling = perfect.clone()
    trembling[:, ::2, :5] += 0.5
    trembling[:, 1::2, :5] -= 0.5
    assert lip_loss(trembling, curves, closure, known, weights) > 3.0 * lip_loss(raised, curves, closure, known, weights) > 0.0
    open_lips, open_elsewhere = perfect.clone(), perfect.clone()
    open_lips[:, 10:14, 0] += 1.0
    open_elsewhere[:, 20:24, 0] += 1.0
    assert lip_loss(open_lips, curves, closure, known, weights) > lip_loss(open_elsewhere, curves, closure, known, weights)
    lost = replace(weights, linear_from=0.7)
    far = perfect.clone()
    far[..., :5] += 5.0
    assert lip_loss(far, curves, closure, known, lost) < 0.5 * lip_loss(far, curves, closure, known, weights)
    near = perfect.clone()
    near[..., :5] += 0.6
    assert torch.isclose(lip_loss(near, curves, closure, known, lost), lip_loss(near, curves, closure, known, weights))
    missed = perfect.clone()
    missed[..., -1] = -20.0
    assert lip_loss(missed, curves, closure, known, weights) > 0.5
    assert lip_loss(missed, curves, closure, 1.0 - closure, weights) < 1e-6  # what is not known is not held against it


def test_a_live_network_hears_no_further_than_it_says():
    torch.manual_seed(0)
    shape = LipNetworkShape(encoder_channels=0, outputs=6, width=16, causal=True, look_ahead=8)
    network, rows = LipNetwork(shape), torch.randn(200, MEL_CHANNELS)
    changed = rows.clone()
    changed[120:] += 1.0
    before, after = network.curves(rows), network.curves(changed)
    assert torch.equal(before[: 120 - 8], after[: 120 - 8])
    assert not torch.allclose(before[120 - 8 : 120], after[120 - 8 : 120])
    offline = LipNetwork(replace(shape, causal=False, look_ahead=0))
    assert not torch.allclose(offline.curves(rows)[: 120 - 8], offline.curves(changed)[: 120 - 8])
    assert shape.look_ahead / 50 + 0.0125 + 0.01 <= 0.2  # rows, and the log-mel's own half window and second frame


def test_shapes_of_both_networks():
    offline, live = network_shape(False, "whisper"), network_shape(True, "mel")
    assert offline.encoder_channels == 2 * offline.base_channels == 1024 and not offline.causal
    assert live.encoder_channels == 0 and live.causal and live.look_ahead > 0
    assert sum(each.numel() for each in LipNetwork(offline).parameters()) < 600_000


def test_mel_rows_of_a_late_sound_come_late():
    sound = np.zeros(16000, dtype=np.float32)
    sound[8000:] = np.random.default_rng(0).normal(0.0, 0.1, 8000)
    rows = mel_rows(sound)
    assert rows.shape == (50, MEL_CHANNELS)
    assert rows[:24].max() == rows.min() and rows[26:].mean() > rows.min() + 0.5


def test_left_out_clips_are_never_drawn(examples):
    kept = without_clips(examples, {1, 2, 5})
    assert {int(clip) for example in kept for clip in example.clip} == set(range(12)) - {1, 2, 5}
    assert sum(len(example.curves) for example in kept) == sum(len(e.curves) for e in examples) - sum(
        int(np.isin(e.clip, [1, 2, 5]).sum()) for e in examples
    )
    rows, curves, closure = draw_crops(kept, 8, SMALL, QUICK, np.random.default_rng(0))
    assert rows.shape == (8, 64, MEL_CHANNELS) and curves.shape == (8, 64, len(CHANNEL_NAMES)) and closure.shape == (8, 64)


def test_too_little_data_is_told(examples):
    with pytest.raises(InputError, match="longer than"):
        fit(examples, SMALL, replace(QUICK, crop_rows=5000))


def test_the_command_tells_what_it_lacks(tmp_path, capsys):
    assert main(["--data", str(tmp_path), "--out", str(tmp_path / "out"), "--cache", str(tmp_path / "cache")]) == 2
    assert "talking tracks" in capsys.readouterr().err
    assert main(["--data", str(tmp_path), "--out", str(tmp_path), "--steps", "0"]) == 2
    assert "At least 1 step" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
