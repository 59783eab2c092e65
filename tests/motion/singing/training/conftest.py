"""A corpus made by hand: moving faces and sounds whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install -r requirements-training.txt")

from motion.singing.training.dataset import CHANNEL_NAMES, SAMPLE_RATE_HZ, VIDEO_FPS, Corpus, truth_times_s  # noqa: E402

CLIP_S = 3.0

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def toy_corpus() -> Corpus:
    """Twelve clips of 3 s: a hum whose loudness is the aperture, three closures each."""
    generator = np.random.default_rng(0)
    sounds, curves = [], []
    for _ in range(12):
        frames_s = truth_times_s(round(CLIP_S * VIDEO_FPS))
        phase = generator.uniform(-0.3, 0.3)
        aperture = np.clip(9.0 * np.sin(np.pi * (frames_s + phase) / 0.75), 0.2, None).astype(np.float32)
        truth = np.outer(aperture, generator.uniform(0.1, 0.2, len(CHANNEL_NAMES))).astype(np.float32)
        truth[:, 0] = aperture
        times_s = np.arange(round(CLIP_S * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
        loud = np.interp(times_s, frames_s, aperture) / 9.0
        hum = sum(np.sin(2 * np.pi * 120.0 * k * times_s) / k for k in range(1, 9))
        sounds.append((0.1 * loud * hum + 1e-4 * generator.normal(size=len(times_s))).astype(np.float32))
        curves.append(truth)
    names = tuple(f"bbaf{k}n"[:6] for k in range(12))
    return Corpus(names, tuple(sounds), tuple(curves), np.zeros(len(CHANNEL_NAMES), dtype=np.float32))
