"""Our networks against what the published program computed, on weights read from files of the published layout."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.long

torch = pytest.importorskip("torch")

from animators.liveportrait.checkpoint import WARPING, published_generator, read_networks  # noqa: E402
from animators.liveportrait.networks.motion_extractor import MotionExtractor  # noqa: E402
from animators.liveportrait.reading import heads_of  # noqa: E402
from neural.exact_loading import skeleton  # noqa: E402
from neural.one_shot.cpu.generator import CpuGenerator  # noqa: E402
from tests.lipsync.musetalk.conftest import close_to, state_of  # noqa: E402
from tests.sadtalker_runner.parity import deterministic_input  # noqa: E402

#: Largest difference as a share of the largest value: of float32, and of what was kept in float16.
EXACT, ROUNDED = 1e-5, 2e-3


@pytest.fixture(scope="module")
def networks(published_shapes, tmp_path_factory):
    """The five files as they are published, then read."""
    folder = tmp_path_factory.mktemp("liveportrait")
    for place in ("base_models", "retargeting_models"):
        (folder / place).mkdir()
    for part in ("appearance_feature_extractor", "motion_extractor", "warping_module", "spade_generator"):
        torch.save(state_of(published_shapes[part]), folder / "base_models" / f"{part}.pth")
    small = {"retarget_shoulder": "stitching", "retarget_mouth": "lip", "retarget_eye": "eye"}
    states = {name: state_of(published_shapes[f"stitching_{ours}"]) for name, ours in small.items()}
    on_cards = {name: {f"module.{key}": tensor for key, tensor in state.items()} for name, state in states.items()}
    torch.save(on_cards, folder / "retargeting_models" / "stitching_retargeting_module.pth")
    yield read_networks(folder)
    for path in folder.rglob("*.pth"):
        path.unlink()


@pytest.fixture(scope="module")
def picture(published):
    return torch.from_numpy(published["source"].astype(np.float32))


@pytest.fixture(scope="module")
def keypoints():
    """Of the source and of the driver."""
    return [0.3 * torch.from_numpy(deterministic_input(name, (1, 21, 3))) for name in ("lp_kps", "lp_kpd")]


def test_names_and_shapes_are_the_published_ones(published_shapes):
    ours = {key: list(tensor.shape) for key, tensor in skeleton(published_generator).items()}
    theirs = published_shapes["appearance_feature_extractor"] | published_shapes["warping_module"]
    assert ours == theirs | {f"decoder.{key}": shape for key, shape in published_shapes["spade_generator"].items()}
    assert {key for key in ours if key.startswith(WARPING)} == set(published_shapes["warping_module"])
    motion = {key: list(tensor.shape) for key, tensor in skeleton(MotionExtractor).items()}
    assert motion == published_shapes["motion_extractor"]


@pytest.mark.slow
def test_motion_extractor(networks, picture, published):
    with torch.inference_mode():
        raw = networks.motion(picture)
    names = {"pitch": raw.pitch, "yaw": raw.yaw, "roll": raw.roll, "t": raw.shift, "exp": raw.expression, "scale": raw.scale}
    for name, ours in (names | {"kp": raw.canonical}).items():
        assert close_to(ours, published[f"motion_{name}"], EXACT), name
    heads = heads_of(raw)
    shares = torch.from_numpy(published["motion_yaw"]).softmax(dim=1).numpy()
    assert heads.angles_deg[0, 1] == pytest.approx((shares * (np.arange(66) * 3 - 97.5)).sum(), abs=1e-3)
    assert heads.canonical.shape == (1, 21, 3)


@pytest.mark.slow
def test_small_networks(networks, published):
    for network, name, width in ((networks.stitching, "stitching", 126), (networks.lips, "lip", 65), (networks.eyes, "eye", 66)):
        with torch.inference_mode():
            ours = network(torch.from_numpy(deterministic_input(f"st_{name}", (2, width))))
        assert close_to(ours, published[f"stitching_{name}"], EXACT)


@pytest.mark.slow
def test_a_picture_through_the_generator_and_its_edition_for_the_processor(networks, picture, keypoints, published):
    source, driving = keypoints
    generator = networks.generator
    with torch.inference_mode():
        volume = generator.appearance(picture)
        motion = generator.dense_motion_network(volume, driving, source)
        warped = generator.warped(volume, motion)
        drawn = generator.decoder(warped)
        quick = CpuGenerator(generator)
        frame = quick.frame(quick.appearance(picture), driving[0], source[0])
    assert close_to(volume.mean(dim=(3, 4)), published["feature_3d_mean"], EXACT)
    assert close_to(volume[0, :4, 8, ::8, ::8], published["feature_3d_slice"], EXACT)
    assert close_to(motion.occlusion, published["occlusion"], ROUNDED)
    assert close_to(warped.mean(dim=(2, 3)), published["warp_mean"], EXACT)
    assert close_to(drawn[:, :, ::2, ::2], published["out"], ROUNDED)
    assert frame.shape == (512, 512, 3)
    assert close_to(frame.permute(2, 0, 1)[None, :, ::2, ::2], published["out"], 4e-3)
    assert np.ptp(published["out"]) > 0.5, "a picture that is all one colour would be matched by chance"
