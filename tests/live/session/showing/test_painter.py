"""How many of a session's pictures are drawn in time, however few are drawn ahead."""

from __future__ import annotations

import time

import numpy as np
import pytest

from core.contracts import Motion
from live.avatar import AvatarOrder
from live.session.figures import Figures
from live.session.showing import stage
from live.session.showing.picture_line import Ahead
from live.session.showing.stage import Stage
from tests.live.session.standins import PlainCharacter

SHOWN_S = 1.5


def still(frames):
    return Motion(25.0, np.zeros((frames, 52)), *np.zeros((2, frames, 3)), np.zeros((frames, 2)), np.zeros(frames))


@pytest.mark.parametrize("ahead", [Ahead(1, 1), Ahead(2, 1), Ahead()], ids=lambda each: f"{each.pictures} ahead")
def test_every_picture_of_a_quick_drawer_is_in_time_and_is_handed_out_when_it_is_drawn(monkeypatch, tmp_path, ahead):
    monkeypatch.setattr(stage, "Character", PlainCharacter)
    figures, drawn = Figures(), []
    order = AvatarOrder(portrait=tmp_path / "no.png", height=128)
    shown = Stage(order, figures, lambda: still, lambda: None, lambda: None, ahead, drawn.append)
    shown.start()
    try:
        assert shown.ready.wait(30) and not shown.failed
        time.sleep(SHOWN_S)
        frames, late = figures.frames, figures.late_frames
    finally:
        shown.close("")
    assert frames > 20 and late <= 0.25 * frames, "on a machine that is busy a few may be late"
    assert len(drawn) > 0.7 * frames and drawn[0].shape == (128, 128, 3)
