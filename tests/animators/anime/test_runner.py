"""Films of a drawing that the tests make: it stays itself at rest, its mouth opens, its head turns, its ground stands still."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from animators.anime.canvas import CHIN_V, EYES_U, EYES_V, place_canvas, to_linear, to_srgb
from animators.anime.drawn_face import framed_face
from animators.anime.figure import fill_ground, pure_colours, refined
from animators.anime.runner import AnimeRenderer, AnimeSettings, TimedPhoneme
from animators.anime.sampling import field_over
from core.errors import Cancelled, InputError
from tests.animators.anime.drawing import drawn_character, drawn_portrait, joined, motion_of

pytestmark = pytest.mark.long

QUICK = AnimeSettings(key_poses=4, key_expressions=4)
GROUND = (120, 170, 200)
#: Frames of the film below: at rest, mouth open, head turned to the picture's right, eyes shut, mouth open on another vowel.
REST, OPEN, TURNED, SHUT, ROUND = range(5)
PHONEMES = [TimedPhoneme(ROUND / 25, (ROUND + 1) / 25, "UW1")]
MOUTH, FACE_BOX = (slice(130, 160), slice(108, 148)), (slice(60, 165), slice(75, 181))


def film_motion():
    sung = motion_of(1, jawOpen=0.65, mouthLowerDown=0.4)
    return joined(motion_of(1), sung, motion_of(1, (7.0, 0.0, 0.0)), motion_of(1, eyeBlink=1.0), sung)


@pytest.fixture(scope="module")
def film(networks):
    """(portrait, frames) on a plain ground, by the networks."""
    portrait = drawn_portrait(ground=GROUND)
    return portrait, list(AnimeRenderer(QUICK, PHONEMES).frames(portrait, film_motion()))


def change(first, second):
    return np.abs(first.astype(int) - second.astype(int)).max(axis=-1)


@pytest.mark.slow
def test_frames_are_pictures_of_the_portraits_size(film):
    portrait, frames = film
    assert len(frames) == 5
    assert all(frame.shape == portrait.image.shape and frame.dtype == np.uint8 for frame in frames)


@pytest.mark.slow
def test_at_rest_it_is_the_picture(film):
    portrait, frames = film
    difference = change(frames[REST], portrait.image)
    outside = np.ones(difference.shape, bool)
    outside[FACE_BOX] = False
    assert difference[outside].max() <= 2
    assert difference.mean() < 1.0


@pytest.mark.slow
def test_the_mouth_opens_and_nothing_else_moves(film):
    _, frames = film
    difference = change(frames[OPEN], frames[REST])
    assert (difference[MOUTH] > 25).sum() > 20
    outside = np.ones(difference.shape, bool)
    outside[FACE_BOX] = False
    assert difference[outside].max() <= 2


@pytest.mark.slow
def test_phonemes_choose_the_mouth(film):
    _, frames = film
    assert (change(frames[ROUND], frames[OPEN])[MOUTH] > 25).sum() > 10
    assert (change(frames[ROUND], frames[REST])[MOUTH] > 25).sum() > 5


@pytest.mark.slow
def test_the_eyes_shut(film):
    _, frames = film
    difference = change(frames[SHUT], frames[REST])
    for x in (110, 146):
        assert (difference[104:124, x - 8 : x + 9] > 40).mean() > 0.2
    assert difference[MOUTH].mean() < 6


@pytest.mark.slow
def test_the_head_turns_the_way_that_is_asked(film):
    _, frames = film
    crop = (slice(85, 150), slice(96, 160))
    before, after = (cv2.cvtColor(frames[i], cv2.COLOR_RGB2GRAY)[crop].astype(np.float64) for i in (REST, TURNED))
    (right, _), _ = cv2.phaseCorrelate(before, after, cv2.createHanningWindow(before.shape[::-1], cv2.CV_64F))
    assert right > 1.0


@pytest.mark.slow
def test_the_ground_stands_still(film):
    portrait, frames = film
    far = cv2.dilate(drawn_character()[..., 3], np.ones((41, 41), np.uint8)) == 0
    for frame in frames:
        assert (frame[far] == portrait.image[far]).all()


@pytest.mark.slow
def test_progress_is_told_and_may_stop_the_work(networks):
    portrait, told = drawn_portrait(), []
    frames = AnimeRenderer(QUICK).frames(portrait, motion_of(3), lambda *args: told.append(args))
    assert len(list(frames)) == 3
    assert told[0] == ("render", 0, 3)
    assert told[-1] == ("render", 3, 3)
    done = [args[1] for args in told]
    assert done == sorted(done)
    assert done.count(0) > 3  # the networks' answers before the first frame

    calls = iter(range(100))

    def stop(stage, done, total):
        if next(calls) == 2:  # within the preparation
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        next(AnimeRenderer(QUICK).frames(portrait, motion_of(3), stop))


def test_the_canvas_holds_eyes_and_chin_where_the_networks_look():
    placement = place_canvas(framed_face((50.0, 40.0, 250.0, 260.0)))
    eyes, chin = placement.to_picture(EYES_U, EYES_V), placement.to_picture(EYES_U, CHIN_V)
    assert eyes == pytest.approx((150.0, 40.0 + 0.45 * 220.0), abs=0.01)
    assert chin == pytest.approx((150.0, 260.0), abs=0.01)


def test_tiny_and_tipped_faces_are_refused_in_words():
    with pytest.raises(InputError, match="px high from eyes to chin"):
        place_canvas(framed_face((10.0, 10.0, 30.0, 30.0)))
    face = framed_face((0.0, 0.0, 200.0, 220.0))
    face.landmarks[152, :2] = 300.0, 100.0
    with pytest.raises(InputError, match="Turn the picture upright"):
        place_canvas(face)


@pytest.mark.parametrize(
    "wrong",
    [{"threads": -1}, {"key_poses": 1}, {"key_expressions": 2}, {"most_further": -1}, {"tolerance": 2.0}, {"body_lag_s": 0.0}],
)
def test_settings_outside_their_range_are_refused(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        AnimeSettings(**wrong)


def test_light_goes_to_srgb_and_back():
    levels = np.arange(256) / 255
    np.testing.assert_allclose(to_srgb(to_linear(levels)), levels, atol=1e-5)
    assert to_linear(np.array([0.5]))[0] == pytest.approx(0.21404, abs=1e-4)


def test_fields_are_sampled_as_opencv_does():
    field = np.random.default_rng(2).normal(size=(20, 24, 3)).astype(np.float32)
    corner, window, size = np.array([3, 5], np.float32), np.array([1.5, -2.25, 2.5], np.float32), (30, 34)
    x, y = np.meshgrid(np.arange(size[1]) + 3.5, np.arange(size[0]) + 5.5)
    u, v = ((x - window[0]) / window[2] - 0.5).astype(np.float32), ((y - window[1]) / window[2] - 0.5).astype(np.float32)
    expected = cv2.remap(field, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    np.testing.assert_allclose(field_over(field, corner, window, size), expected, atol=0.12)
    np.testing.assert_allclose(field_over(field, corner, window, size).mean(), expected.mean(), atol=2e-3)


def test_a_soft_matte_is_mended_by_the_colours():
    rgba = drawn_character()
    truth = rgba[..., 3].astype(np.float32) / 255
    image = (rgba[..., :3] * truth[..., None] + np.array(GROUND) * (1 - truth[..., None])).astype(np.uint8)
    soft = cv2.GaussianBlur(truth, (0, 0), 2.5)
    background = fill_ground(image, soft)
    mended = refined(image, soft, background)
    assert np.abs(mended - truth).mean() < 0.5 * np.abs(soft - truth).mean()
    assert np.abs(background[soft > 0.5].astype(int) - np.array(GROUND)).mean() < 6
    rim = (truth > 0.3) & (truth < 0.9)
    colours = pure_colours(image, mended, background)
    unmixed = np.abs(colours[rim] - np.array(GROUND)).mean()
    assert unmixed > np.abs(image[rim].astype(int) - np.array(GROUND)).mean()


def test_a_strand_of_another_colour_stays_on_the_figure():
    image = np.empty((120, 120, 3), np.uint8)
    image[:] = (90, 180, 220)
    truth = np.zeros((120, 120), np.float32)
    cv2.circle(image, (60, 80), 30, (250, 220, 90), -1)
    cv2.circle(truth, (60, 80), 30, 1.0, -1)
    cv2.line(image, (60, 52), (66, 30), (80, 80, 85), 3)
    cv2.line(truth, (60, 52), (66, 30), 1.0, 3)
    matte = cv2.GaussianBlur(truth, (0, 0), 1.2)  # a network's: soft on thin lines
    background = fill_ground(image, matte)
    mended = refined(image, matte, background)
    strand = (slice(32, 46), slice(58, 70))
    assert mended[strand].sum() > 0.7 * truth[strand].sum()
    assert mended[strand].sum() < 1.3 * truth[strand].sum()
    assert np.abs(mended - truth).mean() < 0.02
