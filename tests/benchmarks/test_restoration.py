"""The benchmark of restoration: what steadying and pasting are worth on the demo portrait, and what it prints."""

from __future__ import annotations

import json

import pytest
import torch

from benchmarks.restoration import Figure, main


@pytest.fixture(autouse=True)
def one_thread():
    """Threads that wait for one another make tests on a busy machine slow."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.slow
def test_worth_is_shown_beside_its_control(capsys):
    assert main(["--parts", "jitter", "seam", "paste", "--device", "cpu", "--repeats", "1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    jitter, seam, *paste = told["figures"]
    assert jitter["control"] > 5 and jitter["value"] < 0.3 * jitter["control"]
    assert seam["control"] > 0.05 and seam["value"] < 0.1 * seam["control"]
    assert len(paste) == 2 and all(figure["value"] > 0 for figure in paste)
    assert told["machine"]["cores"] >= 1


def test_a_line_for_a_person():
    assert Figure("Seam", 0.01234, "parts", 0.5).sentence() == "Seam: 0.0123 parts (control: 0.5 parts)"
    assert Figure("RIFE", 0.1, "s a frame").sentence() == "RIFE: 0.1 s a frame"


def test_a_picture_without_a_face_ends_in_a_sentence(tmp_path, capsys):
    from PIL import Image

    Image.new("RGB", (200, 200), (90, 90, 90)).save(tmp_path / "grey.png")
    assert main(["--portrait", str(tmp_path / "grey.png"), "--parts", "seam"]) == 2
    assert "face" in capsys.readouterr().err
