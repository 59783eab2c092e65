"""The benchmark of Wav2Lip's networks measures what it says, and a device that is not here ends in a sentence."""

from __future__ import annotations

import json

import pytest

torch = pytest.importorskip("torch")

from benchmarks.wav2lip import Figure, main  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.slow
def test_both_networks_are_measured(capsys):
    assert main(["--batches", "2", "--device", "cpu", "--repeats", "1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [figure["network"] for figure in told["figures"]] == ["wav2lip", "lipgan"]
    assert all(figure["wall_s"] > 0 and figure["batch"] == 2 and figure["device"] == "cpu" for figure in told["figures"])
    assert told["machine"]["cores"] >= 1


def test_a_line_for_a_person():
    said = Figure("lipgan", "cpu", "float32", 8, 0.02, 0.04).sentence()
    assert said.startswith("lipgan, batch 8, float32, cpu: 20.00 ms a crop (40.00 ms of processor), 0.50 s a second of film")


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without a graphics card")
def test_a_device_that_is_not_here(capsys):
    assert main(["--device", "cuda"]) == 2
    assert "cuda" in capsys.readouterr().err
