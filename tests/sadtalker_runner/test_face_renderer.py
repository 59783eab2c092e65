"""The renderer's core on small networks: the same frames whoever draws them, and never more of them than are asked for."""

from __future__ import annotations

import copy

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from core.errors import InputError  # noqa: E402
from neural.one_shot.frame_backends import BatchBackend  # noqa: E402
from neural.one_shot.geometry import HeadMotion, bins_to_degrees, move_keypoints  # noqa: E402
from sadtalker_runner.face_renderer import FaceRenderer, FrameCoefficients, turned  # noqa: E402
from sadtalker_runner.semantics import source_window  # noqa: E402
from sadtalker_runner.settings import RenderSettings  # noqa: E402

RANDOM = np.random.default_rng(3)
PICTURE = RANDOM.integers(0, 256, (64, 64, 3), dtype=np.uint8)
COEFFICIENTS = RANDOM.standard_normal((9, 70)).astype(np.float32) * 0.3


def windows(first, frames):
    return np.stack([source_window(COEFFICIENTS[i]) for i in range(first, first + frames)])


def film(*stretches):
    first = 0
    for frames in stretches:
        yield FrameCoefficients(windows(first, frames))
        first += frames


def cpu_renderer(networks):
    return FaceRenderer(*networks, RenderSettings(device="cpu"))


@pytest.fixture(scope="module")
def plain_frames(fixed_small_networks):
    """Frames (9, 64, 64, 3) in [0, 1] by the networks themselves, one by one, everything anew for each of them."""
    generator, keypoints, mapping = copy.deepcopy(fixed_small_networks)
    picture = torch.from_numpy(PICTURE).permute(2, 0, 1)[None] / 255
    frames = []
    for i in range(len(COEFFICIENTS)):
        canonical = keypoints(picture)
        source = move_keypoints(canonical, mapping(torch.from_numpy(source_window(COEFFICIENTS[0]))[None]))
        driving = move_keypoints(canonical, mapping(torch.from_numpy(windows(i, 1))))
        frames.append(generator(picture, driving, source)[0].permute(1, 2, 0))
    return torch.stack(frames).numpy()


@pytest.mark.slow
def test_the_cpus_frames_are_the_networks_frames(small_networks, plain_frames):
    frames = list(cpu_renderer(small_networks).frames(PICTURE, source_window(COEFFICIENTS[0]), film(4, 5)))
    assert len(frames) == 9 and all(frame.shape == (64, 64, 3) and frame.dtype == np.uint8 for frame in frames)
    assert np.abs(np.stack(frames) - plain_frames * 255).max() <= 0.55
    assert np.abs(plain_frames[0] - plain_frames[5]).max() > 0.05, "the frames must differ, or the test shows nothing"


@pytest.mark.slow
@pytest.mark.parametrize(("precision", "count", "tolerance"), [(torch.float32, 9, 0.55), (torch.float64, 3, 0.55)])
def test_batches_give_the_same_frames(small_networks, plain_frames, precision, count, tolerance):
    """What a graphics card runs, uncompiled and on the CPU; the last batch is not full.

    A CPU lacks half precision for some operations, so it is double precision that shows that the generator's precision may differ
    from the key points'.
    """
    renderer = cpu_renderer(small_networks)
    renderer._backend = BatchBackend(copy.deepcopy(small_networks[0]), torch.device("cpu"), precision, 2, compiled=False)
    frames = list(renderer.frames(PICTURE, source_window(COEFFICIENTS[0]), film(count), batch_frames=2))
    assert len(frames) == count
    assert np.abs(np.stack(frames) - plain_frames[:count] * 255).max() <= tolerance


@pytest.mark.slow
def test_no_more_is_taken_than_is_needed(small_networks):
    taken = []

    def endless():
        for i in range(10**6):
            taken.append(i)
            yield FrameCoefficients(windows(0, 2))

    frames = cpu_renderer(small_networks).frames(PICTURE, source_window(COEFFICIENTS[0]), endless())
    for _ in range(5):
        next(frames)
    assert len(taken) == 3
    assert not torch.is_inference_mode_enabled()


@pytest.mark.slow
def test_the_portrait_is_looked_at_once(small_networks, monkeypatch):
    renderer = cpu_renderer(small_networks)
    calls = []
    for module, name in ((small_networks[0], "appearance"), (small_networks[1], "forward")):
        real = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *args, real=real, name=name: calls.append(name) or real(*args))
    list(renderer.frames(PICTURE, source_window(COEFFICIENTS[0]), film(3, 3)))
    assert sorted(calls) == ["appearance", "forward"]


@pytest.mark.slow
def test_angles_given_take_the_place_of_the_coefficients(small_networks):
    own, turned = (
        list(
            cpu_renderer(copy.deepcopy(small_networks)).frames(
                PICTURE, source_window(COEFFICIENTS[0]), [FrameCoefficients(windows(0, 1), rotation)]
            )
        )
        for rotation in (None, np.array([[25.0, 0, 0]], np.float32))
    )
    assert np.abs(own[0].astype(int) - turned[0]).max() > 5


def test_an_angle_that_is_not_given_stays_as_the_coefficients_say():
    logits = torch.randn(2, 66)
    motion = HeadMotion(logits, logits, logits, torch.zeros(2, 3), torch.zeros(2, 45))
    new = turned(motion, np.array([[np.nan, 20, np.nan], [5, np.nan, np.nan]], np.float32))
    own = bins_to_degrees(logits)
    assert torch.equal(new.roll, own) and new.pitch[0] == 20 and new.pitch[1] == own[1]
    assert new.yaw[0] == own[0] and new.yaw[1] == 5 and turned(motion, None) is motion


def test_key_points_turn_as_they_should():
    """Yaw turns x into z, roll x into y; the angle of a sharp bin is that bin's; only y is lifted."""
    points = torch.tensor([[[1.0, 0.0, 0.0]]])
    zero, offsets = torch.zeros(1), torch.zeros(1, 3)
    quarter = torch.tensor([90.0])
    for yaw, roll, expected in ((quarter, zero, [0, 0, -1]), (zero, quarter, [0, 1, 0])):
        moved = move_keypoints(points, HeadMotion(yaw, zero, roll, torch.zeros(1, 3), offsets))
        assert torch.allclose(moved[0, 0], torch.tensor(expected).float(), atol=2e-3)
    lifted = move_keypoints(points, HeadMotion(zero, zero, zero, torch.ones(1, 3), offsets))
    assert torch.allclose(lifted[0, 0], torch.tensor([1.0, 1.0, 0.0]))
    logits = torch.full((1, 66), -50.0)
    logits[0, 43] = 50
    assert bins_to_degrees(logits).item() == pytest.approx(43 * 3 - 99)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"device": "tpu"}, "auto, cpu, cuda"),
        ({"precision": "float8"}, "bfloat16"),
        ({"batch_frames": 0}, "from 1 to 64"),
        ({"device": "cpu", "precision": "float16"}, "float32 only"),
    ],
)
def test_wrong_settings(wrong, said):
    with pytest.raises(InputError, match=said):
        RenderSettings(**wrong)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a graphics card here")
def test_a_graphics_card_that_is_not_there(small_networks):
    with pytest.raises(InputError, match="'cuda' is not on this machine"):
        FaceRenderer(*small_networks, RenderSettings(device="cuda"))
