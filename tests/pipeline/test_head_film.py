"""Heads that are drawn as squares, back in whole pictures: places, restoring, what is told, and an end before the end."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest
from PIL import Image

from core.contracts import Face, HeadFilm, Motion, Portrait, Square, silent
from core.engine_card import Sound
from core.errors import Cancelled
from faces.faces import FaceFinder
from faces.head_crop import head_crop, whole_picture
from filters import restore
from filters.restoration import RestoreOptions, growth, is_square
from pipeline.engine_list import engine_named
from pipeline.film_renderer import make_film_renderer, view_of
from pipeline.film_settings import SongToVideoSettings
from pipeline.head_film import head_alone, moved_face
from pipeline.portrait_step import prepare
from sadtalker_runner.options import SadTalkerOptions

torch = pytest.importorskip("torch")

SIDE_PX = 128
PLAIN = SongToVideoSettings(device="cpu")
RESTORED = dataclasses.replace(PLAIN, filter_options=(RestoreOptions(1.0),))
ENGINE = dataclasses.replace(engine_named("sadtalker"), on_torch=False)


@pytest.fixture(scope="module")
def portrait(root_dir):
    """The demo portrait with room around its head, (300, 400, 3)."""
    image = np.asarray(Image.open(root_dir / "demo" / "portrait.jpg").convert("RGB").resize((240, 240), Image.Resampling.LANCZOS))
    image = cv2.copyMakeBorder(image, 60, 0, 70, 90, cv2.BORDER_REFLECT_101)
    with FaceFinder() as finder:
        return Portrait(image, finder.find(image)[0])


def motion_of(frames):
    values = [np.zeros((frames, columns), np.float32) for columns in (52, 3, 3, 2)]
    return Motion(25.0, *values, np.zeros(frames, np.float32))


class Head:
    """Draws the portrait's own square, moved by some pixels of the square with each frame and in another tone."""

    def __init__(self, step_px=0.0, levels=0, crop=head_crop):
        self.step_px, self.levels, self.crop = step_px, levels, crop
        self.open = 0

    def head_film(self, portrait, motion, progress):
        crop = self.crop(portrait.image if self.crop is whole_picture else portrait.face)
        square = crop.cut(portrait.image, SIDE_PX)
        progress("hear", 0, 7)

        def frames():
            self.open += 1
            try:
                for index in range(len(motion)):
                    shift = np.array([[1.0, 0, self.step_px * index], [0, 1, 0]])
                    moved = cv2.warpAffine(square, shift, square.shape[:2], borderMode=cv2.BORDER_REPLICATE)
                    yield cv2.add(moved, np.full_like(moved, self.levels))
                    progress("draw", index + 1, len(motion))
            finally:
                self.open -= 1

        return HeadFilm(crop.box, SIDE_PX, frames())


def make_head_renderer(head, settings, note):
    """The head drawn by an engine of heads."""
    engine = dataclasses.replace(ENGINE, make=lambda wishes, sound, note: head)
    return make_film_renderer(engine, settings, Sound(None), note)


def film_of(head, portrait, settings=PLAIN, frames=3, progress=lambda *told: None):
    notes = []
    renderer = make_head_renderer(head, settings, notes.append)
    return list(renderer.frames(portrait, motion_of(frames), progress)), notes


def edges_of(box, shape):
    """A box in whole pixels, cut to the picture, a little wider."""
    left, top, right, bottom = box
    return max(0, int(left) - 1), max(0, int(top) - 1), min(shape[1], int(right) + 2), min(shape[0], int(bottom) + 2)


def around(picture, box):
    """What a picture shows outside of a box."""
    left, top, right, bottom = edges_of(box, picture.shape)
    outside = np.ones(picture.shape[:2], bool)
    outside[top:bottom, left:right] = False
    assert outside.any()
    return picture[outside]


def face_of(picture):
    with FaceFinder() as finder:
        return finder.find(picture)[0]


@pytest.mark.slow
def test_a_head_that_stays_is_where_it_was(portrait):
    frames, notes = film_of(Head(), portrait, frames=2)
    assert notes == [] and all(frame.shape == portrait.image.shape and frame.dtype == np.uint8 for frame in frames)
    difference = np.abs(frames[1].astype(int) - portrait.image)
    assert difference.mean() < 1.5
    moved = face_of(frames[1]).landmarks[:, :2] - portrait.face.landmarks[:, :2]
    assert np.linalg.norm(moved, axis=1).mean() < 1.0


