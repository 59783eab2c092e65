"""Whether a film's lips speak as people do: the whole chain from sound to the mouth's shapes, against the true lips of strangers.

`python -m benchmarks.spoken_lips --data ../shared/talking [--open-held-out]` performs every clip of speakers whom no network has
met, as the product performs a voice, and prints for each kind of sentence: how the film's lips (the jaw less what closes them)
and its jaw alone agree with the true aperture, one lag a speaker taken out, with 95 % intervals over clips, a mouth that never
moves as 0; how wide the lips part against the true ones; and how many mouths never open. It needs the packages of
requirements-training.txt.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.ending import ends_in_words
from core.contracts import FloatArray, Motion
from core.timebase import frame_times_s
from motion.singing.runner import SingingMotion, SingingSettings
from motion.singing.training.dataset import SAMPLE_RATE_HZ, VIDEO_FPS
from motion.singing.training.measures import ClipCurves, bootstrap, correlations, mean_of
from motion.singing.training.strangers import FILES, Stranger, in_step, load_strangers

#: Jaw of lips that part as far as `OPENING_MM` says: the mouth's shapes draw it so.
OPENING_MM, JAW_OF_OPENING = 28.5, 0.78
#: A jaw that never passes this has not opened.
NEVER_OPENS = 0.02
#: The level to which clips are brought has no part here: the product finds its own.
ANY_LEVEL_DB = -14.0


def film_motion(sound: FloatArray, frames: int) -> Motion:
    """What a film's face does to a voice (n,) at `SAMPLE_RATE_HZ` that was recorded alone."""
    with tempfile.TemporaryDirectory() as folder:
        voice = Path(folder) / "voice.wav"
        soundfile.write(voice, sound, SAMPLE_RATE_HZ)
        return SingingMotion(SingingSettings(lips="learned")).motion(voice, voice, VIDEO_FPS, frames, alone=True)


def clip_of(curve: FloatArray, true: FloatArray) -> ClipCurves:
    """A film's curve (T,) beside the true aperture (T, 1)."""
    return ClipCurves(frame_times_s(len(curve), VIDEO_FPS), curve[:, None], -curve, true)


def table(strangers: Sequence[Stranger]) -> list[str]:
    """Lines of a Markdown table, one row a kind of sentence."""
    rows: dict[str, tuple[list[ClipCurves], list[ClipCurves], list[float], list[bool]]] = {}
    for each in strangers:
        lips, jaws, sizes, shut = rows.setdefault(each.file, ([], [], [], []))
        of_lips, of_jaw = [], []
        for sound, curves in zip(each.corpus.sounds, each.corpus.curves, strict=True):
            motion, true = film_motion(sound, len(curves)), curves[:, :1]
            jaw = motion.shape("jawOpen")
            opening = np.maximum(jaw - motion.shape("mouthClose"), 0.0)
            of_lips.append(clip_of(opening, true))
            of_jaw.append(clip_of(jaw, true))
            sizes.append(float(np.percentile(opening, 90) / JAW_OF_OPENING * OPENING_MM / np.percentile(true, 90)))
            shut.append(bool(jaw.max() < NEVER_OPENS))
        lips += in_step(of_lips)
        jaws += in_step(of_jaw)
    lines = ["| | film's lips r | film's jaw r | width of opening | never open |", "|---|---|---|---|---|"]
    for file, (lips, jaws, sizes, shut) in rows.items():
        agreement = [bootstrap(np.nan_to_num([correlations(clip)[0] for clip in each]), mean_of) for each in (lips, jaws)]
        lines.append(f"| {FILES[file]} | {agreement[0]} | {agreement[1]} | {np.median(sizes):.2f} | {sum(shut)} of {len(shut)} |")
    return lines


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.spoken_lips", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the talking tracks")
    parser.add_argument("--open-held-out", action="store_true", help="also the other half of the speakers: once, at the end")
    options = parser.parse_args(arguments)
    strangers = load_strangers(options.data, None, ANY_LEVEL_DB)
    print("The half for selection:", *table([each for each in strangers if each.for_selection]), sep="\n")
    if options.open_held_out:
        print("\nThe held-out half:", *table([each for each in strangers if not each.for_selection]), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
