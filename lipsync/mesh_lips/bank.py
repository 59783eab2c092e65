"""Mouths of the person out of the film itself, from which the lips, the teeth and the tongue of new mouths are taken.

Which of them is shown when is the cheapest path through all frames: a mouth as open and as wide as the new one, seen under the
same turn of the head, and seldom another one than in the frame before. Bregler, Covell and Slaney, "Video Rewrite: driving visual
speech with audio", SIGGRAPH 1997, chose whole pictures so; here they are bent onto the new lips besides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.contracts import ByteArray, FloatArray
from core.frame_stream import closing_frames
from faces.fitting.curves import dark_line
from faces.fitting.head_mesh import CLOSED_GAP, into_the_red
from faces.tracking.tracks import FaceTrack
from lipsync.mesh_lips.film_mouth import FilmMouth
from lipsync.mesh_lips.new_mouth import NewMouth
from lipsync.mesh_lips.person import Person
from lipsync.mesh_lips.sharpness import detail_of

#: Mouths that are kept of a person, and frames that are looked at for them.
MOST_MOUTHS, MOST_CANDIDATES = 28, 3000
#: What counts as far: of the opening, the width and the thickness of the lips in eye spans, of the turn in degrees. Near a shut
#: mouth less of the opening is far: by how much more at the most, and up to about which opening.
FAR_OPENING, FAR_WIDTH, FAR_RED, FAR_TURN_DEG = 0.07, 0.06, 0.025, 12.0
FAR_WHEN_SHUT, NEARLY_SHUT = 1.2, 0.02
#: Lips that move faster than this part of frames are blurred.
SHARP_PART = 0.7
#: A mouth must add so much to those that are there, in the measures above.
LEAST_NEWS = 0.35
#: Mouths that shapes explain worse than this part of the frames are left out: grimaces.
PLAIN_PART = 0.85
#: The price of another mouth than in the frame before, and the most that one frame can cost.
SWITCH, MOST_COST = 1.5, 60.0
#: Pixels of the picture, in eye spans, kept around the mouth; lips are taken so far inside their edge where teeth show.
MARGIN, LIP_INSET = 0.45, 0.02


@dataclass(frozen=True)
class Mouth:
    """picture: (h, w, 3) uint8 around it. skin, opening: (V, 2) and (2 LIP_SAMPLES, 2) where the sheet's vertices and the edges
    of the opening are in it. open: whether it shows its inside, gap: of how many pixels. detail: (2,) of the frame, see
    `detail_of`. frame: where in the film it was."""

    picture: ByteArray
    skin: FloatArray
    opening: FloatArray
    open: bool
    gap: float
    detail: FloatArray
    frame: int


def chosen_frames(film: FilmMouth, reference: int) -> list[int]:
    """Frames whose mouths differ: each one the farthest from those before; the reference first."""
    seen = np.flatnonzero(film.seen)
    slow = film.speed[seen] <= np.quantile(film.speed[seen], SHARP_PART)
    calm = seen[slow & (film.oddness[seen] <= np.quantile(film.oddness[seen], PLAIN_PART))]
    candidates = calm[np.linspace(0, len(calm) - 1, min(len(calm), MOST_CANDIDATES)).round().astype(int)]
    measures = measures_of(film)
    chosen = [reference]
    distance = np.linalg.norm(measures[candidates] - measures[reference], axis=1)
    while len(chosen) < MOST_MOUTHS and len(candidates) and distance.max() > LEAST_NEWS:
        farthest = int(candidates[distance.argmax()])
        chosen.append(farthest)
        distance = np.minimum(distance, np.linalg.norm(measures[candidates] - measures[farthest], axis=1))
    return chosen


def measures_of(film: FilmMouth) -> FloatArray:
    """(T, 4) opening, width and turn in steps that count alike."""
    return np.concatenate([steps_of(film.opening, film.width), film.turn_deg / FAR_TURN_DEG], axis=1).astype(np.float32)


def steps_of(opening: FloatArray, width: FloatArray) -> FloatArray:
    """(T, 2) opening and width in steps that count alike: whether lips touch is seen sooner than how far a mouth is open."""
    apart = opening / FAR_OPENING + FAR_WHEN_SHUT * np.log1p(np.maximum(opening, 0.0) / NEARLY_SHUT)
    return np.stack([apart, width / FAR_WIDTH], axis=1)


def frames_at(frames: Iterator[ByteArray], wanted: list[int]) -> Iterator[tuple[int, ByteArray]]:
    """The wanted frames (n, (H, W, 3)) of a film, in its order; reading ends with the last."""
    left = sorted(set(wanted))
    with closing_frames(frames):
        for number, frame in enumerate(frames):
            if number == left[0]:
                yield number, frame
                left = left[1:]
                if not left:
                    return


def cut_mouth(frame: ByteArray, number: int, track: FaceTrack, person: Person) -> Mouth:
    """The mouth of one frame."""
    points = np.asarray(track.landmarks[number], np.float32)
    stands, handles = person.placing(points), person.handles_in(points)[:, :2].copy()
    upper, lower = person.place_of("lip_upper"), person.place_of("lip_lower")
    span = person.eye_span * stands.size
    around = handles[person.lips]
    left, top = np.maximum(np.floor(around.min(axis=0) - MARGIN * span), 0).astype(int)
    right, bottom = np.ceil(around.max(axis=0) + MARGIN * span).astype(int)
    picture = np.ascontiguousarray(frame[top:bottom, left:right])
    handles -= np.array([left, top], np.float32)
    width = float(np.linalg.norm(handles[upper[-1]] - handles[upper[0]]))
    gap = float(np.linalg.norm(handles[upper] - handles[lower], axis=1).max())
    is_open = gap > CLOSED_GAP * width
    if not is_open:
        line = dark_line(picture, (handles[upper] + handles[lower]) / 2, reach=0.035 * width)
        handles[upper] = handles[lower] = line
    whole = stands.placed(person.rig.rest) - np.array([left, top, 0], np.float32)
    opening = np.concatenate([handles[upper], handles[lower]])
    if is_open:
        for edge, rim in ((upper, person.place_of("outer_upper")), (lower, person.place_of("outer_lower"))):
            handles[edge] += into_the_red(handles[edge], handles[rim], LIP_INSET * span).astype(np.float32)
    return Mouth(picture, person.vertices(whole, handles), opening, is_open, max(gap, 0.5), detail_of(frame, points), number)


def prices(opening: FloatArray, width: FloatArray, turn_deg: FloatArray, film: FilmMouth, mouths: list[Mouth]) -> FloatArray:
    """(T, M) how badly each mouth fits a new one's opening and width (T,), under a head's turn (T, 2)."""
    frames = [mouth.frame for mouth in mouths]
    wanted = np.concatenate([steps_of(opening, width), turn_deg / FAR_TURN_DEG], axis=1)
    cost = np.square(wanted[:, None] - measures_of(film)[frames][None]).sum(axis=2)
    cost += np.square((film.red[frames] - np.median(film.red[film.seen])) / FAR_RED)
    return np.asarray(np.minimum(cost, MOST_COST), np.float32)


def cheapest_path(new: NewMouth, film: FilmMouth, mouths: list[Mouth]) -> FloatArray:
    """(T, M) how much of each mouth is shown in each frame; they are 1 together, and go over into one another."""
    turn = np.where(film.seen[:, None], film.turn_deg, 0.0)
    cost = prices(new.opening, new.width, turn, film, mouths)
    steps = np.empty(cost.shape, np.int16)
    total = cost[0]
    for frame in range(1, len(cost)):
        best = int(total.argmin())
        other = total[best] + SWITCH
        steps[frame] = np.where(total <= other, np.arange(len(mouths)), best)
        total = np.minimum(total, other) + cost[frame]
    path = np.empty(len(cost), np.int64)
    path[-1] = int(total.argmin())
    for frame in range(len(cost) - 1, 0, -1):
        path[frame - 1] = steps[frame, path[frame]]
    shown = np.zeros(cost.shape, np.float32)
    shown[np.arange(len(path)), path] = 1.0
    before, after = np.roll(shown, 1, axis=0), np.roll(shown, -1, axis=0)
    before[0], after[-1] = shown[0], shown[-1]
    return 0.25 * before + 0.5 * shown + 0.25 * after
