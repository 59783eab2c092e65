"""The committed weights do on held-out clips what their report says."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from core.errors import MissingError
from motion.singing.training.checkpoint import load_network
from motion.singing.training.dataset import load_corpus, plain_streams, split
from motion.singing.training.inputs import network_input
from motion.singing.training.measures import correlations, lag_s
from motion.singing.training.predictions import by_closure, clip_curves, network_predictor
from motion.singing.training.prepare import ENCODER_LAYERS
from neural import log_mel

CLIPS = 8


@pytest.fixture(scope="module")
def talking(request):
    folder = request.getfixturevalue("shared_dir") / "talking"
    if not folder.is_dir():
        pytest.skip(f"the talking tracks are not at {folder}")
    return folder


def test_report_and_weights_belong_together(root_dir):
    folder = root_dir / "weights" / "trained"
    network, facts = load_network(folder / "lips.safetensors")
    report = json.loads((folder / "lips.report.json").read_text())
    assert report["facts"]["seed"] == facts["seed"] and report["facts"]["steps"] == facts["steps"]
    assert facts["channels"][0] == "aperture_mm" and facts["channels"][-1] == "closure"
    assert network.shape.outputs == len(facts["channels"])
    assert (folder / "lips.safetensors").stat().st_size < 5_000_000


@pytest.mark.slow
def test_held_out_clips_come_out_as_reported(root_dir, talking):
    folder = root_dir / "weights" / "trained"
    network, _ = load_network(folder / "lips.safetensors")
    reported = json.loads((folder / "lips.report.json").read_text())["tables"]["Held-out sentences"]["learned lips"]
    try:
        from neural.hearing.speech_encoder import SpeechEncoder

        encoder = SpeechEncoder(layers=ENCODER_LAYERS)
    except MissingError as error:
        pytest.skip(str(error))
    corpus = load_corpus(talking)
    _, _, held_out = split(corpus.names)
    streams = plain_streams(corpus, held_out[:CLIPS])
    predict = network_predictor(network)
    rows = [network_input(stream.sound, encoder.features) for stream in streams]
    clips = clip_curves(corpus, streams, [predict(each) for each in rows], by_closure)
    aperture = np.mean([correlations(clip)[0] for clip in clips])
    assert aperture == pytest.approx(reported["aperture correlation"]["value"], abs=0.03)
    assert abs(np.median([lag_s(clip) for clip in clips])) < 0.02
    silence = [predict(network_input(np.zeros_like(stream.sound), encoder.features)) for stream in streams]
    assert np.abs(np.diff(silence[0][:, 0])).max() < 1.0 and silence[0][50:-50, 0].max() < 2.0  # nothing heard, nothing said


def test_the_live_network_is_causal(root_dir):
    network, facts = load_network(root_dir / "weights" / "trained" / "lips_live.safetensors")
    assert network.shape.causal and network.shape.encoder_channels == 0 and facts["encoder_layers"] == []
    rows = torch.from_numpy(np.random.default_rng(0).normal(0.0, 0.3, (150, network.shape.mel_channels)).astype(np.float32))
    changed = rows.clone()
    changed[100:] += 0.5
    ahead = network.shape.look_ahead
    before, after = network.curves(rows), network.curves(changed)
    assert torch.equal(before[: 100 - ahead], after[: 100 - ahead]) and not torch.equal(before[:100], after[:100])
    heard_ahead_s = (ahead * log_mel.HOP_SAMPLES * 2 + log_mel.HOP_SAMPLES + log_mel.WINDOW_SAMPLES // 2) / 16000
    assert heard_ahead_s <= 0.2
