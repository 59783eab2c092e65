"""The acting face over time: the style's face, accents, flashes, and how all of it goes with singing lips.

Nothing here opens or closes the mouth: what would part the lips acts only where the singing has parted them, what would press
them only where they are shut, and corners give way to rounded lips.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.contracts import FloatArray
from motion.singing.analysis.framing import FEATURE_RATE_HZ
from motion.singing.analysis.smoothing import ramp, smooth
from motion.singing.performance.chance import drift, steps, stream
from motion.singing.performance.emotions import FELT_STYLES, SongEmotion
from motion.singing.performance.emotions_faces import BREATH, CLOSED, FLASHES, STRAIN, STYLES, UNSIDED, Face, shape_names, stems
from motion.singing.performance.feeling import Feeling
from motion.singing.settings import SingingSettings
from motion.singing.song_analysis import SongAnalysis

#: From phrase to phrase, and slowly within, every shape of a face is a little stronger or weaker: spreads and their bounds.
PHRASE_SPREAD, SLOW_SPREAD, SPREAD_BOUND = 0.20, 0.12, 0.45
#: Changes of a face besides those at phrases, in seconds.
WANDER_S = (3.0, 9.0)
#: How unlike the two halves of a face are, lastingly and in passing.
SIDE_SPREAD, SIDE_PASSING = 0.07, 0.05
#: Brows lead the rest of the face.
BROW_LEAD_S = 0.12
#: Short expressions: rests between them (lognormal median, spread, bounds in seconds), length, and how near a cue must be.
FLASH_REST_S, FLASH_SPREAD, FLASH_BOUNDS_S = 4.5, 0.5, (1.8, 12.0)
FLASH_LENGTH_S = (0.28, 0.6)
FLASH_CUE_S, FLASH_CUE_CHANCE = 0.8, 0.6
#: Strength of what the music accents in the face where nobody sings, against a stressed syllable.
GROOVE = 0.9
#: A raised section start draws a look of surprise.
RISE_ENERGY = 0.12
#: Shapes up to here are shown as they are; beyond, ever less is added, so that none is cut off flat.
EASY_SHAPE = 0.75
#: Corners of the mouth, and how far rounded and closing lips take them back.
CORNERS = ("mouthSmile", "mouthFrown", "mouthDimple", "mouthStretch")
ROUNDED_TAKES, CLOSING_TAKES = 0.65, 0.35
#: Corners come and go with rounding over this long; they are slower than lips.
ROUNDED_SIGMA_S = 0.09
#: What parts the lips, and what presses them together.
PARTING, PRESSING = ("mouthUpperUp", "mouthLowerDown"), ("mouthPress", "mouthShrugLower", "mouthShrugUpper")
#: Opening of the lips (jawOpen less mouthClose) over which the one goes over to the other.
APART = (0.0, 0.06)


def felt_shapes(song: SongAnalysis, felt: Feeling, emotion: SongEmotion, settings: SingingSettings) -> dict[str, FloatArray]:
    """Curves (N,) in [0, 1] by ARKit name of all that the feeling asks of the face but blinks and gaze; 0 at expressiveness 0."""
    names = stems()
    styles = [STYLES[style] for style in FELT_STYLES]
    held, accent, high = (
        emotion.weights @ table_of([getattr(style, part) for style in styles], names) for part in ("face", "accent", "high")
    )
    common = np.stack([felt.strain * felt.intensity, felt.eyes_closed, felt.breath], axis=1)
    wide_open = 1.0 - felt.eyes_closed[:, None]
    face = held * _variation(song, len(names), settings)
    stress = np.maximum(felt.stress, _groove(song, felt, settings)) * (0.55 + 0.45 * felt.intensity)
    face = face + accent * stress[:, None] * wide_open + high * felt.high[:, None]
    face = face + common @ table_of([STRAIN, CLOSED, BREATH], names)
    early = felt.strength[np.minimum(np.arange(song.count) + round(BROW_LEAD_S * FEATURE_RATE_HZ), song.count - 1)]
    strength = np.stack([early if name.startswith("brow") else felt.strength for name in names], axis=1)
    flashes = _flashes(song, emotion, names, settings)
    shapes: dict[str, FloatArray] = {}
    for column, stem in enumerate(names):
        sides = (1.0, 1.0) if stem in UNSIDED else _sides(stream(settings.seed, f"felt sides {stem}"), song.count)
        for side, name in enumerate(shape_names(stem)):
            curve = strength[:, column] * (face[:, column] * sides[side] + flashes[side][:, column])
            shapes[name] = eased_shapes(smooth(curve, 0.045))
    return shapes


def table_of(faces: list[Face], names: tuple[str, ...]) -> FloatArray:
    """(faces, names) strengths of the shapes of faces."""
    return np.asarray([[face.get(name, 0.0) for name in names] for face in faces], dtype=np.float32)


def eased_shapes(curve: FloatArray) -> FloatArray:
    """Shapes of any size within [0, 1]: as they are up to `EASY_SHAPE`, beyond it ever less is added."""
    room = 1.0 - EASY_SHAPE
    over = np.maximum(curve - EASY_SHAPE, 0.0)
    return (np.clip(curve, 0.0, EASY_SHAPE) + room * np.tanh(over / room)).astype(np.float32)


def _groove(song: SongAnalysis, felt: Feeling, settings: SingingSettings) -> FloatArray:
    """(N,) in [0, 1]: what the music itself accents where nobody sings, now more and now less, so that the face stays awake."""
    onset = smooth(song.mix.onset, 0.07)
    rise = np.maximum(onset - smooth(onset, 0.6), 0.0)
    rise = smooth(np.clip(rise / max(float(np.percentile(rise, 98)), 1e-6), 0.0, 1.0), 0.06)
    now = ramp(drift(stream(settings.seed, "face groove"), song.count, 1.3)[:, 0], -0.8, 1.0)
    return (GROOVE * rise * now * felt.energy * (1.0 - song.plan.sung) * felt.sounding).astype(np.float32)


def _variation(song: SongAnalysis, columns: int, settings: SingingSettings) -> FloatArray:
    """(N, columns) factors around 1: each phrase, and each few seconds without one, takes the face a little differently."""
    generator = stream(settings.seed, "face")
    end_s = song.count / FEATURE_RATE_HZ
    wander_s = np.cumsum(generator.uniform(*WANDER_S, int(end_s / WANDER_S[0]) + 1))
    starts_s = [phrase.start_s - 0.3 for phrase in song.plan.phrases]
    changes_s = np.sort(np.asarray([0.0, *starts_s, *wander_s[wander_s < end_s]]))
    phrase = steps(song.count, changes_s, generator.normal(0.0, PHRASE_SPREAD, (len(changes_s), columns)), 0.4)
    slow = SLOW_SPREAD * drift(generator, song.count, 1.5, columns)
    return 1.0 + np.clip(phrase + slow, -SPREAD_BOUND, SPREAD_BOUND)


def _sides(generator: np.random.Generator, count: int) -> tuple[FloatArray, FloatArray]:
    """Factors (N,) of the left and the right half."""
    lasting = float(np.clip(generator.normal(0.0, SIDE_SPREAD), -2.0 * SIDE_SPREAD, 2.0 * SIDE_SPREAD))
    difference = lasting + SIDE_PASSING * drift(generator, count, 1.2)[:, 0]
    return 1.0 + difference, 1.0 - difference


def _flashes(
    song: SongAnalysis, emotion: SongEmotion, names: tuple[str, ...], settings: SingingSettings
) -> tuple[FloatArray, FloatArray]:
    """Short expressions of the left and the right half, (N, columns) each, drawn to the cues of `_cues`."""
    generator = stream(settings.seed, "flashes")
    sides = np.zeros((2, song.count, len(names)), dtype=np.float32)
    now_s, end_s = float(generator.uniform(0.8, 3.0)), song.count / FEATURE_RATE_HZ
    cues_s, rises_s = _cues(song)
    while now_s < end_s:
        cue_draw, kind_draw, side_draw, size, length_draw = generator.random(5)
        if len(cues_s) and cue_draw < FLASH_CUE_CHANCE:
            cue_s = float(cues_s[np.argmin(np.abs(cues_s - now_s))])
            now_s = cue_s if abs(cue_s - now_s) < FLASH_CUE_S else now_s
        frame = min(song.count - 1, max(0, round(now_s * FEATURE_RATE_HZ)))
        kinds = STYLES[FELT_STYLES[int(np.argmax(emotion.weights[frame]))]].flashes
        kind = "wide" if (np.abs(rises_s - now_s) < 0.3).any() else kinds[int(kind_draw * len(kinds))]
        length_s = FLASH_LENGTH_S[0] + (FLASH_LENGTH_S[1] - FLASH_LENGTH_S[0]) * length_draw
        row = (0.6 + 0.6 * size) * table_of([FLASHES[kind]], names)[0]
        weaker = 0.3 if kind in ("half smile", "nose") else 0.85
        for side, share in enumerate((1.0, weaker) if side_draw < 0.5 else (weaker, 1.0)):
            _add_flash(sides[side], now_s, length_s, share * row)
        now_s += float(np.clip(FLASH_REST_S * np.exp(FLASH_SPREAD * generator.standard_normal()), *FLASH_BOUNDS_S))
    return sides[0], sides[1]


def _cues(song: SongAnalysis) -> tuple[np.ndarray, np.ndarray]:
    """Seconds that draw short expressions: phrase ends, down-beats without singing, new parts; and, alone, parts that rise."""
    plan = song.plan
    rises_s = [
        new.start_s for old, new in zip(plan.sections, plan.sections[1:], strict=False) if new.energy > old.energy + RISE_ENERGY
    ]
    down_s = plan.rhythm.beats_s[plan.rhythm.downbeat]
    free_s = [beat_s for beat_s in down_s for part in plan.instrumentals if part.start_s + 0.5 < beat_s < part.end_s]
    ends_s = [phrase.end_s + 0.05 for phrase in plan.phrases]
    return np.sort(np.asarray([*ends_s, *free_s, *(section.start_s for section in plan.sections[1:])])), np.asarray(rises_s)


def _add_flash(curves: FloatArray, start_s: float, length_s: float, row: FloatArray) -> None:
    """Add one short expression in place: a rise in a third of its time and a slower fall."""
    first = max(0, round(start_s * FEATURE_RATE_HZ))
    last = min(len(curves), first + max(2, round(length_s * FEATURE_RATE_HZ)))
    place = (np.arange(last - first) + 0.5) / max(1, round(length_s * FEATURE_RATE_HZ))
    curves[first:last] += flash_shape(place)[:, None] * row


def flash_shape(place: FloatArray) -> FloatArray:
    """(N,) in [0, 1] of a short expression at places of its length, 0 to 1."""
    return np.asarray(np.sin(np.pi * np.power(np.clip(place, 0.0, 1.0), 0.65)) ** 2)


def blended(lips: Mapping[str, FloatArray], felt: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Curves (N,) of lips and feeling together, by ARKit name: `jawOpen` and `mouthClose`, and so speech, stay the lips' own."""
    return joined(lips, felt, smooth(roundness(lips), ROUNDED_SIGMA_S))


