"""What the tests of the separation share: the published weights, the network made of them, and sounds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.errors import MissingError
from separation.checkpoint import DATA_WEIGHT, INDEX_WEIGHT, ensure_onnx
from separation.settings import SAMPLE_RATE_HZ
from separation.spleeter import SpleeterNetwork
from weights.fetch import ensure


@pytest.fixture(scope="session")
def bundle_paths() -> tuple[Path, Path]:
    """Index and data of Deezer's published checkpoint."""
    try:
        return ensure(INDEX_WEIGHT), ensure(DATA_WEIGHT)
    except MissingError as error:
        pytest.skip(f"Spleeter's weights are not at hand: {error}")


@pytest.fixture(scope="session")
def network(bundle_paths) -> SpleeterNetwork:
    return SpleeterNetwork(ensure_onnx())


@pytest.fixture
def write_sound(tmp_path) -> Callable[..., Path]:
    """Write samples (n,) or (n, channels) as a float32 WAV file and give its path."""

    def write(samples: np.ndarray, sample_rate_hz: int = SAMPLE_RATE_HZ, name: str = "sound.wav") -> Path:
        path = tmp_path / name
        soundfile.write(path, samples, sample_rate_hz, subtype="FLOAT")
        return path

    return write
