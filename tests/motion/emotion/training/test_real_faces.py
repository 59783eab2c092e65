"""Tracked faces as takes: the shapes by name, in step with the sound, and FACEGOOD's rig by its table."""

from __future__ import annotations

import numpy as np
import pytest

from core.blendshapes import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES
from core.errors import InputError
from motion.emotion.styles import SAMPLE_RATE_HZ
from motion.emotion.training.in_step import openness
from motion.emotion.training.real_faces import (
    FACEGOOD,
    TAKE_S,
    Clip,
    arkit_of_facegood,
    clips_of,
    pieces_of,
    takes_of,
)


def clip_of(duration_s, fps=25.0, name="clip", jaw=None):
    shapes = np.zeros((round(duration_s * fps), len(BLENDSHAPE_NAMES)), np.float32)
    if jaw is not None:
        shapes[:, BLENDSHAPE_INDEX["jawOpen"]] = jaw((np.arange(len(shapes)) + 0.5) / fps)
    sound = np.zeros(round(duration_s * SAMPLE_RATE_HZ), np.float32)
    return Clip(name, "ann", sound, shapes, np.zeros((len(shapes), 3), np.float32), fps)


def test_a_late_track_is_put_in_step():
    """A jaw that opened at 1 s and is seen 0.1 s late."""
    motion = clip_of(2.0, jaw=lambda time_s: (time_s >= 1.1).astype(np.float32)).face(late_s=0.1)
    jaw = motion.blendshapes[:, BLENDSHAPE_INDEX["jawOpen"]]
    assert len(motion) == 60
    opened_s = (int(np.argmax(jaw > 0.5)) + 0.5) / 30.0
    assert opened_s == pytest.approx(1.0, abs=0.04)


def test_openness_is_what_the_lips_do_not_take_back():
    shapes = np.zeros((1, len(BLENDSHAPE_NAMES)), np.float32)
    shapes[0, [BLENDSHAPE_INDEX["jawOpen"], BLENDSHAPE_INDEX["mouthClose"]]] = 0.5, 0.2
    assert openness(shapes)[0] == pytest.approx(0.3)


def test_short_clips_are_laid_together_and_long_ones_cut():
    assert [len(take) for take in takes_of([clip_of(3.0)] * 9)] == [4, 4, 1]
    cut = pieces_of(clip_of(65.0))
    assert len(cut) == 6 and len({piece.name for piece in cut}) == 6
    assert sum(len(piece.sound) for piece in cut) == 65 * SAMPLE_RATE_HZ
    assert all(len(piece.sound) / SAMPLE_RATE_HZ >= TAKE_S for piece in cut)
    assert pieces_of(clip_of(3.0))[0].name == "clip"


def test_facegoods_table_is_mirrored_and_names_shapes_that_are_there():
    for name, shapes in FACEGOOD.items():
        assert set(shapes) <= set(BLENDSHAPE_NAMES)
        if name.endswith("_l") and name != "jaw_sideways_l":
            other = {shape.replace("Left", "Right"): weight for shape, weight in shapes.items()}
            assert FACEGOOD[f"{name[:-2]}_r"] == other
    curves = np.array([[1.0, 1.0]], np.float32)
    shapes = arkit_of_facegood(curves, ["tooth_d_d", "mouth_press_l"])
    assert shapes[0, BLENDSHAPE_INDEX["jawOpen"]] == 1.0 and shapes[0, BLENDSHAPE_INDEX["mouthPressLeft"]] == 1.0
    assert shapes.sum() == 2.0


def test_the_talking_tracks_are_read(shared_dir):
    folder = shared_dir / "talking"
    if not (folder / "grid_others.npz").is_file():
        pytest.skip("shared/talking/grid_others.npz is missing")
    clips = list(clips_of(folder, "grid_others"))
    assert len(clips) == 31
    for clip in clips[:3]:
        assert len(clip.shapes) / 25.0 == pytest.approx(len(clip.sound) / SAMPLE_RATE_HZ, abs=0.1)
        assert openness(clip.shapes).max() > 0.1 and np.abs(clip.rotation_deg).max() < 30.0


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(InputError, match=r"grid_s1\.npz"):
        list(clips_of(tmp_path, "grid_s1"))
