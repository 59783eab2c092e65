"""How an avatar sings along live: `python -m benchmarks.live_singing SONG ... [--minutes 10]`.

Every song comes in blocks of 20 ms, as a microphone gives it, and each frame is asked for as soon as its lips are known. Told:
how late that is; how the lips agree with those that the performer of films gives the same song, which hears all of it (the file
with `_voice` for `_mix`, where one lies beside it); when the head is lowest against the beats that the performer of films found
in the band (a file with `_accompaniment`, else the song); and processor time. `--minutes` plays a drum of a known tempo for so
long, for drift: the beats that were told ahead against the drum's own, minute by minute.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.signal import find_peaks

from benchmarks.ending import ends_in_words
from benchmarks.machine import describe_machine
from core.contracts import FloatArray, Motion
from media.media import read_audio_blocks
from motion.live.singing.beat_follower import BeatFollower
from motion.live.singing.singer import LATE_S, LiveSinger
from motion.singing.analysis.mix_features import mix_features
from motion.singing.analysis.rhythm import rhythm
from motion.singing.runner import SingingMotion

RATE_HZ, FPS, BLOCK = 16_000, 25.0, 320
#: Before this nothing is judged: the beat has to be found first. A nod is one that is lower than all around by so much.
FOUND_S, NOD_DEG, NEAR_S = 6.0, 1.0, 0.06
#: The head has to know a beat so long before it, to arrive on it.
AHEAD_S, DRUM_BPM = 0.35, 123.4


@dataclass(frozen=True)
class Sung:
    """One song. lips_r: of the opening of the lips. near: share of the nods within 60 ms of a beat."""

    song: str
    lips_r: float
    open_live: float
    open_film: float
    nods: int
    near: float
    median_ms: float
    frame_ms: float


def sound_of(path: Path) -> FloatArray:
    """(n,) at 16 kHz."""
    return np.concatenate([block[:, 0] for block in read_audio_blocks(path, RATE_HZ, 1, 5 * RATE_HZ)])


def live_motion(sound: FloatArray) -> tuple[list[Motion], float]:
    """The frames as they come, and processor milliseconds of one."""
    singer, frames, begun_s = LiveSinger(FPS), [], time.process_time()
    for first in range(0, len(sound), BLOCK):
        singer.hear(sound[first : first + BLOCK])
        while singer.now_s + 1.0 / FPS + LATE_S <= (first + BLOCK) / RATE_HZ:
            frames.append(singer.block(1))
    return frames, 1000.0 * (time.process_time() - begun_s) / max(1, len(frames))


def beside(song: Path, stem: str) -> Path:
    """The stem's file, or the song itself."""
    path = song.with_name(song.name.replace("_mix", f"_{stem}"))
    return path if path.is_file() else song


def lowest_s(pitch_deg: FloatArray) -> FloatArray:
    """When the head is lowest in each nod, between frames too."""
    found, _ = find_peaks(-pitch_deg, prominence=NOD_DEG)
    before, here, after = pitch_deg[found - 1], pitch_deg[found], pitch_deg[found + 1]
    return np.asarray((found + 0.5 + 0.5 * (before - after) / np.maximum(before - 2 * here + after, 1e-6)) / FPS)


def sung(song: Path) -> Sung:
    """One song, live and as a film."""
    frames, frame_ms = live_motion(sound_of(song))
    film = SingingMotion().motion(beside(song, "voice"), song, FPS, len(frames))
    lips = np.concatenate([frame.shape("jawOpen") - frame.shape("mouthClose") for frame in frames])
    wanted = film.shape("jawOpen") - film.shape("mouthClose")
    band = sound_of(beside(song, "accompaniment"))
    beats_s = rhythm(mix_features([band], [], len(band) * 100 // RATE_HZ, lambda done: None)).beats_s
    nods_s = lowest_s(np.concatenate([frame.rotation_deg[:, 1] for frame in frames]))
    nods_s = nods_s[nods_s > FOUND_S]
    away_s = np.array([beats_s[np.argmin(np.abs(beats_s - at_s))] - at_s for at_s in nods_s]) if len(beats_s) else np.zeros(0)
    return Sung(
        song.name,
        float(np.corrcoef(lips, wanted)[0, 1]) if lips.std() > 0 and wanted.std() > 0 else float("nan"),
        float((lips > 0.06).mean()),
        float((wanted > 0.06).mean()),
        len(nods_s),
        float((np.abs(away_s) < NEAR_S).mean()) if len(away_s) else float("nan"),
        1000.0 * float(np.median(-away_s)) if len(away_s) else float("nan"),
        frame_ms,
    )


def drum(duration_s: float) -> tuple[FloatArray, FloatArray]:
    """A drum, and its beats."""
    chance = np.random.default_rng(0)
    sound = (0.002 * chance.standard_normal(int(duration_s * RATE_HZ))).astype(np.float32)
    ring_s = np.arange(int(0.15 * RATE_HZ)) / RATE_HZ
    strokes = [0.6 * np.sin(2 * np.pi * 55 * ring_s) * np.exp(-25 * ring_s), 0.3 * chance.standard_normal(len(ring_s))]
    strokes[1] = strokes[1] * np.exp(-30 * ring_s)
    beats_s = np.arange(0.4, duration_s - 0.5, 60.0 / DRUM_BPM)
    for number, beat_s in enumerate(beats_s):
        first = int(beat_s * RATE_HZ)
        sound[first : first + len(ring_s)] += strokes[number % 2].astype(np.float32)
    return sound, beats_s


def drift(minutes: float) -> list[float]:
    """Median distance in ms of the beats that were told ahead from the drum's, minute by minute."""
    sound, beats_s = drum(60.0 * minutes)
    follower, told, last_s = BeatFollower(), [], 0.0
    for first in range(0, len(sound), BLOCK):
        follower.push(sound[first : first + BLOCK])
        until_s = (first + BLOCK) / RATE_HZ + AHEAD_S
        told += follower.beats(last_s, until_s).tolist()
        last_s = until_s
    at_s = np.asarray([each for each in told if FOUND_S < each < beats_s[-1]])
    away_ms = 1000.0 * np.abs(at_s[:, None] - beats_s[None]).min(axis=1)
    return [float(np.median(away_ms[(at_s // 60) == minute])) for minute in range(int(minutes))]


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live_singing", description=__doc__)
    parser.add_argument("songs", nargs="*", type=Path, metavar="SONG")
    parser.add_argument("--minutes", type=float, default=0.0, help="of a drum, for drift (default: none)")
    given = parser.parse_args(arguments)
    print(describe_machine())
    print(f"\nSound to lips: {1000 * LATE_S:.0f} ms, and a frame of {1000 / FPS:.0f} ms.\n")
    print("| song | lips, correlation | open, live | open, film | nods | within 60 ms of a beat | median ms | ms a frame |")
    print("|---|---|---|---|---|---|---|---|")
    for song in given.songs:
        row = sung(song)
        print(
            f"| {row.song} | {row.lips_r:.2f} | {row.open_live:.2f} | {row.open_film:.2f} | {row.nods} | {row.near:.2f} "
            f"| {row.median_ms:.0f} | {row.frame_ms:.1f} |",
            flush=True,
        )
    if given.minutes:
        found = drift(given.minutes)
        print(f"\nDrum of {DRUM_BPM:g} beats a minute: {', '.join(f'{each:.0f}' for each in found)} ms, minute by minute.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
