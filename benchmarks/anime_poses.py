"""Makes the key poses of the anime engine: those poses of many performances for which its networks are asked once a drawing.

`python -m benchmarks.anime_poses SONG ... [--voices VOICE ...] [--seconds 40] [--out animators/anime/key_poses.npz]` hears each
song, performs it in every style with several seeds, as usual, softly and as strongly as the options allow, and takes of the
poses of each part, after the part at rest, one by one that which makes blends of those taken surest of all poses on average. A
song without its voice is taken for a voice alone. The same songs and seed give the same file. How sure a blend is of other songs
is said for those of --held-out, whose poses are not taken; docs/RESULTS.md says which songs were which.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import get_args

import numpy as np

from benchmarks.ending import ends_in_words
from core.contracts import FloatArray
from core.timebase import frame_count
from media.media import probe_audio
from motion.intensity import StyleChoice
from motion.singing.runner import SingingSettings, SongAnalysis, analyse, perform

FPS = 25.0
#: How strongly face and head act, each with a seed of its own.
STRENGTHS = (1.0, 1.0, 0.6, 2.0)
JITTER = 1e-5
#: How many key poses are made of each part; the engine's settings take fewer.
COUNTS = {"eyebrows": 24, "eyes": 84, "mouth": 42, "body": 48}
#: So many poses, taken by chance, stand for all.
SAMPLES = 4000


def performances(song: SongAnalysis, seed: int, styles: Sequence[str]) -> Iterator[FloatArray]:
    """Poses (T, 45) of a song under each style and strength."""
    pose, settings = (importlib.import_module(f"animators.anime.{name}") for name in ("pose", "settings"))
    lag_s = settings.AnimeSettings().body_lag_s
    for style in styles:
        for number, strength in enumerate(STRENGTHS):
            chosen = SingingSettings(seed=seed + number, style=style, expressiveness=strength, head_motion=strength)  # type: ignore[arg-type]
            yield pose.pose_curves(perform(song, chosen), lag_s).parameters


def heard(songs: Sequence[Path], voices: Sequence[Path], seconds: float) -> list[SongAnalysis]:
    """What is heard in the songs, up to so many seconds of each."""
    found = []
    for song, voice in zip_longest(songs, voices):
        count = frame_count(min(seconds, probe_audio(song).duration_s), FPS)
        found.append(analyse(voice or song, song, FPS, count, lips="learned", alone=voice is None))
    return found


def most_telling(places: FloatArray, covariance: Callable[[FloatArray, FloatArray], FloatArray], count: int) -> list[int]:
    """Numbers of so many of the places (N, P), the first one first, each of which leaves the sum of all variances the least.

    Known as A-optimal design; here greedy, with the covariance of all places given those taken kept up to date.
    """
    left = covariance(places, places) + JITTER * np.eye(len(places))
    taken = [0]
    while True:
        column = left[:, taken[-1]] / np.sqrt(left[taken[-1], taken[-1]])
        left -= np.outer(column, column)
        if len(taken) == count:
            return taken
        variance = np.diag(left)
        gain = np.where(variance > 10 * JITTER, np.sum(left**2, axis=0) / np.maximum(variance, 10 * JITTER), 0.0)
        taken.append(int(np.argmax(gain)))


def chosen(parameters: FloatArray, seed: int) -> dict[str, FloatArray]:
    """The key poses (K, P) of each part out of the poses (T, 45)."""
    keys, blend = (importlib.import_module(f"animators.anime.{name}") for name in ("key_poses", "pose_blend"))
    few = np.random.default_rng(seed).choice(len(parameters), min(SAMPLES, len(parameters)), replace=False)
    some = np.concatenate([np.zeros((1, parameters.shape[1]), np.float32), parameters[few]])
    made = {}
    for part, count in COUNTS.items():
        poses = keys.poses_of(part, some)
        numbers = most_telling(poses.astype(np.float64) * keys.scale_of(part), blend.covariance, count)
        made[part] = poses[numbers].astype(np.float32)
    return made


def uncertainties(made: dict[str, FloatArray], parameters: FloatArray) -> str:
    """How unsure blends of the key poses that the engine takes are of poses (T, 45), in words."""
    keys, blend, settings = (
        importlib.import_module(f"animators.anime.{name}") for name in ("key_poses", "pose_blend", "settings")
    )
    counts, parts = settings.AnimeSettings().key_counts, []
    for part, poses in made.items():
        count, scale = counts[part], keys.scale_of(part)
        unsure = blend.uncertainty(keys.poses_of(part, parameters).astype(np.float64) * scale, poses[:count] * scale)
        parts.append(f"{part} {np.median(unsure):.3f}, at most {unsure.max():.3f}")
    return "; ".join(parts)


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Make the file; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.anime_poses", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("songs", type=Path, nargs="+", help="songs whose performances give the poses")
    parser.add_argument("--voices", type=Path, nargs="+", default=[], help="their voices alone, in the songs' order")
    parser.add_argument("--held-out", type=Path, nargs="+", default=[], help="songs that only say how good the poses are")
    parser.add_argument("--held-out-voices", type=Path, nargs="+", default=[], help="their voices alone")
    parser.add_argument("--seconds", type=float, default=40.0, help="so much of each song is heard (default 40)")
    parser.add_argument("--seed", type=int, default=0, help="the first seed of the performances (default 0)")
    parser.add_argument("--out", type=Path, default=Path("animators/anime/key_poses.npz"), help="file to write")
    options = parser.parse_args(arguments)
    styles = [style for style in get_args(StyleChoice) if style != "auto"]
    songs = heard(options.songs, options.voices, options.seconds)
    made = chosen(np.concatenate([poses for song in songs for poses in performances(song, options.seed, styles)]), options.seed)
    with options.out.open("wb") as file:
        np.savez_compressed(file, **made)  # type: ignore[arg-type]
    print(f"{options.out}: " + ", ".join(f"{len(poses)} of {part}" for part, poses in made.items()))
    for path, song in zip(options.held_out, heard(options.held_out, options.held_out_voices, options.seconds), strict=True):
        for number, poses in enumerate(performances(song, options.seed + 100, ["auto"])):
            print(f"{path.name}, auto, strength {STRENGTHS[number]}: unsure of {uncertainties(made, poses)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
