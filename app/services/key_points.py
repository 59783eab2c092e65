"""Key points of a film's intensity as a person types them."""

from __future__ import annotations

from collections.abc import Iterable

from app.numbers import decimal_symbol


def points_words(points: Iterable[Iterable[float]]) -> str:
    """Key points as a person types them: `0:0.3, 12.5:0.9`, in German `0:0,3; 12,5:0,9`; `KeyPoints` reads both."""
    words = [f"{round(time_s, 3):.10g}:{round(value, 3):.10g}" for time_s, value in points]
    return ", ".join(words) if decimal_symbol() == "." else "; ".join(words).replace(".", decimal_symbol())
