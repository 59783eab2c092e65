"""The voices that say a text, each with a sentence to hear before it is chosen."""

from __future__ import annotations

import hashlib
from pathlib import Path

from app.errors import NotFound
from app.services.inspecting import turn
from app.settings import AppSettings
from pipeline.inspecting.inspection import speak_sample
from speech.voices import SAMPLE_TEXTS, voice_cards

#: The type of a sample.
MIME = "audio/wav"


def sample_path(settings: AppSettings, name: str) -> Path:
    """Where the voice's sentence is kept, by what is said. Raises NotFound for a voice that there is not."""
    card = next((each for each in voice_cards() if each.name == name), None)
    if card is None:
        raise NotFound("app.no_such_voice")
    said = hashlib.sha256(SAMPLE_TEXTS[card.language].encode()).hexdigest()[:8]
    return settings.voices_dir / f"{name}-{said}.wav"


def sample_file(settings: AppSettings, name: str) -> Path:
    """The voice's sentence, spoken when it is first asked for, for everybody.

    Raises NotFound for a voice that there is not, MissingError where what it needs can't be had here, Busy where too much else is
    looked at.
    """
    path = sample_path(settings, name)
    if not path.is_file():
        settings.voices_dir.mkdir(parents=True, exist_ok=True)
        with turn(settings) as limits:
            if not path.is_file():  # somebody else had it spoken while we waited
                speak_sample(name, path, limits)
    return path
