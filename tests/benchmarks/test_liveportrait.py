"""The benchmark of LivePortrait's networks, by small ones: what it measures and prints."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("torch")

from benchmarks import liveportrait
from tests.animators.liveportrait.conftest import small_networks  # noqa: F401 - a fixture


@pytest.fixture
def small(monkeypatch, small_networks):  # noqa: F811
    monkeypatch.setattr(liveportrait, "networks_of_chance", lambda: small_networks)


@pytest.mark.slow
def test_every_stage_has_its_figure(small, capsys):
    assert liveportrait.main(["--device", "cpu", "--batches", "1", "4", "--repeats", "1", "--json"]) == 0
    figures = {each["name"]: each for each in json.loads(capsys.readouterr().out)["figures"]}
    stages = ("a driver's frame read", "the portrait's features, once", "key points stitched", "flow", "warp", "decoder")
    assert list(figures)[: len(stages)] == [f"{stage}, cpu" for stage in stages]
    assert all(figures[f"{stage}, cpu"]["value"] > 0 and figures[f"{stage}, cpu"]["unit"] == "ms" for stage in stages)
    drawn = figures["a frame drawn, batch 1, cpu"]["value"]
    assert figures["drawn, batch 1, cpu"]["value"] == pytest.approx(1000 / drawn)
    assert "a frame drawn, batch 4, cpu" not in figures and figures["most memory"]["value"] > 100


def test_a_card_that_is_not_there_is_told(small, capsys):
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a card")
    assert liveportrait.main(["--device", "cuda"]) == 2
    assert "The device 'cuda' is not on this machine" in capsys.readouterr().err


def test_the_published_sizes_are_measured():
    networks = liveportrait.networks_of_chance()
    count = sum(each.numel() for each in networks.generator.parameters())
    assert count > 100_000_000 and sum(each.numel() for each in networks.motion.parameters()) > 28_000_000
