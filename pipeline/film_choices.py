"""Choices of a film's options that are shown as small films, and what these are called; they lie in `demo/examples/choices`."""

from __future__ import annotations

from collections.abc import Mapping

#: Of each option, the choices that are shown, as a form's field has them.
CHOICES: Mapping[str, tuple[str, ...]] = {
    "expressiveness": ("0.4", "1.0", "1.8"),
    "head_motion": ("0.0", "1.0", "2.0"),
    "style": ("auto", "neutral", "happy", "sad", "angry", "surprised"),
    "look": ("none", "vector", "poster", "ink", "sketch"),
}


def film_of(name: str, value: str) -> str:
    """Name of the choice's film, without an ending; its first picture is called the same."""
    return f"{name}-{value}"
