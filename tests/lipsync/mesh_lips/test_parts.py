"""The parts: where heads stand, how pictures are bent, which mouths are shown."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from faces.fitting.placing import placing
from faces.fitting.rig import rotation_matrix
from lipsync.mesh_lips.bank import SWITCH, Mouth, cheapest_path, chosen_frames
from lipsync.mesh_lips.drawing import light_between, soft_paint
from lipsync.mesh_lips.film_mouth import FilmMouth, read_film_mouth, reference_frame, rest_landmarks, steadied
from lipsync.mesh_lips.new_mouth import FADE_FRAMES, NewMouth, faded
from lipsync.mesh_lips.person import READ_SHAPES, fit_person, shape_field
from lipsync.mesh_lips.sharpness import as_sharp, bands, detail_of
from lipsync.mesh_lips.warping import NOWHERE, fill_map, polygon, sampled


@pytest.fixture(scope="module")
def person(talking):
    track = talking.faces.tracks[0]
    reference = reference_frame(track)
    return fit_person(talking.frames[reference], rest_landmarks(track, reference), track.face(reference))


def test_a_head_is_found_again_where_it_was_put(talking):
    points = talking.faces.tracks[0].landmarks[0]
    rotation = rotation_matrix(np.array([12.0, -7.0, 5.0]))
    moved = 1.3 * points @ rotation.T + np.array([20, -10, 4], np.float32)
    stands = placing(points, moved)
    assert stands.size == pytest.approx(1.3, abs=1e-4)
    assert np.abs(stands.placed(points) - moved).max() < 0.02
    assert np.abs(stands.at_rest(moved) - points).max() < 0.02


def test_the_shapes_that_were_drawn_are_read(talking, person):
    film = read_film_mouth(talking.faces.tracks[0], person, talking.faces.fps)
    assert np.corrcoef(film.shapes[:, READ_SHAPES.index("jawOpen")], talking.jaw)[0, 1] > 0.95
    assert np.corrcoef(film.opening, talking.jaw)[0, 1] > 0.97
    assert film.seen.all() and film.oddness.max() < 0.05


def test_a_shape_put_onto_the_resting_face_is_explained(person):
    """Shapes share movements, so that which of them it was may be told otherwise; where the lips went may not."""
    for name in ("jawOpen", "mouthSmile", "mouthPucker", "mouthUpperUp"):
        moved = 0.6 * shape_field(person.rig, name)[person.handles]
        told = person.read(person.rig.rest[person.handles] + moved)
        explained = np.tensordot(told, person.read_fields, 1)
        left = np.linalg.norm((moved - explained)[person.read_at, :2], axis=1)
        assert left.mean() < 0.3 * np.linalg.norm(moved[person.read_at, :2], axis=1).mean()


def test_a_sheet_that_does_not_move_shows_the_picture_itself(talking, person):
    frame = talking.frames[0]
    places = person.rig.rest[:, :2].copy()
    bent = np.full((60, 80, 2), NOWHERE, np.float32)
    left, top = (int(value) for value in places.mean(axis=0) - 20)
    fill_map(places, places, person.mesh.triangles, np.float32(left), np.float32(top), bent)
    assert np.array_equal(np.rint(sampled(frame, bent)), frame[top : top + 60, left : left + 80])


def test_lips_that_shut_a_wide_open_mouth_fold_no_skin(talking, person):
    points = talking.faces.tracks[0].landmarks[int(talking.jaw.argmax())]
    stands, own = person.placing(points), person.handles_in(points)
    shut = stands.at_rest(own)
    shut += person.drawn @ (person.rig.rest[person.handles] - shut)[person.lips]
    whole = stands.placed(person.rig.rest)
    before, after = (person.vertices(whole, handles[:, :2]) for handles in (own, stands.placed(shut)))
    a, b, c = (person.mesh.triangles[:, k] for k in range(3))
    sides = [np.stack([places[b] - places[a], places[c] - places[a]], axis=1) for places in (before, after)]
    assert (np.linalg.det(sides[0]) * np.linalg.det(sides[1]) >= 0).all()
    lips = person.mesh.groups["lip_lower"][5:-5]
    assert np.linalg.norm(after[lips] - after[person.mesh.groups["lip_upper"][5:-5]], axis=1).max() < 0.02 * person.eye_span


def test_the_back_of_a_folded_sheet_is_not_seen():
    places = np.array([[0, 0], [10, 0], [0, 10]], np.float32)
    triangle, bent = np.array([[0, 1, 2]], np.int32), np.full((10, 10, 2), NOWHERE, np.float32)
    fill_map(places, places[[0, 2, 1]].copy(), triangle, np.float32(0), np.float32(0), bent)
    assert (bent == NOWHERE).all()
    fill_map(places, places, triangle, np.float32(0), np.float32(0), bent)
    assert tuple(bent[2, 3]) == pytest.approx((3, 2))


def test_a_slit_covers_as_much_as_it_is_wide():
    slit = np.array([[2, 5.1], [18, 5.1], [18, 5.4], [2, 5.4]], np.float32)
    cover = polygon(slit, 0.0, 0.0, (11, 21))
    assert cover.shape == (11, 21) and 0.2 < cover[:, 10].sum() < 0.7
    assert polygon(np.array([[2, 2], [18, 2], [18, 8], [2, 8]], np.float32), 0.0, 0.0, (11, 21))[5, 10] == 1


def film_of(opening, width=0.5, red=0.2):
    count = len(opening)
    none = np.zeros(count, np.float32)
    wide = np.full(count, width, np.float32)
    shapes = np.zeros((count, len(READ_SHAPES)), np.float32)
    opened = np.asarray(opening, np.float32)
    thick = np.broadcast_to(np.asarray(red, np.float32), count)
    return FilmMouth(np.ones(count, bool), shapes, opened, wide, np.zeros((count, 3)), thick, np.zeros((count, 2)), none, none)


def test_mouths_that_differ_are_kept(talking):
    film = film_of([0.0, 0.01, 0.2, 0.2, 0.1, 0.0])
    chosen = chosen_frames(film, 0)
    assert chosen[0] == 0 and {round(float(film.opening[frame]), 2) for frame in chosen} >= {0.0, 0.2, 0.1}
    assert len(set(chosen)) == len(chosen)


def test_the_nearest_mouth_is_shown_but_not_for_a_moment():
    film = film_of([0.0, 0.2] + [0.0] * 18)
    mouths = [Mouth(None, None, None, False, 1.0, None, 0), Mouth(None, None, None, True, 8.0, None, 1)]
    opening = np.zeros(20, np.float32)
    opening[10:] = 0.2
    opening[5] = 0.075  # nearer to the second for one frame, not worth the change
    new = NewMouth(np.zeros((20, 52)), opening, np.full(20, 0.5, np.float32), np.ones(20))
    shown = cheapest_path(new, film, mouths)
    assert np.allclose(shown.sum(axis=1), 1) and SWITCH > 0
    assert (shown[:9, 0] == 1).all() and (shown[11:, 1] == 1).all()


def test_lips_that_are_pressed_together_are_not_shown_for_lips_at_rest():
    film = film_of([0.0] * 20, red=[0.02] + [0.2] * 19)
    mouths = [Mouth(None, None, None, False, 1.0, None, frame) for frame in (0, 7)]
    new = NewMouth(np.zeros((20, 52)), np.zeros(20, np.float32), np.full(20, 0.5, np.float32), np.ones(20))
    assert (cheapest_path(new, film, mouths)[:, 1] == 1).all()


def test_what_is_not_known_is_left_out_of_what_is_steadied():
    values = np.ones((20, 1), np.float32)
    values[10:] = 50
    known = np.ones(20, bool)
    known[10:] = False
    assert np.allclose(steadied(values, known, 3.0)[:12], 1, atol=1e-4)
    assert steadied(np.repeat(np.array([0.0, 1.0], np.float32), 10)[:, None], np.ones(20, bool), 3.0, (10,))[9, 0] == 0


def test_lips_come_and_go_over_some_frames_but_not_at_cuts():
    seen = np.ones(40, bool)
    seen[10:15] = False
    shown = faded(seen, (25,))
    assert shown[0] == 1 and (shown[10:15] == 0).all() and (np.diff(shown[15 : 15 + FADE_FRAMES]) > 0).all()
    assert shown[9] == pytest.approx(1 / (FADE_FRAMES + 1)) and (shown[22:] == 1).all()


def test_a_mouth_becomes_as_blurred_as_the_frame_and_as_sharp_again(talking):
    sharp, points = talking.frames[0], talking.faces.tracks[0].landmarks[0]
    blurred = cv2.GaussianBlur(sharp, (0, 0), 1.5)
    fine, soft = detail_of(sharp, points), detail_of(blurred, points)
    assert (soft < 0.8 * fine).all() and soft[0] < 0.5 * fine[0]

    def detail(picture):
        return np.abs(bands(picture.astype(np.float32))[0]).mean()

    down = as_sharp(sharp.astype(np.float32), fine, soft)
    assert detail(down) < 0.7 * detail(sharp)
    assert np.abs(down - blurred).mean() < 0.6 * np.abs(sharp.astype(np.float32) - blurred).mean()
    assert detail(as_sharp(blurred.astype(np.float32), soft, fine)) > 1.2 * detail(blurred)
    unknown = np.full(2, np.nan, np.float32)
    assert np.abs(as_sharp(blurred.astype(np.float32), unknown, fine) - blurred).mean() < 1.0


def test_a_mouth_is_brought_into_the_light_around_it():
    taken = np.full((60, 80, 3), 100, np.float32)
    own = taken * np.linspace(0.8, 1.2, 80, dtype=np.float32)[None, :, None]
    seen = np.ones((60, 80), bool)
    seen[20:40, 30:50] = False
    factor = light_between(own, taken, seen, 10.0)
    assert np.abs(factor[:, 10:70] - (own / taken)[:, 10:70]).max() < 0.06
    assert np.abs(light_between(own, taken, np.zeros_like(seen), 10.0) - 1).max() < 0.01


def test_a_painted_mouth_is_softer_than_a_drawing():
    inlay = np.zeros((40, 60, 4), np.uint8)
    inlay[10:30, 10:50] = (10, 5, 5, 255)
    inlay[10:16, 10:50:2, :3] = 250
    shade = np.array([90, 50, 50], np.float32)
    colour, cover = soft_paint(inlay, shade, 120.0)
    assert cover[20, 30] == pytest.approx(1, abs=0.01) and cover[2, 2] == 0 and 0.2 < cover[9:11, 30].mean() < 0.8
    assert np.ptp(colour[12, 20:40, 0]) < 0.3 * 240
    assert 10 < colour[25, 30, 0] < 90
