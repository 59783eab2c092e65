"""Who says a sentence, and in which voice."""

from __future__ import annotations

import numpy as np
import pytest

from faces.tracking.tracks import FaceState, FaceTrack, FilmFaces
from pipeline.translating.speakers import LOWER_LIP, UPPER_LIP, pitch_hz, speaker, voices_for
from speech.hearing.long_sound import HeardSentence

FRAMES, FPS = 100, 25.0


def track(number, moving, state=FaceState.CLEAR):
    """A face whose lips open and shut while `moving` (T,)."""
    points = np.zeros((FRAMES, 478, 3), np.float32)
    points[:, 263, 0] = 100
    points[:, UPPER_LIP, 1] = 50
    points[:, LOWER_LIP, 1] = 50 + 8 * moving * (1 + np.sin(np.arange(FRAMES)))
    states = np.full(FRAMES, state, np.uint8)
    return FaceTrack(number, points, np.zeros((FRAMES, 52), np.float32), np.zeros((FRAMES, 3), np.float32), states, 0)


def film(*tracks):
    return FilmFaces(FPS, 320, 240, FRAMES, np.zeros(0, np.int64), tracks)


def test_the_one_whose_lips_move_speaks():
    early = (np.arange(FRAMES) < 50).astype(np.float32)
    faces = film(track(1, early), track(2, 1 - early))
    assert speaker(faces, 0.2, 1.8, (1, 2)) == 1 and speaker(faces, 2.2, 3.8, (1, 2)) == 2
    assert speaker(faces, 0.2, 1.8, (2,)) == 2  # the only one who can


def test_nobody_who_is_seen_speaks_where_no_lips_move_or_nobody_is_seen():
    still = np.zeros(FRAMES, np.float32)
    assert speaker(film(track(1, still), track(2, still)), 0.0, 2.0, (1, 2)) == 0
    assert speaker(film(track(1, still)), 0.0, 2.0, (1,)) == 1
    assert speaker(film(track(1, still + 1, FaceState.TURNED)), 0.0, 2.0, (1,)) == 0
    assert speaker(film(), 0.0, 2.0, ()) == 0


def sentence(hz):
    time_s = np.arange(16_000) / 16_000
    tone = sum(np.sin(2 * np.pi * hz * k * time_s) / k for k in range(1, 8))
    return HeardSentence("x", "es", 0.0, 1.0, (0.2 * tone).astype(np.float32))


def test_voices_are_as_high_as_those_they_take_the_place_of():
    assert pitch_hz([sentence(120).sound]) == pytest.approx(120, abs=4)
    assert np.isnan(pitch_hz([np.zeros(16_000, np.float32)]))
    chosen = voices_for([(sentence(120), 1), (sentence(230), 2), (sentence(235), 3)], (), "en-US")
    assert chosen[1].startswith("am_") and chosen[2].startswith("af_") and chosen[3].startswith("af_")
    assert chosen[2] != chosen[3]
    assert voices_for([(sentence(120), 1)], (), "es")[1].startswith("em_")


def test_named_voices_go_to_the_faces_in_their_order():
    heard = [(sentence(120), 2), (sentence(230), 1), (sentence(120), 0)]
    assert voices_for(heard, ("bf_emma",), "en-US") == {1: "bf_emma", 2: "bf_emma", 0: "bf_emma"}
    chosen = voices_for(heard, ("bf_emma", "bm_george"), "en-US")
    assert chosen[1] == "bf_emma" and chosen[2] == "bm_george" and chosen[0].startswith("am_")
