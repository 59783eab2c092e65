"""What each stage of a film took on this machine: kept in a small JSON file, from which the time left of the next film is told.

A stage's time is a part that it takes once and a part that grows with the film. What both were is learned for each engine and
stage from the last films alone: medians, so that one film beside which the machine was busy says little.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from statistics import median

from core.errors import InputError
from core.output_files import whole_file
from core.stage_cost import StageCost

log = logging.getLogger(__name__)

#: So many of the last times of a stage are kept.
MOST_KEPT = 12
#: Stages of so many kinds are kept; a file that holds more was not made here.
MOST_KINDS = 200
#: Films at least this many times longer or larger than others tell what a stage takes once and what it takes for each second.
SPREAD = 1.5


@dataclass(frozen=True)
class StageTime:
    """What a stage took, for a film of that length and size."""

    film_s: float
    pixels: int
    seconds: float


def learned(cost: StageCost, times: Sequence[StageTime]) -> StageCost:
    """What the stage takes here, by what it has taken; `cost`, which was seen elsewhere, where there is nothing yet.

    Films of about one size tell by how much this machine is slower. Where their sizes differ, the growing part is the median of
    the slopes between them (Theil and Sen), and the part that is taken once the median of the rest.
    """
    if not times:
        return cost
    ratio = median(time.seconds / max(cost.seconds(time.film_s, time.pixels), 1e-6) for time in times)
    growing = [cost.growing_s(time.film_s, time.pixels) for time in times]
    if not min(growing) or max(growing) < SPREAD * min(growing):
        return cost.scaled(ratio, ratio)
    pairs = [
        (one, two) for one, two in combinations(range(len(times)), 2) if abs(growing[one] - growing[two]) > 0.1 * max(growing)
    ]
    slope = median((times[one].seconds - times[two].seconds) / (growing[one] - growing[two]) for one, two in pairs)
    slope = max(slope, 0.2 * ratio)
    once_s = max(0.0, median(time.seconds - slope * size for time, size in zip(times, growing, strict=True)))
    return StageCost(once_s, cost.per_second * slope, cost.per_second_megapixel * slope)


@dataclass(frozen=True)
class StageTimes:
    """The file with the times, which the workers of one store share. A file that can't be read is as none; it is written anew."""

    path: Path

    def of(self, kind: str) -> list[StageTime]:
        """The last times of a kind of stage, such as `frames mesh`, the newest at the end."""
        return self._read().get(kind, [])

    def add(self, seen: Mapping[str, StageTime]) -> None:
        """Keep what the stages of a film took, by their kinds. Two workers that end at once may lose one of the films."""
        kept = self._read()
        for kind, time in seen.items():
            kept[kind] = [*kept.pop(kind, []), time][-MOST_KEPT:]  # the kinds that were seen last stand at the end
        rows = {
            kind: [[time.film_s, time.pixels, round(time.seconds, 3)] for time in kept[kind]] for kind in [*kept][-MOST_KINDS:]
        }
        try:
            with whole_file(self.path, "The stages' times") as file:
                file.write(json.dumps({"version": 1, "times": rows}).encode())
        except InputError as error:
            log.warning("%s", error)

    def _read(self) -> dict[str, list[StageTime]]:
        try:
            rows = json.loads(self.path.read_bytes())["times"]
            return {str(kind): [*filter(is_sound, (StageTime(*row) for row in some))] for kind, some in rows.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            log.warning("The stages' times in %s can't be read and are learned anew: %s", self.path, error)
            return {}


def is_sound(time: StageTime) -> bool:
    """Whether the numbers can be what a stage took."""
    values: Iterable[float] = (time.film_s, time.pixels, time.seconds)
    return all(isinstance(value, int | float) and math.isfinite(value) and value >= 0 for value in values)
