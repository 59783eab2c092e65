"""What the performer feels over the song: the style of every section, and how strongly, moment by moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.contracts import FloatArray, StyledSection
from motion.singing.analysis.framing import FEATURE_RATE_HZ
from motion.singing.analysis.plan import SongPlan
from motion.singing.analysis.smoothing import smooth
from motion.singing.performance.emotions_intensity import automatic_intensity, edited_intensity
from motion.singing.settings import SingingSettings
from motion.singing.song_analysis import SongAnalysis

#: The styles that a section can have, in the order of the columns of `SongEmotion.weights`.
FELT_STYLES = ("neutral", "happy", "sad", "angry", "surprised")
#: Where valence and arousal become a style: the quarters of the circumplex (Russell 1980), with a neutral middle.
HAPPY_VALENCE, SAD_VALENCE, ANGRY_VALENCE = 0.18, -0.12, -0.15
ANGRY_AROUSAL = 0.6
#: How much more a section's energy, against the song's, moves its arousal and its valence.
ENERGY_AROUSAL, ENERGY_VALENCE = 0.8, 0.3
#: A style that was guessed is shown a little less than one that was asked for.
GUESSED_WEIGHT = 0.8
#: A section shorter than this keeps the style before it.
SHORTEST_STYLE_S = 5.0
#: One style goes over to the next over this long.
CHANGE_SIGMA_S = 0.7
#: The same where styles come with the sound: a spoken sentence may take no longer than a second.
TOLD_CHANGE_SIGMA_S = 0.18
#: A feeling that is named is felt at least so strongly, however calmly its sentence is said.
TOLD_LEAST_INTENSITY = 0.6


@dataclass(frozen=True)
class SongEmotion:
    """The emotion of a performance.

    sections: (start_s, stop_s, style) of every part, without gaps, from 0 to the song's end; the style is never `auto`.
    intensity: (N,) in [0, 1], in effect. automatic: (N,) in [0, 1], as found in the song. Both at `rate_hz` values a second.
    weights: (N, 5) in [0, 1], how much of each of `FELT_STYLES` is in effect; soft between sections, of sum 1.
    """

    sections: tuple[tuple[float, float, str], ...]
    intensity: FloatArray
    automatic: FloatArray
    weights: FloatArray
    rate_hz: float = float(FEATURE_RATE_HZ)


def song_emotion(song: SongAnalysis, settings: SingingSettings, feelings: Sequence[StyledSection] = ()) -> SongEmotion:
    """The emotion that the settings ask for, and where they leave it open, the song.

    feelings: the styles of parts that came with the sound, see `DrivingSound`; elsewhere that of the settings holds, and neutral
    where they leave it open: whoever names some feelings means no others.
    """
    automatic = automatic_intensity(song)
    intensity = edited_intensity(settings.intensity_points, len(automatic)) if settings.intensity_points else automatic
    guessed = settings.style == "auto"
    if feelings:
        told = told_sections(feelings, song.plan.duration_s, "neutral" if guessed else str(settings.style))
        weights = _weights(told, song.count, 1.0, TOLD_CHANGE_SIGMA_S)
        if not settings.intensity_points:
            intensity = np.maximum(automatic, TOLD_LEAST_INTENSITY * (1.0 - weights[:, 0])).astype(np.float32)
        return SongEmotion(told, intensity, automatic, weights)
    sections = guessed_sections(song.plan) if guessed else ((0.0, song.plan.duration_s, str(settings.style)),)
    return SongEmotion(sections, intensity, automatic, _weights(sections, song.count, GUESSED_WEIGHT if guessed else 1.0))


def told_sections(feelings: Sequence[StyledSection], duration_s: float, otherwise: str) -> tuple[tuple[float, float, str], ...]:
    """The parts whose feeling is given, and between them, up to `duration_s`, the style `otherwise`; neighbours alike are one."""
    parts: list[tuple[float, float, str]] = []

    def add(start_s: float, stop_s: float, style: str) -> None:
        if stop_s <= start_s:
            return
        if parts and parts[-1][2] == style:
            start_s = parts.pop()[0]
        parts.append((start_s, stop_s, style))

    now_s = 0.0
    for part in feelings:
        add(now_s, min(part.start_s, duration_s), otherwise)
        add(max(now_s, part.start_s), min(part.stop_s, duration_s), part.style)
        now_s = max(now_s, part.stop_s)
    add(now_s, duration_s, otherwise)
    return tuple(parts)


def guessed_sections(plan: SongPlan) -> tuple[tuple[float, float, str], ...]:
    """The style of every section by the mood of the whole and the energy of the part; parts that are alike feel alike."""
    mean = float(
        np.average([part.energy for part in plan.sections], weights=[part.end_s - part.start_s for part in plan.sections])
    )
    styles: dict[int, str] = {}
    for label in {part.label for part in plan.sections}:
        energy = float(np.mean([part.energy for part in plan.sections if part.label == label]))
        more = energy - mean
        styles[label] = style_of_mood(plan.mood.valence + ENERGY_VALENCE * more, plan.mood.arousal + ENERGY_AROUSAL * more)
    parts: list[tuple[float, float, str]] = []
    for part in plan.sections:
        style = styles[part.label]
        if parts and (parts[-1][2] == style or part.end_s - part.start_s < SHORTEST_STYLE_S):
            parts[-1] = (parts[-1][0], part.end_s, parts[-1][2])
        else:
            parts.append((part.start_s, part.end_s, style))
    return tuple(parts)


def style_of_mood(valence: float, arousal: float) -> str:
    """The style for a valence in [-1, 1] and an arousal in [0, 1]. Surprise is no mood: it comes as an accent."""
    if valence > HAPPY_VALENCE:
        return "happy"
    if valence < ANGRY_VALENCE and arousal > ANGRY_AROUSAL:
        return "angry"
    return "sad" if valence < SAD_VALENCE and arousal <= ANGRY_AROUSAL else "neutral"


def _weights(
    sections: tuple[tuple[float, float, str], ...], count: int, most: float, sigma_s: float = CHANGE_SIGMA_S
) -> FloatArray:
    weights = np.zeros((count, len(FELT_STYLES)), dtype=np.float32)
    for start_s, stop_s, style in sections:
        weights[round(start_s * FEATURE_RATE_HZ) : round(stop_s * FEATURE_RATE_HZ) + 1, FELT_STYLES.index(style)] = most
    weights = np.clip(smooth(weights, sigma_s), 0.0, 1.0)
    weights[:, 0] += 1.0 - weights.sum(axis=1)
    return weights
