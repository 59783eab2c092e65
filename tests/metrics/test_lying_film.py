"""A film that was kept lying is turned upright before it is measured: its lips are read as those of the same film upright."""

from __future__ import annotations

import numpy as np
import pytest

from faces.upright import turned_back
from media.media import probe_video
from metrics.aperture import aperture
from metrics.film_view import FaceFollower
from metrics.references import quarters_of_film, references, upright_frames
from tests.metrics.films import write_film

OPENINGS = [0.0, 0.1, 0.3, 0.5, 0.3, 0.1]


def apertures(video, quarters):
    place, _ = references(video, probe_video(video), None, None, quarters)
    with FaceFollower(place.face.box) as follower:
        return np.array([aperture(follower.find(frame).landmarks) for frame in upright_frames(video, quarters)])


@pytest.mark.slow
@pytest.mark.parametrize("quarters", [1, 3])
def test_lips_of_a_lying_film_are_read_as_those_of_the_upright_one(puppet, tmp_path, quarters):
    frames = [puppet.frame(opening)[: puppet.image.shape[0] // 2 * 2, : puppet.image.shape[1] // 2 * 2] for opening in OPENINGS]
    upright = write_film(tmp_path / "upright.mp4", frames)
    lying = write_film(tmp_path / "lying.mp4", turned_back(iter(frames), quarters))
    assert (quarters_of_film(upright), quarters_of_film(lying)) == (0, quarters)
    np.testing.assert_allclose(apertures(lying, quarters), apertures(upright, 0), atol=0.02)
