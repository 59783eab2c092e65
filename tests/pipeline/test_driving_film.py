"""Which moment of a driving film each frame shows, whatever the two rates, and what is done behind its end."""

from __future__ import annotations

import numpy as np
import pytest

from media.film_opening import open_film
from pipeline.driving_film import Timeline
from tests.pipeline.dubbing import film, grey


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return open_film(film(tmp_path_factory.mktemp("films") / "talk.mp4", 20))


@pytest.mark.parametrize(
    ("fps", "frames", "loop", "shown"),
    [
        (25.0, 5, "cut", [0, 1, 2, 3, 4]),
        (12.5, 10, "cut", [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]),
        (50.0, 6, "cut", [0, 0, 1, 2, 2, 2]),
        (25.0, 25, "bounce", [*range(20), 18, 17, 16, 15, 14]),
        (25.0, 43, "bounce", [*range(20), *range(18, -1, -1), 1, 2, 3, 4]),
        (25.0, 23, "hold", [*range(20), 19, 19, 19]),
        (50.0, 40, "cut", None),
    ],
)
def test_frames_are_those_of_their_moments(source, fps, frames, loop, shown):
    timeline = Timeline(25.0, 20, fps, frames, loop)
    if shown is not None:
        assert timeline.shown.tolist() == shown
    assert np.abs(timeline.places - timeline.shown).max() <= 0.5 + 1e-9
    levels = [int(frame[5, 90, 0]) for frame in timeline.pictures(source)]
    assert len(levels) == frames
    assert all(abs(level - grey(index)) < 8 for level, index in zip(levels, timeline.shown, strict=True))


def test_cuts_lie_where_the_shots_change():
    assert Timeline(25.0, 20, 25.0, 20).cuts([7, 12]) == (7, 12)
    assert Timeline(25.0, 20, 12.5, 10).cuts([7, 12]) == (4, 6)
    assert Timeline(25.0, 20, 25.0, 39, "bounce").cuts([7]) == (7, 32), "running back, the cut comes again"
    assert Timeline(25.0, 20, 25.0, 5).cuts([7]) == ()
