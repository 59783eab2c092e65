"""How soon and how rightly it is told that somebody speaks: `python -m benchmarks.turn_taking --talking ../shared/talking`.

The recordings are sentences in a quiet room; when each begins and ends is told by their level alone (50 ms within 15 dB of their
loudest), an ear of another kind than the network's. Their frames go in as a microphone gives them, 20 ms at a time.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.ending import ends_in_words
from benchmarks.machine import describe_machine
from core.contracts import FloatArray
from core.errors import InputError
from core.messages import as_written
from live.turns import SpeechBegins, SpeechEnds, TurnTaker
from neural.voice_detector import RATE_HZ

CORPORA = ("grid_s1", "grid_others")
BLOCK, WINDOW = RATE_HZ // 50, RATE_HZ // 100
SILENCE_S = 1.0


def clips(folder: Path, most: int) -> Iterator[FloatArray]:
    """(n,) sounds of the corpora's first clips. Raises InputError where there are none."""
    import soundfile

    for name in CORPORA:
        path = folder / f"{name}.flac"
        if not path.is_file():
            raise InputError(as_written(f"{path} is missing; --talking names the folder of the talking tracks."))
        sizes = np.load(path.with_suffix(".npz"))["samples"][:most]
        sound = soundfile.read(path, stop=int(sizes.sum()), dtype="float32")[0]
        yield from np.split(sound, np.cumsum(sizes)[:-1])


def loud_span_s(sound: FloatArray) -> tuple[float, float]:
    """When the sound is loud."""
    level = np.sqrt(np.mean(np.square(sound[: len(sound) // WINDOW * WINDOW].reshape(-1, WINDOW)), axis=1))
    loud = level > 10 ** (-15 / 20) * np.percentile(level, 98)
    lasting = np.flatnonzero(np.convolve(loud, np.ones(5), mode="valid") == 5)
    return float(lasting[0]) * 0.01, float(lasting[-1] + 5) * 0.01


def told_of(sound: FloatArray, avatar_speaks: bool) -> list[SpeechBegins | SpeechEnds]:
    """The events of a sound between silences; their times count from the sound's beginning."""
    turns, silence = TurnTaker(), np.zeros(int(SILENCE_S * RATE_HZ), dtype=np.float32)
    whole = np.concatenate([silence, sound, silence, silence])
    return [event for start in range(0, len(whole), BLOCK) for event in turns.push(whole[start : start + BLOCK], avatar_speaks)]


def line(name: str, errors_s: Sequence[float]) -> str:
    """A row of the table, in milliseconds."""
    values = 1000 * np.array(errors_s)
    return f"| {name} | {np.median(values):.0f} | {np.percentile(np.abs(values), 90):.0f} | {np.abs(values).max():.0f} |"


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.turn_taking", description=__doc__)
    parser.add_argument("--talking", type=Path, required=True, help="folder of the talking tracks")
    parser.add_argument("--clips", type=int, default=100, help="clips of each corpus at most (default: 100)")
    given = parser.parse_args(arguments)
    rows: dict[str, list[float]] = {name: [] for name in ("beginning", "known after it", "avatar interrupted after", "end")}
    count = halved = 0
    begun_s, heard_s = time.process_time(), 0.0
    for clip in clips(given.talking, given.clips):
        from_s, to_s = loud_span_s(clip)
        told, interrupting = told_of(clip, False), told_of(clip, True)
        heard_s += 2 * (len(clip) / RATE_HZ + 3 * SILENCE_S)
        count, halved = count + 1, halved + (len(told) != 2)
        rows["beginning"].append(told[0].at_s - SILENCE_S - from_s)
        rows["known after it"].append(told[0].told_s - SILENCE_S - from_s)
        rows["avatar interrupted after"].append(interrupting[0].told_s - SILENCE_S - from_s)
        rows["end"].append(told[-1].at_s - SILENCE_S - to_s)
    print(describe_machine().sentence())
    print("\n| ms against the level | median | 90 % within | largest |\n|---|---|---|---|")
    print("\n".join(line(name, errors_s) for name, errors_s in rows.items()))
    print(f"\n{count} sentences, {halved} not told as one turn; ", end="")
    print(f"{1000 * (time.process_time() - begun_s) / heard_s:.1f} ms of a core a second of sound")
    return 0


if __name__ == "__main__":
    sys.exit(main())
