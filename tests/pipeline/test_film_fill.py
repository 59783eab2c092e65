"""Calls that froze or went black: the gaps are found, and filled without a jump."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
from PIL import Image

from core.blendshapes import BLENDSHAPE_INDEX
from core.contracts import Face, Motion
from core.errors import MissingError
from media.media import FilmWriter, read_frames
from pipeline.film_fill import Missing, filled_frames, find_missing, motion_through, notes_about_gaps, standing
from tests.conftest import ROOT
from tests.pipeline.dubbing import tone

FPS = 25.0
COUNT = 110
GAP = Missing(40, 90, False)


def swaying(picture: np.ndarray, count: int = COUNT):
    """The picture, moving by about a pixel a frame, with a camera's noise."""
    size = picture.shape[1], picture.shape[0]
    for index in range(count):
        shift = np.array([[1.0, 0, 6 * np.sin(index / 7)], [0, 1.0, 4 * np.cos(index / 9)]])
        moved = cv2.warpAffine(picture, shift, size, borderMode=cv2.BORDER_REPLICATE)
        noise = np.random.default_rng(index).normal(0, 2, moved.shape)
        yield np.clip(moved + noise, 0, 255).astype(np.uint8)


def broken(frames, gap: Missing):
    good = None
    for index, frame in enumerate(frames):
        if gap.first <= index < gap.end:
            yield np.zeros_like(frame) if gap.black else good.copy()
        else:
            good = frame
            yield frame


def speaking(count: int = COUNT) -> Motion:
    """A jaw that opens three times a second."""
    shapes = np.zeros((count, 52), np.float32)
    shapes[:, BLENDSHAPE_INDEX["jawOpen"]] = 0.2 - 0.2 * np.cos(2 * np.pi * 3 * np.arange(count) / FPS)
    nothing = np.zeros((count, 3), np.float32)
    return Motion(FPS, shapes, nothing, nothing, nothing[:, :2], nothing[:, 0])


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    with Image.open(ROOT / "demo" / "portrait.jpg") as opened:
        image = opened.convert("RGB")
        return np.asarray(image.resize((2 * round(image.width * 160 / image.height), 320)))


def face_at(x: float, yaw_deg: float, jaw: float) -> Face:
    points = np.zeros((478, 3), np.float32)
    points[:, 0] = x
    shapes = np.zeros(52, np.float32)
    shapes[BLENDSHAPE_INDEX["jawOpen"]] = jaw
    return Face(points, shapes, (yaw_deg, 0.0, 0.0), (x - 50, 0.0, x + 50, 120.0))


@pytest.mark.parametrize("black", [False, True])
def test_gaps_are_found(picture, black):
    gap = Missing(GAP.first, GAP.end, black)
    assert find_missing(broken(swaying(picture), gap), FPS) == [gap]
    spoken = np.zeros(COUNT, bool)
    assert find_missing(broken(swaying(picture), gap), FPS, spoken) == []
    spoken[50:80] = True
    assert find_missing(broken(swaying(picture), gap), FPS, spoken) == [gap]


def test_what_is_no_gap(picture):
    assert find_missing(swaying(picture), FPS) == []
    assert find_missing(broken(swaying(picture), Missing(40, 44, False)), FPS) == []
    assert find_missing(iter([picture] * 60), FPS) == []
    assert find_missing(broken(swaying(picture), Missing(0, 20, True)), FPS) == []


def test_what_an_encoder_makes_of_one_picture_is_a_gap_still(picture, tmp_path):
    sound = tone(tmp_path / "tone.wav", COUNT / FPS)
    with FilmWriter(tmp_path / "call.mp4", (picture.shape[1], picture.shape[0]), FPS, sound) as writer:
        for frame in broken(swaying(picture), GAP):
            writer.write(frame)
    (found,) = find_missing(read_frames(tmp_path / "call.mp4"), FPS)
    assert (found.first, found.end) == (GAP.first, GAP.end)


