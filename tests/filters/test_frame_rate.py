"""50 and 60 frames a second: who draws what, exact times and counts, and RIFE's middle against the true one and controls."""

from __future__ import annotations

from dataclasses import fields, replace

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from core.contracts import Motion, Portrait
from core.engine_card import EngineCard, Sound
from core.errors import MissingError
from core.timebase import frame_times_s
from filters.frame_rate import (
    FRAME_RATE,
    FrameInterpolator,
    FrameRateSettings,
    changed_box,
    plan_frame_rate,
)
from motion.every_nth import every_nth
from pipeline.film_settings import SongToVideoSettings
from pipeline.filter_chain import FilteredRenderer
from weights.fetch import ensure

pytestmark = pytest.mark.usefixtures("one_thread")

SETTINGS = FrameRateSettings(device="cpu")
ENGINE = EngineCard("plain", "Plain", "tests", None)
PORTRAIT = Portrait(np.zeros((48, 80, 3), np.uint8), None)


class Mean(torch.nn.Module):
    """In RIFE's place where only counts and places matter: the mean of both pictures."""

    def forward(self, first, second):
        assert first.shape[-1] % 64 == 0 and first.shape[-2] % 64 == 0
        return (first + second) / 2


@pytest.fixture
def mean(monkeypatch):
    monkeypatch.setattr("filters.frame_rate.load_rife", Mean)


def motion_of(frames, fps, curve):
    """A motion whose every curve runs as `curve` says, which is given the middles of the frames in seconds."""
    values = np.asarray(curve(frame_times_s(frames, fps)), np.float32)

    def repeated(columns):
        return np.repeat(values[:, None], columns, axis=1)

    return Motion(fps, repeated(52), repeated(3), repeated(3), repeated(2), values)


@pytest.mark.parametrize(
    ("film_fps", "cheap", "settings", "step", "drawn_fps"),
    [
        (25, False, FrameRateSettings(), 1, 25),
        (30, False, FrameRateSettings(), 1, 30),
        (50, False, FrameRateSettings(), 2, 25),
        (60, False, FrameRateSettings(), 2, 30),
        (48, False, FrameRateSettings(), 2, 24),
        (60, True, FrameRateSettings(), 1, 60),
        (50, False, FrameRateSettings(method="motion"), 1, 50),
        (60, True, FrameRateSettings(method="interpolation"), 2, 30),
        (60, False, FrameRateSettings(most_drawn_fps=15), 4, 15),
        (60, False, FrameRateSettings(most_drawn_fps=25), 4, 15),
    ],
)
def test_plans(film_fps, cheap, settings, step, drawn_fps):
    plan = plan_frame_rate(film_fps, cheap, settings)
    assert (plan.step, plan.drawn_fps) == (step, drawn_fps)
    assert ("RIFE" in str(plan.reason)) == (step > 1)


