"""The metrics of pixels against flaws put in on purpose: nothing reads nothing, more reads more, and the amount is right."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from metrics.alignment import head_layout, similarity_transform, to_head, warp
from metrics.aperture import aperture, mouth_widths
from metrics.background import BackgroundObserver
from metrics.blinks import blinks, eye_opening
from metrics.film_view import View, head_of, reference_of, small_luma
from metrics.flicker import FlickerObserver, flickering
from metrics.head_regions import contour_band, face_ring, skin_patches
from metrics.likeness import ARCFACE_POINTS, PORTRAIT, IdentityNetwork, LikenessObserver, aligned_face, five_points
from metrics.person_mask import background_mask, person_matte
from metrics.seam import SeamObserver, pasted
from metrics.sharpness import SharpnessObserver, blurred


@pytest.fixture(scope="module")
def reference(portrait_image, face_finder):
    return reference_of(portrait_image, face_finder.find(portrait_image)[0], True)


@pytest.fixture(scope="module")
def matte(portrait_image):
    return person_matte(portrait_image)


@pytest.fixture(scope="module")
def head_matte(matte, reference):
    return warp(matte, to_head(reference.face.landmarks, reference.layout), (320, 320))


def view_of(reference, image: np.ndarray | None = None, index: int = 0) -> View:
    image = reference.image if image is None else image
    return View(index, image, reference.face, head_of(image, reference.face, reference.layout), small_luma(image))


class TestAlignment:
    def test_known_similarity_is_found(self):
        rng = np.random.default_rng(0)
        points = rng.random((12, 2)) * 100
        angle, scale, shift = 0.3, 1.7, np.array([5.0, -9.0])
        turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        matrix = similarity_transform(points, points @ turn.T + shift)
        assert matrix == pytest.approx(np.column_stack([turn, shift]), abs=1e-9)

    def test_it_never_mirrors(self):
        points = np.random.default_rng(1).random((12, 2))
        matrix = similarity_transform(points, points * [-1, 1])
        assert np.linalg.det(matrix[:, :2]) > 0

    def test_it_agrees_with_opencv(self):
        rng = np.random.default_rng(2)
        points = (rng.random((40, 2)) * 100).astype(np.float32)
        target = (points @ np.array([[0.9, -0.4], [0.4, 0.9]]) + 3).astype(np.float32)
        theirs, _ = cv2.estimateAffinePartial2D(points, target, method=cv2.LMEDS)
        assert similarity_transform(points, target) == pytest.approx(theirs, abs=1e-3)

    @pytest.mark.parametrize("scale", [0.2, 0.5, 0.9, 1.5])
    def test_warp_keeps_places_at_any_scale(self, scale):
        image = np.zeros((400, 400), np.float32)
        cv2.circle(image, (250, 130), 20, 255.0, -1)
        moved = warp(image, np.array([[scale, 0, 11.0], [0, scale, 7.0]]), (640, 640))
        y, x = np.nonzero(moved > 127)
        assert (x.mean(), y.mean()) == pytest.approx((250 * scale + 11, 130 * scale + 7), abs=0.5)

    def test_head_lies_still_whatever_its_place(self, reference, portrait_image):
        away = cv2.warpAffine(portrait_image, np.array([[0.9, 0.1, 20.0], [-0.1, 0.9, 30.0]]), (320, 320))
        points = reference.face.landmarks.copy()
        points[:, :2] = points[:, :2] @ np.array([[0.9, 0.1], [-0.1, 0.9]]).T + [20.0, 30.0]
        here = warp(portrait_image, to_head(reference.face.landmarks, reference.layout), (320, 320))
        there = warp(away, to_head(points, reference.layout), (320, 320))
        centre = np.s_[90:240, 90:230]
        assert np.abs(here[centre].astype(float) - there[centre]).mean() < 4


class TestAperture:
    def test_puppet_opens_as_told(self, puppet, face_finder):
        openings = (0.0, 0.1, 0.2, 0.3, 0.4)
        found = [face_finder.glance(puppet.frame(opening))[0].landmarks for opening in openings]
        measured = [aperture(points) for points in found]
        assert measured == sorted(measured)
        assert measured[0] < 0.02
        assert np.corrcoef(openings, measured)[0, 1] > 0.98
        assert np.corrcoef([mouth_widths(points) for points in found], measured)[0, 1] > 0.98

    def test_size_and_turn_of_the_picture_do_not_count(self, portrait_landmarks):
        points = portrait_landmarks.copy()
        points[[14, 87, 317], 1] += 20
        turn = np.array([[0.8, -0.6], [0.6, 0.8]], np.float32)
        turned = points.copy()
        turned[:, :2] = points[:, :2] @ turn.T
        assert aperture(turned * 3.1) == pytest.approx(aperture(points), rel=1e-4)


class TestLikeness:
    def test_the_picture_itself_scores_one(self, reference):
        network = IdentityNetwork()
        observer = LikenessObserver(reference, network, 1)
        observer.see(view_of(reference))
        assert observer.result().mean == pytest.approx(1.0, abs=1e-5)
        assert observer.result().reference == PORTRAIT

    def test_another_person_scores_low_and_the_same_one_smaller_scores_high(self, reference, face_finder, shared_dir):
        network = IdentityNetwork()
        other = cv2.cvtColor(cv2.imread(str(shared_dir / "portraits" / "woman_photo.jpg")), cv2.COLOR_BGR2RGB)
        same = cv2.resize(reference.image, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
        own = network.embedding(reference.image, reference.face.landmarks)
        assert own @ network.embedding(other, face_finder.find(other)[0].landmarks) < 0.3
        assert own @ network.embedding(same, face_finder.find(same)[0].landmarks) > 0.85

    def test_points_land_on_arcfaces(self, reference):
        points = five_points(reference.face.landmarks)
        matrix = similarity_transform(points, ARCFACE_POINTS)
        landed = points @ matrix[:, :2].T + matrix[:, 2]
        assert np.abs(landed - ARCFACE_POINTS).max() < 8
        assert aligned_face(reference.image, reference.face.landmarks).shape == (112, 112, 3)

    def test_stride_takes_each_nth_frame(self, reference):
        observer = LikenessObserver(reference, IdentityNetwork(), 3)
        for index in range(7):
            observer.see(view_of(reference, index=index))
        assert observer.result().frames == 3


class TestBackground:
    def swayed(self, reference, matte, amplitude_px: float):
        mask = background_mask(matte, 0.15 * reference.face_width)
        observer = BackgroundObserver(mask, reference.image.shape[0])
        for index in range(24):
            shift = amplitude_px * np.sin(2 * np.pi * index / 12)
            image = cv2.warpAffine(
                reference.image, np.array([[1, 0, shift], [0, 1, 0]]), (320, 320), borderMode=cv2.BORDER_REPLICATE
            )
            observer.see(view_of(reference, image, index))
        return observer.result()

    def test_still_reads_nothing(self, reference, matte):
        result = self.swayed(reference, matte, 0.0)
        assert result.temporal_std == 0.0
        assert result.swim_px == pytest.approx(0.0, abs=0.01)
        assert 0.05 < result.area < 0.6

    def test_sway_reads_its_amount_and_grows(self, reference, matte):
        results = [self.swayed(reference, matte, amount) for amount in (0.5, 1.0, 3.0)]
        assert [result.swim_px for result in results] == pytest.approx([0.5, 1.0, 3.0], rel=0.25)
        stds = [result.temporal_std for result in results]
        assert stds == sorted(stds)

    def test_person_moving_alone_does_not_count(self, reference, matte):
        mask = background_mask(matte, 0.15 * reference.face_width)
        observer = BackgroundObserver(mask, 320)
        for index in range(10):
            moved = np.roll(reference.image, 2 * (index % 3), axis=1)
            image = np.where(mask[..., None], reference.image, moved)
            observer.see(view_of(reference, image.astype(np.uint8), index))
        assert observer.result().temporal_std < 0.2
        assert observer.result().swim_px < 0.3

    def test_no_background_says_so(self, reference):
        observer = BackgroundObserver(np.zeros((320, 320), bool), 320)
        observer.see(view_of(reference))
        assert observer.result().temporal_std is None
        assert "fills the picture" in str(observer.result().reason)

    def test_brightness_noise_reads_its_standard_deviation(self, reference, matte):
        mask = background_mask(matte, 0.15 * reference.face_width)
        observer = BackgroundObserver(mask, 320)
        rng = np.random.default_rng(0)
        flat = np.full_like(reference.image, 128)
        for index in range(60):
            grey = rng.normal(128, 6, (320, 320, 1)).round()
            observer.see(view_of(reference, np.broadcast_to(grey, flat.shape).clip(0, 255).astype(np.uint8), index))
        assert observer.result().temporal_std == pytest.approx(6.0, rel=0.05)


class TestFlicker:
    def amount(self, reference, change) -> float:
        observer = FlickerObserver(reference.layout)
        for index in range(20):
            image = np.clip(reference.image.astype(float) + change(index), 0, 255).astype(np.uint8)
            observer.see(view_of(reference, image, index))
        return observer.result().together

    def test_steady_and_slow_light_read_nothing(self, reference):
        assert self.amount(reference, lambda index: 0) == 0.0
        assert self.amount(reference, lambda index: index) < 0.05

    def test_alternation_reads_its_amplitude(self, reference):
        amounts = [self.amount(reference, lambda index, a=a: a * (-1) ** index) for a in (1, 2, 4)]
        assert amounts == pytest.approx([1, 2, 4], rel=0.05)

    def test_a_lost_face_breaks_the_row(self, reference):
        observer = FlickerObserver(reference.layout)
        for index, level in enumerate((0, 0, 30, 30)):
            view = view_of(reference, np.clip(reference.image.astype(int) + level, 0, 255).astype(np.uint8), index)
            observer.see(view)
            observer.see(View(index, view.frame, None, None, view.small))
        assert observer.result().together is None

    def test_control_reads_two_percent(self, reference):
        observer = FlickerObserver(reference.layout)
        for index in range(20):
            observer.see(flickering(view_of(reference, index=index)))
        head = view_of(reference).head
        skin = np.mean([head[patch].mean() for patch in skin_patches(reference.layout)])
        assert observer.result().together == pytest.approx(0.02 * skin, rel=0.05)


class TestSeam:
    def result(self, reference, head_matte, images=None, spoil=None):
        head = view_of(reference).head
        observer = SeamObserver(head, face_ring(reference.layout), contour_band(head_matte, reference.layout))
        for index, image in enumerate(images or [reference.image] * 3):
            view = view_of(reference, image, index)
            observer.see(spoil(view) if spoil else view)
        return observer.result()

    def test_the_picture_itself_has_none(self, reference, head_matte):
        result = self.result(reference, head_matte)
        assert result.new_edges == 0.0
        assert result.contour_edges == pytest.approx(1.0, abs=1e-6)

    def test_a_pasted_box_is_seen_and_grows_with_its_strength(self, reference, head_matte):
        def boxed(levels: int) -> np.ndarray:
            image = reference.image.astype(int)
            left, top, right, bottom = (int(value) for value in reference.face.box)
            image[top - 10 : bottom + 10, left - 10 : right + 10] += levels
            return image.clip(0, 255).astype(np.uint8)

        found = [self.result(reference, head_matte, [boxed(levels)]).new_edges for levels in (0, 10, 20, 40)]
        assert found[0] == 0.0
        assert found == sorted(found)
        assert found[-1] > 0.05

    def test_a_halo_raises_and_a_blur_lowers_the_contour(self, reference, head_matte):
        halo = self.result(reference, head_matte, spoil=pasted(head_matte))
        assert halo.contour_edges > 1.02
        assert halo.new_edges > 0.005
        soft = cv2.GaussianBlur(reference.image, (0, 0), 4)
        assert self.result(reference, head_matte, [soft]).contour_edges < 0.9


class TestSharpness:
    def ratio(self, reference, image) -> float:
        observer = SharpnessObserver(reference, 1)
        observer.see(view_of(reference, image))
        return observer.result().mean

    def test_the_picture_itself_scores_one_and_blur_lowers_it(self, reference):
        blurs = [cv2.GaussianBlur(reference.image, (0, 0), sigma) for sigma in (0.5, 1.0, 2.0)]
        ratios = [self.ratio(reference, image) for image in [reference.image, *blurs]]
        assert ratios[0] == pytest.approx(1.0)
        assert ratios == sorted(ratios, reverse=True)

    def test_control_is_a_blur(self, reference):
        observer = SharpnessObserver(reference, 1)
        observer.see(blurred(view_of(reference)))
        assert observer.result().mean == pytest.approx(
            self.ratio(reference, cv2.GaussianBlur(reference.image, (0, 0), 1.0)), rel=1e-6
        )


class TestBlinks:
    def test_dips_are_counted_and_long_ones_not(self):
        opening = np.full(250, 0.3)
        opening[40:44] = 0.05
        opening[120:123] = 0.02
        opening[180:220] = 0.05
        result = blinks(opening, 25.0)
        assert result.count == 2
        assert result.per_minute == pytest.approx(12.0)
        assert result.median_ms == pytest.approx(140.0)
        assert result.deepest == pytest.approx(0.02 / 0.3)

    def test_no_face_gives_no_figure(self):
        assert blinks(np.full(10, np.nan), 25.0).count is None

    def test_open_eyes_of_a_photo(self, portrait_landmarks):
        assert 0.15 < eye_opening(portrait_landmarks) < 0.6


def test_head_layout_is_upright_and_of_set_width(portrait_landmarks):
    layout = head_layout(portrait_landmarks)
    assert np.ptp(layout[:, 0]) == pytest.approx(160.0)
    assert layout[152, 1] > layout[10, 1]
