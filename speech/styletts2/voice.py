"""A voice out of a published StyleTTS 2 checkpoint: the voice that it was taught on, or one that it is given a piece of.

    voice = StyleTTS2Voice(StyleTTS2Settings(Path("epochs_2nd_00020.pth"), like=Path("somebody.wav")))
    for said in voice.say("Hello!"): ...

Li et al., "StyleTTS 2: Towards Human-Level Text-to-Speech through Style Diffusion and Adversarial Training with Large Speech
Language Models" (NeurIPS 2023). Reads English. A style is drawn for every sentence; the same settings draw the same ones.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from core.errors import InputError
from speech.kokoro import SOUNDLESS, Spoken, checked_speed
from speech.reading import PAUSES, Reading, phonemes_of
from speech.sentences import breaths, sentences
from speech.speaker import AROUND_WORDS, front_end, trimmed, words_of
from speech.styletts2.checkpoint import PITCH_SAMPLES, StyleTTS2Networks, read_checkpoint
from speech.styletts2.networks.decoder import RATE_HZ, Chance
from speech.styletts2.networks.style_diffusion import sample_style
from speech.styletts2.reference import heard_mel
from speech.styletts2.symbols import NUMBERS, Symbol, numbers_of, symbols_of
from speech.voice import Phoneme, Said

#: How the published program draws a style: steps, and how much of the drawn one stands beside the given voice's.
STEPS, GUIDANCE, OWN_SOUND, OWN_PROSODY = 5, 1.0, 0.3, 0.7
#: A voice of its own lets the last sound ring for so many moments; one that is given ends in a click of so many samples.
RING, CLICK = 5, 50
#: Samples of one moment of the text, and the pad before it.
MOMENT_SAMPLES, PAD = 2 * PITCH_SAMPLES, NUMBERS["$"]
#: Phonemes of one breath: the language model knows 512 places, and some phonemes are written with two.
MOST_PHONEMES = 240


@dataclass(frozen=True)
class StyleTTS2Settings:
    """checkpoint: a file as its authors publish it; its `config.yml` may lie beside it. like: a recording of the voice, where the
    checkpoint follows one. language: en-US or en-GB. speed: 0.5 to 2. seed: of the styles that are drawn."""

    checkpoint: Path
    like: Path | None = None
    language: str = "en-US"
    speed: float = 1.0
    seed: int = 0


@lru_cache(maxsize=1)
def _networks(path: Path, changed_ns: int) -> StyleTTS2Networks:
    return read_checkpoint(path)


class StyleTTS2Voice:
    """See the module; the `Voice` contract."""

    def __init__(self, settings: StyleTTS2Settings) -> None:
        """Raises InputError where the checkpoint can't be read, or needs a recording, or the recording can't be used."""
        path = settings.checkpoint
        if settings.language not in ("en-US", "en-GB"):
            raise InputError("speech.styletts2_language", name=settings.language)
        if not path.is_file():
            raise InputError("speech.styletts2_unreadable", path=path, reason="there is no such file")
        self._settings = settings
        self._networks = networks = _networks(path, path.stat().st_mtime_ns)
        if networks.follows_a_voice and settings.like is None:
            raise InputError("speech.styletts2_needs_a_voice", path=path)
        self._front_end = front_end(settings.language)
        self._like = style_of(networks, heard_mel(settings.like)) if networks.follows_a_voice and settings.like else None

    def say(self, text: str, speed: float = 1.0) -> Iterator[Said]:
        """As `Voice.say`; `speed` and that of the settings are multiplied."""
        return self._say(text, checked_speed(checked_speed(speed) * self._settings.speed))

    def _say(self, text: str, speed: float) -> Iterator[Said]:
        nothing = True
        for sentence in sentences(text):
            for piece in breaths(self._front_end.read(sentence), MOST_PHONEMES, MOST_PHONEMES):
                phonemes = phonemes_of(piece)
                if phonemes.strip(PAUSES + SOUNDLESS):
                    yield self._said(piece, phonemes, speed)
                    nothing = False
        if nothing:
            raise InputError("speech.nothing_to_say")

    def _said(self, piece: tuple[Reading, ...], phonemes: str, speed: float) -> Said:
        seed = zlib.crc32(f"{self._settings.seed} {phonemes}".encode())
        chance = Chance(torch.Generator().manual_seed(seed))
        spoken = trimmed(speak(self._networks, phonemes, self._like, speed, chance))
        text = self._front_end.between.join(each.text for each in piece if each.text)
        unsure = tuple(each.text.strip(AROUND_WORDS) for each in piece if each.unsure)
        return Said(text, spoken.sound, RATE_HZ, spoken.phonemes, words_of(piece, spoken.phonemes), unsure)


def style_of(networks: StyleTTS2Networks, mel: Tensor) -> Tensor:
    """(1, 2 S) how a voice sounds, then how it moves, of its log-mel spectrogram (1, 80, T)."""
    with torch.inference_mode():
        return torch.cat([networks.style_encoder(mel), networks.predictor_encoder(mel)], dim=1)


def speak(networks: StyleTTS2Networks, phonemes: str, like: Tensor | None, speed: float, chance: Chance) -> Spoken:
    """Say Kokoro's phonemes in one breath. like: the style of a voice (1, 2 S)."""
    symbols = symbols_of(phonemes)
    tokens = torch.tensor([[PAD, *numbers_of(symbols)]])
    with torch.inference_mode():
        sound, lasts = spoken_tokens(networks, tokens, like, speed, chance)
    return Spoken(np.clip(sound.numpy(), -1.0, 1.0).astype(np.float32), timed(symbols, lasts.tolist()))


