"""The face before a camera, read as the frames come."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from faces.live_face import LiveFace


@pytest.fixture(scope="module")
def portrait(root_dir):
    image = cv2.cvtColor(cv2.imread(str(root_dir / "demo" / "portrait.jpg")), cv2.COLOR_BGR2RGB)
    return cv2.resize(image, (320, 320), interpolation=cv2.INTER_AREA)


def beside(portrait, left):
    """The portrait in a wider frame, so many pixels from its left border."""
    frame = np.full((320, 480, 3), 90, np.uint8)
    frame[:, left : left + 320] = portrait
    return frame


def test_a_face_is_found_followed_where_it_goes_and_missed_when_it_is_gone(portrait):
    with LiveFace() as live:
        assert live.read(np.full((320, 480, 3), 90, np.uint8), 0.0) is None
        places = []
        for number, left in enumerate(range(0, 160, 20)):
            face = live.read(beside(portrait, left), 0.04 * (number + 1))
            assert face is not None and face.landmarks.shape == (478, 3)
            places.append((face.box[0] + face.box[2]) / 2)
        assert places[-1] - places[0] == pytest.approx(140, abs=8)
        assert live.read(np.full((320, 480, 3), 90, np.uint8), 0.5) is None


def test_times_that_stand_still_or_go_back_do_no_harm(portrait):
    with LiveFace() as live:
        assert all(live.read(beside(portrait, 80), at_s) is not None for at_s in (1.0, 1.0, 0.5))
