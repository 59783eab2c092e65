"""Speech that the live performer is given: said by Kokoro once for all tests."""

from __future__ import annotations

import pytest

from core.errors import MissingError
from speech.speaker import SpeechSettings, open_voice

TEXT = "Maybe we move both of the blue boxes far away from here. What a funny view, my friend!"


@pytest.fixture(scope="session")
def said():
    """Two sentences, each in one piece, with phonemes and words."""
    try:
        return list(open_voice(SpeechSettings(voice="bf_emma", early=False)).say(TEXT))
    except MissingError as error:
        pytest.skip(f"a voice can't speak here: {error}")
