"""Text to sound by Kokoro-82M: speaks phonemes in one of several voices, and says when it speaks which.

    spoken = Kokoro().speak("həlˈO wˈɜɹld.", "af_heart")
    spoken.sound                                # (n,) float32, 24 kHz
    [(each.symbol, each.start_s, each.end_s) for each in spoken.phonemes]

Phonemes are written in IPA with Kokoro's own short forms (A for eɪ, I for aɪ, O for oʊ, W for aʊ, Y for ɔɪ, ʧ, ʤ), stress marks
before the stressed vowel, words apart by blanks, pauses by , and . as in text.

Network: hexgrad, "Kokoro-82M" (2025, Apache-2.0), after Li et al., "StyleTTS 2: Towards Human-Level Text-to-Speech through Style
Diffusion and Adversarial Training with Large Speech Language Models", NeurIPS 2023, with an iSTFTNet decoder; int8, ONNX.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from core.contracts import FloatArray
from core.errors import InputError, MissingError
from neural.onnx_session import load_errors, network_session
from speech.voice import Phoneme
from speech.voices import mixture
from weights.fetch import ensure, ensure_all

PARTS = ("kokoro_part1", "kokoro_part2", "kokoro_part3", "kokoro_part4")
VOCABULARY = "kokoro_vocabulary"
RATE_HZ = 24_000
#: The network's inner tensor that holds, for every token, how many units of `UNIT_SAMPLES` it takes.
DURATIONS_TENSOR, UNIT_SAMPLES = "/encoder/Clip_output_0", 600
#: The sound runs ahead of those units: a phoneme is heard from the middle of the units before it to the middle of its own, and
#: `SOUND_AHEAD_S` earlier. So vowels are loudest, hisses sharpest and stops weakest where they should be (150 sentences, 54
#: voices; the units as they are, or moved by any one time or by a whole token, agree less with the sound).
SOUND_AHEAD_S = 0.025
#: In a pause it is silent to its end but for so much.
PAUSES, MOST_AHEAD_IN_PAUSE_S = frozenset(".,;:!?—…"), 0.05
#: Facts of the published files: phonemes in one call, and the shape of a voice: a style vector for every number of phonemes.
MOST_PHONEMES = 510
VOICE_SHAPE = (MOST_PHONEMES, 256)
#: Stands before and after the phonemes.
PAD = 0
SLOWEST, FASTEST = 0.5, 2.0
#: Have no sound of their own: their time is that of the phoneme that follows.
SOUNDLESS = "ˈˌ "


@dataclass(frozen=True)
class Spoken:
    """sound: (n,) float32 in [-1, 1] at `RATE_HZ`, mono. phonemes: in order, without gaps from the first to the last."""

    sound: FloatArray
    phonemes: tuple[Phoneme, ...]


def checked_speed(speed: float) -> float:
    """The speed. Raises InputError where it is not accepted."""
    if not SLOWEST <= speed <= FASTEST:
        raise InputError("speech.speed_out_of_range", speed=speed, slowest=SLOWEST, fastest=FASTEST)
    return speed


class Kokoro:
    """The network under ONNX Runtime; one second of speech takes about one of a processor core."""

    def __init__(self, threads: int = 1) -> None:
        """threads: processor threads; two are slower than one. Raises MissingError where the weights or `onnx` can't be had,
        InputError where the file is damaged."""
        self._numbers = _vocabulary(ensure(VOCABULARY))
        parts = ensure_all(PARTS)
        try:
            self._session = network_session(_with_durations(parts), threads)
        except load_errors() as error:
            raise InputError("speech.unloadable", path=parts[0], error=error) from error

    def speak(self, phonemes: str, voice: str, speed: float = 1.0) -> Spoken:
        """Say `phonemes` in one breath.

        phonemes: 1 to `MOST_PHONEMES` symbols. voice: a name, or several mixed, as in `speech.voices`.
        speed: 0.5 (slow) to 2 (fast).
        Raises InputError for symbols, a voice or a speed that are not accepted.
        """
        checked_speed(speed)
        numbers = self._tokens(phonemes)
        style = style_of(voice)[min(len(numbers), MOST_PHONEMES - 1)]
        sound, units = self._session.run(
            ["audio", DURATIONS_TENSOR],
            {
                "tokens": np.array([[PAD, *numbers, PAD]], dtype=np.int64),
                "style": style[None],
                "speed": np.array([speed], dtype=np.float32),
            },
        )
        return Spoken(np.clip(sound.reshape(-1), -1.0, 1.0), _timed(phonemes, units.reshape(-1)))

    def _tokens(self, phonemes: str) -> list[int]:
        unknown = sorted({symbol for symbol in phonemes if symbol not in self._numbers})
        if unknown:
            raise InputError("speech.unknown_phonemes", unknown=unknown, known="".join(self._numbers))
        if not phonemes.strip() or len(phonemes) > MOST_PHONEMES:
            raise InputError("speech.phonemes_out_of_range", count=len(phonemes), most=MOST_PHONEMES)
        return [self._numbers[symbol] for symbol in phonemes]


@lru_cache(maxsize=64)
def style_of(voice: str) -> FloatArray:
    """(510, 256) style vectors of a voice or of several mixed, one for every number of phonemes. Raises like `ensure_all`."""
    parts = mixture(voice)
    files = ensure_all(f"kokoro_{part.name}" for part in parts)
    styles = [part.weight * np.fromfile(file, dtype="<f4") for part, file in zip(parts, files, strict=True)]
    return np.sum(styles, axis=0, dtype=np.float32).reshape(VOICE_SHAPE)


@cache
def known_phonemes() -> frozenset[str]:
    """The symbols that it can speak. Raises MissingError where the weights can't be had."""
    return frozenset(_vocabulary(ensure(VOCABULARY)))


def _vocabulary(path: Path) -> Mapping[str, int]:
    numbers: dict[str, int] = json.loads(path.read_text(encoding="utf-8"))["vocab"]
    return numbers


def _with_durations(parts: Sequence[Path]) -> bytes:
    """The published network out of its parts, in memory, with the durations among its outputs."""
    try:
        import onnx
    except ImportError as error:
        raise MissingError("speech.no_onnx") from error
    model: Any = onnx.load_model_from_string(b"".join(part.read_bytes() for part in parts))
    model.graph.output.append(onnx.helper.make_tensor_value_info(DURATIONS_TENSOR, onnx.TensorProto.FLOAT, None))
    content: bytes = model.SerializeToString()
    return content


def _timed(phonemes: str, units: FloatArray) -> tuple[Phoneme, ...]:
    """The symbols with their times. units: (len(phonemes) + 2,) of `UNIT_SAMPLES`, those of both pads among them."""
    unit_s = UNIT_SAMPLES / RATE_HZ
    silent = np.array([True, *(symbol in PAUSES for symbol in phonemes), True])
    ahead_s = np.where(silent, np.minimum(0.5 * unit_s * units, MOST_AHEAD_IN_PAUSE_S), 0.5 * unit_s * units) + SOUND_AHEAD_S
    starts_s = np.maximum(unit_s * np.cumsum(units) - ahead_s, 0.0)  # of what follows each
    timed = []
    start_s = float(starts_s[0])
    for symbol, next_s in zip(phonemes, starts_s[1:-1], strict=True):
        if symbol not in SOUNDLESS:
            timed.append(Phoneme(symbol, start_s, float(next_s)))
            start_s = float(next_s)
    return tuple(timed)
