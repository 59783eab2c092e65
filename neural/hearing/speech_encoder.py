"""What a trained ear hears: the encoder of multilingual Whisper base over a sound of any length, 50 feature vectors a second.

    encoder = SpeechEncoder()                    # fetches, converts and loads the weights
    encoder.features(sound)                      # (n,) float32 mono 16 kHz -> (ceil(n / 320), 512) float32
    SpeechEncoder(layers=(3, 6)).features(sound) # outputs after layers 3 and 6, side by side: (ceil(n / 320), 1024)
    encoder.feature_blocks(blocks)               # the same as a stream: memory does not grow with the song

Vector j belongs to the time j / 50 s. Long sounds are heard in windows, see `windows.py`. A vector depends a little on its place
in the window, so what is learned from these features should be learned from long recordings (short clips laid end to end), as
they will be used.

Source: Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", ICML 2023.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from core.contracts import FloatArray
from neural import log_mel
from neural.hearing.whisper_checkpoint import ensure_onnx
from neural.hearing.windowed_encoder import WindowedEncoder
from neural.hearing.windows import VECTOR_SAMPLES, heard_windows

#: Mel frames in each feature vector.
MEL_FRAMES_PER_VECTOR = VECTOR_SAMPLES // log_mel.HOP_SAMPLES
CHANNELS = 512
LAYERS = 6
#: Sound that the first mel frame sees before its middle, and what the last of a window's frames needs beyond its hop.
_LEAD_SAMPLES = log_mel.WINDOW_SAMPLES // 2
_BEYOND_SAMPLES = log_mel.WINDOW_SAMPLES - log_mel.HOP_SAMPLES


class SpeechEncoder(WindowedEncoder):
    """Whisper base's encoder under onnxruntime."""

    def __init__(self, layers: Sequence[int] = (LAYERS,), threads: int = 2, onnx_path: Path | None = None) -> None:
        """layers: which outputs are given, side by side: 1 to 6, the output after so many layers; 6 carries the closing norm,
        0 is what goes into the first layer. Layers above the highest are not computed. threads: processor threads.
        onnx_path: a converted encoder; None fetches it.

        Raises InputError for other layers or a damaged file, MissingError where the weights can't be had.
        """
        super().__init__(tuple(layers), LAYERS, CHANNELS)
        self._load(onnx_path or ensure_onnx(max(self.layers)), threads)

    def encode(self, mel: FloatArray) -> FloatArray:
        """(T, channels) for a log-mel spectrogram (80, 2 T) on Whisper's scale, T from 1 to 1500."""
        return self._heard({"log_mel": mel[np.newaxis]})

    def feature_blocks(self, blocks: Iterable[FloatArray]) -> Iterator[FloatArray]:
        """See `WindowedEncoder`."""
        for vectors, _ in self.heard_blocks(blocks):
            yield vectors

    def heard_blocks(self, blocks: Iterable[FloatArray]) -> Iterator[tuple[FloatArray, FloatArray]]:
        """`feature_blocks`, and with each piece (T, channels) the log-mel that it was heard from, (80, 2 T) as `log_power_mel`
        gives it: frame 2 k lies at the time of vector k."""
        for window in heard_windows(blocks, _LEAD_SAMPLES, _BEYOND_SAMPLES):
            power, last = log_mel.log_power_mel(window.sound), window.first + window.count
            kept = slice(MEL_FRAMES_PER_VECTOR * window.first, MEL_FRAMES_PER_VECTOR * last)
            yield self.encode(log_mel.scaled(power))[window.first : last], power[:, kept]
