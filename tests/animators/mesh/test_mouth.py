"""A mouth that stands open in the picture: shut in the film as if it had never been open, with the teeth that are really seen."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

import cv2
import numpy as np
import pytest

from animators.mesh.frame_drawer import FrameDrawer
from core.contracts import Portrait
from faces.face_choice import mouth_opening
from faces.faces import FaceFinder
from faces.fitting.landmarks import LIPS_INNER_LOWER, LIPS_INNER_UPPER
from tests.animators.mesh.conftest import weights

STILL = np.zeros(3, np.float32)


def draw(drawer: FrameDrawer, shapes: np.ndarray) -> np.ndarray:
    pose = drawer.rig.pose(STILL, STILL)
    return drawer.draw(shapes, np.zeros(2, np.float32), pose, pose)


def face_in(image: np.ndarray):
    with FaceFinder() as finder:
        return finder.find(image)[0]


def eye_span(face) -> float:
    return float(np.linalg.norm(face.landmarks[33] - face.landmarks[263]))


@pytest.fixture(scope="module")
def opened(drawer) -> Portrait:
    """The demo's portrait as a picture in which the mouth stands open."""
    image = draw(drawer, weights(jawOpen=0.75))
    return Portrait(image, face_in(image))


@pytest.fixture(scope="module")
def shut(opened) -> tuple[FrameDrawer, np.ndarray]:
    """That picture's drawer, and its frame of rest."""
    drawer = FrameDrawer(opened)
    return drawer, draw(drawer, weights())


@pytest.mark.slow
def test_a_mouth_that_stands_open_is_shut(opened, shut):
    assert mouth_opening(opened.face) > 0.2
    assert mouth_opening(face_in(shut[1])) < 0.03


