"""Restoring faces: alignment against independent truths, what is added where, steadiness with its controls, and what fails."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch
from torch.nn import functional

from core.errors import Cancelled
from faces.faces import FaceFinder
from filters.restore import FaceRestorer, RestorationReport, RestoreSettings
from filters.restore_face import at_scale, face_mask, likeness, sampled, to_tensor
from filters.restore_pose import FFHQ_POINTS, Posed, composed, five_points, inverted, similarity, steadied
from filters.restore_steady import FLOW_PX, DetailSteadier, SteadySettings
from metrics.alignment import similarity_transform

pytestmark = pytest.mark.usefixtures("one_thread")

FPS = 25.0
SIDE_PX = 320
#: Eyes, nose and corners of the mouth as GFPGAN's training faces have them, in a square of 512 px: facexlib's published template
#: (its `face_template`), rounded to the pixel, written here once more.
PUBLISHED_POINTS = np.array([(193, 240), (319, 240), (257, 314), (201, 371), (313, 371)])


def swaying(picture, frames):
    """The picture turned and moved a little further in each frame, as of a head that sways."""
    for index in range(frames):
        turn = cv2.getRotationMatrix2D((SIDE_PX / 2, 0.6 * SIDE_PX), 1.5 * np.sin(index / 3), 1)
        turn[0, 2] += 2 * np.sin(index / 2)
        yield cv2.warpAffine(picture, turn, (SIDE_PX, SIDE_PX), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


class Restless:
    """A restorer that draws other detail in every frame, as they do."""

    def __init__(self, levels=20.0):
        self.chance = torch.Generator().manual_seed(0)
        self.levels = levels

    def __call__(self, faces):
        noise = torch.randn(len(faces), 3, 128, 128, generator=self.chance)
        return faces + functional.interpolate(noise, size=512, mode="bilinear") * (self.levels / 127.5)


def restored(picture, network, frames=8, **settings):
    restorer = FaceRestorer(
        FPS, RestoreSettings(device="cpu", strength=settings.pop("strength", 1.0), **settings), network=network
    )
    return list(restorer.apply(swaying(picture, frames))), restorer.report


def test_similarity_is_that_of_another_program():
    chance = np.random.default_rng(0)
    source = chance.normal(0, 50, (12, 2))
    target = source @ np.array([[0.9, -0.3], [0.3, 0.9]]).T + (5, -8) + chance.normal(0, 2, (12, 2))
    assert np.allclose(similarity(source, target), similarity_transform(source, target))
    matrix = similarity(source, target)
    assert np.allclose(composed(inverted(matrix), matrix), [[1, 0, 0], [0, 1, 0]])


def test_a_face_is_laid_like_the_training_faces(picture, face):
    matrix = similarity(five_points(face.landmarks), FFHQ_POINTS)
    aligned = sampled(to_tensor(picture, torch.device("cpu")), matrix)
    assert aligned.shape == (1, 3, 512, 512)
    laid = np.ascontiguousarray((aligned[0].permute(1, 2, 0).numpy() * 255).round().astype(np.uint8))
    with FaceFinder() as finder:
        found = five_points(finder.find(laid)[0].landmarks)
    assert np.linalg.norm(found - PUBLISHED_POINTS, axis=1).max() < 16  # of an interocular distance of 126 px
    eyes_only = np.linalg.norm(found[:2] - PUBLISHED_POINTS[:2], axis=1)
    assert eyes_only.max() < 10


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_scale_keeps_the_face_where_it_is(scale):
    matrix = np.array([[1.3, -0.2, 7.0], [0.2, 1.3, -3.0]])
    point = np.array([40.0, 60.0])
    large = (point + 0.5) * scale - 0.5
    laid = at_scale(matrix, scale)
    assert np.allclose(laid[:, :2] @ large + laid[:, 2], matrix[:, :2] @ point + matrix[:, 2])


def test_a_large_face_is_sampled_without_aliasing():
    """Stripes finer than the aligned face can show come out grey; sampled plainly they would come out as other stripes."""
    stripes = np.zeros((1600, 1600, 3), np.uint8)
    stripes[:, ::3] = 255
    matrix = np.array([[0.32, 0, 0], [0, 0.32, 0.0]])
    assert float(sampled(to_tensor(stripes, torch.device("cpu")), matrix)[..., 50:-50].std()) < 0.02


@pytest.mark.parametrize("frames", [0, 1, 2, 7, 30])
@pytest.mark.parametrize("sigma_frames", [0.0, 0.4, 1.5])
def test_steadied_poses_are_gaussian_means_of_their_neighbours(frames, sigma_frames):
    given = [Posed(np.full((1, 1, 3), i, np.uint8), np.zeros((478, 2)), np.full((2, 3), float(i**2))) for i in range(frames)]
    given[3:4] = [Posed(each.frame, None, None) for each in given[3:4]]
    result = list(steadied(iter(given), sigma_frames))
    assert [int(each.frame[0, 0, 0]) for each in result] == list(range(frames))
    reach = int(np.ceil(2 * sigma_frames))
    for i, each in enumerate(result):
        if given[i].matrix is None:
            assert each.matrix is None
            continue
        near = [k for k in range(max(0, i - reach), min(frames, i + reach + 1)) if given[k].matrix is not None]
        weights = [np.exp(-0.5 * ((k - i) / max(sigma_frames, 1e-9)) ** 2) for k in near]
        assert np.allclose(each.matrix, np.average([given[k].matrix[0, 0] for k in near], weights=weights))


def laid_by_opencv(detail, face):
    """Detail (512, 512, 3) of the aligned face in the picture, under its oval: by OpenCV and the published template alone."""
    points = face.landmarks[:, :2].astype(np.float64)
    lids = [(33, 133, 160, 158, 153, 144), (362, 263, 385, 387, 373, 380), (1,), (61,), (291,)]
    own = np.array([points[list(ids)].mean(axis=0) for ids in lids])
    matrix = similarity_transform(own, PUBLISHED_POINTS.astype(np.float64))[:2]
    across = {"flags": cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, "borderMode": cv2.BORDER_CONSTANT}
    laid = cv2.warpAffine(detail.astype(np.float64), matrix, (SIDE_PX, SIDE_PX), **across)
    oval = np.zeros((SIDE_PX, SIDE_PX), np.uint8)
    cv2.fillConvexPoly(oval, cv2.convexHull(points.astype(np.float32)).round().astype(np.int32), 255)
    return laid * (cv2.erode(oval, np.ones((9, 9), np.uint8)) > 0)[..., None]


def test_what_is_added_lands_on_the_face_and_nowhere_else(picture, face):
    """A restorer that adds a known pattern: it is found again in the frame, where the alignment says, under the mask."""
    wave = torch.sin(torch.arange(512) / 14.0) * 0.1
    stripes = (wave + wave[:, None]).expand(3, 512, 512)
    frames, report = restored(picture, lambda faces: faces + 2 * stripes, frames=2)
    assert report == RestorationReport(restored=2, device="cpu", seconds=report.seconds)
    difference = frames[0].astype(float) - next(swaying(picture, 1))
    expected = 255 * laid_by_opencv(stripes.permute(1, 2, 0).numpy(), face)
    unclipped = (picture > 60) & (picture < 195) & (expected != 0)  # well within the face, where nothing is faded
    assert np.corrcoef(difference[unclipped], expected[unclipped])[0, 1] > 0.97
    assert difference[unclipped].std() == pytest.approx(expected[unclipped].std(), rel=0.05)
    for axis in (0, 1):
        aside = [np.roll(expected, pixels, axis)[unclipped] for pixels in (-2, -1, 0, 1, 2)]
        assert np.argmax([np.corrcoef(difference[unclipped], each)[0, 1] for each in aside]) == 2, "to the pixel"
    box = [round(edge) for edge in face.box]
    outside = np.ones(picture.shape[:2], bool)
    reach = round(0.35 * (box[2] - box[0]))
    outside[max(0, box[1] - reach) : box[3] + reach, max(0, box[0] - reach) : box[2] + reach] = False
    assert outside.any() and not difference[outside].any()


def test_a_restorer_that_changes_nothing_changes_nothing(picture):
    buffer = picture.copy()

    def source():
        for frame in swaying(picture, 4):
            buffer[...] = frame  # a renderer may use its array again
            yield buffer

    restorer = FaceRestorer(FPS, RestoreSettings(device="cpu", strength=1.0), network=lambda faces: faces)
    frames = list(restorer.apply(source()))
    assert restorer.report.restored == 4
    assert max(np.abs(a.astype(int) - b).max() for a, b in zip(frames, swaying(picture, 4), strict=True)) <= 1


@pytest.mark.slow
def test_in_batches_with_the_next_faces_found_meanwhile_it_is_the_same(picture):
    """What a graphics card does, here on the processor."""
    seen = []

    def darker(faces):
        seen.append(len(faces))
        return faces * 0.9

    expected, _ = restored(picture, darker, frames=7)
    restorer = FaceRestorer(FPS, RestoreSettings(device="cpu", strength=1.0, batch_frames=3), network=darker)
    restorer._at_once = True
    frames = list(restorer.apply(swaying(picture, 7)))
    assert seen == [1] * 7 + [3, 3, 1] and restorer.report.restored == 7
    assert all(np.abs(one.astype(int) - other).max() <= 1 for one, other in zip(frames, expected, strict=True))


@pytest.mark.slow
def test_strength_and_scale(picture):
    def brighter(faces):
        return faces + 0.2

    plain = list(swaying(picture, 2))
    none, report = restored(picture, None, frames=2, strength=0.0)
    assert all(np.array_equal(a, b) for a, b in zip(none, plain, strict=True)) and report.frames == 0
    gains = []
    for strength in (0.5, 1.0):
        frames, _ = restored(picture, brighter, frames=2, strength=strength)
        gains.append(float((frames[0].astype(float) - plain[0])[160:200, 140:180].mean()))
    assert gains[1] == pytest.approx(25.5, abs=2) and gains[0] == pytest.approx(gains[1] / 2, abs=1)
    large, _ = restored(picture, brighter, frames=1, scale=2)
    assert large[0].shape == (2 * SIDE_PX, 2 * SIDE_PX, 3)


def jitter(frames, picture):
    """Rms of the second difference over time of what was added around the cheeks and the forehead, in levels."""
    added = np.stack([frame.astype(float) - given for frame, given in zip(frames, swaying(picture, len(frames)), strict=True)])
    skin = added[4:, 120:210, 120:200]
    return float(np.sqrt(np.mean((skin[1:-1] - (skin[:-2] + skin[2:]) / 2) ** 2)))


@pytest.mark.slow
def test_skin_jitters_much_less_than_unsteadied(picture):
    loose, _ = restored(picture, Restless(), frames=12, steady=SteadySettings(strength=0.0))
    steady, _ = restored(picture, Restless(), frames=12)
    assert jitter(loose, picture) > 5
    assert jitter(steady, picture) < 0.3 * jitter(loose, picture)


@pytest.mark.slow
def test_detail_is_averaged_as_the_strength_says():
    chance = torch.Generator().manual_seed(1)
    grey = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 255, (FLOW_PX, FLOW_PX), np.uint8), (0, 0), 3)
    steadier = DetailSteadier(SteadySettings(strength=0.8))
    last = [steadier.steady(grey, torch.randn(3, 512, 512, generator=chance)) for _ in range(25)][-1]
    # a first-order recursive mean leaves sqrt((1 - k) / (1 + k)) of white noise
    assert float(last.std()) == pytest.approx(1 / 3, rel=0.1)


def test_detail_travels_with_the_face_and_a_new_face_takes_its_own_at_once():
    chance = np.random.default_rng(0)
    scene = cv2.GaussianBlur(chance.integers(0, 256, (FLOW_PX, 400), np.uint8), (0, 0), 2.5)
    scene = cv2.normalize(scene, None, 0, 255, cv2.NORM_MINMAX)
    pattern = cv2.GaussianBlur(chance.normal(0, 1, (512, 800)).astype(np.float32), (0, 0), 2)
    steadier, still = DetailSteadier(SteadySettings()), DetailSteadier(SteadySettings())
    for index in range(8):
        cut = np.ascontiguousarray(scene[:, 3 * index : 3 * index + FLOW_PX])
        own = torch.from_numpy(pattern[:, 6 * index : 6 * index + 512].copy()).expand(3, -1, -1)
        followed, unfollowed = steadier.steady(cut, own), still.steady(scene[:, :FLOW_PX].copy(), own)
    inner = np.s_[:, 40:-40, 40:-40]
    error, without_flow = (float((each[inner] - own[inner]).std() / own[inner].std()) for each in (followed, unfollowed))
    assert error < 0.35 and without_flow > 0.7
    other = steadier.steady(255 - cut, -own)
    assert float((other[inner] + own[inner]).abs().mean()) < 0.1 * float(own[inner].abs().mean())


def test_frames_without_a_face_and_broken_results_are_counted_and_left_alone(picture):
    blank = np.full_like(picture, 90)
    shown = [*swaying(picture, 2), blank, *swaying(picture, 2)]
    calls = []

    def second_fails(faces):
        calls.append(len(faces))
        return faces * float("nan") if len(calls) == 2 else faces + 0.2

    restorer = FaceRestorer(FPS, RestoreSettings(device="cpu", strength=1.0), network=second_fails)
    told = []
    frames = list(restorer.apply(iter(shown), lambda *call: told.append(call)))
    assert (restorer.report.restored, restorer.report.without_face, restorer.report.failed) == (3, 1, 1)
    same = [np.array_equal(a, b) for a, b in zip(frames, shown, strict=True)]
    assert same == [False, True, True, False, False]
    assert [call[1] for call in told] == [1, 2, 3, 4, 5]
    notes = [str(note) for note in restorer.report.notes()]
    assert "In 1 of 5 frames no face was found" in notes[0]
    assert "In 1 of 5 frames the restored face did not look like a face" in notes[1]
    assert "s a frame on this CPU" in notes[2]


def test_a_result_that_is_no_face_is_told_from_one_that_is(picture, face):
    matrix = similarity(five_points(face.landmarks), FFHQ_POINTS)
    aligned = sampled(to_tensor(picture, torch.device("cpu")), matrix)[0]
    mask = face_mask(face.landmarks[:, :2], matrix)
    sharper = (aligned + 2 * (aligned - functional.avg_pool2d(aligned[None], 9, 1, 4)[0])).clamp(0, 1)
    assert likeness(aligned, sharper * 0.8 + 0.1, mask) > 0.95
    assert likeness(aligned, torch.rand_like(aligned), mask) < 0.4
    assert likeness(aligned, aligned.flip(1), mask) < 0.6
    assert likeness(aligned, aligned * float("inf"), mask) == -1


def test_it_can_be_stopped_and_reads_no_further_than_it_must(picture):
    taken = []

    def source():
        for index, frame in enumerate(swaying(picture, 100)):
            taken.append(index)
            yield frame

    def stop(stage, done, total):
        if done == 2:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        list(FaceRestorer(FPS, RestoreSettings(device="cpu"), network=lambda faces: faces).apply(source(), stop))
    assert len(taken) < 10
