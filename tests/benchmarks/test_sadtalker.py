"""The benchmark of SadTalker: its rows, its clocks, and a whole film of a few frames with stand-ins for the large networks."""

from __future__ import annotations

import os
import time
from types import SimpleNamespace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from benchmarks.restoration import load_portrait  # noqa: E402
from benchmarks.sadtalker import film_rows  # noqa: E402
from benchmarks.sadtalker_film import (  # noqa: E402
    BusyMeter,
    FilmTimes,
    card_name,
    reference_times,
    time_film,
)
from tests.sadtalker_runner.conftest import fixed_small_networks  # noqa: E402, F401 - a fixture of another room

CPU = torch.device("cpu")


@pytest.mark.slow
def test_a_whole_film(root_dir):
    """Squares are drawn, faces restored, heads put back, as many as there are: each stage alone, then the whole film."""
    shapes, seen = [], []

    def drawn(square):
        shapes.append(square.shape)
        yield from (np.zeros_like(square) for _ in range(3))

    def darker(faces):
        seen.append(tuple(faces.shape))
        return faces * 0.9

    times = time_film(load_portrait(root_dir / "demo" / "portrait.jpg"), 256, 25.0, drawn, darker, CPU)
    assert times.frames == times.restored == 3 and shapes == [(256, 256, 3)] * 2 and seen == [(1, 3, 512, 512)] * 6
    assert list(times.stages) == ["drawing", "restoring", "putting back"] and min(times.stages.values()) > 0
    assert times.seconds > 0
    assert times.busy_share is None


@pytest.mark.slow
def test_the_structures_that_we_are_compared_with(fixed_small_networks):  # noqa: F811
    """Of small networks: both draw, and the one that keeps the portrait's features has less to do."""
    generator, keypoints, mapping = fixed_small_networks
    times = reference_times(SimpleNamespace(generator=generator, keypoints=keypoints, mapping=mapping), 64, 2, CPU)
    assert list(times) == ["the published structure", "portrait's features kept"] and min(times.values()) > 0
    assert next(generator.parameters()).device == CPU


def test_rows_tell_what_could_not_be_measured():
    rows = film_rows(FilmTimes(10, 2.0, {"drawing": 1.5, "restoring": 0.5}, 8, None), 512, "float16, batches of 8")
    assert rows[0].seconds == 0.2 and "not told" in rows[0].what and "2 frames had no face" in rows[0].what
    assert [row.seconds for row in rows[1:]] == [0.15, 0.05]
    assert "card busy 93%" in film_rows(FilmTimes(10, 2.0, {}, 10, 0.93), 256, "float16")[0].what


def test_how_busy_the_card_is(tmp_path, monkeypatch):
    """A program in the place of the driver's, which is not on every machine; and none at all."""
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 50\necho 100\necho '[N/A]'\nexec sleep 30\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with BusyMeter("GPU-1") as meter:
        deadline_s = time.monotonic() + 20
        while meter.share != 0.75:
            assert time.monotonic() < deadline_s, f"the share is {meter.share}"
            time.sleep(0.01)
    assert meter.share == 0.75
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    with BusyMeter("GPU-1") as meter:
        assert meter.share is None
    with BusyMeter(card_name(CPU)) as meter:
        assert meter.share is None
