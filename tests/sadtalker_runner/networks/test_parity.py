"""Our networks against what the published program computed, on weights that were loaded from a file of the published layout."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.long

torch = pytest.importorskip("torch")

from neural.exact_loading import skeleton  # noqa: E402
from neural.one_shot.geometry import move_keypoints  # noqa: E402
from sadtalker_runner.audio_to_coefficients import pose_windows  # noqa: E402
from sadtalker_runner.checkpoint import NETWORKS, load_mapping_net  # noqa: E402
from sadtalker_runner.networks.mapping_net import MappingNet  # noqa: E402
from tests.sadtalker_runner.parity import deterministic_input  # noqa: E402

PUBLISHED_NAMES = {"face_3drecon": "net_recon", "kp_extractor": "kp_detector"}


def tensor(name, shape, *limits):
    return torch.from_numpy(deterministic_input(name, shape, *limits))


def assert_close(ours, theirs, tolerance=1e-4):
    ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= tolerance * np.abs(theirs).max()


@pytest.mark.slow
@pytest.mark.parametrize("prefix", NETWORKS)
def test_names_and_shapes_are_the_published_ones(prefix, published_shapes):
    ours = {key: list(value.shape) for key, value in skeleton(NETWORKS[prefix]).items()}
    assert ours == published_shapes[PUBLISHED_NAMES.get(prefix, prefix)]


@pytest.mark.parametrize(("kind", "coefficients"), [("crop", 70), ("full", 73)])
def test_mapping_nets(kind, coefficients, mapping_path, published, published_shapes):
    ours = {key: list(value.shape) for key, value in skeleton(lambda: MappingNet(coefficients)).items()}
    assert ours == published_shapes[f"mapping_{kind}"]
    motion = load_mapping_net(mapping_path(coefficients), coefficients)(tensor(f"semantics_{kind}", (2, coefficients, 27)))
    for name, value in (("yaw", motion.yaw), ("pitch", motion.pitch), ("roll", motion.roll)):
        assert_close(value, published[f"mapping_{kind}_{name}"])
    assert_close(motion.translation, published[f"mapping_{kind}_t"])
    assert_close(motion.expression, published[f"mapping_{kind}_exp"])


@pytest.mark.slow
def test_expression_net(checkpoint, published):
    network = checkpoint.expression_net()
    out = network(tensor("mels", (6, 1, 80, 16), -4, 4), tensor("ref", (1, 6, 64))[0], tensor("ratio", (1, 6, 1), 0, 1)[0])
    assert_close(out[None], published["audio2exp_out"])


@pytest.mark.slow
def test_pose_vae_with_a_last_window_that_ends_with_the_film(checkpoint, published):
    network = checkpoint.pose_vae()
    first_pose = tensor("pose_ref", (1, 40, 70))[:, 0, -6:]
    mels = tensor("pose_mels", (1, 40, 1, 80, 16), -4, 4)
    pose = first_pose[:, None].repeat(1, 40, 1)
    assert pose_windows(40) == [(1, 0), (8, 25)]
    for i, (start, used) in enumerate(pose_windows(40)):
        offsets = network(mels[:, start : start + 32], first_pose, torch.tensor([7]), tensor(f"z{i}", (1, 64)))
        pose[:, start + used : start + 32] += offsets[:, used:]
    assert_close(pose, published["audio2pose_out"])


@pytest.mark.slow
def test_face_reconstruction_net(checkpoint, published):
    picture = tensor("recon", (1, 3, 224, 224), 0, 1).half().float()
    assert_close(checkpoint.face_reconstruction_net()(picture), published["recon_coeff"])


@pytest.fixture(scope="module")
def scene(checkpoint, mapping_path, published):
    """The published program's picture and its key points: picture, canonical, source, driving (2 frames)."""
    mapping = load_mapping_net(mapping_path(73), 73)
    picture = torch.from_numpy(published["render_source"].astype(np.float32))
    canonical = checkpoint.keypoint_detector()(picture)
    source = move_keypoints(canonical, mapping(tensor("src_sem", (1, 73, 27))))
    return picture, canonical, source, move_keypoints(canonical, mapping(tensor("tgt_sem", (1, 2, 73, 27))[0]))


@pytest.mark.slow
def test_key_points(scene, published):
    _, canonical, source, _ = scene
    assert_close(canonical, published["kp_canonical"])
    assert_close(source, published["kp_source"])


@pytest.mark.slow
def test_generator_and_its_edition_for_the_cpu(scene, cpu_generator, published):
    """One published frame by the plain network, the other by the CPU's; and that the two frames are not the same one."""
    picture, _, source, driving = scene
    with torch.inference_mode():
        assert_close(
            cpu_generator.network(picture, driving[:1], source), published["render_out"][:, 0], 4e-3
        )  # 3.3e-3 where a processor with AVX-512 sums in another order
        frame = cpu_generator.frame(cpu_generator.appearance(picture), driving[1], source[0]).permute(2, 0, 1)
    assert_close(frame[None], published["render_out"][:, 1], 4e-3)
    assert np.abs(np.asarray(frame) - published["render_out"][0, 0]).max() > 0.1