@pytest.mark.parametrize("frames", [1, 2, 3, 4, 5, 8, 9, 50])
@pytest.mark.parametrize("step", [1, 2, 4])
def test_drawn_frames_have_their_own_times(frames, step):
    """On a straight line the drawn frames lie on it at their places, the one after the end too."""
    whole = motion_of(frames, 50.0, lambda times_s: 0.2 + 0.4 * times_s)
    drawn = every_nth(whole, step)
    count = -(-(frames - 1) // step) + 1
    assert len(drawn) == count and drawn.fps == 50.0 / step
    places_s = (np.arange(count) * step + 0.5) / 50.0
    expected = 0.2 + 0.4 * (places_s if frames > 1 else places_s[:1])
    for field in fields(Motion):
        if field.name != "fps":
            values = getattr(drawn, field.name).reshape(count, -1)
            assert values.dtype == np.float32 and np.allclose(values, expected[:, None], atol=1e-6)


def test_the_frame_after_the_end_stays_in_range():
    drawn = every_nth(motion_of(2, 50.0, lambda times_s: np.array([0.4, 1.0])), 2)
    assert len(drawn) == 2 and drawn.blendshapes.max() == 1.0 and drawn.rotation_deg[1, 0] == pytest.approx(1.6)


class Numbered:
    """A renderer that writes the motion's yaw into a corner of the frame, and remembers what it was given."""

    def frames(self, portrait, motion, progress=None):
        self.motion, self.drawn = motion, 0
        for yaw in motion.rotation_deg[:, 0]:
            self.drawn += 1
            frame = np.full((48, 80, 3), 7, np.uint8)
            frame[8:24, 16:32] = round(float(yaw))
            yield frame


@pytest.mark.parametrize("step", [2, 4])
@pytest.mark.parametrize("frames", [1, 2, 5, 6, 9])
def test_every_frame_of_the_film_comes_at_its_own_time(mean, frames, step):
    renderer, told = Numbered(), []
    card = replace(FRAME_RATE, fps_in=lambda wishes, engine, fps: fps / step)
    settings = SongToVideoSettings(fps=60.0, device="cpu")
    film = FilteredRenderer(renderer, ENGINE, (card,), settings, Sound(None), pytest.fail)
    motion = motion_of(frames, 60.0, lambda times_s: 100 + 4 * (times_s * 60 - 0.5))
    shown = list(film.frames(PORTRAIT, motion, lambda *call: told.append(call)))
    assert [int(frame[16, 24, 0]) for frame in shown] == [100 + 4 * index for index in range(frames)]
    assert all((frame[:8] == 7).all() for frame in shown)
    assert renderer.motion.fps == 60.0 / step and renderer.drawn == -(-(frames - 1) // step) + 1
    assert [call[1:] for call in told if call[1]] == sorted(call[1:] for call in told if call[1])
    assert set(told) == {("frames", index, frames) for index in range(frames + 1)}


def test_drawn_frames_pass_untouched_and_one_is_held(mean):
    taken = []

    def source():
        buffer = np.zeros((48, 80, 3), np.uint8)
        for index in range(200):
            taken.append(index)
            buffer[...] = index  # a renderer may use its array again
            yield buffer

    film = FrameInterpolator(2, SETTINGS).apply(source())
    for index in range(9):
        assert int(next(film)[0, 0, 0]) == index // 2 or index % 2
    assert len(taken) == 5


def test_equal_frames_and_what_does_not_change_need_no_network(mean, monkeypatch):
    interpolator = FrameInterpolator(2, SETTINGS)
    seen = []
    monkeypatch.setattr(Mean, "forward", lambda self, first, second: seen.append(first.shape) or first)
    first = np.random.default_rng(0).integers(0, 256, (300, 400, 3), np.uint8)
    assert np.array_equal(interpolator.middle(first, first.copy()), first) and seen == []
    second = first.copy()
    second[100:120, 200:240] ^= 255
    middle = interpolator.middle(first, second)
    assert seen == [(1, 3, 128, 128)]
    changed = changed_box(first, second)
    assert changed == (200, 100, 240, 120) and changed_box(first, middle) is None


def test_wrong_steps_and_settings():
    for step in (0, 3, -2):
        with pytest.raises(ValueError):
            FrameInterpolator(step, SETTINGS)
    for rate in (0.0, float("nan")):
        with pytest.raises(ValueError):
            FrameRateSettings(most_drawn_fps=rate)


@pytest.fixture(scope="module")
def rife():
    try:
        ensure("rife_38")
    except MissingError as error:
        pytest.skip(f"weights are missing: {error}")
    return FrameInterpolator(2, SETTINGS)


def psnr(one, other):
    return float(10 * np.log10(255**2 / np.mean((one.astype(np.float64) - other) ** 2)))


@pytest.mark.slow
@pytest.mark.parametrize(("shift_px", "turn_deg"), [(3.0, 0.0), (0.0, 2.0), (6.0, 1.0)])
def test_the_middle_is_nearer_to_the_truth_than_a_mean_or_a_repeat(rife, root_dir, shift_px, turn_deg):
    """A portrait that moves by a known way: what RIFE finds half-way, against the picture moved half the way."""
    image = Image.open(root_dir / "demo" / "portrait.jpg").convert("RGB").resize((256, 256), Image.Resampling.LANCZOS)
    still = np.asarray(image)

    def at(part):
        turn = cv2.getRotationMatrix2D((128, 160), turn_deg * part, 1)
        turn[0, 2] += shift_px * part
        return cv2.warpAffine(still, turn, (256, 256), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)

    first, truth, second = at(0.0), at(0.5), at(1.0)
    middle = rife.middle(first, second)
    inner = np.s_[16:-16, 16:-16]
    mean = (first.astype(int) + second) // 2
    assert psnr(middle[inner], truth[inner]) > 34
    assert psnr(middle[inner], truth[inner]) > psnr(mean[inner], truth[inner]) + 3
    assert psnr(middle[inner], truth[inner]) > psnr(first[inner], truth[inner]) + 6
