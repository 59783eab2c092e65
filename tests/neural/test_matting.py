"""One matting network for all who cut somebody out: held to the network run by hand, at each one's own sizes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from neural.matting import MattingNetwork
from tests.test_layout import ROOMS, sources
from weights.fetch import ensure


@pytest.fixture(scope="module")
def picture(root_dir) -> np.ndarray:
    """The demo's portrait, (250, 200, 3)."""
    with Image.open(root_dir / "demo" / "portrait.jpg") as portrait:
        return np.asarray(portrait.convert("RGB").resize((200, 250)))


@pytest.fixture(scope="module")
def network() -> MattingNetwork:
    return MattingNetwork(2)


def by_hand(picture: np.ndarray, size: tuple[int, int], there: int, back: int) -> np.ndarray:
    """The network's answer for the picture at that size (width, height), with a session of its own."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(ensure("modnet")), providers=["CPUExecutionProvider"])
    seen = cv2.resize(picture, size, interpolation=there).astype(np.float64) / 127.5 - 1
    answer = session.run(None, {session.get_inputs()[0].name: seen.transpose(2, 0, 1)[None].astype(np.float32)})[0][0, 0]
    return np.clip(cv2.resize(answer, picture.shape[1::-1], interpolation=back), 0, 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sides", "size"),
    [((128,), (128, 160)), ((512, 352.0), (288, 352)), ((256,), (256, 320))],
    ids=["shrunk", "limited", "grown"],
)
def test_the_matte_is_the_networks_own_answer(network, picture, sides, size):
    there = cv2.INTER_AREA if size[0] < picture.shape[1] else cv2.INTER_CUBIC
    found = network.matte(picture, *sides)
    assert found.dtype == np.float32 and found.shape == picture.shape[:2]
    assert found == pytest.approx(by_hand(picture, size, there, cv2.INTER_CUBIC), abs=1e-4)
    assert found[125, 100] > 0.95 and found.min() < 0.05


@pytest.mark.slow
def test_each_may_interpolate_in_its_own_way(network, picture):
    found = network.matte(picture, 256, enlarging=cv2.INTER_AREA, back=cv2.INTER_LINEAR)
    assert found == pytest.approx(by_hand(picture, (256, 320), cv2.INTER_AREA, cv2.INTER_LINEAR), abs=1e-4)
    assert np.abs(found - network.matte(picture, 256)).max() > 1e-3


def test_the_network_is_opened_in_one_place():
    assert [path.name for path in sources(*ROOMS) if '"modnet"' in path.read_text()] == ["matting.py"]
