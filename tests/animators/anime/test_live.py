"""The anime engine as its motion comes: a preview's frames, and no network asked once the drawing is prepared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from animators.anime import painter
from animators.anime.live import AnimeLive
from animators.anime.runner import AnimeRenderer
from pipeline.preview import cut_motion
from tests.animators.anime.drawing import drawn_portrait, joined, motion_of
from tests.animators.anime.test_kept import SURE, film_motion, keeping

pytestmark = pytest.mark.long


@pytest.mark.slow
def test_live_frames_are_those_of_a_preview_and_no_network_is_asked(networks, tmp_path, monkeypatch):
    settings = replace(SURE, most_further=0)
    portrait, _ = keeping(drawn_portrait(ground=(120, 170, 200)), tmp_path)
    motion = joined(film_motion(), motion_of(1, (-6.0, 2.0, 3.0), jawOpen=0.4, mouthPucker=0.6))
    preview = list(AnimeRenderer(settings).frames(portrait, motion))
    monkeypatch.setattr(painter, "network_session", lambda *_, **__: pytest.fail("a network was loaded"))
    drawer = AnimeLive(portrait, settings)
    live = [frame for first, count in ((0, 1), (1, 3), (4, 1)) for frame in drawer.draw(cut_motion(motion, first, count))]
    assert len(live) == len(preview) == 5
    assert all((one == other).all() for one, other in zip(live, preview, strict=True))
    assert all((one != preview[0]).any() for one in preview[1:])
