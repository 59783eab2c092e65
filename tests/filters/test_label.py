from __future__ import annotations

import numpy as np
import pytest

from filters.label import Label, LabelSettings


@pytest.mark.parametrize(("height", "width"), [(1080, 1920), (512, 512), (1080, 608), (96, 64), (16, 16)])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_the_mark_is_in_the_lower_right_corner_and_nowhere_else(height, width, level):
    frame = np.full((height, width, 3), level, np.uint8)
    marked = next(Label().apply(iter([frame])))
    assert marked.shape == frame.shape and marked.dtype == np.uint8
    assert (frame == level).all(), "the renderer's own array stays"
    rows, columns = np.nonzero((marked != frame).any(axis=2))
    assert len(rows)
    if min(height, width) >= 500:
        assert rows.min() > height * 0.9 and columns.min() > width * 0.5
        assert rows.max() < height - 2 and columns.max() < width - 2


@pytest.mark.parametrize("level", [0, 128, 255])
def test_the_letters_can_be_read_on_any_ground(level):
    frame = np.full((512, 512, 3), level, np.uint8)
    marked = next(Label().apply(iter([frame])))[-40:, -200:].astype(int)
    letters, ground = marked.max(), np.percentile(marked[marked != level] if level else marked, 20)
    assert letters - ground >= 80


def test_every_frame_is_marked_and_none_is_lost():
    random = np.random.default_rng(0)
    frames = [random.integers(0, 256, (128, 160, 3), np.uint8) for _ in range(3)]
    counted = []
    marked = list(Label().apply(iter(frames), lambda stage, done, total: counted.append((stage, done))))
    assert len(marked) == 3 and counted == [("label", 1), ("label", 2), ("label", 3)]
    for frame, shown in zip(frames, marked, strict=True):
        np.testing.assert_array_equal(frame[:100], shown[:100])
        assert (frame != shown).any()


def test_blending_is_as_calculated():
    plain = LabelSettings(plate_opacity=1.0)
    marked = next(Label(plain).apply(iter([np.full((256, 256, 3), 77, np.uint8)])))
    changed = marked[(marked != 77).any(axis=2)]
    assert changed.min() == 0 and changed.max() > 240
