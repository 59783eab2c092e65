"""The learned voice detector: held to the network run by hand, in pieces of any size; a real speaker, and what is no voice."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from neural.voice_detector import FRAME_SAMPLES, RATE_HZ, VoiceDetector
from weights.fetch import ensure


@pytest.fixture(scope="module")
def sentence(shared_dir) -> np.ndarray:
    """A sentence of GRID's speaker s1, (n,): three seconds, silent for the first and the last two thirds of one."""
    path = shared_dir / "talking" / "grid_s1.flac"
    if not path.is_file():
        pytest.skip("shared/talking/grid_s1.flac is missing")
    return soundfile.read(path, stop=47648, dtype="float32")[0]


def told(sound, piece=10**9) -> np.ndarray:
    detector = VoiceDetector()
    parts = [detector.push(sound[start : start + piece]) for start in range(0, len(sound), piece)]
    return np.concatenate([*parts, detector.finish()])


def by_hand(sound) -> np.ndarray:
    """As the network's makers run it: frames of 512 samples, each after the last 64 before it."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(ensure("silero_vad")), providers=["CPUExecutionProvider"])
    whole = np.concatenate([np.zeros(64), sound, np.zeros(-len(sound) % 512)]).astype(np.float32)
    state, answers = np.zeros((2, 1, 128), np.float32), []
    for start in range(0, len(whole) - 64, 512):
        feed = {"input": whole[None, start : start + 576], "state": state, "sr": np.array(16000)}
        answer, state = session.run(None, feed)
        answers.append(answer.item())
    return np.array(answers)


@pytest.mark.parametrize("piece", [160, 511, 4001])
def test_pieces_do_not_matter(sentence, piece):
    np.testing.assert_allclose(told(sentence, piece), by_hand(sentence), atol=1e-5)


def test_a_speaker_is_heard_and_what_is_no_voice_is_not(sentence):
    heard = told(sentence)
    assert len(heard) == -(-len(sentence) // FRAME_SAMPLES)
    assert np.percentile(heard[34:64], 10) > 0.8
    assert heard[:20].max() < 0.3 > heard[-20:].max()
    time_s = np.arange(2 * RATE_HZ) / RATE_HZ
    noise = 0.1 * np.random.default_rng(0).normal(size=len(time_s))
    for sound in (noise, 0.0 * noise, 0.3 * np.sin(2 * np.pi * 440 * time_s)):
        assert told(sound).max() < 0.2


def test_a_detector_that_has_finished_may_hear_another_sound(sentence):
    detector = VoiceDetector()
    first = np.concatenate([detector.push(sentence), detector.finish()])
    np.testing.assert_array_equal(np.concatenate([detector.push(sentence), detector.finish()]), first)
    assert len(VoiceDetector().finish()) == 0