def roundness(lips: Mapping[str, FloatArray]) -> FloatArray:
    """(N,) in [0, 1]: how round the lips are."""
    return np.clip(lips["mouthPucker"] + lips["mouthFunnel"], 0.0, 1.0)


def joined(lips: Mapping[str, FloatArray], felt: Mapping[str, FloatArray], rounded: FloatArray) -> dict[str, FloatArray]:
    """As `blended`, moment by moment. rounded: (N,) the lips' `roundness` as slowly as corners of the mouth follow it."""
    apart = ramp(lips["jawOpen"] - lips["mouthClose"], *APART)
    closing = np.clip(lips["mouthClose"] / np.maximum(lips["jawOpen"], 0.02), 0.0, 1.0)
    corners = (1.0 - ROUNDED_TAKES * rounded) * (1.0 - CLOSING_TAKES * closing)
    result = dict(lips)
    for name, curve in felt.items():
        stem = name.removesuffix("Left").removesuffix("Right")
        if stem in CORNERS:
            curve = curve * corners
        elif stem in PARTING:
            curve = curve * apart
        elif stem in PRESSING:
            curve = curve * (1.0 - apart)
        own = lips.get(name)
        result[name] = curve if own is None else own + curve - own * curve
    for side in ("Left", "Right"):
        # A spread vowel must not smile through a frown.
        frown = felt.get(f"mouthFrown{side}")
        if frown is not None:
            result[f"mouthSmile{side}"] = result[f"mouthSmile{side}"] * (1.0 - frown)
    return result
