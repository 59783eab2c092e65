from __future__ import annotations

import numpy as np
import pytest

from separation.presence import PresenceMeter
from separation.settings import SAMPLE_RATE_HZ, PresenceSettings


def judge(voice_levels, accompaniment_levels, piece=30011):
    """Verdict over stems of noise whose level (RMS) changes every half second, fed in pieces of odd length."""
    generator = np.random.default_rng(0)
    half = SAMPLE_RATE_HZ // 2

    def stem(levels):
        return np.concatenate([level * generator.standard_normal((half, 2)) for level in levels]).astype(np.float32)

    voice, accompaniment = stem(voice_levels), stem(accompaniment_levels)
    meter = PresenceMeter(PresenceSettings())
    for start in range(0, len(voice), piece):
        meter.add(voice[start : start + piece], accompaniment[start : start + piece])
    return meter.verdict()


def test_song_with_its_share():
    verdict = judge([0, 0, 0.1, 0.1, 0.1, 0.1, 0, 0], [0.1] * 8)
    assert verdict.kind == "song"
    assert verdict.voice_share == pytest.approx(1 / 3, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("voice", "accompaniment", "kind"),
    [
        ([0.1] * 20, [0.001] * 20, "voice alone"),
        ([0.1, 0.0] * 10, [0.0, 0.004] * 10, "voice alone"),  # room noise between the words
        ([0.1] * 14 + [0.0] * 6, [0.01] * 20, "song"),  # faint music that plays on by itself
        ([0.1] * 14 + [0.0] * 6, [0.0005] * 20, "voice alone"),  # hiss after the last word
        ([0.005] * 20, [0.1] * 20, "no voice"),
        ([0.005] * 50 + [0.1] * 4, [0.1] * 54, "song"),  # one sung line in a long piece
        ([0.005] * 598 + [0.1] * 2, [0.1] * 600, "no voice"),  # a second's leak in five minutes
        ([0.00002] * 20, [0.00002] * 20, "silence"),  # a converter's noise
        ([0.0] * 20, [0.0] * 20, "silence"),
        ([0.1], [0.0001], "voice alone"),
        ([0.0001], [0.1], "no voice"),
    ],
)
def test_kinds(voice, accompaniment, kind):
    assert judge(voice, accompaniment).kind == kind


def test_nothing_added_is_silence():
    assert PresenceMeter(PresenceSettings()).verdict().kind == "silence"


def test_pieces_do_not_matter():
    levels = ([0.1, 0.0, 0.2, 0.1, 0.0], [0.1, 0.1, 0.0, 0.1, 0.1])
    shares = [judge(*levels, piece=piece).voice_share for piece in (977, 22050, 10**9)]
    assert shares == pytest.approx([shares[0]] * 3, rel=1e-9)
