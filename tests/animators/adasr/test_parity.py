"""Our networks against what the published program computed, on weights that were loaded from a file of the published layout."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.long

torch = pytest.importorskip("torch")

from animators.adasr.driver import HeadReading  # noqa: E402
from animators.adasr.following import AXES, HeadFollower  # noqa: E402
from core.driving import Strength  # noqa: E402
from neural.exact_loading import skeleton  # noqa: E402
from neural.one_shot.cpu.generator import CpuGenerator  # noqa: E402
from neural.one_shot.geometry import bins_to_degrees, move_keypoints  # noqa: E402
from tests.animators.adasr.conftest import makers  # noqa: E402
from tests.sadtalker_runner.parity import deterministic_input  # noqa: E402

#: Source, two driving frames and a wide one: in which range their values lie.
PICTURES = {"ada_source": (0, 1), "ada_driving0": (0, 1), "ada_driving1": (-4, 4), "ada_wide": (-16, 16)}
BLOCK_PX = 32


def assert_close(ours, theirs, tolerance=1e-4):
    ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= tolerance * np.abs(theirs).max()


@pytest.fixture(scope="module")
def pictures():
    """The published program's pictures (4, 3, 256, 256)."""
    small = [deterministic_input(name, (1, 3, 8, 8), *limits) for name, limits in PICTURES.items()]
    values = np.concatenate(small).astype(np.float16).astype(np.float32)
    return torch.from_numpy(np.kron(values, np.ones((1, 1, BLOCK_PX, BLOCK_PX), np.float32)))


@pytest.fixture(scope="module")
def motion(networks, pictures):
    """What the estimator reads in them."""
    with torch.inference_mode():
        return networks.estimator(pictures)


@pytest.mark.parametrize("name", ["generator", "kp_detector", "he_estimator"])
def test_names_and_shapes_are_the_published_ones(name, published_shapes):
    assert {key: list(value.shape) for key, value in skeleton(makers()[name]).items()} == published_shapes[name]


@pytest.mark.slow
def test_head_estimator(motion, published):
    for name, value in (("yaw", motion.yaw), ("pitch", motion.pitch), ("roll", motion.roll)):
        assert_close(value, published[f"he_{name}"])
    assert_close(motion.translation, published["he_t"])
    assert_close(motion.expression, published["he_exp"])
    degrees = torch.stack([bins_to_degrees(angle) for angle in (motion.yaw, motion.pitch, motion.roll)], dim=1)
    assert_close(degrees, published["degrees"])


@pytest.mark.slow
def test_key_points(networks, pictures, motion, published):
    with torch.inference_mode():
        canonical = networks.keypoints(pictures[:1])
        assert_close(canonical, published["kp_canonical"])
        assert_close(networks.keypoints(4 * pictures[3:]), published["kp_canonical_wide"])
        assert_close(move_keypoints(canonical, motion, AXES), published["kp_transformed"])


@pytest.mark.slow
def test_generator(networks, pictures, published):
    source, driving = (0.3 * torch.from_numpy(deterministic_input(name, (1, 15, 3))) for name in ("ada_kps", "ada_kpd"))
    network = networks.generator
    with torch.inference_mode():
        volume = network.appearance(pictures[:1])
        dense = network.dense_motion_network(volume, driving, source)
        frame = network.draw(volume, dense)
        wide = network.dense_motion_network(network.appearance(pictures[3:]), driving, source)
    assert_close(volume[:, ::4, ::4, ::8, ::8], published["gen_feature_3d"])
    assert_close(dense.deformation[:, ::4, ::8, ::8], published["gen_deformation"])
    assert_close(dense.occlusion, published["gen_occlusion"], 2e-3)
    assert_close(frame[..., ::4, ::4], published["gen_prediction"], 4e-3)
    assert_close(wide.deformation[:, ::4, ::8, ::8], published["wide_deformation"], 1e-3)  # 3e-3 where small weights are left out
    assert_close(wide.occlusion[..., ::2, ::2], published["wide_occlusion"], 2e-3)


@pytest.mark.slow
def test_the_whole_way_and_its_edition_for_the_cpu(networks, pictures, motion, published):
    """The published `demo.py --relative`: one frame by the plain network, the other by the CPU's."""
    angles = torch.stack([bins_to_degrees(angle) for angle in (motion.yaw, motion.pitch, motion.roll)], dim=1)
    reading = HeadReading(angles.numpy(), motion.translation.numpy(), motion.expression.view(4, 15, 3).numpy())
    with torch.inference_mode():
        canonical = networks.keypoints(pictures[:1])
        follower = HeadFollower(canonical, reading.rows([0]), reading.rows([1]), True, Strength(), np.ones(15))
        points = follower.points(reading.rows([1, 2]))
        plain = networks.generator(pictures[:1], points[:1], follower.source)[0].permute(1, 2, 0)
        cpu = CpuGenerator(networks.generator)
        quick = cpu.frame(cpu.appearance(pictures[:1]), points[1], follower.source[0])
    assert_close(plain[::4, ::4], published["e2e_frame0"], 4e-3)
    assert_close(quick[::2, ::2], published["e2e_frame1"], 4e-3)
    assert np.abs(plain - quick).max() > 0.1
