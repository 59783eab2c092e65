"""Says of a recorded set what is wrong with it, take by take, before anything is learned from it:

    python -m motion.emotion.training.checking SET [--rig arkit]

One sentence for each fault; the exit code is 0 where there are none, 1 where there are, 2 where the set can't be read at all.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from core.contracts import FloatArray
from core.errors import BelcantoError, InputError
from core.rigs.rig import Rig
from core.rigs.rig_list import RIGS, rig_named
from media.sound_reader import read_audio
from motion.emotion.styles import FPS, SAMPLE_RATE_HZ, STYLES
from motion.emotion.training.curves import curves_of
from motion.emotion.training.take_set import Take, TakeSet, read_set

#: A take is at least as long as a window of the training is short of: less teaches how speech begins and ends, and no more.
LEAST_S = 2.0
#: By so much may sound and curves differ in length: phones stop a little apart.
LENGTHS_S = 0.25
#: A sound whose loudest tenth lies under this holds no speech.
SPEECH_DB = -50.0
#: Full scale; a take is clipped where so large a share of its samples reach it.
CLIPPED, CLIPPED_SHARE = 0.999, 1e-4
#: A face is flat where no curve of the lips moves by more than this, on the curves' scale of 0 to 1.
FLAT = 0.02
#: How far sound and jaw are compared, what lag is too much, and how clear the likeness at it must be, and how much clearer than
#: at no lag, to be believed.
REACH_FRAMES, LAG_FRAMES, CLEAR, CLEARER = 30, 4, 0.35, 0.08
#: Fewer takes of a style than this can't be told apart from their speakers and sentences.
LEAST_TAKES = 3
#: Opens the mouth, in each rig.
JAW = {"arkit": "jawOpen", "metahuman": "CTRL_expressions_jawOpen"}


def faults_of_set(takes: TakeSet, rig: Rig) -> Iterator[str]:
    """A sentence for every fault: of files that can't be used, of takes, and of styles with too few."""
    yield from takes.left_out
    for take in takes.takes:
        yield from (f"{take.name}: {sentence}" for sentence in faults_of_take(take, rig))
    counts = Counter(take.style for take in takes.takes)
    for style in STYLES:
        if counts[style] < LEAST_TAKES:
            yield f"The style {style} has {counts[style]} takes; record at least {LEAST_TAKES}, better a hundred of 8 to 15 s."


def faults_of_take(take: Take, rig: Rig) -> list[str]:
    """Sentences of what is wrong with one take."""
    faults: list[str] = []
    sound, curves = np.zeros(0, np.float32), np.zeros((0, len(rig.curves)), np.float32)
    try:
        sound = read_audio(take.sound, SAMPLE_RATE_HZ, 1)[:, 0]
    except InputError as error:
        faults.append(str(error))
    try:
        curves = curves_of(take.curves, rig)
    except InputError as error:
        faults.append(str(error))
    if faults:
        return faults
    faults += faults_of_sound(sound)
    if np.ptp(curves[:, list(rig.lips)], axis=0).max() < FLAT:
        faults.append("The face is flat: no curve of the lips moves. Was it seen?")
    sound_s, curves_s = len(sound) / SAMPLE_RATE_HZ, len(curves) / FPS
    if abs(sound_s - curves_s) > LENGTHS_S:
        faults.append(f"The sound lasts {sound_s:.2f} s and the curves {curves_s:.2f} s; cut them to the same moments.")
    if not faults and (lag := lag_frames(loudness(sound), curves[:, rig.column(JAW[rig.name])])):
        later = "later" if lag > 0 else "earlier"
        faults.append(f"Sound and jaw are out of step: the jaw moves {abs(lag) / FPS:.2f} s {later} than is heard.")
    return faults


def faults_of_sound(sound: FloatArray) -> list[str]:
    """Sentences of what is wrong with sound (n,) at 16 kHz."""
    faults = []
    if len(sound) < LEAST_S * SAMPLE_RATE_HZ:
        faults.append(f"It lasts {len(sound) / SAMPLE_RATE_HZ:.2f} s; at least {LEAST_S:g} s are needed.")
    levels = loudness(sound)
    if not len(levels) or np.percentile(levels, 90) < SPEECH_DB:
        faults.append("No voice is heard: the sound is silent or nearly so.")
    if len(sound) and np.mean(np.abs(sound) >= CLIPPED) > CLIPPED_SHARE:
        faults.append("The sound is clipped: record it with less gain.")
    return faults


def loudness(sound: FloatArray) -> FloatArray:
    """(T,) level in dB under full scale of each frame of 1/30 s; at least -100."""
    size = SAMPLE_RATE_HZ // FPS
    frames = sound[: len(sound) // size * size].reshape(-1, size).astype(np.float64)
    levels: FloatArray = (10.0 * np.log10(np.mean(np.square(frames), axis=1) + 1e-10)).astype(np.float32)
    return levels


def lag_frames(levels: FloatArray, jaw: FloatArray) -> int:
    """By how many frames the jaw (T,) moves later than the sound (T,); 0 where that is little, or can't be told."""
    frames = min(len(levels), len(jaw))
    heard, seen = np.maximum(levels[:frames], SPEECH_DB), jaw[:frames]
    reach = min(REACH_FRAMES, frames // 3)
    lags = range(-reach, reach + 1)
    likeness = np.array(
        [_likeness(heard[max(0, -lag) : frames - max(0, lag)], seen[max(0, lag) : frames + min(0, lag)]) for lag in lags]
    )
    best = int(np.argmax(likeness))
    lag = lags[best]
    unclear = likeness[best] < CLEAR or likeness[best] < likeness[reach] + CLEARER
    return 0 if abs(lag) <= LAG_FRAMES or unclear else lag


def _likeness(one: FloatArray, other: FloatArray) -> float:
    """Pearson's r, 0 where one of them does not change."""
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a set. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m motion.emotion.training.checking", description="Checks a set of takes.")
    parser.add_argument("set", type=Path, metavar="SET", help="folder of SPEAKER/STYLE/TAKE.wav and TAKE.csv")
    parser.add_argument("--rig", choices=sorted(RIGS), default="arkit", help="whose curves are to be learned")
    given = parser.parse_args(arguments)
    try:
        takes = read_set(given.set)
        count = 0
        for sentence in faults_of_set(takes, rig_named(given.rig)):
            print(sentence)
            count += 1
    except BelcantoError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(f"{len(takes.takes)} takes: " + ("nothing is wrong." if not count else f"{count} faults."))
    return 1 if count else 0


if __name__ == "__main__":
    raise SystemExit(main())