@pytest.mark.slow
def test_a_head_that_moves_does_so_in_pixels_of_the_picture_and_nothing_around_it(portrait):
    head = Head(step_px=3.0, levels=12)
    frames, _ = film_of(head, portrait, frames=3)
    box = head_crop(portrait.face).box
    expected = 6.0 * (box[2] - box[0]) / SIDE_PX
    moved = face_of(frames[2]).landmarks[:, 0].mean() - portrait.face.landmarks[:, 0].mean()
    assert moved == pytest.approx(expected, abs=1.2)
    assert np.array_equal(around(frames[2], box), around(portrait.image, box))


@pytest.mark.slow
def test_the_whole_picture_may_be_squeezed_into_the_square(portrait):
    frames, _ = film_of(Head(crop=whole_picture), portrait, frames=2)
    moved = face_of(frames[1]).landmarks[:, :2] - portrait.face.landmarks[:, :2]
    assert np.linalg.norm(moved, axis=1).mean() < 1.5


@pytest.fixture
def restored(monkeypatch):
    """In GFPGAN's place: draws stripes on each aligned face; gives the shapes of the pictures that were restored."""
    stripes = 0.3 * torch.sin(torch.arange(512) / 4.0)
    monkeypatch.setattr("filters.restore.load_gfpgan", lambda device, dtype: lambda faces: faces + stripes)
    seen = []
    to_tensor = restore.to_tensor
    monkeypatch.setattr("filters.restore.to_tensor", lambda frame, device: seen.append(frame.shape) or to_tensor(frame, device))
    return seen


