"""What wav2vec 2.0 base hears in a sound of any length: 50 feature vectors a second, as `speech_encoder.py` gives Whisper's.

    encoder = Wav2vec2Encoder()                  # fetches, converts and loads the weights
    encoder.features(sound)                      # (n,) float32 mono 16 kHz -> (ceil(n / 320), 768) float32
    encoder.feature_blocks(blocks)               # the same as a stream

Vector j belongs to the time j / 50 s: its field of 400 samples lies around it. Sound is brought to zero mean and unit variance,
as the published preparation does, window by window; what is louder all over sounds the same to it.

Source: Baevski et al., "wav2vec 2.0: A Framework for Self-Supervised Learning of Speech Representations", NeurIPS 2020.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from core.contracts import FloatArray
from neural.hearing.wav2vec2_checkpoint import ensure_onnx
from neural.hearing.wav2vec2_shape import BASE, FIELD_SAMPLES, Wav2vec2Shape
from neural.hearing.windowed_encoder import WindowedEncoder
from neural.hearing.windows import VECTOR_SAMPLES, HeardWindow, heard_windows

#: Sound that a vector hears before its time, and what its field holds beyond its hop.
_LEAD_SAMPLES = FIELD_SAMPLES // 2
_BEYOND_SAMPLES = FIELD_SAMPLES - VECTOR_SAMPLES
#: Added to the variance of a sound before it is divided, as by the published preparation.
_SOUND_EPSILON = 1e-7


class Wav2vec2Encoder(WindowedEncoder):
    """wav2vec 2.0 under onnxruntime."""

    def __init__(
        self,
        layers: Sequence[int] | None = None,
        threads: int = 2,
        onnx_path: Path | None = None,
        shape: Wav2vec2Shape = BASE,
    ) -> None:
        """layers: which outputs are given, side by side: 0 to 12, the output after so many layers; None: the last. Layers above
        the highest are not computed. threads: processor threads. onnx_path: a converted encoder; None fetches it. shape: of what
        that file holds.

        Raises InputError for other layers or a damaged file, MissingError where the weights can't be had.
        """
        super().__init__((shape.layers,) if layers is None else tuple(layers), shape.layers, shape.width)
        self._load(onnx_path or ensure_onnx(max(self.layers)), threads)

    def encode(self, sound: FloatArray) -> FloatArray:
        """(T, channels) for one sound (n,) at 16 kHz, n from 400, heard at once as the published program hears it:
        T = (n - 400) // 320 + 1."""
        exact = sound.astype(np.float64)
        normed = (exact - exact.mean()) / np.sqrt(exact.var() + _SOUND_EPSILON)
        return self._heard({"sound": normed.astype(np.float32)[np.newaxis, np.newaxis]})

    def feature_blocks(self, blocks: Iterable[FloatArray]) -> Iterator[FloatArray]:
        """See `WindowedEncoder`."""
        for window in heard_windows(blocks, _LEAD_SAMPLES, _BEYOND_SAMPLES):
            yield self._kept(window)

    def _kept(self, window: HeardWindow) -> FloatArray:
        """The window's vectors to keep. The silence around the sound stays out: it would make the sound louder by comparison."""
        stop = len(window.sound) - window.after * VECTOR_SAMPLES
        first = window.first - window.before
        return self.encode(window.sound[window.before * VECTOR_SAMPLES : stop])[first : first + window.count]