@pytest.mark.slow
def test_no_tooth_tongue_or_dark_of_the_open_mouth_lies_on_the_lips(opened, shut):
    """Of no pixel is the colour taken from inside of the opening that the picture shows."""
    points = opened.face.landmarks[[*LIPS_INNER_UPPER, *reversed(LIPS_INNER_LOWER)], :2]
    opening = np.zeros(opened.image.shape[:2], np.uint8)
    cv2.fillPoly(opening, [np.rint(points).astype(np.int32)], 1)
    inside = cv2.erode(opening, np.ones((5, 5), np.uint8))
    assert inside.sum() > 500
    drawer, head = copy(shut[0]), copy(shut[0].head)
    drawer.head = head
    places = [np.arange(size) // head.times + first for size, first in zip(head.picture.shape, head.corner[::-1], strict=True)]
    within = [np.clip(at, 0, size - 1).astype(int) for at, size in zip(places, inside.shape, strict=True)]
    head.picture = np.where(inside[np.ix_(*within)] > 0, np.uint32(0xFFFF00FF), head.picture)  # magenta
    head.unmoved = np.where(inside[..., None] > 0, np.array([255, 0, 255], np.uint8), head.unmoved)
    for jaw in (0.0, 0.3):
        frame = draw(drawer, weights(jawOpen=jaw)).astype(int)
        assert (np.minimum(frame[..., 0], frame[..., 2]) - frame[..., 1] < 80).all()


@pytest.mark.slow
def test_the_jaw_comes_up_with_the_lip(portrait, opened, shut):
    """A jaw that hangs in the picture hangs no more in the film, or the lower lip would be drawn out over the opening."""
    face = face_in(shut[1])
    for point in (17, 152):  # edge of the lower lip, chin
        before, after = (each.landmarks[point, 1] - portrait.face.landmarks[point, 1] for each in (opened.face, face))
        assert abs(after) < 0.6 * before


@pytest.mark.slow
def test_the_lips_of_a_wide_open_mouth_meet_in_an_even_line(opened, shut):
    """Not in one with a hook at each corner, where the opening is steep; and the lower lip is no lobe."""
    rig, span = shut[0].rig, eye_span(opened.face)
    places = rig.expression(weights())
    line = rig.coordinates.to_face(places)[rig.mesh.groups["lip_upper"], :2] / span
    along = np.linspace(-1, 1, len(line))
    middle, left, right = line[len(line) // 2, 1], line[0, 1], line[-1, 1]
    even = middle + (right - left) / 2 * along + ((right + left) / 2 - middle) * along**2
    assert np.abs(line[:, 1] - even).max() < 0.008
    lower = rig.coordinates.to_face(places)[rig.mesh.groups["outer_lower"], 1] / span
    assert (lower - middle).max() < 0.125


@pytest.mark.slow
def test_a_slit_shows_no_row_of_teeth(drawer):
    """Painted teeth between lips that hardly part would be dashes; they come with the opening."""
    tooth = drawer.mouth.tones.tooth.mean()
    seen = {}
    for jaw in (0.04, 0.3):
        pose, shapes = drawer.rig.pose(np.zeros(3, np.float32), np.zeros(3, np.float32)), weights(jawOpen=jaw)
        inlay = np.zeros(drawer.inlay_shape, np.uint8)
        drawer.mouth.draw(inlay, drawer.left, drawer.top, drawer.rig.expression(shapes), pose, shapes)
        inside = inlay[inlay[..., 3] > 250]
        seen[jaw] = float((inside[:, :3].mean(axis=1) > 0.45 * tooth).mean())
    assert seen[0.04] < 0.1 < 0.18 < seen[0.3]


@pytest.mark.slow
def test_few_teeth_under_the_lip_give_the_painted_ones_their_colour(opened):
    """A mouth wide open shows a strip of them, too little to go on with; painted in another colour they would look foreign."""
    points, span = opened.face.landmarks, eye_span(opened.face)
    image, colour = opened.image.copy(), np.array([235, 205, 150])
    line = points[LIPS_INNER_UPPER, :2]
    line = line[np.abs(line[:, 0] - points[13, 0]) < 0.17 * span]
    strip = np.concatenate([line, line[::-1] + np.array([0, 0.026 * span])])
    inside = np.zeros(image.shape[:2], np.uint8)
    opening = points[[*LIPS_INNER_UPPER, *reversed(LIPS_INNER_LOWER)], :2]
    cv2.fillPoly(inside, [np.rint(opening).astype(np.int32)], 1)
    image[inside > 0] = (60, 25, 25)
    cv2.fillPoly(image, [np.rint(strip).astype(np.int32)], colour.tolist())
    painted = FrameDrawer(replace(opened, image=image)).mouth.upper
    width = painted.shape[1]
    front = painted[:, width // 2 - width // 10 : width // 2 + width // 10].reshape(-1, 4)
    front = front[front[:, 3] > 250][:, :3].astype(float)
    tooth = np.median(front[front[:, 1] > 0.75 * front[:, 0]], axis=0)
    np.testing.assert_allclose(tooth / tooth.sum(), colour / colour.sum(), atol=0.02)
    assert tooth.sum() == pytest.approx(colour.sum(), rel=0.12)


@pytest.mark.slow
def test_a_tongue_is_not_taken_for_teeth(opened):
    """Pale and wide, but further under the upper lip than a tooth is long."""
    points, span = opened.face.landmarks, eye_span(opened.face)
    begin, end = float(points[13, 1]) + 0.15 * span, float(points[14, 1])
    assert end - begin > 0.05 * span
    image = opened.image.copy()
    middle, half = (round(float(points[13, 0])), round((begin + end) / 2)), (round(0.16 * span), round((end - begin) / 2))
    cv2.ellipse(image, middle, half, 0, 0, 360, (225, 205, 190), -1)
    without, with_tongue = (FrameDrawer(replace(opened, image=each)).mouth.upper for each in (opened.image, image))
    assert np.abs(with_tongue.astype(int) - without).max() <= 2
