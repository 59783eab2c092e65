"""The benchmark of MuseTalk's networks, by small ones: what it measures and prints."""

from __future__ import annotations

import json

import pytest

torch = pytest.importorskip("torch")

from benchmarks import musetalk  # noqa: E402
from lipsync.musetalk.checkpoint import MuseTalkNetworks  # noqa: E402
from lipsync.musetalk.networks.whisper_encoder import WhisperEncoder  # noqa: E402
from tests.lipsync.musetalk.conftest import small_unet, small_vae  # noqa: E402


@pytest.fixture
def small(monkeypatch):
    networks = MuseTalkNetworks(small_unet().eval(), small_vae().eval(), WhisperEncoder().eval(), files={})
    monkeypatch.setattr(musetalk, "networks_of_chance", lambda: networks)


def test_every_batch_has_its_figures(small, capsys):
    assert musetalk.main(["--device", "cpu", "--batches", "1", "2", "--repeats", "1", "--json"]) == 0
    figures = {each["name"]: each for each in json.loads(capsys.readouterr().out)["figures"]}
    assert len(figures) == 1 + 2 * 7 + 1
    for batch in (1, 2):
        encoding, reading, drawing, whole, prepared = (
            figures[f"{name}, batch {batch}, float32, cpu"]["value"]
            for name in ("encoding", "reading what is kept", "drawing", "lips", "lips of a prepared film")
        )
        assert whole == pytest.approx(1 / (encoding + drawing)) and prepared == pytest.approx(1 / (reading + drawing))
    assert figures["listening, float32, cpu"]["unit"] == "s a second of sound"
    assert figures["most memory"]["value"] > 100


def test_lines_and_mistakes(small, capsys):
    assert musetalk.main(["--device", "cpu", "--batches", "1", "--repeats", "0"]) == 0
    assert "lips, batch 1, float32, cpu: " in capsys.readouterr().out
    assert musetalk.main(["--device", "cpu", "--precision", "half"]) == 2
    assert "Half precision needs an NVIDIA card" in capsys.readouterr().err
