"""The benchmark of spoken lips on a film that is known: lips that are the true ones, and a mouth that never opens."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the strangers are read by the training, which needs torch")

from benchmarks import spoken_lips
from core.contracts import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES, Motion
from motion.singing.training.dataset import Corpus
from motion.singing.training.strangers import Stranger


def film(aperture_mm):
    frames = len(aperture_mm)
    shapes = np.zeros((frames, len(BLENDSHAPE_NAMES)), dtype=np.float32)
    shapes[:, BLENDSHAPE_INDEX["jawOpen"]] = 0.78 * aperture_mm / 28.5
    still = np.zeros((frames, 3), dtype=np.float32)
    return Motion(25.0, shapes, still, still, np.zeros((frames, 2), np.float32), np.zeros(frames, np.float32))


def test_true_lips_agree_at_their_own_size_and_a_shut_mouth_is_counted(monkeypatch):
    aperture_mm = (6.0 + 5.0 * np.sin(np.arange(75) / 4.0)).astype(np.float32)
    curves = np.tile(aperture_mm[:, None], (1, 15))
    sounds = (np.ones(100, np.float32), np.zeros(100, np.float32))
    corpus = Corpus(("a", "b"), sounds, (curves, curves), np.zeros(15, np.float32))
    late = np.roll(aperture_mm, 2)  # one lag of a speaker is no fault
    monkeypatch.setattr(spoken_lips, "film_motion", lambda sound, frames: film(late if sound.any() else 0.0 * late))
    lines = spoken_lips.table([Stranger("one", True, "others", corpus, [])])
    cells = [cell.strip() for cell in lines[-1].strip("|").split("|")]
    assert cells[0] == "free sentences" and cells[-1] == "1 of 2"
    agreement = [float(cell.split()[0]) for cell in cells[1:3]]
    assert agreement == pytest.approx([0.5, 0.5], abs=0.01)  # one agrees, one does not move
    lines = spoken_lips.table([Stranger("one", True, "others", Corpus(("a",), sounds[:1], (curves,), corpus.neutral), [])])
    assert float(lines[-1].strip("|").split("|")[3]) == pytest.approx(1.0, abs=0.02)
    assert lines[-1].endswith("0 of 1 |")


def test_without_the_tracks_it_says_so(tmp_path, capsys):
    assert spoken_lips.main(["--data", str(tmp_path)]) == 2
    assert "talking tracks" in capsys.readouterr().err
