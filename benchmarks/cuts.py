"""Can a short film be judged? Cuts of good films, how often a demand on the mouth fails in them, and in cuts with a known fault.

    python -m benchmarks.cuts FILM SONG [FILM SONG ...] [--json]

Each film is measured once; every cut of 3 to 14 s, a second apart, is then compared with the same cut of the voice. A `no` of a
good film is a false one. Controls: the mouth 200 ms late, and the mouth of half a film later, which does not listen at all.

Then which words of `metrics/marks.py` cuts get for the beat, with beats of another tempo as the control, and for the likeness,
beside those of the whole films; each by the figures alone, however short the cut is.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from core.frame_stream import closing_frames
from media.media import read_frames
from metrics.envelope import Envelope
from metrics.film_view import FaceFollower
from metrics.head_beat import head_beat, other_beats
from metrics.likeness import IdentityNetwork
from metrics.lip_sync import MAX_LAG_MS, MIN_ABOVE_SHUFFLED, MIN_CORRELATION, LipSync, LipSyncSettings, lip_sync
from metrics.marks import Level, beat_level, likeness_level
from metrics.report import Evidence, make_report

LENGTHS_S = (3, 4, 5, 6, 8, 10, 14)
LATE_S = 0.2
KINDS = ("good", "late", "deaf")
#: Lengths of cuts for the beat, and for the likeness, of which one frame in so many is looked at.
BEAT_LENGTHS_S = (4, 6, 8, 10, 12, 16)
FACE_LENGTHS_S, FACE_STRIDE = (1, 2, 3, 5, 8), 5


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


@dataclass(frozen=True)
class WordRow:
    """Words for cuts of one length, as their figures alone say them: the shares that are good, fair and weak."""

    kind: str
    seconds: int
    cuts: int
    good: float
    fair: float
    weak: float


def word_row(kind: str, seconds: int, levels: Sequence[Level]) -> WordRow:
    """The shares of the words."""
    shares = [float(np.mean([level == name for level in levels])) for name in ("good", "fair", "weak")]
    return WordRow(kind, seconds, len(levels), *shares)


def beat_cuts(evidence: Evidence, kind: str, seconds: int) -> Iterator[Level]:
    """How the head keeps the beat, or beats of another tempo, in every cut that has beats enough, a second apart."""
    times_s, track, rng = evidence.track.times_s, evidence.track, np.random.default_rng(0)
    for begin in range(0, int(times_s[-1]) - seconds + 1):
        inside = (times_s >= begin) & (times_s < begin + seconds)
        beats_s = evidence.beats_s[(evidence.beats_s >= begin) & (evidence.beats_s < begin + seconds)] - begin
        if kind == "other tempo" and len(beats_s) > 2:
            beats_s = other_beats(beats_s, float(seconds), rng)
        found = head_beat(times_s[inside] - begin, track.height[inside], track.rotation_deg[inside], beats_s, draws=200)
        if found.p_value is not None:
            yield beat_level(found.p_value)


def measure_beat(evidence: Sequence[Evidence]) -> list[WordRow]:
    """One row for each kind and length that the films allow."""
    rows = []
    for kind in ("good", "other tempo"):
        for seconds in BEAT_LENGTHS_S:
            levels = [level for each in evidence for level in beat_cuts(each, kind, seconds)]
            rows += [word_row(kind, seconds, levels)] if levels else []
    return rows


def cosines_of(film: Path) -> np.ndarray:
    """How like its first face each `FACE_STRIDE`-th frame's is, (N,)."""
    network, found = IdentityNetwork(), []
    with FaceFollower() as follower, closing_frames(frames := read_frames(film)):
        for index, frame in enumerate(frames):
            face = follower.find(frame) if index % FACE_STRIDE == 0 else None
            if face is not None:
                found.append(network.embedding(frame, face.landmarks))
    return np.array([each @ found[0] for each in found[1:]])


def measure_likeness(films: Sequence[Path], fps: float = 25.0) -> list[WordRow]:
    """One row for each length of cuts, all of which begin a frame that is looked at apart; the last is of whole films."""
    series, rows = [cosines_of(film) for film in films], []
    for seconds in FACE_LENGTHS_S:
        wide = round(seconds * fps / FACE_STRIDE)
        means = [mean for each in series if len(each) > wide for mean in np.convolve(each, np.ones(wide) / wide, "valid")]
        rows += [word_row("likeness", seconds, [likeness_level(float(mean)) for mean in means])] if means else []
    return [*rows, word_row("whole films", 0, [likeness_level(float(each.mean())) for each in series])]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cuts", description="How short a film can be judged?")
    parser.add_argument("files", type=Path, nargs="+", metavar="FILM SONG", help="films, each with its song after it")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    options = parser.parse_args(arguments)
    if len(options.files) % 2:
        parser.error("each film needs its song after it")
    pairs = zip(options.files[::2], options.files[1::2], strict=True)
    found = [make_report(film, song)[1] for film, song in pairs]
    rows, words = measure(found), [*measure_beat(found), *measure_likeness(options.files[::2])]
    if options.json:
        print(json.dumps({"rows": [asdict(row) for row in rows], "words": [asdict(row) for row in words]}))
    else:
        print_tables(rows, words)
    return 0


def print_tables(rows: Sequence[Row], words: Sequence[WordRow]) -> None:
    """As `docs/RESULTS.md` has them."""
    print("| mouth | cut | cuts | fail by figures | judged | shown a no |\n|---|---|---|---|---|---|")
    for row in rows:
        print(f"| {row.kind} | {row.seconds} s | {row.cuts} | {row.no:.2f} | {row.judged:.2f} | {row.red:.2f} |")
    print("\n| head on the beat, face | cut | cuts | good | fair | weak |\n|---|---|---|---|---|---|")
    for each in words:
        print(f"| {each.kind} | {each.seconds} s | {each.cuts} | {each.good:.2f} | {each.fair:.2f} | {each.weak:.2f} |")


if __name__ == "__main__":
    raise SystemExit(main())
