"""The benchmark of short films, on a mouth that is its voice."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.cuts import main, measure
from tests.metrics.test_lip_sync import FPS, phrases


@pytest.mark.slow
def test_good_cuts_are_never_red_and_deaf_ones_are():
    voice = phrases(16.0)
    times_s = (np.arange(round(16 * FPS)) + 0.5) / FPS
    evidence = SimpleNamespace(track=SimpleNamespace(times_s=times_s, fps=FPS), envelope=voice, mouth=voice.loudness_at(times_s))
    rows = {(row.kind, row.seconds): row for row in measure([evidence])}
    assert rows["good", 3].judged == 0.0 and rows["good", 8].judged == 1.0
    assert all(row.red == 0.0 for (kind, _), row in rows.items() if kind == "good")
    assert rows["late", 10].red == 1.0 and rows["deaf", 14].red > 0.5


def test_a_film_needs_its_song():
    with pytest.raises(SystemExit):
        main(["film.mp4"])
