"""Mouths of known opening: the landmarks are believed where they follow, the pixels where they don't, neither where none does."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest

from core.messages import message
from media.pictures import load_picture
from metrics.alignment import HEAD_SIDE_PX
from metrics.aperture import aperture
from metrics.film_view import FaceFollower, View, reference_of, views
from metrics.lip_sync import LipSync, lip_sync, lip_sync_verdicts
from metrics.mouth_change import (
    CHANGED_PIXELS,
    LIP_APERTURE,
    NO_MEASURE,
    MouthObserver,
    comes_back,
    mouth_box,
    mouth_measure,
    nose_box,
    resting_frames,
    shares,
)
from metrics.silence import silence, silence_verdicts
from tests.metrics.films import FPS
from tests.metrics.test_lip_sync import syllables

FRAMES = 60
#: Middle of the drawn character's mouth and half its width, in sides of the picture.
MOUTH_AT, MOUTH_HALF = (0.4998, 0.3382), 0.021


@pytest.fixture(scope="module")
def opening() -> np.ndarray:
    """(60,) in [0, 1]: shut at first, then syllables."""
    loudness = syllables(FRAMES / FPS, seed=3).loudness_at((np.arange(FRAMES) + 0.5) / FPS)
    loudness[:15] = 0.0
    return loudness / loudness.max()


@pytest.fixture(scope="module")
def drawn(shared_dir) -> np.ndarray:
    """(320, 320, 3) uint8: a drawn character whose mouth is painted over."""
    picture = load_picture(shared_dir / "portraits" / "anime_rgba.png").image
    image = cv2.resize(picture, (320, 320), interpolation=cv2.INTER_AREA)
    skin = image[round((MOUTH_AT[1] - 0.03) * 320), round((MOUTH_AT[0] + 0.02) * 320)].tolist()
    return ellipse(image, 1.2, 1.4, skin)


def ellipse(image: np.ndarray, width: float, height: float, colour: list[int]) -> np.ndarray:
    """The picture with an ellipse for its mouth, so many of its half widths wide and high."""
    side, fine = image.shape[0], 16
    middle = tuple(round(place * side * fine) for place in MOUTH_AT)
    axes = (round(MOUTH_HALF * width * side * fine), round(MOUTH_HALF * height * side * fine))
    return cv2.ellipse(image.copy(), middle, axes, 0, 0, 360, colour, -1, cv2.LINE_AA, shift=4)


def watched(frames: list[np.ndarray], first_face, image: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(aperture, change of the mouth, change beside the nose) of a film, by the real tracker."""
    place = reference_of(image, first_face, True)
    observer, openings = MouthObserver(place.layout), []
    with FaceFollower(first_face.box) as follower:
        for view in views(frames, follower, place.layout):
            observer.see(view)
            openings.append(np.nan if view.face is None else aperture(view.face.landmarks))
    openings = np.array(openings)
    return openings, *observer.result(openings, FPS)


def swayed(frame: np.ndarray, index: int) -> np.ndarray:
    """The frame shifted by a few pixels, as a head sways."""
    shift = np.array([[1, 0, 3 * np.sin(index / 6)], [0, 1, 2 * np.sin(index / 4)]], np.float32)
    return cv2.warpAffine(frame, shift, frame.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)


@pytest.fixture(scope="module")
def drawn_film(drawn, opening):
    """The three series of a drawn film whose small mouth the tracker can't read."""
    from animators.anime.runner import find_drawn_face

    frames = [swayed(ellipse(drawn, 0.5, 0.4 * value, [150, 40, 50]), index) for index, value in enumerate(opening)]
    with FaceFollower(find_drawn_face(drawn).box) as follower:
        face = follower.find(drawn)
    assert face is not None
    return watched(frames, face, drawn)


@pytest.mark.slow
def test_a_drawn_mouth_is_measured_by_its_pixels(drawn_film, opening):
    found, change, beside = drawn_film
    measure = mouth_measure(found, change, beside, FPS)
    assert measure.name == CHANGED_PIXELS
    assert measure.agreement < 0.6
    assert "don't follow this mouth" in str(measure.sentence)
    assert np.corrcoef(change, opening)[0, 1] > 0.85
    assert change[:15].max() < 0.1 * np.percentile(change, 95)


@pytest.mark.slow
def test_its_controls_are_those_of_the_aperture(drawn_film):
    _, change, _ = drawn_film
    times_s = (np.arange(FRAMES) + 0.5) / FPS
    result = lip_sync(times_s, change, syllables(FRAMES / FPS, seed=3))
    assert abs(result.lag_ms) < 40
    assert result.shifted_lag_ms - result.lag_ms == pytest.approx(-200, abs=15)
    assert result.still_correlation == 0.0
    quiet = silence(times_s, change, [(0.0, 0.6)], FPS)
    assert quiet.shut_share == 1.0 > quiet.shuffled_shut_share


@pytest.mark.slow
def test_a_photos_mouth_is_measured_by_its_landmarks(puppet, portrait_image, face_finder, opening):
    frames = [swayed(puppet.frame(0.45 * float(value)), index) for index, value in enumerate(opening)]
    measure = mouth_measure(*watched(frames, face_finder.find(portrait_image)[0], portrait_image), FPS)
    assert measure.name == LIP_APERTURE
    assert measure.agreement > 0.85


