"""Crops lie steadily, go back in step and softly, in the frame's tone, and nothing else of a frame is touched."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from faces.tracking.tracks import FaceState
from lipsync.blending import OUTLINE, Blend, soft_mask
from lipsync.crop_filter import CropLips
from lipsync.crop_places import FADE_FRAMES, cut, fades, places_of, stretches, to_crop
from lipsync.wav2lip.boxes import face_box
from tests.lipsync.conftest import HIDDEN, check_painted


@pytest.fixture(scope="module")
def places(painted_task):
    return places_of(painted_task.faces, painted_task.track, face_box)


def drawn_by(task, places, paint, batch=3):
    def draw(crops, numbers, progress):
        return [paint(crop.copy(), number) for crop, number in zip(crops, numbers, strict=True)]

    return list(CropLips(task.track, places, 96, batch, draw).apply(task.frames()))


def striped(crop, number):
    crop[48:] = np.random.default_rng(number).integers(0, 256, (48, 96, 3))
    return crop


def test_only_the_lower_face_of_clear_frames_changes(painted_task, places):
    check_painted(painted_task, drawn_by(painted_task, places, striped))


@pytest.mark.parametrize("batch", [1, 5, 40])
def test_batches_change_nothing(painted_task, places, batch):
    one, other = (drawn_by(painted_task, places, striped, size) for size in (3, batch))
    assert all(np.array_equal(*pair) for pair in zip(one, other, strict=True))


def test_each_drawing_lands_in_its_own_frame(painted_task, places):
    """A mouth whose brightness says the number: the frames' order is the drawings'."""

    def numbered(crop, number):
        crop[66:80, 36:60] = 10 * number
        return crop

    frames = drawn_by(painted_task, places, numbered)
    seen = []
    for number in np.flatnonzero(places.shown == 1):
        (left, top, right, bottom) = places.boxes[number]
        x, y = int(left + (right - left) * 48 / 96), int(top + (bottom - top) * 73 / 96)
        seen.append((number, frames[number][y, x].mean()))
    assert len(seen) >= 4
    numbers, levels = np.array(seen).T
    assert np.corrcoef(numbers, levels)[0, 1] > 0.98


def test_memory_holds_one_batch(painted_task, places):
    taken = []

    def frames():
        for frame in painted_task.frames():
            taken.append(1)
            yield frame

    film = CropLips(painted_task.track, places, 96, 4, lambda crops, *_: crops).apply(frames())
    next(film)
    assert len(taken) == 4
    film.close()


def test_frames_beyond_the_track_pass(painted_task, places):
    frame = next(iter(painted_task.frames()))
    film = CropLips(painted_task.track, places, 96, 4, lambda crops, *_: crops)
    *_, last = film.apply(iter([*painted_task.frames(), frame]))
    assert last is frame


def test_tone_is_the_frames(painted_task, places):
    """A face drawn too dark and too red comes back in the frame's tone."""
    number = int(np.argmax(places.shown))
    frame = list(painted_task.frames())[number]
    box, points = places.boxes[number], painted_task.track.landmarks[number]
    off = np.clip(cut(frame, box, 96) * 0.8 + np.array([15, 0, -10]), 0, 255).astype(np.uint8)
    new = Blend().put_back(frame, off, box, points, 1.0, 0)
    left, top = points[list(OUTLINE), :2].min(axis=0).astype(int)
    right, bottom = points[list(OUTLINE), :2].max(axis=0).astype(int)
    mask = soft_mask(points[list(OUTLINE), :2] - [left, top], right - left, bottom - top, 8) > 0.5
    here = np.s_[top:bottom, left:right]
    wrong = np.abs(new[here][mask].mean(axis=0) - frame[here][mask].mean(axis=0))
    given = np.abs(off.astype(float).mean(axis=(0, 1)) - cut(frame, box, 96).mean(axis=(0, 1)))
    assert wrong.max() < 0.35 * given.max()


def test_grain_is_kept(painted_task, places):
    number = int(np.argmax(places.shown))
    clean = list(painted_task.frames())[number]
    noise = np.random.default_rng(0).normal(0, 5, clean.shape[:2])[..., None]
    frame = np.clip(clean + noise, 0, 255).astype(np.uint8)
    box, points = places.boxes[number], painted_task.track.landmarks[number]
    smooth = cv2.GaussianBlur(cut(clean, box, 96), (0, 0), 2)
    new = Blend().put_back(frame, smooth, box, points, 1.0, 0)
    chin = points[199, :2].astype(int)
    patch = np.s_[chin[1] - 4 : chin[1] + 5, chin[0] - 4 : chin[0] + 5]
    rough = [np.std(each[patch].astype(float) - cv2.GaussianBlur(each[patch].astype(float), (0, 0), 1)) for each in (new, frame)]
    assert 0.5 < rough[0] / rough[1] < 1.6
    assert np.array_equal(new, Blend().put_back(frame, smooth, box, points, 1.0, 0)), "the same each time"


def test_lips_come_and_go_where_the_face_does(places):
    assert (places.shown[HIDDEN] == 0).all() and places.shown[0] == 1 and places.shown[-1] == 1
    assert 0 < places.shown[HIDDEN.stop] < places.shown[HIDDEN.stop + 1] < 1
    assert list(np.flatnonzero(places.begins)) == [0, HIDDEN.stop]
    assert (fades(30, False, False) == 1).all()
    both = fades(30, True, True)
    assert np.allclose(both, both[::-1]) and both[FADE_FRAMES] == 1 and both[0] < 0.1
    assert list(stretches(np.array([1, 1, 1, 0, 1], bool), {2})) == [(0, 2), (2, 3), (4, 5)]


def test_boxes_are_steady(painted_task):
    track = painted_task.track
    shaken = np.array(track.landmarks) + np.random.default_rng(0).normal(0, 2, (len(track), 1, 3)).astype(np.float32)
    state = np.full(len(track), FaceState.CLEAR, np.uint8)
    calm = replace(track, landmarks=shaken, state=state)
    boxes = places_of(painted_task.faces, calm, face_box).boxes
    raw = np.array([face_box(points) for points in shaken])
    assert np.abs(np.diff(boxes, axis=0)).mean() < 0.5 * np.abs(np.diff(raw, axis=0)).mean()


def test_a_crop_is_where_the_box_is():
    x, y = np.meshgrid(np.arange(200, dtype=np.float32), np.arange(150, dtype=np.float32))
    frame = np.stack([x, y, x], axis=2).astype(np.uint8)
    box = np.array([40.5, 30.0, 88.5, 78.0], np.float32)
    crop = cut(frame, box, 96)
    assert abs(int(crop[48, 48, 0]) - 64) <= 1 and abs(int(crop[48, 48, 1]) - 54) <= 1
    assert np.allclose(to_crop(box, 96) @ [40.0, 29.5, 1], [-0.5, -0.5])
    assert cut(frame, np.array([-10, -10, 86, 86], np.float32), 96).shape == (96, 96, 3)
