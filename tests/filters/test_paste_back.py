"""Paste-back of heads that are moved by a known way, body and colours dragged along, against a pasted rectangle."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from core.contracts import Portrait
from core.errors import InputError
from faces.faces import FaceFinder
from filters.paste_back import PasteBack, PasteBackSettings, Placement
from filters.paste_compose import make_composer
from filters.paste_fields import FIELDS, GRID_PX
from filters.paste_regions import CHIN, FACE_OVAL, FOREHEAD, find_regions
from metrics.seam import edges

pytestmark = pytest.mark.usefixtures("one_thread")

FPS = 25.0
SIDE_PX = 256
CPU = PasteBackSettings(way="cpu")
TORCH = PasteBackSettings(way="torch", device="cpu")


@dataclass(frozen=True)
class Scene:
    """A portrait with the box (left, top, right, bottom) of its square, the square of 256 px, and the landmarks in its pixels."""

    portrait: Portrait
    box: tuple[int, int, int, int]

    @property
    def inside(self):
        left, top, right, bottom = self.box
        return np.s_[top:bottom, left:right]

    @property
    def placement(self):
        return Placement.of_box(*self.box, SIDE_PX)

    @cached_property
    def square(self):
        return cv2.resize(self.portrait.image[self.inside], (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)

    @cached_property
    def points(self):
        return (self.portrait.face.landmarks[:, :2] - self.box[:2]) * SIDE_PX / (self.box[2] - self.box[0])

    @cached_property
    def paster(self):
        return PasteBack(self.portrait, self.placement, FPS, CPU)

    def pasted(self, *squares):
        """The last picture of the squares."""
        *_, picture = self.paster.apply(iter(squares))
        return picture

    def rectangle(self, square):
        """The control: the square pasted as it is."""
        picture = self.portrait.image.copy()
        left, top, right, bottom = self.box
        picture[self.inside] = cv2.resize(square, (right - left, bottom - top), interpolation=cv2.INTER_CUBIC)
        return picture

    def where(self, mask):
        """A mask (256, 256) of the square in the picture."""
        large = np.zeros(self.portrait.image.shape[:2], bool)
        left, top, right, bottom = self.box
        large[self.inside] = cv2.resize(mask.astype(np.float32), (right - left, bottom - top)) > 0.5
        return large

    def oval(self, grow=1.0):
        """The face in the square, grown about its middle."""
        outline = self.points[list(FACE_OVAL)]
        mask = np.zeros((SIDE_PX, SIDE_PX), np.uint8)
        cv2.fillConvexPoly(mask, np.rint(outline.mean(axis=0) + grow * (outline - outline.mean(axis=0))).astype(np.int32), 1)
        return mask.astype(bool)

    def dragged(self, turn_deg, shift_px, tone=(0, 0, 0)):
        """What a network draws: the head turned and moved, the body below dragged along by half, all in another tone."""
        rows, columns = np.indices((SIDE_PX, SIDE_PX), dtype=np.float32)
        chin, forehead = self.points[CHIN], self.points[FOREHEAD]
        pivot = chin + 0.4 * (chin - forehead)
        below = np.clip((rows - chin[1]) / (SIDE_PX - chin[1]), 0, 1)
        share = (1 - 0.5 * below * below * (3 - 2 * below)).astype(np.float32)
        angle = np.deg2rad(turn_deg) * share
        x, y = columns - shift_px * share - pivot[0], rows - pivot[1]
        from_x = (np.cos(angle) * x + np.sin(angle) * y + pivot[0]).astype(np.float32)
        from_y = (-np.sin(angle) * x + np.cos(angle) * y + pivot[1]).astype(np.float32)
        moved = cv2.remap(self.square, from_x, from_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        return np.clip(moved.astype(np.float32) + tone, 0, 255).astype(np.uint8)

    def new_edges(self, picture):
        """Edges that the portrait has nowhere near, in a band along the square's borders, as a part of its own.

        The measure of `metrics/seam.py`, laid where a pasted square ends.
        """
        before, after = (
            edges(cv2.cvtColor(each, cv2.COLOR_RGB2GRAY).astype(np.float32)) for each in (self.portrait.image, picture)
        )
        known = cv2.dilate(before, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7)))
        square = np.zeros(before.shape, np.uint8)
        square[self.inside] = 1
        disc = np.ones((13, 13), np.uint8)
        band = (cv2.dilate(square, disc) > 0) & (cv2.erode(square, disc) == 0)
        return float(np.maximum(after - known, 0)[band].mean() / before[band].mean())


def scene_of(path, width_px, box):
    picture = Image.open(path).convert("RGB")
    image = np.asarray(
        picture.resize((width_px, 2 * round(picture.height * width_px / picture.width / 2)), Image.Resampling.LANCZOS)
    )
    with FaceFinder() as finder:
        return Scene(Portrait(image, finder.find(image)[0]), box)


@pytest.fixture(scope="module")
def scene(root_dir):
    """The demo portrait; its square is so small that it cuts the hair and the chin."""
    return scene_of(root_dir / "demo" / "portrait.jpg", 480, (72, 20, 412, 360))


@pytest.fixture(scope="module")
def painting(shared_dir):
    """A painting with shoulders and a background: the picture goes on at all sides of the square."""
    return scene_of(shared_dir / "portraits" / "painting_mona_lisa.jpg", 506, (73, 38, 446, 411))


def mean_difference(one, other, where):
    return float(np.abs(one.astype(float) - other)[where].mean())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["scene", "painting"])
def test_the_portraits_own_square_gives_the_portrait(request, name):
    scene = request.getfixturevalue(name)
    image, picture = scene.portrait.image, scene.pasted(scene.square)
    assert picture.shape == image.shape and picture is not image
    assert mean_difference(picture, image, scene.inside) < 3
    outside = np.ones(image.shape[:2], bool)
    outside[scene.inside] = False
    assert np.array_equal(picture[outside], image[outside])


@pytest.mark.parametrize(("turn_deg", "shift_px"), [(4.0, 0.0), (-4.0, 6.0), (2.0, -9.0)])
@pytest.mark.parametrize("name", ["scene", "painting"])
def test_no_seam_shows_where_a_rectangle_shows_one(request, name, turn_deg, shift_px):
    scene = request.getfixturevalue(name)
    drawn = scene.dragged(turn_deg, shift_px, (9, 6, -6))
    naive = scene.new_edges(scene.rectangle(drawn))
    assert naive > 0.005
    assert scene.new_edges(scene.pasted(drawn, drawn, drawn)) < 0.1 * naive


def test_the_head_moves_as_drawn_and_the_body_stays(painting):
    drawn = painting.dragged(-4.0, 6.0)
    picture, pasted, image = painting.pasted(drawn), painting.rectangle(drawn), painting.portrait.image
    face = painting.where(painting.oval(0.8))
    assert mean_difference(picture, pasted, face) < 2.5 < mean_difference(image, pasted, face)
    body = np.zeros((SIDE_PX, SIDE_PX), bool)
    body[-16:-4, 20:-20] = True
    body = painting.where(body)
    assert mean_difference(picture, image, body) < 0.5 * mean_difference(pasted, image, body)


def test_the_background_beside_the_head_is_the_pictures_own(painting):
    noisy = painting.dragged(2.0, 3.0)
    corner = np.zeros((SIDE_PX, SIDE_PX), bool)
    corner[8:60, 8:40] = True
    noisy[corner] = np.random.default_rng(0).integers(0, 256, (int(corner.sum()), 3))
    assert np.array_equal(painting.pasted(noisy)[painting.where(corner)], painting.portrait.image[painting.where(corner)])


@pytest.mark.parametrize("tone", [(8, 4, -6), (-10, -10, -10)])
def test_colours_are_matched(scene, tone):
    face = scene.where(scene.oval(0.8))
    drawn = scene.dragged(0.0, 2.0, tone)
    shifts = [
        picture[face].mean(axis=0) - scene.portrait.image[face].mean(axis=0)
        for picture in (scene.pasted(drawn, drawn), scene.rectangle(drawn))
    ]
    assert np.abs(shifts[0]).max() < 1.5 < np.abs(shifts[1]).min()


def test_an_open_mouth_does_not_colour_the_face(scene):
    opened = scene.square.copy()
    x, y = (round(float(value)) for value in scene.points[[61, 291, 13, 14]].mean(axis=0))
    cv2.ellipse(opened, (x, y), (round(0.1 * SIDE_PX), round(0.06 * SIDE_PX)), 0, 0, 360, (40, 5, 5), -1)
    picture = scene.pasted(opened)
    cheeks, inside = np.zeros((2, SIDE_PX, SIDE_PX), bool)
    for cheek_x, cheek_y in scene.points[[50, 280]].astype(int):
        cheeks[cheek_y - 5 : cheek_y + 5, cheek_x - 5 : cheek_x + 5] = True
    inside[y - 3 : y + 3, x - 6 : x + 6] = True
    assert mean_difference(picture, scene.portrait.image, scene.where(cheeks)) < 2.5
    assert picture[scene.where(inside)].mean() < 40  # and the mouth is as dark as it was drawn


@pytest.mark.slow
def test_a_tone_that_flickers_is_evened_out(scene):
    paster = PasteBack(scene.portrait, scene.placement, FPS, PasteBackSettings(way="cpu", tone_smoothing_s=0.0))
    frames = [scene.dragged(0, 0, (level, level, level)) for level in (0, 8, -8, 4)]
    face = scene.where(scene.oval(0.8))
    means = [float(picture[face].mean()) for picture in paster.apply(iter(frames))]
    assert np.ptp(means) < 1.5 < np.ptp([float(frame[scene.oval(0.8)].mean()) for frame in frames])


@pytest.mark.slow
def test_torch_and_numba_give_the_same_picture(scene):
    frames = [scene.dragged(turn_deg, 4.0, (5, 0, 0)) for turn_deg in (-3.0, 3.0)]
    ways = [list(PasteBack(scene.portrait, scene.placement, FPS, way).apply(iter(frames))) for way in (CPU, TORCH)]
    for one, other in zip(*ways, strict=True):
        difference = np.abs(one.astype(int) - other)
        assert difference.max() <= 1 and (difference > 0).mean() < 0.01


@pytest.mark.parametrize(("side_px", "turn_deg", "scale"), [(64, 0.0, 3.1), (128, 20.0, 1.0), (400, -35.0, 0.3), (90, 5.0, 0.7)])
def test_both_composers_agree_on_any_fields_and_place(side_px, turn_deg, scale):
    chance = np.random.default_rng(side_px)
    part = chance.integers(0, 256, (150, 130, 3), np.uint8)
    drawn = cv2.GaussianBlur(chance.integers(0, 256, (side_px, side_px, 3), np.uint8), (0, 0), 1)
    fields = cv2.GaussianBlur(chance.normal(0, 1, (GRID_PX, GRID_PX, FIELDS)).astype(np.float32), (0, 0), 9)
    fields *= np.array([0.3, 0.3, 8, 60, 60, 60], np.float32)
    fields[..., 2] = np.clip(fields[..., 2] + 0.5, 0, 1)
    angle = np.deg2rad(turn_deg)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    to_picture = np.hstack([turn, (np.array([64.0, 74.0]) - turn @ np.full(2, side_px / 2))[:, None]])
    to_square = Placement(to_picture, side_px).to_square(0, 0)
    one, other = (make_composer(part, to_square, device).compose(drawn, fields) for device in (None, torch.device("cpu")))
    assert not np.array_equal(one, part)
    difference = np.abs(one.astype(int) - other)
    assert difference.max() <= 1 and (difference > 0).mean() < 0.02


def test_placements():
    placement = Placement.of_box(10, 20, 74, 84, 32)
    assert np.allclose(placement.corners(), [(9.5, 19.5), (73.5, 19.5), (9.5, 83.5), (73.5, 83.5)])
    to_square = placement.to_square(4, 5)
    corner = to_square[:, :2] @ (9.5 - 4, 19.5 - 5) + to_square[:, 2]
    middle = to_square[:, :2] @ (41.5 - 4, 51.5 - 5) + to_square[:, 2]
    assert np.allclose(corner, 0) and np.allclose(middle, 0.5)


@pytest.mark.slow
def test_a_turned_square_that_leaves_the_picture(scene):
    """A crop cut along turned axes, its top above the picture's, comes back upright."""
    angle = np.deg2rad(12)
    turn = 1.3 * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = scene.portrait.face.landmarks[list(FACE_OVAL), :2].mean(axis=0) - np.array([0, 60])
    to_picture = np.hstack([turn, (middle - turn @ np.full(2, SIDE_PX / 2))[:, None]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    cut = cv2.warpAffine(scene.portrait.image, to_picture, (SIDE_PX, SIDE_PX), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    picture = next(PasteBack(scene.portrait, Placement(to_picture, SIDE_PX), FPS, CPU).apply(iter([cut])))
    assert mean_difference(picture, scene.portrait.image, np.s_[:, :]) < 1.0
    to_picture[0, 2] += 5000
    with pytest.raises(ValueError, match="outside"):
        PasteBack(scene.portrait, Placement(to_picture, SIDE_PX), FPS, CPU)


def test_frames_of_other_sizes_and_laziness(scene):
    taken = []

    def source():
        for side_px in (128, 256, 512):
            taken.append(side_px)
            yield cv2.resize(scene.square, (side_px, side_px), interpolation=cv2.INTER_AREA)

    told = []
    pictures = scene.paster.apply(source(), lambda *call: told.append(call))
    assert taken == []
    assert {next(pictures).shape for _ in range(3)} == {scene.portrait.image.shape}
    assert [call[1] for call in told] == [1, 2] and taken == [128, 256, 512]


@pytest.mark.slow
def test_a_face_that_the_outline_misses_gets_a_head_from_its_mesh(scene, monkeypatch):
    seen = find_regions(scene.portrait, scene.placement.to_picture, SIDE_PX).person
    monkeypatch.setattr("filters.paste_regions.network_matte", lambda picture, grid: np.zeros((GRID_PX, GRID_PX), np.float32))
    guessed = find_regions(scene.portrait, scene.placement.to_picture, SIDE_PX).person
    face = cv2.resize(scene.oval(0.95).astype(np.uint8), (GRID_PX, GRID_PX)) > 0
    assert guessed[face].min() > 0.9 and 1.2 < guessed.sum() / face.sum() < 3
    assert np.minimum(seen, guessed).sum() / guessed.sum() > 0.8


def test_a_transparent_portrait_brings_its_own_outline(scene, monkeypatch):
    alpha = np.zeros(scene.portrait.image.shape[:2], np.uint8)
    alpha[40:, 90:400] = 255
    monkeypatch.setattr("filters.paste_regions.network_matte", lambda picture, grid: pytest.fail("the outline is known"))
    cut_out = Portrait(scene.portrait.image, scene.portrait.face, alpha)
    person = find_regions(cut_out, scene.placement.to_picture, SIDE_PX).person
    assert person[:8].max() < 0.1 and person[40:, 20:170].min() > 0.9


@pytest.mark.slow
def test_wrong_settings_are_said(scene):
    with pytest.raises(ValueError):
        PasteBackSettings(tone_smoothing_s=-1)
    if not torch.cuda.is_available():
        with pytest.raises(InputError, match="'cuda' is not on this machine"):
            PasteBack(scene.portrait, scene.placement, FPS, PasteBackSettings(way="torch", device="cuda"))