@pytest.mark.slow
@pytest.mark.parametrize(("crop", "shape"), [(head_crop, (SIDE_PX, SIDE_PX, 3)), (whole_picture, (300, 400, 3))])
def test_faces_are_restored_in_their_own_proportions(portrait, restored, crop, shape):
    """On the squares, before they are put back; but where those are squeezed, in the whole pictures."""
    plain, _ = film_of(Head(crop=crop), portrait, frames=2)
    frames, notes = film_of(Head(crop=crop), portrait, RESTORED, frames=2)
    assert restored == [shape] * 2 and frames[1].shape == portrait.image.shape
    left, top, right, bottom = (int(edge) for edge in portrait.face.box)
    middle = np.s_[(top + bottom) // 2 - 10 : (top + bottom) // 2 + 10, (left + right) // 2 - 10 : (left + right) // 2 + 10]
    assert (frames[1].astype(int) - plain[1])[middle].std() > 10
    box = head_crop(portrait.face).box
    assert np.array_equal(around(frames[1], box), around(plain[1], box))
    assert "6 s a frame or more" in str(notes[0]) and "2 frames of this film" in str(notes[0])
    assert "Restoring faces took" in str(notes[-1])


def test_squares_grow_until_the_picture_gets_what_it_has_pixels_for():
    def scale(side, width):
        return growth(Square((10.0, 0.0, 10.0 + width, width), side))

    assert [scale(256, width) for width in (100, 256, 257, 512, 600, 3000)] == [1, 1, 2, 2, 4, 4]
    assert is_square((0, 0, 100, 101)) and not is_square((0, 0, 100, 80))


@pytest.mark.slow
def test_the_film_is_counted_once_and_told_before_its_first_frame(portrait):
    told = []
    film_of(Head(), portrait, frames=3, progress=lambda stage, done, total: told.append((done, total)))
    assert [total for _, total in told] == [3] * len(told)
    done = [count for count, _ in told]
    assert done == sorted(done) and done[:2] == [0, 0] and done[-1] == 3


def as_on_a_card(monkeypatch):
    """The stages work at once, as they do on a graphics card."""
    monkeypatch.setattr("pipeline.filter_chain.choose_device", lambda choice: torch.device("cuda"))
    monkeypatch.setattr("pipeline.filter_chain.AHEAD_FRAMES", 1)


@pytest.mark.slow
@pytest.mark.parametrize("settings", [PLAIN, RESTORED])
def test_stages_that_work_at_once_make_the_same_film(portrait, restored, settings, monkeypatch):
    expected, _ = film_of(Head(step_px=2.0), portrait, settings, frames=4)
    as_on_a_card(monkeypatch)
    told = []
    frames, _ = film_of(Head(step_px=2.0), portrait, settings, frames=4, progress=lambda *each: told.append(each[1]))
    assert all(np.array_equal(*pair) for pair in zip(frames, expected, strict=True))
    assert told == sorted(told) and told[-1] == 4


@pytest.mark.slow
@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize(("settings", "after"), [(PLAIN, 0), (RESTORED, 1)])
def test_a_film_that_is_stopped_is_closed_down_to_the_head(portrait, restored, settings, after, at_once, monkeypatch):
    if at_once:
        as_on_a_card(monkeypatch)
    head = Head()

    def stop(stage, done, total):
        if head.open and done >= after:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        film_of(head, portrait, settings, 12, stop)
    assert head.open == 0
    frames = make_head_renderer(head, settings, lambda sentence: None).frames(portrait, motion_of(12))
    next(frames)
    assert head.open == 1
    frames.close()
    assert head.open == 0


def crop_view(portrait, height):
    options = SadTalkerOptions(preprocess="crop")
    return view_of(
        engine_named("sadtalker"), portrait, SongToVideoSettings(engine="sadtalker", height=height, engine_options=options)
    )


@pytest.mark.parametrize("height", [None, 255])
def test_a_head_alone_is_a_portrait_whose_head_is_all_of_it(portrait, height):
    view = crop_view(portrait, height)
    side = view.image.shape[0]
    assert view.image.shape == (side, side, 3) and side % 2 == 0
    if height is None:
        box = head_crop(portrait.face).box
        assert abs(side - (box[2] - box[0])) <= 1
    else:
        assert side in (254, 256)
    left, top, right, bottom = head_crop(view.face).box
    assert max(abs(left), abs(top), abs(right - side), abs(bottom - side)) < 0.02 * side
    apart = face_of(view.image).landmarks[:, :2] - view.face.landmarks[:, :2]
    assert np.linalg.norm(apart, axis=1).mean() < 0.012 * side


@pytest.mark.slow
def test_the_film_of_a_head_alone_has_a_sharp_background_and_one_head(portrait):
    """The square covers all of the film; still the background is the portrait's own, and the head is not seen twice."""
    view = crop_view(portrait, None)
    frames, _ = film_of(Head(step_px=2.0, levels=10), view, frames=3)
    shown = frames[2].astype(int)
    left = np.abs(shown - view.image)[: view.image.shape[0] // 8, : view.image.shape[1] // 8]
    assert left.max() <= 2
    matched = cv2.warpAffine(view.image, np.array([[1.0, 0, 4.0 * len(view.image) / SIDE_PX], [0, 1, 0]]), view.image.shape[:2])
    inner = [int(edge) for edge in view.face.box]
    face = np.s_[inner[1] : inner[3], inner[0] : inner[2]]
    assert np.abs(shown - matched)[face].mean() < 0.35 * np.abs(view.image.astype(int) - matched)[face].mean() + 4


@pytest.mark.slow
def test_a_head_alone_is_cut_out_of_the_picture_at_its_own_size(shared_dir):
    """A low film would otherwise be a head that was made small and large again."""
    path = shared_dir / "portraits" / "half_body_snow.jpg"
    options = SadTalkerOptions(preprocess="crop")
    portrait, engine, _ = prepare(path, SongToVideoSettings(engine="sadtalker", height=128, engine_options=options), silent)
    assert engine.name == "sadtalker" and portrait.image.shape[0] > 500
    whole, _, _ = prepare(path, SongToVideoSettings(engine="sadtalker", height=128), silent)
    assert whole.image.shape[0] == 128


def test_what_lies_outside_of_the_picture_repeats_its_border():
    image = np.arange(20 * 30 * 3, dtype=np.uint8).reshape(20, 30, 3)
    alpha = np.arange(600, dtype=np.uint16).astype(np.uint8).reshape(20, 30)
    points = np.array([[12.0, 9.0, -3.0]] * 478, np.float32)
    face = Face(points, np.zeros(52, np.float32), (1.0, 2.0, 3.0), (10.0, 5.0, 20.0, 15.0))
    view = head_alone(Portrait(image, face, alpha), (-4.0, -6.0, 12.0, 10.0), None)
    assert view.image.shape == (16, 16, 3) and view.alpha.shape == (16, 16)
    assert np.array_equal(view.image[6:, 4:], image[:10, :12]) and np.array_equal(view.alpha[6:, 4:], alpha[:10, :12])
    assert (view.image[:6, 4:] == image[0, :12]).all() and (view.alpha[6:, :4] == alpha[:10, :1]).all()
    assert view.face.box == (14.0, 11.0, 24.0, 21.0) and view.face.rotation_deg == (1.0, 2.0, 3.0)
    assert view.face.landmarks[0] == pytest.approx([16, 15, -3])
    larger = moved_face(face, (-4.0, -6.0, 12.0, 10.0), 32, 32)
    assert larger.landmarks[0] == pytest.approx([32, 30, -6]) and larger.box == (28.0, 22.0, 48.0, 42.0)
