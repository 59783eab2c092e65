"""Sessions with small stand-ins, and with speech that needs no network."""

from __future__ import annotations

import numpy as np
import pytest

from live.avatar import AvatarOrder
from live.session import talking
from live.session.showing import stage
from live.session.speaking.speech_desk import SpeechDesk
from speech.speaker import KokoroVoice
from speech.voice import Said, Word
from tests.live.session.standins import PlainCharacter, PlainPerformer

RATE_HZ = 24_000
#: Of what is said here, a phoneme lasts so long.
PHONEME_S = 0.05


def tone(piece):
    """A tone in the place of a voice, with the words' times."""
    duration_s = PHONEME_S * len(piece.phonemes)
    times_s = np.arange(int(duration_s * RATE_HZ)) / RATE_HZ
    words, at_s = [], 0.0
    for reading in piece.readings:
        end_s = at_s + PHONEME_S * len(reading.phonemes)
        words.append(Word(reading.text, at_s, end_s))
        at_s = end_s + PHONEME_S
    text = " ".join(reading.text for reading in piece.readings)
    return Said(text, (0.3 * np.sin(2 * np.pi * 220 * times_s)).astype(np.float32), RATE_HZ, (), tuple(words))


@pytest.fixture
def toned(monkeypatch):
    """Everybody speaks in tones, at once."""
    monkeypatch.setattr(KokoroVoice, "speak", lambda self, piece, speed=1.0: tone(piece))
    monkeypatch.setattr(talking, "warmed_up", lambda settings: None)


@pytest.fixture
def open_plain(toned, monkeypatch, tmp_path):
    """Opens sessions of plain parts, and closes them; `open_plain(desk=..., **order)`."""
    monkeypatch.setattr(stage, "Character", PlainCharacter)
    opened = []

    def make(desk=None, character=PlainCharacter, **order):
        monkeypatch.setattr(stage, "Character", character)
        performer = PlainPerformer()
        avatar = talking.TalkingAvatar(
            AvatarOrder(**{"portrait": tmp_path / "no.png", "height": 128, **order}), lambda: performer, desk or SpeechDesk(1)
        )
        avatar.performer = performer
        opened.append(avatar)
        assert avatar.ready.wait(30) and not avatar.failed
        return avatar

    yield make
    for avatar in opened:
        avatar.close()
