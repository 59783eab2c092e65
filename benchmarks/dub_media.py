"""What the benchmark of dubbing brings itself, so that anyone has the same: two films of the demo portrait, and voices whose
phonemes are known. Films of people are better subjects; no such film is in the project.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from core.contracts import FloatArray
from pipeline.film_settings import SongToVideoSettings
from pipeline.song_to_video import song_to_video
from pipeline.text_settings import TextToVideoSettings
from pipeline.text_to_video import text_to_video
from speech.speaker import SpeechSettings, open_voice
from speech.voice import Phoneme, Said, later

DEMO = Path(__file__).resolve().parent.parent / "demo"
HEIGHT_PX = 512
#: Silence before, between and after sentences, in seconds.
PAUSE_S = 0.8
#: Full of m, b and p.
SENTENCES = (
    "Remember to buy plum bread before the bell rings.",
    "My mother moved to Boston, and the big mill became a home for bats.",
    "Please put your maps and bottles into the blue bag.",
)
#: What the first film says itself.
OWN_TEXT = "Good morning, everybody. [pause 0.8] Today we build a bridge. [pause 0.8] A bridge must bear its own weight."
VOICES = ("am_puck", "bf_emma")


@dataclass(frozen=True)
class Sound:
    """What a film is to say. phonemes: where they are known. own: whether it is the film's own sound."""

    path: Path
    phonemes: tuple[Phoneme, ...] = ()
    own: bool = False


def own_films(folder: Path, duration_s: float) -> list[Path]:
    """The demo portrait speaking, and singing."""
    portrait, height = DEMO / "portrait.jpg", SongToVideoSettings(height=HEIGHT_PX)
    said, sung = folder / "speaks.mp4", folder / "sings.mp4"
    text_to_video(portrait, OWN_TEXT, said, TextToVideoSettings(voice="af_bella", film=height))
    part = SongToVideoSettings(height=HEIGHT_PX, start_s=2.0, duration_s=duration_s)
    song_to_video(portrait, DEMO / "song.mp3", sung, part)
    return [said, sung]


def own_voices(folder: Path) -> list[Sound]:
    """The sentences by each of the voices, with silence around them."""
    return [spoken(folder / f"{voice}.wav", voice) for voice in VOICES]


def spoken(path: Path, voice: str) -> Sound:
    """The sentences as one file, with the times of its phonemes."""
    parts: list[FloatArray] = []
    phonemes: list[Phoneme] = []
    rate_hz, at = 0, 0
    for said in every_sentence(voice):
        rate_hz = said.rate_hz
        silence = np.zeros(round(PAUSE_S * rate_hz), np.float32)
        phonemes += later(said.phonemes, (at + len(silence)) / rate_hz)
        parts += [silence, said.sound]
        at += len(silence) + len(said.sound)
    parts.append(np.zeros(round(PAUSE_S * rate_hz), np.float32))
    soundfile.write(path, np.concatenate(parts), rate_hz)
    return Sound(path, tuple(phonemes))


def every_sentence(voice: str) -> Iterator[Said]:
    """The sentences as that voice says them."""
    speaker = open_voice(SpeechSettings(voice, early=False))
    for sentence in SENTENCES:
        yield from speaker.say(sentence)
