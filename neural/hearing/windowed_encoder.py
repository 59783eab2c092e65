"""What the encoders of speech share: a network under onnxruntime whose layers are given side by side, over long sound."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.contracts import FloatArray
from core.errors import InputError
from neural.hearing.windows import ENCODER_RATE_HZ
from neural.onnx_session import load_errors, network_session


class WindowedEncoder:
    """An encoder that hears in windows. A subclass says what of the sound goes into the network."""

    def __init__(self, layers: tuple[int, ...], most: int, width: int) -> None:
        """layers: which outputs are given, the output after so many layers each. most: the last layer. width: of one output.

        Raises InputError for layers that there are not.
        """
        if not layers or any(not 0 <= layer <= most for layer in layers):
            raise InputError("neural.layers_out_of_range", layers=layers, most=most)
        self.layers, self._width = layers, width

    @property
    def channels(self) -> int:
        """Length of a feature vector."""
        return self._width * len(self.layers)

    @property
    def rate_hz(self) -> int:
        """Feature vectors a second."""
        return ENCODER_RATE_HZ

    def features(self, sound: FloatArray) -> FloatArray:
        """(ceil(n / 320), channels) float32 at 50 Hz for sound (n,) float32 in [-1, 1], mono, 16 kHz."""
        pieces = list(self.feature_blocks([sound]))
        return np.concatenate(pieces) if pieces else np.zeros((0, self.channels), dtype=np.float32)

    def feature_blocks(self, blocks: Iterable[FloatArray]) -> Iterator[FloatArray]:
        """Yield the rows of `features`, some 13 s at a time, for sound that arrives in blocks (n,) or (n, 1) of any lengths.

        Raises InputError where the sound holds values that are not finite.
        """
        raise NotImplementedError

    def _load(self, path: Path, threads: int) -> None:
        """Open the converted network. Raises InputError where the file is damaged."""
        try:
            self._session: Any = network_session(path, threads, arena=False)
        except load_errors() as error:
            raise InputError("neural.speech_encoder_unloadable", path=path, error=error) from error

    def _heard(self, given: Mapping[str, FloatArray]) -> FloatArray:
        """(T, channels): the layers' outputs side by side."""
        outputs = self._session.run([f"layer_{layer}" for layer in self.layers], dict(given))
        return outputs[0] if len(outputs) == 1 else np.concatenate(outputs, axis=1)
