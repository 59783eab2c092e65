"""Key points of a film's intensity, between the pipeline's pairs, the API's JSON and what a person types."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from app.errors import Refused
from app.numbers import decimal_symbol
from motion.intensity import Points, check_points, parse_points

#: A point alone, whose commas are in its numbers.
ALONE = re.compile(r"\s*\d+(?:,\d+)?\s*:\s*\d+(?:,\d+)?\s*")


def read_intensity(name: str, value: Any) -> Points:
    """Key points: `{time_s, value}` or pairs in a list, or a text as the command line takes it. Raises InputError and Refused."""
    if isinstance(value, str):
        return rounded_points(parse_points(plain_points(value)))
    if not isinstance(value, list | tuple):
        raise Refused("app.option_no_key_points", name=name)
    return rounded_points([point_of(each) for each in value])


def plain_points(text: str) -> str:
    """The text with commas between the points and dots in the numbers, also where somebody wrote `0:0,3; 12,5:0,9`."""
    return text.replace(",", ".").replace(";", ",") if ";" in text or ALONE.fullmatch(text) else text


def point_of(given: Any) -> Any:
    """A point as a pair, where it is one at all."""
    if isinstance(given, Mapping) and set(given) == {"time_s", "value"}:
        given = (given["time_s"], given["value"])
    numbers = isinstance(given, list | tuple) and not any(isinstance(part, bool | str) for part in given)
    return given if numbers else ()


def rounded_points(points: Iterable[Any]) -> Points:
    """The points to the thousandth, so that equal orders are alike. Raises InputError where they are none."""
    return check_points([(round(time_s, 3), round(value, 3)) for time_s, value in check_points(points)])


def points_json(points: Iterable[Iterable[float]]) -> list[dict[str, float]]:
    """Key points as JSON tells them."""
    return [{"time_s": time_s, "value": value} for time_s, value in points]


def points_words(points: Iterable[Iterable[float]]) -> str:
    """Key points as a person types them: `0:0.3, 12.5:0.9`, in German `0:0,3; 12,5:0,9`; `read_intensity` reads both."""
    words = [f"{round(time_s, 3):.10g}:{round(value, 3):.10g}" for time_s, value in points]
    return ", ".join(words) if decimal_symbol() == "." else "; ".join(words).replace(".", decimal_symbol())
