"""The quality report's page in the visitor's language: each of its texts keeps its code and values (`core/message_html.py`)."""

from __future__ import annotations

from app.wording import in_words
from core.message_html import reworded


def report_in_words(page: str, language: str) -> str:
    """The page in the language of the request, which has that code; one that an earlier program made stays in English."""
    return reworded(page, in_words, language)
