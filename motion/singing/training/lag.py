"""Whether sound and tracked lips of the data keep time: the burst of sound that follows when closed lips part."""

from __future__ import annotations

import numpy as np

from core.contracts import FloatArray
from motion.singing.training.dataset import SAMPLE_RATE_HZ, VIDEO_FPS, Corpus, closures, truth_times_s
from motion.singing.training.inputs import mel_rows
from motion.singing.training.measures import Estimate, bootstrap
from neural import log_mel

#: Aperture at which lips have just parted.
PARTING_APERTURE_MM = 1.2
#: How far from the parting of the lips the burst is looked for.
REACH_S = 0.12
#: Mel bands in which a vowel that sets in is heard: about 300 Hz to 4 kHz.
BANDS = slice(8, 62)
MEL_RATE_HZ = SAMPLE_RATE_HZ / log_mel.HOP_SAMPLES


def sound_to_lips_s(corpus: Corpus, clips: np.ndarray) -> Estimate:
    """Median time from the parting of the lips to the steepest rise of the sound, over all closures of `clips`, with its
    interval.

    Positive: the sound comes after the lips. Lips part where the aperture passes `PARTING_APERTURE_MM` upward, between two
    frames.
    """
    of_clip = [_differences_s(corpus.sounds[clip], corpus.curves[clip][:, 0]) for clip in clips]
    longest = max(len(each) for each in of_clip)
    rows = np.full((len(of_clip), longest), np.nan)
    for row, each in zip(rows, of_clip, strict=True):
        row[: len(each)] = each
    return bootstrap(rows, lambda chosen: float(np.nanmedian(chosen)))


def _differences_s(sound: FloatArray, aperture_mm: FloatArray) -> list[float]:
    level = mel_rows(sound).reshape(-1, log_mel.MEL_BANDS)[:, BANDS].mean(axis=1)
    rise = np.gradient(np.convolve(level, np.ones(3) / 3.0, mode="same"))
    frames_s, differences = truth_times_s(len(aperture_mm)), []
    for _, stop in closures(aperture_mm, PARTING_APERTURE_MM):
        before, after = aperture_mm[stop - 1], aperture_mm[stop]
        part = (PARTING_APERTURE_MM - before) / max(after - before, 1e-6)
        parting_s = frames_s[stop - 1] + part / VIDEO_FPS
        first = max(0, round((parting_s - REACH_S) * MEL_RATE_HZ))
        around = rise[first : round((parting_s + REACH_S) * MEL_RATE_HZ) + 1]
        if len(around):
            differences.append((first + int(np.argmax(around))) / MEL_RATE_HZ - parting_s)
    return differences