def test_neither_is_believed_where_the_whole_face_changes(opening):
    rng = np.random.default_rng(0)
    measure = mouth_measure(rng.random(FRAMES), 0.5 * opening, 0.4 * opening, FPS)
    assert measure.name == NO_MEASURE
    assert str(measure.sentence).startswith("The lips can't be measured.")
    moving_landmarks = mouth_measure(0.2 * opening, np.zeros(FRAMES), np.zeros(FRAMES), FPS)
    assert moving_landmarks.name == NO_MEASURE
    assert "no pixel" in str(moving_landmarks.sentence)
    still = mouth_measure(np.full(FRAMES, 0.01), np.zeros(FRAMES), np.zeros(FRAMES), FPS)
    assert still.name == LIP_APERTURE
    assert mouth_measure(*np.full((3, FRAMES), np.nan), FPS).name == NO_MEASURE


def test_the_resting_mouth_is_the_one_that_comes_back():
    rng = np.random.default_rng(1)
    shut = np.full((10, 12), 120, np.uint8)
    patches = [shut if index % 3 == 0 else rng.integers(0, 255, (10, 12), np.uint8) for index in range(45)]
    rests = resting_frames(patches, rng.random(45))
    assert rests[0] % 3 == 0
    found = shares([*patches, None], rests[0])
    assert np.isnan(found[-1])
    assert found[:45:3].max() == 0.0 < found[1:45:3].min()


def test_a_drifting_head_changes_nothing(portrait_landmarks):
    from metrics.alignment import head_layout

    rng = np.random.default_rng(2)
    skin = cv2.GaussianBlur(rng.random((HEAD_SIDE_PX, HEAD_SIDE_PX)).astype(np.float32) * 255, (0, 0), 3) * 4 - 380
    observer = MouthObserver(head_layout(portrait_landmarks))
    for index in range(20):
        matrix = np.array([[1, 0, 3.0 * np.sin(index)], [0, 1, 2.3 * np.cos(index)]], np.float32)
        head = cv2.warpAffine(skin, matrix, (HEAD_SIDE_PX, HEAD_SIDE_PX), borderMode=cv2.BORDER_REFLECT)
        observer.see(View(index, np.zeros((1, 1, 3), np.uint8), None, head, head))
    mouth, nose = observer.result(np.zeros(20), FPS)
    assert mouth.max() < 0.01
    assert nose.max() < 0.01
    for box in (mouth_box(head_layout(portrait_landmarks)), nose_box(head_layout(portrait_landmarks))):
        assert all(low < high for low, high in pairwise(box[::2]))


def test_verdicts_are_named_by_the_measure_and_silent_without_one():
    nothing = LipSync(0, reason=message("metrics.lips_without_face"))
    quiet = silence(np.arange(3.0), np.full(3, np.nan), [], FPS)
    found = lip_sync_verdicts(nothing, "none") + silence_verdicts(quiet, "none")
    assert [verdict.passed for verdict in found] == [None] * 4
    measure = CHANGED_PIXELS
    by_pixels = lip_sync_verdicts(nothing, measure) + silence_verdicts(quiet, measure)
    assert "changed pixels" in str(by_pixels[0].name) and "at rest" in str(by_pixels[3].name)


def held_vowel() -> np.ndarray:
    """(75,) a mouth of 3 s that holds an open vowel for half of the time, and never shuts the same way for long."""
    rng = np.random.default_rng(5)
    held = np.full(75, 0.9) + 0.01 * rng.normal(size=75)
    held[:20] = 0.9 * np.abs(np.sin(np.arange(20) / 3.0))
    held[58:] = 0.9 * np.abs(np.sin(np.arange(17) / 2.6 + 1.0))
    return np.clip(held, 0.0, 1.0)


@pytest.mark.slow
def test_a_held_vowel_is_not_taken_for_rest(puppet, portrait_image, face_finder):
    """The case that was found: a good film of 3 s was measured the wrong way round, with an agreement of -0.97."""
    opening = held_vowel()
    frames = [swayed(puppet.frame(0.45 * float(value)), index) for index, value in enumerate(opening)]
    found, change, beside = watched(frames, face_finder.find(portrait_image)[0], portrait_image)
    measure = mouth_measure(found, change, beside, FPS)
    assert measure.name == LIP_APERTURE
    assert measure.agreement > 0.85
    assert np.corrcoef(change, opening)[0, 1] > 0.85


def mouths(opening: np.ndarray) -> list[np.ndarray]:
    """Patches of a drawn mouth that is open so far."""
    skin = np.full((60, 80), 200, np.uint8)
    return [cv2.ellipse(skin.copy(), (40, 30), (25, round(22 * value)), 0, 0, 360, 60, -1) for value in opening]


def test_without_landmarks_the_look_that_comes_back_is_taken():
    """A mouth that the landmarks don't see: it holds a vowel for long once, and shuts again and again."""
    rng = np.random.default_rng(6)
    syllable = np.array([0.0, 0.0, 0.5, 1.0, 1.0, 0.5])
    opening = np.concatenate([syllable * amount for amount in rng.uniform(0.3, 0.7, 27)])[:160]
    opening += rng.uniform(0.0, 0.08, 160)
    opening[60:100] = 0.9
    blind = rng.random(len(opening))
    rests = resting_frames(mouths(opening), blind)
    assert opening[rests[0]] > 0.8  # the old choice
    assert opening[rests[1]] < 0.3  # shut, or nearly
    assert comes_back(shares(mouths(opening), rests[1]), FPS)


def test_a_mouth_that_never_surely_rests_is_not_judged():
    opening = np.concatenate([np.linspace(0.5, 0.9, 20), np.full(40, 0.9), np.linspace(0.9, 0.2, 15)])
    change = shares(mouths(opening), 40)
    measure = mouth_measure(np.random.default_rng(7).random(75), change, np.zeros(75), FPS)
    assert measure.name == NO_MEASURE
    assert "surely the resting one" in str(measure.sentence)
    long_rest = np.concatenate([np.zeros(150), np.full(60, 0.8)])
    assert comes_back(shares(mouths(long_rest), 0), FPS)
