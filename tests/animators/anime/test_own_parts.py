"""Lips, lids and eyebrows that the networks don't see are the picture's own: they open, shut, and leave the rest alone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from animators.anime.answers import EYES_SEEN, MOUTH_SEEN
from animators.anime.brows import BROWS_SEEN, MOVES, brow_state, brows_seen, find_brows
from animators.anime.canvas import canvas_of, place_canvas, to_linear, to_srgb
from animators.anime.drawn_face import RELAXED, framed_face
from animators.anime.lids import find_lids, lid_state
from animators.anime.lips import SHAPES, find_lips, lip_state
from animators.anime.painter import Painter
from animators.anime.pose import EYEBROWS, FACE, PARAMETER_INDEX
from faces.faces import FaceFinder
from media.pictures import load_picture
from tests.animators.anime.drawing import drawn_portrait

SIDE = 320
CORNER = np.zeros(2, np.float32)


def pose(**parameters):
    """(27,): a name without its side sets both sides."""
    values = np.zeros(FACE.stop - FACE.start, np.float32)
    for name, value in parameters.items():
        for each in (name,) if name in PARAMETER_INDEX else (f"{name}_left", f"{name}_right"):
            values[PARAMETER_INDEX[each] - FACE.start] = value
    return values


@pytest.fixture(scope="module")
def shaded(shared_dir):
    """(face, texture) of a shaded illustration."""
    picture = load_picture(shared_dir / "portraits" / "illustration.jpg").image
    image = cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    with FaceFinder(settings=RELAXED) as finder:
        face = finder.find(image)[0]
    return face, np.dstack([to_linear(image / np.float32(255)), np.ones((SIDE, SIDE), np.float32)]).astype(np.float32)


def drawn(part, texture, **parameters):
    """Levels (H, W, 3) of the texture with a part in a pose."""
    moved = texture.copy()
    part.draw(moved, CORNER, pose(**parameters))
    return 255 * to_srgb(moved[..., :3])


def opened(face, texture, **parameters):
    """(area, width) in pixels of the dark inside of the mouth in a pose."""
    lips = find_lips(face, texture)
    dark = drawn(lips, texture, **parameters).mean(axis=-1) < 40  # darker than any lip of this picture
    x, y, half = *lips.measures[:2], lips.measures[4]
    part = dark[int(y - 0.3 * half) : int(y + 1.4 * half), int(x - 1.3 * half) : int(x + 1.3 * half)]
    return int(part.sum()), int(part.any(axis=0).sum())


@pytest.mark.slow
def test_every_vowel_opens_the_lips_in_its_own_way(shaded):
    face, texture = shaded
    found = {name.removeprefix("mouth_"): opened(face, texture, **{name: 1.0}) for name in SHAPES}
    areas = {name: area for name, (area, _) in found.items()}
    assert areas["aaa"] > areas["ooo"] > areas["delta"] >= areas["uuu"] > 0
    assert areas["aaa"] > 100
    assert found["eee"][1] > found["ooo"][1]
    assert 1.3 * opened(face, texture)[0] < opened(face, texture, mouth_aaa=0.5)[0] < areas["aaa"]


@pytest.mark.slow
def test_lips_at_rest_are_the_pictures(shaded):
    face, texture = shaded
    before = 255 * to_srgb(texture[..., :3])
    lips = find_lips(face, texture)
    assert np.abs(drawn(lips, texture) - before).max() < 1.0
    change = np.abs(drawn(lips, texture, mouth_aaa=1.0) - before).max(axis=-1)
    eyes = face.landmarks[[33, 133, 263, 362], 1].max()
    assert change[: int(eyes) + 4].max() < 1.0  # eyes and forehead stay
    assert change.max() > 60


@pytest.mark.slow
def test_corners_of_the_mouth_rise_and_fall(shaded):
    face, texture = shaded
    states = [lip_state(pose(**{name: 1.0}))[3:5] for name in ("mouth_raised_corner", "mouth_lowered_corner")]
    assert (states[0] < 0).all() and (states[1] > 0).all()
    left, right = lip_state(pose(mouth_raised_corner_right=1.0))[3:5]
    assert left < 0 == right  # the character's right is the picture's left
    lips = find_lips(face, texture)
    smiling, rest = drawn(lips, texture, mouth_raised_corner=1.0), drawn(lips, texture)
    assert np.abs(smiling - rest).max() > 20


@pytest.mark.slow
def test_lids_shut_the_eyes_one_by_one(shaded):
    face, texture = shaded
    lids = find_lids(face)
    rest = drawn(lids, texture)
    assert np.abs(rest - 255 * to_srgb(texture[..., :3])).max() < 1.0
    wink = np.abs(drawn(lids, texture, eye_wink_left=1.0) - rest).max(axis=-1) > 20
    middle = int(face.landmarks[168, 0])
    assert wink[:, :middle].sum() == 0  # the character's left eye is the right one in the picture
    assert wink[:, middle:].sum() > 30
    x, y = face.landmarks[473, :2].astype(int)
    shut = drawn(lids, texture, eye_wink=1.0)
    assert shut[y, x].mean() > 1.5 * rest[y, x].mean()  # skin where the iris was
    assert lid_state(pose(eye_surprised=1.0)).max() < 0


def brows_pose(**parameters):
    """(12,) of the eyebrows: a name without its side sets both sides."""
    values = np.zeros(EYEBROWS.stop, np.float32)
    for name, value in parameters.items():
        for each in (name,) if name in PARAMETER_INDEX else (f"{name}_left", f"{name}_right"):
            values[PARAMETER_INDEX[each]] = value
    return values


def browed(face, texture, **parameters):
    """Levels (H, W, 3) of the texture with its own eyebrows in a pose."""
    moved = texture.copy()
    find_brows(face).draw(moved, CORNER, brows_pose(**parameters))
    return 255 * to_srgb(moved[..., :3])


def brow_heights(face, levels):
    """(4,) rows of the darkest pixels near the outer and inner ends of both eyebrows, left to right."""
    heights = []
    for landmark in (63, 66, 296, 293):
        x, y = face.landmarks[landmark, :2]
        rows = slice(int(y) - 14, int(y) + 9)
        column = levels[rows, int(x) - 1 : int(x) + 2].mean(axis=(1, 2))
        dark = column.max() - column
        heights.append(float((dark**4 * np.arange(len(column))).sum() / (dark**4).sum()))
    return np.array(heights)


@pytest.mark.slow
def test_shaded_eyebrows_rise_and_fall_and_stay_what_they_are(shaded):
    face, texture = shaded
    before = 255 * to_srgb(texture[..., :3])
    rest = browed(face, texture)
    assert np.abs(rest - before).max() < 1.0
    raised, lowered = browed(face, texture, eyebrow_raised=1.0), browed(face, texture, eyebrow_lowered=1.0)
    assert (brow_heights(face, raised) < brow_heights(face, rest) - 0.5).all()
    assert (brow_heights(face, lowered) > brow_heights(face, rest) + 0.3).all()
    mouth = int(face.landmarks[1, 1])
    for moved in (raised, lowered):
        assert np.abs(moved - before)[mouth:].max() < 1.0
        # Neither eyebrow fades: the darkest pixels stay as dark and about as many.
        y0, y1 = int(face.landmarks[105, 1]) - 14, int(face.landmarks[65, 1]) + 4
        dark = [float((levels[y0:y1].mean(axis=-1) < 60).mean()) for levels in (before, moved)]
        assert dark[1] == pytest.approx(dark[0], rel=0.25)


@pytest.mark.slow
def test_anger_and_sorrow_move_the_inner_ends_of_the_eyebrows_apart_from_the_outer(shaded):
    face, texture = shaded
    rest = brow_heights(face, browed(face, texture))
    angry = brow_heights(face, browed(face, texture, eyebrow_angry=1.0)) - rest
    troubled = brow_heights(face, browed(face, texture, eyebrow_troubled=1.0)) - rest
    assert (angry[[1, 2]] > angry[[0, 3]]).all()
    assert (troubled[[1, 2]] < troubled[[0, 3]]).all()
    assert set(MOVES) == {name.rsplit("_", 1)[0] for name in PARAMETER_INDEX if name.startswith("eyebrow_")}
    lifts = brow_state(brows_pose(eyebrow_raised_left=1.0))
    assert lifts[0, 0] == 0.0 < lifts[1, 0]  # the character's right eyebrow comes first


#: Which way the whole eyebrow and, against the rest of it, its inner end go: 1 up, -1 down, 0 not judged.
DIRECTIONS = {"raised": (1, 0), "happy": (1, -1), "lowered": (-1, 0), "serious": (-1, -1), "angry": (-1, -1), "troubled": (0, 1)}


@pytest.mark.parametrize("name", DIRECTIONS)
@pytest.mark.parametrize("side", ["left", "right"])
def test_each_movement_of_the_eyebrows_has_its_direction(name, side):
    whole, inner = DIRECTIONS[name]
    lifts = brow_state(brows_pose(**{f"eyebrow_{name}_{side}": 1.0}))
    mine, other = (lifts[1], lifts[0]) if side == "left" else (lifts[0], lifts[1])
    assert not other.any()
    assert whole == 0 or np.sign(mine[0]) == whole
    assert inner == 0 or np.sign(mine[1]) == inner


@pytest.mark.slow
def test_a_framed_face_has_no_lips_of_its_own(shaded):
    _, texture = shaded
    face = framed_face((60.0, 60.0, 260.0, 280.0))
    assert find_lips(face, texture) is None
    assert find_lids(face) is None
    assert find_brows(face) is None


@pytest.mark.slow
def test_the_networks_see_a_drawn_mouth_and_no_shaded_one(networks, shaded):
    face, texture = shaded
    painter = Painter(canvas_of(texture, place_canvas(face)), 2)
    mouth, eyes = painter.response()
    assert mouth < MOUTH_SEEN
    assert eyes < EYES_SEEN
    assert brows_seen(painter.layers) < BROWS_SEEN
    flat = drawn_portrait()
    figure = np.dstack([to_linear(flat.image / np.float32(255)), flat.alpha / np.float32(255)]).astype(np.float32)
    painter = Painter(canvas_of(figure, place_canvas(flat.face)), 2)
    mouth, eyes = painter.response()
    assert mouth >= MOUTH_SEEN
    assert eyes >= EYES_SEEN
    assert brows_seen(painter.layers) >= BROWS_SEEN
