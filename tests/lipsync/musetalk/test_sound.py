"""What of the sound a frame sees: as the published program has it, at every rate."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from lipsync.musetalk.sound import (
    NO_ROW,
    features_of,
    frame_features,
    mel_windows,
    order_of_rows,
    published_before,
    row_count,
    rows_of_frames,
)
from tests.lipsync.musetalk.conftest import close_to


def numbered(rows):
    """(rows, 5, 384) where every value is 1 + 5 row + layer."""
    return np.repeat(1.0 + np.arange(5 * rows, dtype=np.float32).reshape(rows, 5, 1), 384, axis=2)


def test_the_spectrogram(published_sound, published):
    (mel,) = mel_windows(published_sound)
    assert mel.shape == (80, 3000) and mel.dtype == np.float32
    assert close_to(mel[:, :260:4], published["whisper_mel"])


def test_long_sounds_are_heard_window_by_window():
    sound = np.zeros(31 * 16_000, np.float32)
    sound[30 * 16_000 :] = np.sin(np.arange(16_000) * 0.3)
    first, second = mel_windows(sound)
    assert first.max() == first.min(), "30 s of silence"
    assert second[:, :100].max() > second[:, 110:].max()
    assert list(mel_windows(sound[:0])) == []
    assert [row_count(samples) for samples in (0, 319, 320, 40_000)] == [0, 0, 1, 125]


def test_features_are_the_published_ones(published):
    heard = numbered(125)
    features = features_of(heard, rows_of_frames(62, 125, 25.0))
    assert features.shape == (62, 50, 384)
    assert np.array_equal(features[:, :, 7], published["chunk_25"])
    assert np.array_equal(np.stack(list(frame_features(heard, 62, 25.0))), features)
    assert np.array_equal(next(islice(frame_features(heard, 62, 25.0), 61, None)), features[61])


@pytest.mark.parametrize(("name", "fps", "frames"), [("25", 25, 62), ("24", 24, 60), ("30", 30, 75), ("2997", 29, 72)])
def test_rows_are_the_published_ones(name, fps, frames, published):
    """The published program counts 29.97 frames a second as 29."""
    assert np.array_equal(rows_of_frames(frames, 125, fps, published_before(fps)), published[f"chunk_rows_{name}"])


def test_rows_where_two_windows_meet(published):
    assert np.array_equal(rows_of_frames(812, 1625, 25.0)[745:755], published["chunk_rows_seam"])


@pytest.mark.parametrize("fps", [12.5, 23.976, 24.0, 25.0, 30_000 / 1001, 30.0, 50.0, 60.0])
def test_every_rate_stays_in_step(fps):
    """A frame sees from 80 ms before its beginning to 120 ms after it, ten minutes in as at the start."""
    frames = round(600 * fps)
    rows = rows_of_frames(frames, 30_000, fps)
    begin_s = np.arange(frames) / fps
    inside = (rows != NO_ROW).all(axis=1)
    assert inside.mean() > 0.99
    behind_s = begin_s[inside] - rows[inside, 0] / 50
    assert behind_s.min() > 0.0799 and behind_s.max() < 0.1001
    assert np.array_equal(np.diff(rows[inside], axis=1), np.ones((inside.sum(), 9)))


def test_frames_without_sound_hear_nothing():
    assert (rows_of_frames(5, 0, 25.0) == NO_ROW).all()
    assert features_of(np.zeros((0, 5, 384), np.float32), rows_of_frames(5, 0, 25.0)).shape == (5, 50, 384)
    assert not features_of(numbered(10), rows_of_frames(40, 10, 25.0))[20:].any()


def test_the_order_of_rows(published):
    assert close_to(order_of_rows()[::7], published["pe_rows"], 1e-5)