def test_one_frame_that_is_painted_anew_does_not_end_a_gap_and_few_frames_a_second_are_none():
    changes = np.full(60, 2.0, np.float32)
    changes[10:40] = 0.05
    changes[25] = 0.8
    assert np.flatnonzero(standing(changes, FPS)).tolist() == list(range(10, 40))
    changes[25] = 2.0
    assert not standing(changes, FPS)[25], "the picture changed"
    changes[25:30] = 0.8
    assert not standing(changes, FPS)[25:30].any(), "it moves"
    assert standing(np.tile(np.array([0.0, 2.0], np.float32), 30), FPS).sum() == 30
    assert not standing(np.full(60, 0.19, np.float32), FPS).any(), "somebody holds nearly still"
    mostly = np.where(np.arange(100) < 65, 0.02, 1.0).astype(np.float32)
    assert np.flatnonzero(standing(mostly, FPS)).tolist() == list(range(65))


def test_the_motion_leaves_one_face_and_arrives_at_the_other():
    moved = motion_through(GAP, speaking(), face_at(100, 0.0, 0.5), face_at(120, 8.0, 0.1))
    jaw = moved.shape("jawOpen")
    assert len(moved) == len(GAP)
    assert jaw[0] == pytest.approx(0.5, abs=0.05)
    assert jaw[-1] == pytest.approx(0.1, abs=0.05)
    assert np.ptp(jaw[8:-14]) > 0.3
    assert moved.rotation_deg[-1, 0] == pytest.approx(8.0, abs=0.2)
    assert moved.translation[-1, 0] == pytest.approx(0.2, abs=0.01)
    assert np.abs(np.diff(moved.rotation_deg[:, 0])).max() < 0.5
    alone = motion_through(GAP, speaking(), face_at(100, 0.0, 0.5), None)
    assert np.abs(alone.rotation_deg).max() == 0


def test_films_keep_their_length_wherever_the_gap_lies(picture):
    for gap in (Missing(5, 6, False), GAP, Missing(100, COUNT, True)):
        film = list(filled_frames(broken(swaying(picture), gap), [gap], speaking(), lambda frame: None))
        assert len(film) == COUNT
        assert np.array_equal(film[gap.end - 1], film[gap.first - 1])
    whole = list(swaying(picture, 12))
    assert all(np.array_equal(a, b) for a, b in zip(whole, filled_frames(iter(whole), [], speaking()), strict=True))


@pytest.mark.parametrize("black", [False, True])
def test_two_seconds_are_filled_without_a_jump(picture, black):
    """The head goes on speaking, and no frame changes by more than the film's own frames do."""
    gap = Missing(GAP.first, GAP.end, black)
    good = list(swaying(picture))
    try:
        film = list(filled_frames(broken(swaying(picture), gap), find_missing(broken(swaying(picture), gap), FPS), speaking()))
    except MissingError as error:
        pytest.skip(str(error))
    assert len(film) == COUNT
    smooth = [cv2.GaussianBlur(frame, (0, 0), 2).astype(np.int16) for frame in film]
    usual = [cv2.GaussianBlur(frame, (0, 0), 2).astype(np.int16) for frame in good]
    changes = np.array([np.abs(a - b).mean() for a, b in pairwise(smooth)])
    own = np.array([np.abs(a - b).mean() for a, b in pairwise(usual)])
    assert changes[gap.first - 1 : gap.end].max() <= 1.25 * own.max()
    assert changes[gap.first + 3 : gap.end].min() > 0
    mouth = np.abs(smooth[60] - smooth[64]).mean(axis=2)
    assert mouth.max() > 8
    for index in (*range(gap.first), *range(gap.end, COUNT)):
        assert np.array_equal(film[index], good[index])


def test_gaps_are_told():
    (note,) = notes_about_gaps([GAP], FPS)
    assert "0:01.6-0:03.6" in str(note)
    assert notes_about_gaps([], FPS) == []
