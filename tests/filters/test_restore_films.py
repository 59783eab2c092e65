"""Restoring one face of a film that exists: shot by shot, and only where it is seen."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from core.filter_card import FaceInFilm
from filters.restore import FaceRestorer, RestoreSettings
from filters.restore_pose import poses_of_film

pytestmark = pytest.mark.usefixtures("one_thread")

FPS = 25.0
SIDE_PX = 320


def two_shots(picture, face, absent=()):
    """Six frames in which the face leans, then six of another shot, where the picture is mirrored; and what is known of them."""
    shots = [picture] * 6 + [np.ascontiguousarray(picture[:, ::-1])] * 6
    mirrored = face.landmarks * np.array([-1, 1, 1]) + np.array([SIDE_PX - 1, 0, 0])
    frames, points = [], []
    for index, shown in enumerate(shots):
        turn = cv2.getRotationMatrix2D((SIDE_PX / 2, SIDE_PX / 2), 0.5 * index, 1)
        frames.append(cv2.warpAffine(shown, turn, (SIDE_PX, SIDE_PX), borderMode=cv2.BORDER_REPLICATE))
        flat = (face.landmarks if index < 6 else mirrored)[:, :2]
        points.append(None if index in absent else (flat @ turn[:, :2].T + turn[:, 2]).astype(np.float32))
    return frames, FaceInFilm(FPS, 12, lambda number: points[number], (6,))


def test_in_a_film_a_shot_knows_nothing_of_the_one_before(picture, face):
    frames, known = two_shots(picture, face)
    posed = list(poses_of_film(iter(frames), known, 1.5))
    assert len(posed) == 12 and [each.begins for each in posed] == [index == 6 for index in range(12)]
    alone = FaceInFilm(FPS, 6, lambda number: known.landmarks(number + 6))
    second = list(poses_of_film(iter(frames[6:]), alone, 1.5))
    assert all(np.array_equal(one.matrix, other.matrix) for one, other in zip(posed[6:], second, strict=True))
    plain = list(poses_of_film(iter(frames), known, 0.0))
    turns = [np.degrees(np.arctan2(each.matrix[1, 0], each.matrix[0, 0])) for each in plain]
    assert np.allclose(np.diff(turns[:6]), 0.5, atol=0.05) and np.allclose(np.diff(turns[6:]), 0.5, atol=0.05), "as it leans"


def test_in_a_film_frames_without_the_face_pass_as_they_are(picture, face):
    frames, known = two_shots(picture, face, absent=(2, 7))
    restorer = FaceRestorer(FPS, RestoreSettings(device="cpu", strength=1.0), known, lambda faces: faces + 0.2)
    shown = list(restorer.apply(iter(frames)))
    same = [bool((one == other).all()) for one, other in zip(shown, frames, strict=True)]
    assert [index for index, is_same in enumerate(same) if is_same] == [2, 7]
    assert (restorer.report.restored, restorer.report.without_face) == (10, 0)
    centre = known.landmarks(0)[1].astype(int)
    change = shown[0].astype(int) - frames[0]
    assert change[centre[1], centre[0]].mean() > 15 and np.abs(change[:4]).max() <= 1
