"""Whole films through the tracker: cuts, two people, a lost face, a crossing, a covered mouth, a still head."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from core.errors import Cancelled
from faces.tracking.film_tracking import track_faces
from faces.tracking.looping import looped_faces
from faces.tracking.track_notes import notes_about
from faces.tracking.tracks import FaceState, FilmFaces
from tests.faces.tracking.conftest import FPS, SIDE, grained, laid


def tracked(frames, folder) -> FilmFaces:
    folder.mkdir(exist_ok=True)
    height, width = frames[0].shape[:2]
    return track_faces(iter(frames), FPS, width, height, len(frames), folder)


def drifting(head, count, seed=0):
    """The head, swaying by a few pixels."""
    for index in range(count):
        shift = np.array([[1.0, 0, 3 * np.sin(index / 4)], [0, 1.0, 2 * np.cos(index / 5)]])
        yield grained(cv2.warpAffine(head, shift, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE), seed + index)


@pytest.fixture(scope="module")
def three_cuts(heads, tmp_path_factory):
    """Singer, other, singer with the middle of the shot black, other."""
    singer, other = heads
    third = [frame if not 10 <= index < 22 else frame // 30 for index, frame in enumerate(drifting(singer, 34))]
    frames = [*drifting(singer, 24), *drifting(other, 16), *third, *drifting(other, 14)]
    folder = tmp_path_factory.mktemp("three_cuts")
    return tracked(frames, folder / "rows"), folder / "rows"


def test_people_are_known_again_after_cuts(three_cuts):
    faces, folder = three_cuts
    assert faces.frames == 88
    assert {24, 40, 74} <= set(faces.cuts.tolist()) <= {24, 40, 50, 62, 74}
    assert [track.number for track in faces.tracks] == [1, 2]
    first, second = (np.asarray(track.state) != FaceState.ABSENT for track in faces.tracks)
    for there, own in ((first, [slice(0, 24), slice(40, 50), slice(63, 74)]), (second, [slice(24, 40), slice(74, 88)])):
        expected = np.zeros(88, bool)
        for part in own:
            expected[part] = True
        assert np.flatnonzero(there != expected).tolist() in ([], [62])
    assert all(track.human for track in faces.tracks)
    assert faces.tracks[0].clear(faces.tracks[0].best_frame)
    assert not list(folder.glob("*.rows"))


def test_what_was_found_is_read_again(three_cuts):
    faces, folder = three_cuts
    again = FilmFaces.load(folder)
    assert (again.fps, again.frames, again.cuts.tolist()) == (faces.fps, faces.frames, faces.cuts.tolist())
    track = again.tracks[0]
    assert track.landmarks.shape == (88, 478, 3)
    assert np.array_equal(np.isnan(track.landmarks[:, 0, 0]), np.asarray(track.state) == FaceState.ABSENT)
    assert track.face(30) is None
    face = track.face(0)
    assert face is not None and abs(face.rotation_deg[0]) < 20


def test_landmarks_follow_without_lag_and_hold_still(heads, tmp_path):
    """A swaying head is followed to a fraction of a pixel; a still one trembles by less than the network does."""
    singer, _ = heads
    sway = [np.array([[1.0, 0, 5 * np.sin(index / 2.5)], [0, 1.0, 0]]) for index in range(40)]
    moving = [cv2.warpAffine(singer, shift, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE) for shift in sway]
    track = tracked([grained(frame, index) for index, frame in enumerate(moving)], tmp_path / "moving").tracks[0]
    nose = np.asarray(track.landmarks)[:, 1, 0]
    expected = np.array([shift[0, 2] for shift in sway])
    assert np.abs((nose - nose.mean()) - (expected - expected.mean())).mean() < 0.45
    lags = [np.corrcoef(nose[3:-3], np.roll(expected, lag)[3:-3])[0, 1] for lag in (-1, 0, 1)]
    assert int(np.argmax(lags)) == 1
    still = tracked([grained(singer, index) for index in range(30)], tmp_path / "still").tracks[0]
    trembling = np.abs(np.diff(np.asarray(still.landmarks)[..., :2], axis=0)).mean()
    assert trembling < 0.06


def test_two_people_cross(heads, tmp_path):
    """One walks behind the other and comes out again: both keep their numbers, one of them is away meanwhile."""
    singer, other = heads
    frames = []
    for index in range(60):
        canvas = np.full((SIDE, 3 * SIDE, 3), 120, np.uint8)
        behind = laid(other, 2 * SIDE * max(0.0, 1 - index / 42), canvas)
        frames.append(grained(laid(singer, SIDE, behind), index))
    faces = tracked(frames, tmp_path / "rows")
    assert len(faces.tracks) == 2
    standing, walking = faces.tracks
    assert (np.asarray(standing.state) != FaceState.ABSENT).all()
    middle = np.asarray(standing.landmarks)[:, 1, 0]
    assert np.ptp(middle) < 0.15 * SIDE
    walked = np.asarray(walking.landmarks)[:, 1, 0]
    assert walked[5] > 2 * SIDE
    assert walked[54] < SIDE


def test_a_covered_mouth_is_known_and_told(heads, tmp_path):
    singer, _ = heads
    frames = list(drifting(singer, 75))
    mouth = tracked(frames[:14], tmp_path / "bare").tracks[0].landmarks[0, [61, 291], :2]
    (x, y), width = mouth.mean(axis=0), float(np.linalg.norm(mouth[0] - mouth[1]))
    skin = tuple(int(level) for level in singer[int(y - 1.4 * width), int(x + 0.8 * width)])
    for index in range(25, 50):
        cv2.ellipse(frames[index], ((float(x), float(y)), (1.7 * width, 1.2 * width), 0), skin, -1, cv2.LINE_AA)
    faces = tracked(frames, tmp_path / "rows")
    state = np.asarray(faces.tracks[0].state)
    assert (state[28:48] == FaceState.COVERED).all()
    assert (state[:23] == FaceState.CLEAR).all() and (state[53:] == FaceState.CLEAR).all()
    (note,) = notes_about(faces, [1], start_s=60.0)
    assert note.code == "faces.face_covered_at"
    assert "1:01." in str(note)
    assert notes_about(faces, [2]) == []


def test_what_is_before_the_chin_alone_is_known(heads, tmp_path):
    """New lips move the chin too: a microphone under them is cover as well."""
    singer, _ = heads
    frames = list(drifting(singer, 75))
    points = tracked(frames[:14], tmp_path / "bare").tracks[0].landmarks[0, :, :2]
    (left, right), under, chin = points[[61, 291]], points[17], points[152]
    width, middle = float(np.linalg.norm(left - right)), (under + chin) / 2
    height = 1.9 * float(np.linalg.norm(chin - middle))
    for index in range(25, 50):
        cv2.ellipse(frames[index], (tuple(map(float, middle)), (1.3 * width, height), 0), (40, 60, 160), -1, cv2.LINE_AA)
    state = np.asarray(tracked(frames, tmp_path / "rows").tracks[0].state)
    assert (state[28:48] == FaceState.COVERED).all()
    assert (state[:23] == FaceState.CLEAR).all() and (state[60:] == FaceState.CLEAR).all()


def test_a_film_back_and_forth(three_cuts, tmp_path):
    faces, _ = three_cuts
    order = [0, 1, 2, 1, 0, 24, 25]
    looped = looped_faces(faces, order, tmp_path)
    assert (looped.frames, looped.cuts.tolist()) == (7, [5])
    for place, frame in enumerate(order):
        assert np.array_equal(looped.tracks[0].landmarks[place], faces.tracks[0].landmarks[frame], equal_nan=True)


def test_nobody_and_cancelling(heads, tmp_path):
    (tmp_path / "empty").mkdir()
    empty = track_faces(iter([np.zeros((64, 64, 3), np.uint8)] * 5), FPS, 64, 64, 5, tmp_path / "empty")
    assert empty.tracks == ()
    closed = []

    def frames():
        try:
            while True:
                yield heads[0]
        finally:
            closed.append(True)

    def stop(stage, done, total):
        assert (stage, total) == ("faces", 100)
        if done == 3:
            raise Cancelled("core.cancelled")

    (tmp_path / "stopped").mkdir()
    with pytest.raises(Cancelled):
        track_faces(frames(), FPS, SIDE, SIDE, 100, tmp_path / "stopped", stop)
    assert closed == [True]
