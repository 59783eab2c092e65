"""The networks of the anime engine, where their weights can be had."""

from __future__ import annotations

import pytest

from animators.anime.checkpoint import ensure_networks
from core.errors import MissingError


@pytest.fixture(scope="session")
def networks():
    """Paths of the converted networks; where the published weights can't be fetched, the tests that need them skip."""
    try:
        return ensure_networks()
    except MissingError as error:
        pytest.skip(f"the weights of Talking Head Anime 3 are missing: {error}")
