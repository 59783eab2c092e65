"""The kinds of options that only films have: the engine, key points over time, and a frame around a face."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import InputError
from core.option_kinds import Choice, Numbers
from core.options import N_, Declared
from motion.intensity import MOST_POINTS, Points, check_points, parse_points, points_of_argument
from pipeline.engine_list import AUTO, ENGINES

Frame = tuple[float, float, float, float]
#: Far beyond any picture.
MAX_PIXELS = 100_000.0
#: A point alone, whose commas are in its numbers.
_ALONE = re.compile(r"\s*\d+(?:,\d+)?\s*:\s*\d+(?:,\d+)?\s*")


class EngineName:
    """An engine's name, or `auto`: whatever the list of engines holds."""

    def _now(self) -> Choice:
        titles = {AUTO: N_("The one that suits the picture")} | {engine.name: engine.title for engine in ENGINES}
        return Choice(tuple(titles), titles)

    @property
    def choices(self) -> tuple[str, ...]:
        """See `Choice`."""
        return self._now().choices

    @property
    def titles(self) -> Mapping[Any, str]:
        """See `Choice`."""
        return self._now().titles

    def read(self, option: Declared, given: Any) -> Any:
        """See `OptionKind`."""
        return self._now().read(option, given)

    def argument(self, option: Declared, text: str) -> Any:
        """See `OptionKind`."""
        return self._now().read(option, text)

    def check(self, option: Declared, value: Any) -> Any:
        """See `OptionKind`."""
        return self._now().read(option, value)

    def json(self, value: Any) -> Any:
        """See `OptionKind`."""
        return value

    def schema(self) -> dict[str, Any]:
        """See `OptionKind`."""
        return self._now().schema()

    def accepted(self) -> str:
        """See `OptionKind`."""
        return self._now().accepted()


class KeyPoints:
    """Key points of the intensity over time (`motion/intensity.py`), read to the thousandth, so that equal orders are alike."""

    def read(self, option: Declared, given: Any) -> Points:
        """See `OptionKind`: `{time_s, value}` or pairs in a list, or a text as the command line takes it."""
        if isinstance(given, str):
            return rounded_points(parse_points(plain_points(given)))
        if not isinstance(given, list | tuple):
            raise InputError("pipeline.option_no_key_points", **option.named())
        return rounded_points([point_of(each) for each in given])

    def argument(self, option: Declared, text: str) -> Points:
        """See `OptionKind`."""
        return points_of_argument(text)

    def check(self, option: Declared, value: Any) -> Points:
        """See `OptionKind`."""
        return check_points(value)

    def json(self, value: Any) -> Any:
        """See `OptionKind`."""
        return points_json(value)

    def schema(self) -> dict[str, Any]:
        """See `OptionKind`."""
        time_s, value = {"type": "number", "minimum": 0}, {"type": "number", "minimum": 0, "maximum": 1}
        pair = {"type": "array", "prefixItems": [time_s, value], "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
        return {
            "type": "array",
            "maxItems": MOST_POINTS,
            "items": {"anyOf": [{"$ref": "#/components/schemas/KeyPoint"}, pair]},
        }

    def accepted(self) -> str:
        """See `OptionKind`."""
        return "0:0.3,12.5:0.9"


@dataclass(frozen=True)
class FaceFrame:
    """Left, top, right and bottom of a face in pixels, whole ones where they are read from JSON or a form."""

    def read(self, option: Declared, given: Any) -> Frame:
        """See `OptionKind`."""
        edges = self._four(option, given)
        left, top, right, bottom = (float(round(edge)) for edge in edges)
        return checked_frame((left, top, right, bottom))

    def argument(self, option: Declared, text: str) -> Frame:
        """See `OptionKind`."""
        return checked_frame(self._four(option, text))

    def check(self, option: Declared, value: Any) -> Frame:
        """See `OptionKind`."""
        return checked_frame(value)

    def _four(self, option: Declared, given: Any) -> tuple[float, ...]:
        edges = Numbers(-MAX_PIXELS, MAX_PIXELS, 4).read(option, given)
        if len(edges) != 4:
            raise InputError("pipeline.option_no_frame", **option.named())
        return edges

    def json(self, value: Any) -> Any:
        """See `OptionKind`."""
        return list(value)

    def schema(self) -> dict[str, Any]:
        """See `OptionKind`."""
        return {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4}

    def accepted(self) -> str:
        """See `OptionKind`."""
        return ""


def checked_frame(frame: Sequence[float]) -> Frame:
    """The frame around a face as four numbers. Raises `InputError` where it has no inside."""
    edges = tuple(float(edge) for edge in frame)
    if len(edges) != 4 or not all(map(math.isfinite, edges)) or edges[2] <= edges[0] or edges[3] <= edges[1]:
        raise InputError("pipeline.frame_without_area")
    return edges[0], edges[1], edges[2], edges[3]


def plain_points(text: str) -> str:
    """The text with commas between the points and dots in the numbers, also where somebody wrote `0:0,3; 12,5:0,9`."""
    return text.replace(",", ".").replace(";", ",") if ";" in text or _ALONE.fullmatch(text) else text


def point_of(given: Any) -> Any:
    """A point as a pair, where it is one at all."""
    if isinstance(given, Mapping) and set(given) == {"time_s", "value"}:
        given = (given["time_s"], given["value"])
    numbers = isinstance(given, list | tuple) and not any(isinstance(part, bool | str) for part in given)
    return given if numbers else ()


def rounded_points(points: Iterable[Any]) -> Points:
    """The points to the thousandth. Raises InputError where they are none."""
    return check_points([(round(time_s, 3), round(value, 3)) for time_s, value in check_points(points)])


def points_json(points: Iterable[Iterable[float]]) -> list[dict[str, float]]:
    """Key points as JSON tells them."""
    return [{"time_s": time_s, "value": value} for time_s, value in points]
