"""The encoders of speech by their names, and what they hear at a film's frame rate.

encoder = open_encoder("whisper")            # or "wav2vec2"
rows = at_rate(encoder.features(sound), fps=30)
blocks = blocks_at_rate(encoder.feature_blocks(sound_blocks), frames, fps=30)   # the same as a stream
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, Protocol, get_args

import numpy as np

from core.contracts import FloatArray
from core.errors import InputError
from neural.hearing.windows import ENCODER_RATE_HZ

EncoderName = Literal["whisper", "wav2vec2"]
ENCODERS: tuple[EncoderName, ...] = get_args(EncoderName)
DEFAULT_ENCODER: EncoderName = "whisper"


class Encoder(Protocol):
    """Hears a voice at 16 kHz: vectors of `channels` numbers, `rate_hz` a second, vector j at the time j / rate_hz."""

    @property
    def channels(self) -> int: ...

    @property
    def rate_hz(self) -> int: ...

    @property
    def layers(self) -> tuple[int, ...]: ...

    def features(self, sound: FloatArray) -> FloatArray:
        """(ceil(n / 320), channels) float32 for sound (n,) float32 in [-1, 1]."""
        ...

    def feature_blocks(self, blocks: Iterable[FloatArray]) -> Iterator[FloatArray]:
        """The rows of `features` in pieces, for sound that comes in blocks (n,) or (n, 1)."""
        ...


def open_encoder(name: str, layers: Sequence[int] | None = None, threads: int = 2) -> Encoder:
    """An encoder with its published weights, fetched and converted where they are not here yet.

    name: `whisper` (multilingual base, 512 numbers a vector, 6 layers) or `wav2vec2` (base, 768 numbers, 12 layers). layers: the
    outputs after so many layers, side by side; None: the last. threads: processor threads.
    Raises InputError for another name or other layers, MissingError where the weights can't be had.
    """
    if name == "whisper":
        from neural.hearing.speech_encoder import LAYERS, SpeechEncoder

        return SpeechEncoder((LAYERS,) if layers is None else layers, threads)
    if name == "wav2vec2":
        from neural.hearing.wav2vec2_encoder import Wav2vec2Encoder

        return Wav2vec2Encoder(layers, threads)
    raise InputError("neural.no_such_encoder", name=name[:40], known=list(ENCODERS))


def frames_heard(vectors: int, fps: float = 30.0, rate_hz: float = ENCODER_RATE_HZ) -> int:
    """How many frames begin within so many vectors' time."""
    return int(np.ceil(vectors * fps / rate_hz - 1e-9))


def at_rate(features: FloatArray, fps: float = 30.0, frames: int | None = None, rate_hz: float = ENCODER_RATE_HZ) -> FloatArray:
    """Feature vectors (n, C) at `rate_hz` -> (frames, C) float32 at `fps`, frame k at k / fps, by straight lines between vectors.

    frames: how many; None: those that begin within the sound. After the last vector it is held; n is at least 1 where frames are
    asked for.
    """
    frames = frames_heard(len(features), fps, rate_hz) if frames is None else frames
    low, share = _places(0, frames, fps, rate_hz)
    return _between(features, low, share)


def blocks_at_rate(
    blocks: Iterable[FloatArray], frames: int, fps: float = 30.0, rate_hz: float = ENCODER_RATE_HZ
) -> Iterator[FloatArray]:
    """The rows of `at_rate` in pieces, exactly, for vectors that come in blocks (n, C); what lies beyond `frames` is not given.

    A sound of no vectors gives nothing.
    """
    held: FloatArray | None = None
    first = done = 0  # the number of the first vector held, and of the frames given
    for block in blocks:
        held = block if held is None else np.concatenate([held, block])
        known = min(frames, frames_heard(first + len(held) - 1, fps, rate_hz))
        if known > done:
            low, share = _places(done, known, fps, rate_hz)
            yield _between(held, low - first, share)
            done = known
            cut = min(len(held) - 1, int(low[-1]) - first)
            held, first = held[cut:], first + cut
    if held is not None and done < frames:
        low, share = _places(done, frames, fps, rate_hz)
        yield _between(held, low - first, share)


def _places(start: int, stop: int, fps: float, rate_hz: float) -> tuple[np.ndarray, FloatArray]:
    """For frames from `start` to `stop`: the vector before each, and the share of the one behind it, 0 to 1."""
    places = np.arange(start, stop) * rate_hz / fps
    low = np.floor(places + 1e-9).astype(np.int64)
    return low, np.maximum(places - low, 0.0).astype(np.float32)


def _between(features: FloatArray, low: np.ndarray, share: FloatArray) -> FloatArray:
    """The vectors at these places; the last is held."""
    last = len(features) - 1
    before, behind = features[np.minimum(low, last)], features[np.minimum(low + 1, last)]
    rows: FloatArray = (before + share[:, np.newaxis] * (behind - before)).astype(np.float32)
    return rows
