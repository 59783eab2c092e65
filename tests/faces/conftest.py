"""What the tests of faces share: the finder, opened once, and real portraits."""

from __future__ import annotations

import pytest
from PIL import Image

from core.errors import MissingError
from faces.faces import FaceFinder
from weights.fetch import ensure


@pytest.fixture(scope="session")
def finder():
    try:
        ensure("face_landmarker")
    except MissingError as error:
        pytest.skip(f"the Face Landmarker's weights can't be had: {error}")
    with FaceFinder(video=True) as opened:
        yield opened


@pytest.fixture
def portrait(shared_dir):
    def load(name: str) -> Image.Image:
        with Image.open(shared_dir / "portraits" / name) as opened:
            return opened.convert("RGB")

    return load
