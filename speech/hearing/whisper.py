"""Sound to text by Whisper base: what somebody says in a short piece of sound, and in which language.

    heard = whisper().hear(sound)               # (n,) float32, mono, 16 kHz, up to `LONGEST_S`
    heard.text, heard.language
    whisper().write_down(sound).pieces          # the same with care, and when each piece of the text is said
    whisper().in_english(sound, "es")           # what is said, in English

Whisper was taught on windows of 30 s. Its encoder is given no more than the sound and some silence behind it, which is several
times quicker for a sentence; a text that then runs in circles is listened to once more in a window of 30 s.

Network: Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", ICML 2023; MIT. Run by CTranslate2, int8.
"""

from __future__ import annotations

import atexit
import re
import threading
import zlib
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from core.contracts import FloatArray
from core.errors import InputError, MissingError
from neural import log_mel
from neural.log_mel import RATE_HZ
from speech.hearing.tokens import Tokens
from weights.fetch import ensure_all

PARTS = ("whisper_base_part1", "whisper_base_part2")
#: CTranslate2's names of the files beside the network's.
BESIDE = {
    "config.json": "whisper_base_config",
    "vocabulary.txt": "whisper_base_vocabulary",
    "tokenizer.json": "whisper_base_tokenizer",
}
#: The longest sound that is heard at once.
LONGEST_S = 30.0
#: Silence that follows the sound in the window, and the shortest window. In 8 s twice as many words of short commands were wrong
#: as in 12 s, in 30 s as many (`benchmarks.hearing`); sentences of real talk don't mind.
SILENCE_S, SHORTEST_WINDOW_S = 3.0, 12.0
#: Tokens of a text at most: nobody speaks faster.
TOKENS_FIRST, TOKENS_PER_S = 12, 9.0
#: A text runs in circles that can be pressed together so much more than language can, or says the same five times on end.
MOST_PRESSED, CIRCLE = 2.4, re.compile(r"(.{1,12}?)\1{4,}")
#: What is taken for nothing: where silence is so likely and the words so unlikely; or where the words are that unlikely.
NO_SPEECH, LEAST_LIKELY_IN_SILENCE, LEAST_LIKELY = 0.55, -0.7, -1.1
#: From so likely on a language counts as found where another was expected.
SURE_OF_LANGUAGE = 0.8
#: A sound with less power than this (-60 dB) is silence.
SILENT_LEVEL = 1e-3
#: Texts that are weighed against one another where nobody waits for the result.
CAREFUL_BEAMS = 5
#: Frames of the alignment a second: the encoder's, two of the spectrogram's each.
ALIGNED_RATE_HZ = 50.0


@dataclass(frozen=True)
class Heard:
    """text: as it is written, with punctuation; empty where nobody speaks. language: two letters, as it was set or found.

    no_speech: how likely nobody speaks, 0 to 1. log_probability: of the words, the mean of a token's; 0 is certain.
    """

    text: str
    language: str
    no_speech: float = 1.0
    log_probability: float = 0.0


@dataclass(frozen=True)
class Piece:
    """A part of a text as it was heard, a word or less, with the blank before it, and when it begins in seconds."""

    text: str
    start_s: float


@dataclass(frozen=True)
class Written:
    """What was heard, and its pieces in order; they are the text."""

    heard: Heard
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True)
class _Ask:
    """How a sound is listened to."""

    language: str
    expected: str = ""
    beams: int = 1
    in_english: bool = False
    timed: bool = False


