"""What a browser saw and heard, as figures: how far sound and picture are apart, how late pictures are, how many were missed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.live_transport.flashes import FPS

#: EBU R37: sound may be so much early and so much late, in milliseconds.
MOST_EARLY_MS, MOST_LATE_MS = 40.0, 60.0
#: A beep and a flash that are further apart belong to different seconds.
SAME_SECOND_MS = 400.0
#: What is shown in the first seconds does not count: a player finds its pace.
SETTLING_S = 5.0
#: Numbers of pictures are shown with so many bits.
NUMBERS = 1 << 16


@dataclass
class Observed:
    """seen: (number, flashes, on the screen at) of each picture; heard: when beeps began. Times in milliseconds of the wall."""

    seen: list[tuple[int, bool, float]] = field(default_factory=list)
    heard: list[float] = field(default_factory=list)
    stats: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, told: Mapping[str, Any]) -> None:
        """What the page tells."""
        origin_ms = told["origin_ms"]
        self.seen += [(int(number), bool(flash), origin_ms + at_ms) for number, flash, at_ms in told["seen"]]
        self.heard += [origin_ms + at_ms for at_ms in told["heard"]]
        self.notes += told["notes"]

    def settled(self) -> Observed:
        """Without the first seconds."""
        if not self.seen:
            return self
        begin_ms = self.seen[0][2] + 1000 * SETTLING_S
        seen = [row for row in self.seen if row[2] >= begin_ms]
        return Observed(seen, [at_ms for at_ms in self.heard if at_ms >= begin_ms], self.stats, self.notes)

    def offsets_ms(self) -> list[float]:
        """Of each flash: how much later its beep is heard than it is seen; below 0: the beep is early."""
        flashes = [row[2] for before, row in zip(self.seen, self.seen[1:], strict=False) if row[1] and not before[1]]
        found = []
        for flash_ms in flashes:
            nearest = min(self.heard, key=lambda at_ms: abs(at_ms - flash_ms), default=None)
            if nearest is not None and abs(nearest - flash_ms) < SAME_SECOND_MS:
                found.append(nearest - flash_ms)
        return found

    def latencies_ms(self, written_s: Mapping[int, float]) -> list[float]:
        """From the feed to the screen, of each picture that is known still. written_s: by number, when it was given."""
        known = {number % NUMBERS: at_s for number, at_s in written_s.items()}
        return [at_ms - 1000 * known[number] for number, _, at_ms in self.seen if number in known]

    def figures(self, written_s: Mapping[int, float]) -> dict[str, Any]:
        """All of it."""
        offsets, latencies = self.offsets_ms(), self.latencies_ms(written_s)
        numbers = np.array([row[0] for row in self.seen])
        times = np.array([row[2] for row in self.seen])
        steps = np.diff(numbers) % NUMBERS
        span_s = (times[-1] - times[0]) / 1000 if len(times) > 1 else 0.0
        return {
            "seconds": round(span_s, 1),
            "pictures_per_s": round((len(times) - 1) / span_s, 2) if span_s else 0.0,
            "missed_share": round(float(np.maximum(steps - 1, 0).sum() / max(1, steps.sum())), 4),
            # a picture that comes more than half a picture's time later than it should
            "late_share": round(float((np.diff(times) > 1500 * steps / FPS).mean()), 4) if len(times) > 1 else 1.0,
            "flashes": len(offsets),
            "sound_after_picture_ms": spread(offsets),
            "feed_to_screen_ms": spread(latencies),
            "inside_r37": bool(offsets) and all(-MOST_EARLY_MS <= each <= MOST_LATE_MS for each in offsets),
        }


def spread(values: list[float]) -> dict[str, float] | None:
    """Median, the middle nine tenths, and the furthest; None of nothing."""
    if not values:
        return None
    low, middle, high = np.percentile(values, [5, 50, 95])
    return {
        "median": round(float(middle), 1),
        "p5": round(float(low), 1),
        "p95": round(float(high), 1),
        "least": round(min(values), 1),
        "most": round(max(values), 1),
    }
