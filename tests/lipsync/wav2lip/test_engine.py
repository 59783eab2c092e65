# ruff: noqa: E402 - without torch the imports below would fail before the test can skip
"""The whole way: a file of weights in the published layout, a film, a voice, other lips."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from core.errors import InputError
from lipsync.wav2lip.engine import WAV2LIP
from lipsync.wav2lip.options import Wav2LipOptions
from tests.lipsync.conftest import check_painted

pytestmark = [pytest.mark.usefixtures("one_thread"), pytest.mark.slow]


@pytest.fixture(scope="module")
def weights(generator, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "own.pth"
    torch.save({"state_dict": {f"module.{key}": value for key, value in generator.state_dict().items()}}, path)
    return path


def test_lips_of_a_film(painted_task, weights, settings_with):
    notes = []
    settings = settings_with(Wav2LipOptions(weights))
    assert WAV2LIP.missing(settings) is None
    film = WAV2LIP.make(settings, painted_task, notes.append).apply(painted_task.frames())
    check_painted(painted_task, list(film))
    assert hashlib.sha256(weights.read_bytes()).hexdigest() in str(notes[0]) and "own.pth" in str(notes[0])


def test_what_is_missing(settings_with, painted_task):
    lack = WAV2LIP.missing(settings_with())
    assert lack is not None and "--wav2lip-file" in str(lack)
    with pytest.raises(InputError, match="no file"):
        WAV2LIP.make(settings_with(Wav2LipOptions(Path("nowhere.pth"))), painted_task, print)


def test_the_sound_is_heard(painted_task, weights, settings_with, generator):
    """Another voice, other lips: what a frame shows hangs on what is heard at its time."""
    from lipsync.wav2lip.lips import LipPainter

    crops = np.random.default_rng(0).integers(0, 256, (2, 96, 96, 3), np.uint8)
    windows = np.stack([np.full((1, 80, 16), level, np.float32) for level in (-4, 2)])
    same = np.stack([crops[0], crops[0]])
    quiet, loud = LipPainter(generator, "cpu").lips(same, windows)
    assert not np.array_equal(quiet, loud)
