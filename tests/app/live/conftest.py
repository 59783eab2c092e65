"""A live process' stand-in, and an application that has it."""

from __future__ import annotations

import pytest

from app.live.client import KEY
from tests.app.live.stand_in import standing_in


@pytest.fixture
def live(app):
    """The stand-in, which the application asks."""
    with standing_in() as server:
        app.extensions[KEY] = server.client
        yield server
