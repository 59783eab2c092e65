# ruff: noqa: E402 - without torch the imports below would fail before the test can skip
"""The whole way: a file of weights in the published layout, a film, a voice, other lips."""

from __future__ import annotations

import hashlib
import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from core.errors import InputError
from lipsync.wav2lip.engine import WAV2LIP
from lipsync.wav2lip.options import Wav2LipOptions
from tests.lipsync.conftest import check_painted
from tests.lipsync.wav2lip.test_keras_file import write

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


def test_the_sound_is_heard(painted_task, weights, settings_with, tmp_path):
    """Another voice, other lips in the film, and in no frame that is not drawn."""
    silence = tmp_path / "silence.wav"
    with wave.open(str(silence), "wb") as file:
        file.setnchannels(1), file.setsampwidth(2), file.setframerate(16_000)
        file.writeframes(bytes(64_000))
    settings = settings_with(Wav2LipOptions(weights))
    films = [
        list(WAV2LIP.make(settings, task, lambda note: None).apply(task.frames()))
        for task in (painted_task, replace(painted_task, voice=silence))
    ]
    differs = [not np.array_equal(*pair) for pair in zip(*films, strict=True)]
    assert differs == [painted_task.track.clear(number) for number in range(len(differs))]


def test_a_file_of_keras_is_lipgan(painted_task, settings_with, keras_layers, tmp_path):
    path = write(tmp_path / "lipgan.h5", keras_layers)
    film = WAV2LIP.make(settings_with(Wav2LipOptions(path)), painted_task, lambda note: None).apply(painted_task.frames())
    check_painted(painted_task, list(film))
