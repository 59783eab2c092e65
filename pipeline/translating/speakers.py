"""Who says a sentence of a film, by whose lips move with the voice, and which voice suits whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from core.contracts import FloatArray
from faces.tracking.tracks import FaceState, FaceTrack, FilmFaces
from motion.singing.analysis.framing import ANALYSIS_RATE_HZ, frame_batches
from motion.singing.analysis.pitch import WINDOW_SAMPLES, pitch
from pipeline.translating.table import UNSEEN
from speech.hearing.long_sound import HeardSentence
from speech.voices import language_of, voice_cards, voice_for

#: The inner edges of the lips in their middle, the outer corners of the eyes.
UPPER_LIP, LOWER_LIP, RIGHT_EYE, LEFT_EYE = 13, 14, 33, 263
#: A mouth that speaks opens and shuts by so much of the eyes' distance (standard deviation), in this part of the frames at least.
LEAST_MOVEMENT, LEAST_SEEN = 0.012, 0.4
#: Between most men's voices and most women's: medians of men who spoke were 109 to 128 Hz, of women 159 to 212.
HIGH_VOICE_HZ, LEAST_PERIODIC = 145.0, 0.8


def aperture(track: FaceTrack, first: int, last: int) -> FloatArray:
    """(last - first,) how far the lips are apart, in distances of the eyes; NaN where the face is not clearly seen."""
    points = np.asarray(track.landmarks[first:last, :, :2], np.float32)
    apart = np.linalg.norm(points[:, UPPER_LIP] - points[:, LOWER_LIP], axis=1)
    eyes = np.linalg.norm(points[:, RIGHT_EYE] - points[:, LEFT_EYE], axis=1)
    seen = np.asarray(track.state[first:last]) == FaceState.CLEAR
    return np.where(seen, apart / np.maximum(eyes, 1e-6), np.nan).astype(np.float32)


def speaker(faces: FilmFaces, start_s: float, end_s: float, numbers: Sequence[int]) -> int:
    """Number of the face, one of `numbers`, whose lips move most from `start_s` to `end_s`.

    Where no lips move, it is the one face that is seen then; `UNSEEN` where there is none, or more than one.
    """
    first, last = round(start_s * faces.fps), max(round(start_s * faces.fps) + 2, round(end_s * faces.fps))
    moved = {track.number: movement(aperture(track, first, min(last, faces.frames))) for track in faces.tracks}
    seen = {number: moved[number] for number in numbers if moved.get(number) is not None}
    best = max(seen, key=lambda number: seen[number] or 0.0, default=UNSEEN)
    return best if len(seen) == 1 or (seen and (seen[best] or 0.0) >= LEAST_MOVEMENT) else UNSEEN


def movement(apart: FloatArray) -> float | None:
    """How much the lips open and shut; None where they are seldom seen."""
    seen = apart[np.isfinite(apart)]
    if len(seen) < max(2.0, LEAST_SEEN * len(apart)):
        return None
    return float(np.std(seen))


def pitch_hz(sounds: Iterable[FloatArray]) -> float:
    """The median pitch of a voice in several pieces (n,) float32 at 16 kHz; NaN where no tone is heard."""
    found: list[FloatArray] = []
    for sound in sounds:
        for frames in frame_batches([sound], WINDOW_SAMPLES, len(sound) * 100 // ANALYSIS_RATE_HZ):
            tones, periodic = pitch(np.ascontiguousarray(frames))
            found.append(tones[periodic > LEAST_PERIODIC])
    tones = np.concatenate(found) if found else np.zeros(0, np.float32)
    return float(np.median(tones)) if len(tones) else float("nan")


def voices_for(sentences: Sequence[tuple[HeardSentence, int]], named: Sequence[str], language: str) -> dict[int, str]:
    """The voice of each speaker's number.

    sentences: with the number of who says each. named: voices that were asked for, the first for the face of the lowest number;
    who gets none of them has one that speaks `language` and is as high as his own, another one for everybody while there are
    enough.
    """
    numbers = sorted({number for _, number in sentences}, key=lambda number: (number == UNSEEN, number))
    chosen = dict(zip(numbers, named, strict=False))
    if len(named) == 1:
        return dict.fromkeys(numbers, named[0])
    for number in numbers:
        if number not in chosen:
            high = pitch_hz(sentence.sound for sentence, whose in sentences if whose == number)
            chosen[number] = suiting(language, not high < HIGH_VOICE_HZ, set(chosen.values()))
    return chosen


def suiting(language: str, high: bool, taken: set[str]) -> str:
    """A voice that speaks the language, a woman's where `high`; one that is not taken where there is."""
    like = "af_heart" if high else "am_michael"
    first = voice_for(language, like)
    gender = "woman" if high else "man"
    spoken = language_of(first)
    others = [card.name for card in voice_cards() if card.language == spoken and card.gender == gender]
    return next((name for name in (first, *others) if name not in taken), first)
