"""What the person's mouth is to do for the new sound: shapes by frame, as large as this person's own speech."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.blendshapes import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES
from core.contracts import FloatArray, Motion
from faces.fitting.handles import BoolArray
from lipsync.mesh_lips.film_mouth import SMILE_S, FilmMouth, steadied
from lipsync.mesh_lips.person import Person

MOUTH = tuple(k for k, name in enumerate(BLENDSHAPE_NAMES) if name.startswith(("jaw", "mouth", "cheekPuff")))
#: Shapes that open the mouth: as large as the person's own.
OPENING = tuple(
    BLENDSHAPE_INDEX[name]
    for name in ("jawOpen", "mouthClose", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight")
)
#: What the face of the film keeps of itself while it speaks.
KEPT = ("mouthSmile", "mouthFrown")
#: Somebody speaks in a film whose mouth opens by so much, in eye spans; how much smaller or larger the new mouth may become.
SPEAKS, LEAST_GAIN, MOST_GAIN = 0.05, 0.7, 1.3
#: The opening that is compared: what is reached in one frame of twenty.
WIDE_OPEN = 0.95
#: Jaws that open by less are shut.
SHUT_JAW = 0.02
#: Frames over which a face goes over from its own mouth to the new one, where it comes to be seen.
FADE_FRAMES = 5


@dataclass(frozen=True)
class NewMouth:
    """weights: (T, 52) of the mouth's shapes. opening, width: (T,) of the lips that come of it, in eye spans. shown: (T,) how
    much of the new mouth is shown, 0 to 1."""

    weights: FloatArray
    opening: FloatArray
    width: FloatArray
    shown: FloatArray


def new_mouth(motion: Motion, film: FilmMouth, person: Person, cuts: tuple[int, ...]) -> NewMouth:
    """The new mouth of every frame."""
    weights = np.zeros_like(motion.blendshapes, np.float32)
    weights[:, MOUTH] = motion.blendshapes[:, MOUTH]
    kept = steadied(film.shapes, film.seen, SMILE_S * motion.fps, cuts)
    weights = as_the_person(weights, kept, gain(weights, film, person))
    opening, width = lips_of(weights, person)
    return NewMouth(weights, opening, width, faded(film.seen, cuts))


def as_the_person(weights: FloatArray, kept: FloatArray, factor: float) -> FloatArray:
    """Weights (T, 52) that open `factor` times as far, with what the face keeps: kept (T, K), amounts of `READ_SHAPES`."""
    result = weights.copy()
    result[:, OPENING] *= factor
    for name in KEPT:
        own = np.clip(kept[:, FilmMouth.column(name)], 0.0, 0.7)
        for side in ("Left", "Right"):
            column = BLENDSHAPE_INDEX[name + side]
            result[:, column] = np.maximum(result[:, column], 0.5 * result[:, column] + own)
    return np.clip(result, 0.0, 1.0)


def gain(weights: FloatArray, film: FilmMouth, person: Person) -> float:
    """By how much the new mouth opens further than it would, so that it opens as far as the person does in the film."""
    speaks = weights[:, BLENDSHAPE_INDEX["jawOpen"]] > SHUT_JAW
    if not film.seen.any() or not speaks.any():
        return 1.0
    own = film.opening[film.seen]
    widest = float(np.quantile(own, WIDE_OPEN)) - float(np.quantile(own, 0.05))
    if widest < SPEAKS:
        return 1.0
    planned = float(np.quantile(lips_of(weights[speaks], person)[0], WIDE_OPEN))
    return float(np.clip(widest / max(planned, 1e-3), LEAST_GAIN, MOST_GAIN))


def lips_of(weights: FloatArray, person: Person) -> tuple[FloatArray, FloatArray]:
    """(T,) opening and width of the lips, in eye spans, for weights (T, 52) on the face at rest."""
    groups, rig = person.mesh.groups, person.rig
    upper, lower = groups["lip_upper"], groups["lip_lower"]
    at = [upper[len(upper) // 2], lower[len(lower) // 2], upper[0], upper[-1]]
    amounts = np.concatenate([weights, np.full((len(weights), 1), float(rig.mesh.mouth_was_open), np.float32)], axis=1)
    places = rig.rest[at] + np.einsum("tk,kvc->tvc", amounts, rig.basis[:, at])
    down = person.coordinates.axes[:2, 1]
    opening = np.maximum((places[:, 1, :2] - places[:, 0, :2]) @ down, 0.0) / person.eye_span
    width = np.linalg.norm(places[:, 3, :2] - places[:, 2, :2], axis=1) / person.eye_span
    return opening.astype(np.float32), width.astype(np.float32)


def faded(seen: BoolArray, cuts: tuple[int, ...]) -> FloatArray:
    """(T,) 1 where the face is seen, rising from 0 and falling to it where it comes and goes within a shot."""
    shown = np.zeros(len(seen), np.float32)
    edges = [0, *sorted(cuts), len(seen)]
    for begin, end in pairwise(edges):
        part = seen[begin:end]
        changes = np.flatnonzero(np.diff(part.astype(np.int8))) + 1
        bounds = [0, *changes.tolist(), end - begin]
        for first, last in pairwise(bounds):
            if last > first and part[first]:
                at = np.arange(first, last)
                rise = (at - first + 1) / (FADE_FRAMES + 1) if first else np.ones(last - first)
                fall = (last - at) / (FADE_FRAMES + 1) if last < end - begin else np.ones(last - first)
                shown[begin + first : begin + last] = np.minimum(np.minimum(rise, fall), 1.0)
    return shown
