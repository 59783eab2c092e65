"""Can a short film be judged? Cuts of good films, how often a demand on the mouth fails in them, and in cuts with a known fault.

    python -m benchmarks.cuts FILM SONG [FILM SONG ...] [--json]

Each film is measured once; every cut of 3 to 14 s, a second apart, is then compared with the same cut of the voice. A `no` of a
good film is a false one. Controls: the mouth 200 ms late, and the mouth of half a film later, which does not listen at all.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from metrics.envelope import Envelope
from metrics.lip_sync import MAX_LAG_MS, MIN_ABOVE_SHUFFLED, MIN_CORRELATION, LipSync, LipSyncSettings, lip_sync
from metrics.report import Evidence, make_report

LENGTHS_S = (3, 4, 5, 6, 8, 10, 14)
LATE_S = 0.2
KINDS = ("good", "late", "deaf")


@dataclass(frozen=True)
class Row:
    """Cuts of one length. no: share in which a demand fails by its figure alone. judged: share that may be judged.

    red: share of all cuts that are shown a `no`.
    """

    kind: str
    seconds: int
    cuts: int
    no: float
    judged: float
    red: float


def with_fault(kind: str, times_s: np.ndarray, mouth: np.ndarray) -> np.ndarray:
    """The film's mouth (T,), late, or that of another time."""
    if kind == "late":
        return np.interp(times_s - LATE_S, times_s, mouth)
    return np.roll(mouth, len(mouth) // 2) if kind == "deaf" else mouth


def cuts_of(evidence: Evidence, kind: str, seconds: int) -> Iterator[LipSync]:
    """The figures of every cut."""
    times_s, voice = evidence.track.times_s, evidence.envelope
    mouth = with_fault(kind, times_s, evidence.mouth)
    for begin in range(int(times_s[-1]) - seconds + 1):
        inside = (times_s >= begin) & (times_s < begin + seconds)
        first = round(begin * voice.rate_hz)
        part = Envelope(voice.rms[first : first + round(seconds * voice.rate_hz)], voice.rate_hz)
        found = lip_sync(times_s[inside] - begin, mouth[inside], part, LipSyncSettings(draws=100))
        if found.correlation is not None:
            yield found


def fails(lips: LipSync, lag_counts: bool = True) -> bool:
    """Whether a figure misses its demand, believed or not."""
    assert lips.correlation is not None and lips.lag_ms is not None
    above = lips.correlation - (lips.shuffled_correlation or 0.0)
    late = lag_counts and abs(lips.lag_ms) > MAX_LAG_MS
    return lips.correlation < MIN_CORRELATION or above < MIN_ABOVE_SHUFFLED or late


def is_red(lips: LipSync) -> bool:
    """Whether the report shows a `no`."""
    return not lips.doubt and fails(lips, not lips.lag_doubt)


def measure(evidence: Sequence[Evidence]) -> list[Row]:
    """One row for each kind and length that the films allow."""
    rows = []
    for kind in KINDS:
        for seconds in LENGTHS_S:
            cuts = [cut for each in evidence for cut in cuts_of(each, kind, seconds)]
            if cuts:
                shares = (np.mean([fails(cut) for cut in cuts]), np.mean([not cut.doubt for cut in cuts]))
                red = float(np.mean([is_red(cut) for cut in cuts]))
                rows.append(Row(kind, seconds, len(cuts), float(shares[0]), float(shares[1]), red))
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cuts", description="How short a film can be judged?")
    parser.add_argument("files", type=Path, nargs="+", metavar="FILM SONG", help="films, each with its song after it")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    options = parser.parse_args(arguments)
    if len(options.files) % 2:
        parser.error("each film needs its song after it")
    pairs = zip(options.files[::2], options.files[1::2], strict=True)
    rows = measure([make_report(film, song)[1] for film, song in pairs])
    if options.json:
        print(json.dumps({"rows": [asdict(row) for row in rows]}))
    else:
        print("| mouth | cut | cuts | fail by figures | judged | shown a no |\n|---|---|---|---|---|---|")
        for row in rows:
            print(f"| {row.kind} | {row.seconds} s | {row.cuts} | {row.no:.2f} | {row.judged:.2f} | {row.red:.2f} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