def spoken_tokens(
    networks: StyleTTS2Networks, tokens: Tensor, like: Tensor | None, speed: float, chance: Chance
) -> tuple[Tensor, Tensor]:
    """Sound (n,) and how many moments each token lasts (N,), of tokens (1, N)."""
    heard, meant = networks.text_encoder(tokens), networks.bert(tokens)
    sounds, moves = _styles(networks, meant, like, chance)
    encoded = networks.predictor.text_encoder(networks.bert_encoder(meant), moves)
    lasts = (networks.predictor.durations(encoded)[0] / speed).round().clamp(min=1).long()
    if like is None:
        lasts[-1] += RING
    moments, text = encoded.repeat_interleave(lasts, dim=1), heard.repeat_interleave(lasts, dim=2)
    if networks.by_samples:
        moments, text = _later(moments.transpose(1, 2)).transpose(1, 2), _later(text)
    pitch_hz, loudness = networks.predictor.curves(moments, moves)
    sound = networks.decoder(text, pitch_hz, loudness, sounds, chance)[0]
    return (sound if like is None else sound[:-CLICK]), lasts


def _styles(networks: StyleTTS2Networks, meant: Tensor, like: Tensor | None, chance: Chance) -> tuple[Tensor, Tensor]:
    """How the sentence sounds (1, S), and how it moves (1, S)."""
    channels = 2 * networks.style_encoder.unshared.out_features
    noise = chance.normal((1, channels))
    drawn = sample_style(networks.diffusion, meant, like, networks.spread, STEPS, GUIDANCE, noise, chance)
    sounds, moves = drawn.chunk(2, dim=1)
    if like is None:
        return sounds, moves
    like_sounds, like_moves = like.chunk(2, dim=1)
    return OWN_SOUND * sounds + (1 - OWN_SOUND) * like_sounds, OWN_PROSODY * moves + (1 - OWN_PROSODY) * like_moves


def _later(x: Tensor) -> Tensor:
    """(B, C, T) a moment later; the first stays."""
    return torch.cat([x[:, :, :1], x[:, :, :-1]], dim=2)


def timed(symbols: list[Symbol], lasts: list[int]) -> tuple[Phoneme, ...]:
    """The phonemes as they were given, with their times. lasts: moments of every token, the pad first."""
    ends = np.cumsum(lasts) * MOMENT_SAMPLES / RATE_HZ
    places = np.cumsum([1, *(len(symbol.tokens) for symbol in symbols)])
    told, start_s = [], float(ends[0])
    for symbol, (first, last) in zip(symbols, pairwise(places.tolist()), strict=True):
        end_s = float(ends[last - 1])
        if symbol.given not in SOUNDLESS and last > first:
            told.append(Phoneme(symbol.given, start_s, end_s))
            start_s = end_s
        elif symbol.given not in SOUNDLESS:  # heard in the one before it
            told.append(Phoneme(symbol.given, start_s, start_s))
    return tuple(told)