class Whisper:
    """The network; may be asked from any thread, one at a time."""

    def __init__(self, threads: int = 1) -> None:
        """threads: of the processor. Raises MissingError where the weights or CTranslate2 can't be had, InputError where a file
        is damaged."""
        try:
            import ctranslate2
        except ImportError as error:
            raise MissingError("speech.hearing.no_ctranslate2") from error
        parts = ensure_all(PARTS)
        files = {name: path.read_bytes() for name, path in zip(BESIDE, ensure_all(BESIDE.values()), strict=True)}
        self._tokens = Tokens(files["vocabulary.txt"].decode("utf-8"))
        self._view: Any = ctranslate2.StorageView
        files["model.bin"] = b"".join(part.read_bytes() for part in parts)
        try:
            self._model: Any = ctranslate2.models.Whisper(
                "whisper_base", device="cpu", compute_type="int8", inter_threads=1, intra_threads=threads, files=files
            )
        except (RuntimeError, ValueError) as error:
            raise InputError("speech.hearing.unloadable", path=parts[0], error=error) from error
        self._turn = threading.Lock()

    def hear(self, sound: FloatArray, language: str = "", expected: str = "") -> Heard:
        """What is said. sound: (n,) float32 in [-1, 1], mono, 16 kHz. language: two letters; empty: found out. expected: the one
        that is taken where none is found surely.

        Raises InputError for a longer sound than `LONGEST_S` and for a language that Whisper does not know.
        """
        return self._asked(sound, _Ask(language, expected)).heard

    def write_down(self, sound: FloatArray, language: str = "", expected: str = "") -> Written:
        """As `hear`, with more care, and with the times of the text's pieces."""
        return self._asked(sound, _Ask(language, expected, beams=CAREFUL_BEAMS, timed=True))

    def in_english(self, sound: FloatArray, language: str) -> Heard:
        """What is said in that language, translated into English. Raises as `hear`."""
        return self._asked(sound, _Ask(language, beams=CAREFUL_BEAMS, in_english=True)).heard

    def _asked(self, sound: FloatArray, ask: _Ask) -> Written:
        if len(sound) > LONGEST_S * RATE_HZ:
            raise InputError("speech.hearing.too_long", most=LONGEST_S)
        for each in filter(None, (ask.language, ask.expected)):
            self._tokens.start(each)
        nothing = Heard("", ask.language or ask.expected)
        if not len(sound) or float(np.sqrt(np.mean(np.square(sound)))) < SILENT_LEVEL:
            return Written(nothing)
        length_s = len(sound) / RATE_HZ
        with self._turn:
            if self._model is None:
                return Written(nothing)
            written = self._heard(sound, ask, max(SHORTEST_WINDOW_S, length_s + SILENCE_S))
            if runs_in_circles(written.heard.text):
                written = self._heard(sound, replace(ask, language=written.heard.language, expected=""), LONGEST_S)
        heard = written.heard
        if is_speech(heard) and not runs_in_circles(heard.text):
            return written
        return Written(Heard("", heard.language, heard.no_speech))

    def close(self) -> None:
        """Let go of the network, before the program ends; whoever asks later hears nothing."""
        with self._turn:
            self._model = None

    def _heard(self, sound: FloatArray, ask: _Ask, window_s: float) -> Written:
        encoded = self._model.encode(self._view.from_array(window_of(sound, min(window_s, LONGEST_S))[None]))
        language = ask.language
        if not language:
            found, sure = self._model.detect_language(encoded)[0][0]
            language = ask.expected if ask.expected and sure < SURE_OF_LANGUAGE else found.strip("<|>")
        most = TOKENS_FIRST + int(TOKENS_PER_S * len(sound) / RATE_HZ)
        start = self._tokens.start(language, ask.in_english)
        answer = self._model.generate(
            encoded, [start], beam_size=ask.beams, max_length=len(start) + most, return_scores=True, return_no_speech_prob=True
        )[0]
        numbers = [number for number in answer.sequences_ids[0] if self._tokens.is_text(number)]
        heard = Heard(self._tokens.text(numbers), language, float(answer.no_speech_prob), float(answer.scores[0]))
        return Written(heard, self._pieces(encoded, start, numbers, len(sound)) if ask.timed and numbers else ())

    def _pieces(self, encoded: Any, start: list[int], numbers: list[int], samples: int) -> tuple[Piece, ...]:
        """The text's pieces with the times at which the network looked when it wrote them.

        Source: dynamic time warping over cross-attention, as in OpenAI Whisper, `whisper/timing.py`, done by CTranslate2.
        """
        frames = max(2, samples // log_mel.HOP_SAMPLES)
        aligned = self._model.align(encoded, start, [numbers], frames)[0].alignments
        firsts: dict[int, float] = {}
        for place, frame in aligned:
            firsts.setdefault(place, frame / ALIGNED_RATE_HZ)
        pieces, time_s = [], 0.0
        for place, text in enumerate(self._tokens.pieces(numbers)):
            time_s = firsts.get(place, time_s)
            pieces.append(Piece(text, time_s))
        return tuple(pieces)


def window_of(sound: FloatArray, window_s: float) -> FloatArray:
    """(80, frames) the sound, and silence behind it, as the network hears it."""
    frames = int(window_s * RATE_HZ) // log_mel.HOP_SAMPLES // 2 * 2
    lead = log_mel.WINDOW_SAMPLES // 2
    whole = np.zeros(frames * log_mel.HOP_SAMPLES + 2 * lead, dtype=np.float32)
    whole[lead : lead + len(sound)] = sound[: len(whole) - lead]
    return np.ascontiguousarray(log_mel.scaled(log_mel.log_power_mel(whole)[:, :frames]))


def is_speech(heard: Heard) -> bool:
    """Whether somebody said it: Whisper writes something whatever it hears, often what films end with."""
    if not any(letter.isalnum() for letter in heard.text):
        return False
    silent = heard.no_speech > NO_SPEECH and heard.log_probability < LEAST_LIKELY_IN_SILENCE
    return not silent and heard.log_probability > LEAST_LIKELY


def runs_in_circles(text: str) -> bool:
    """Whether the text repeats itself over and over."""
    content = text.encode()
    pressed = len(content) > 40 and len(content) / len(zlib.compress(content)) > MOST_PRESSED
    return pressed or CIRCLE.search(text.lower()) is not None


@cache
def whisper() -> Whisper:
    """The one that all listeners share; it is loaded once. Raises as `Whisper`."""
    made = Whisper()
    atexit.register(made.close)
    return made
