"""What live drawing costs is measured on a drawer that really draws, and nothing is counted twice."""

from __future__ import annotations

import pytest

from benchmarks.live_drawing import FIRST_FRAMES, HEAD, made_up_piece, measure, performed
from core.errors import InputError
from motion.live.performer import LivePerformer
from tests.conftest import ROOT

pytestmark = pytest.mark.long


def test_the_made_up_piece_is_said_over_and_over():
    performer, said, next_s, wide = LivePerformer(25.0), made_up_piece(), 0.3, []
    for _ in range(150):
        motion, next_s = performed(performer, said, next_s)
        wide.append(float(motion.shape("jawOpen")[0]))
    assert max(wide[:60]) > 0.1 and max(wide[90:]) > 0.1 and next_s > 6.0


@pytest.mark.slow
def test_a_small_portrait_is_drawn_and_measured(tmp_path):
    figures = measure(ROOT / "demo" / "portrait.jpg", "mesh", 96, 0.4, tmp_path)
    assert (figures.engine, figures.height) == ("mesh", 96) and FIRST_FRAMES > 0
    assert 0.0 < figures.performer_ms < 1000.0 and 0.0 < figures.frame_ms < 5000.0
    assert figures.processor_s > 0.0 and figures.ready_s > 0.0
    assert figures.line().count("|") == HEAD[0].count("|")
    with pytest.raises(InputError):
        measure(ROOT / "demo" / "portrait.jpg", "sadtalker", 96, 0.4, tmp_path)
