"""What the metrics' tests share: a real portrait with its face, and the puppet made of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.metrics.films import MouthPuppet


@pytest.fixture(scope="session")
def face_finder():
    from faces.faces import FaceFinder

    with FaceFinder() as finder:
        yield finder


@pytest.fixture(scope="session")
def portrait_path(shared_dir: Path, tmp_path_factory) -> Path:
    """The photo of a man with shut lips, 320 px, as PNG."""
    path = tmp_path_factory.mktemp("portrait") / "man.png"
    Image.open(shared_dir / "portraits" / "man_photo.jpg").convert("RGB").resize((320, 320), Image.Resampling.LANCZOS).save(path)
    return path


@pytest.fixture(scope="session")
def portrait_image(portrait_path: Path) -> np.ndarray:
    return np.asarray(Image.open(portrait_path).convert("RGB"))


@pytest.fixture(scope="session")
def portrait_landmarks(face_finder, portrait_image) -> np.ndarray:
    return face_finder.find(portrait_image)[0].landmarks


@pytest.fixture(scope="session")
def puppet(portrait_image, portrait_landmarks) -> MouthPuppet:
    return MouthPuppet(portrait_image, portrait_landmarks)
