"""Sentences spoken once by many voices, plainly: the raw sounds that `prosody` makes emotional.

A voice speaks a second in about a second of one core, so what was said is kept, one file an utterance, and never said again.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from scipy.signal import resample_poly

from core.contracts import FloatArray
from core.output_files import whole_file

SAMPLE_RATE_HZ = 16_000
#: Silence between two sentences of an utterance.
BETWEEN_S = 0.12
#: Voices of English that networks learn from, that choose between networks, and that none has met.
TRAINING_VOICES = (
    "af_alloy", "am_adam", "bf_alice", "af_bella", "am_echo", "bm_daniel", "af_jessica", "am_eric", "bf_emma",
    "af_kore", "am_fenrir", "bm_fable", "af_nova", "am_liam", "bf_isabella", "af_sarah", "am_onyx", "af_aoede",
)  # fmt: skip
VALIDATION_VOICES = ("af_sky", "am_puck", "bm_lewis")
TEST_VOICES = ("af_heart", "am_michael", "bf_lily", "bm_george", "af_river")
#: And of other languages: in no training either.
FOREIGN_VOICES = ("ef_dora", "ff_siwis", "im_nicola", "jf_alpha", "zf_xiaobei", "hm_omega", "pm_alex")
PARTS = {"training": TRAINING_VOICES, "validation": VALIDATION_VOICES, "test": TEST_VOICES, "foreign": FOREIGN_VOICES}
#: Utterances of a voice.
SPOKEN_BY_EACH = {"training": 5, "validation": 4, "test": 4, "foreign": 2}


@dataclass(frozen=True)
class Utterance:
    """What a voice says: voice: its name; number: of the utterance in its language's list; text."""

    voice: str
    number: int
    text: str

    def file(self, cache_dir: Path) -> Path:
        """Where its sound is kept."""
        return cache_dir / self.voice / f"{self.number:02d}.flac"


@cache
def _sentences() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("sentences.toml").read_text(encoding="utf-8"))


def said_in(language: str) -> list[str]:
    """The utterances of a language, as BCP 47 writes it. Raises KeyError for one that nothing was written in."""
    texts: list[str] = _sentences()["said"]["en" if language.startswith("en") else language]
    return texts


def said_by(voice: str) -> list[Utterance]:
    """What a voice says: of the parts' voices each begins elsewhere in its language's list; test voices have what is kept back.

    Raises ValueError for a voice of no part.
    """
    from speech.voices import language_of

    part, names = next(((part, names) for part, names in PARTS.items() if voice in names), ("", ()))
    texts, count = said_in(language_of(voice)), SPOKEN_BY_EACH[part] if part else 0
    kept = _sentences()["kept_back"] if language_of(voice).startswith("en") else 0
    known = len(texts) - kept
    first, among = (known, kept) if part == "test" else (0, known)
    numbers = [first + (count * names.index(voice) + step) % among for step in range(count)]
    return [Utterance(voice, number, texts[number]) for number in numbers]


def spoken(utterance: Utterance, cache_dir: Path) -> FloatArray:
    """(n,) float32 in [-1, 1] at `SAMPLE_RATE_HZ`: from the file of the cache, or spoken now and kept there.

    Raises MissingError where Kokoro's weights or what reads the language are missing.
    """
    file = utterance.file(cache_dir)
    if not file.is_file():
        sound = _said(utterance)
        file.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(file, "The sound") as content:
            soundfile.write(content, sound, SAMPLE_RATE_HZ, format="FLAC")
    sound, _ = soundfile.read(file, dtype="float32")
    return np.asarray(sound, np.float32)


def _said(utterance: Utterance) -> FloatArray:
    from speech.speaker import SpeechSettings, open_voice

    pieces: list[FloatArray] = []
    for said in open_voice(SpeechSettings(voice=utterance.voice, early=False)).say(utterance.text):
        pieces += [said.sound, np.zeros(round(BETWEEN_S * said.rate_hz), np.float32)]
        rate_hz = said.rate_hz
    sound = resample_poly(np.concatenate(pieces[:-1]), SAMPLE_RATE_HZ, rate_hz)
    return np.clip(sound, -1.0, 1.0).astype(np.float32)
