"""Makes the missing pictures of a call: where it froze or went black under its sound, the last good frame goes on speaking.

The mesh engine moves the last good frame by the sound's motion, from the pose in which the head stood there to the one in which
it is found again, so that nothing jumps at either end; a short dissolve hides what is left of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from core.contracts import ByteArray, Face, FloatArray, Motion, Portrait
from core.frame_stream import closing_frames
from core.messages import Message, message
from core.runs import runs

#: Size of the small pictures that are compared.
SMALL = (64, 36)
#: Two frames are one picture where the small ones differ, in the mean, by no more levels, nor by more than this share of what the
#: film's frames usually do: an encoder makes up to 0.17 levels of one picture, 0.12 of the usual; the stillest 0.3 s of people
#: in 18 films of talk were 0.4 of theirs.
SAME_LEVELS, SAME_SHARE = 0.3, 0.2
#: An encoder paints a picture that stands anew from time to time: one frame that differs by up to this share of the usual, with
#: so many seconds of the same picture on either side, belongs to it.
REPAINTED_SHARE, AROUND_REPAINTED_S = 0.6, 0.2
#: Below this brightness, with less contrast, a frame is black.
BLACK_LEVEL, BLACK_CONTRAST = 20.0, 4.0
#: Shortest gap that is filled, in seconds, and the longest: nobody believes more of one picture.
SHORTEST_S, LONGEST_S = 0.3, 20.0
#: A film that stands still for more than this part is one of still pictures; so this quantile of its changes is of living ones.
STILL_FILM, LIVING_QUANTILE = 0.7, 0.85
#: The part of a gap in which the mouth has to have something to say.
SPOKEN_PART = 0.2
#: How long the made frames take to leave the last good one, and to become the next good one, in seconds.
LEAVE_S, RETURN_S, DISSOLVE_S = 0.2, 0.5, 0.24
#: A dissolve takes longer, up to this, where frames would otherwise change by more than they usually do.
LONGEST_DISSOLVE_S = 0.8
#: Longer side of the pictures in which the flow between two frames is sought.
FLOW_PX = 512
#: How far the head may be moved from where it stood, in widths of the face, and turned, in degrees.
FURTHEST_SHIFT, FURTHEST_TURN_DEG = 0.35, 14.0

BoolArray = npt.NDArray[np.bool_]
Draw = Callable[[ByteArray, Face, Motion], Iterator[ByteArray]]
FindFace = Callable[[ByteArray], Face | None]


@dataclass(frozen=True)
class Missing:
    """Frames `first` up to, but without, `end` of a film that show nothing new; black: nothing at all."""

    first: int
    end: int
    black: bool

    def __len__(self) -> int:
        return self.end - self.first


def find_missing(frames: Iterator[ByteArray], fps: float, spoken: BoolArray | None = None) -> list[Missing]:
    """The gaps of a film, in their order; closes `frames`. spoken: where the sound has something to say, (T,); None: everywhere.

    A gap at the very beginning has no good frame before it, and is none; nor is one under silence, or among still pictures.
    """
    changes, dark = changes_of(frames)
    missing = dark | standing(changes, fps)
    found = [Missing(first, end, bool(dark[first:end].any())) for first, end in runs(missing)]
    if sum(map(len, found)) > STILL_FILM * len(missing):
        return []
    return [gap for gap in found if is_worth_filling(gap, fps, spoken)]


def changes_of(frames: Iterator[ByteArray]) -> tuple[FloatArray, BoolArray]:
    """By how many levels each frame differs from the one before in the mean, (T,), the first by infinitely many, and whether it
    is black, (T,); closes `frames`."""
    changes, dark = [], []
    before: FloatArray | None = None
    with closing_frames(frames):
        for frame in frames:
            small = cv2.resize(frame, SMALL, interpolation=cv2.INTER_AREA).astype(np.float32)
            dark.append(bool(small.mean() < BLACK_LEVEL and small.std() < BLACK_CONTRAST))
            changes.append(np.inf if before is None else float(np.abs(small - before).mean()))
            before = small
    return np.array(changes, np.float32), np.array(dark, bool)


def standing(changes: FloatArray, fps: float) -> BoolArray:
    """Whether each frame shows the picture of the one before, (T,), by how much it differs."""
    moved = changes[np.isfinite(changes)]
    living = moved[moved > SAME_SHARE * np.quantile(moved, LIVING_QUANTILE)] if moved.any() else moved
    usual = float(np.median(living)) if len(living) else 0.0
    still = np.asarray(changes <= min(SAME_LEVELS, SAME_SHARE * usual))
    around = max(1, round(AROUND_REPAINTED_S * fps))
    for index in np.flatnonzero(~still & (changes <= REPAINTED_SHARE * usual)):
        before, after = still[max(0, index - around) : index], still[index + 1 : index + 1 + around]
        still[index] = len(before) == len(after) == around and bool(before.all() and after.all())
    return still


def is_worth_filling(gap: Missing, fps: float, spoken: BoolArray | None) -> bool:
    """Whether a gap is long enough, not too long, follows a good frame, and is spoken in."""
    talks = True if spoken is None else bool(spoken[gap.first : gap.end].mean() >= SPOKEN_PART)
    return gap.first > 0 and SHORTEST_S * fps <= len(gap) <= LONGEST_S * fps and talks


def filled_frames(
    frames: Iterator[ByteArray],
    gaps: Sequence[Missing],
    motion: Motion,
    find_face: FindFace | None = None,
    draw: Draw | None = None,
) -> Iterator[ByteArray]:
    """Yield the film's frames with the gaps filled, as many as came; closes `frames`.

    motion: of the whole film, what its sound makes the face do. find_face: the face that speaks in a frame; None: the largest
    that is found. draw: moves a picture with a face; None: by the mesh engine. A gap whose last good frame shows no face stays.
    """
    find_face, draw = find_face or largest_face, draw or drawn_by_mesh
    waiting = list(gaps)
    last: ByteArray | None = None
    usual = UsualChange()
    with closing_frames(frames):
        index = 0
        for frame in frames:
            if not waiting or index < waiting[0].first or last is None:
                yield frame
                usual.see(frame)
                last = frame
                index += 1
                continue
            gap = waiting.pop(0)
            following = after_gap(frames, len(gap) - 1)
            steps = max(1, round(DISSOLVE_S * motion.fps))
            if following is not None:
                steps = min(max(steps, usual.steps_to(following)), round(LONGEST_DISSOLVE_S * motion.fps), max(1, len(gap) // 2))
            yield from made_frames(last, following, gap, motion, find_face, draw, steps)
            index = gap.end
            if following is not None:
                yield following
                last = following
                index += 1


class UsualChange:
    """By how much a film's frames usually change, as a mean that forgets."""

    def __init__(self) -> None:
        self._before: FloatArray | None = None
        self._change = 0.0

    def see(self, frame: ByteArray) -> None:
        """Take the next good frame."""
        small = cv2.resize(frame, SMALL, interpolation=cv2.INTER_AREA).astype(np.float32)
        if self._before is not None:
            self._change += 0.1 * (float(np.abs(small - self._before).mean()) - self._change)
        self._before = small

    def steps_to(self, frame: ByteArray) -> int:
        """In how many usual changes the last frame becomes this one."""
        if self._before is None or self._change <= 0:
            return 1
        small = cv2.resize(frame, SMALL, interpolation=cv2.INTER_AREA).astype(np.float32)
        return round(float(np.abs(small - self._before).mean()) / self._change)


def after_gap(frames: Iterator[ByteArray], rest: int) -> ByteArray | None:
    """The first frame after so many more of a gap; None where the film ends with it."""
    for _ in range(rest):
        next(frames, None)
    return next(frames, None)


def made_frames(
    last: ByteArray, following: ByteArray | None, gap: Missing, motion: Motion, find_face: FindFace, draw: Draw, steps: int
) -> Iterator[ByteArray]:
    """The frames of a gap after its last good frame, towards the one that follows; copies where there is no face to move.

    steps: frames of the dissolve into that one.
    """
    face = find_face(last)
    if face is None:
        yield from (last.copy() for _ in range(len(gap)))
        return
    end = None if following is None else find_face(following)
    moved = motion_through(gap, motion, face, end)
    dissolve = max(1, round(DISSOLVE_S * motion.fps))
    with closing(draw(last, face, moved)) as drawn:  # type: ignore[type-var]
        for index, frame in enumerate(drawn):
            leaving = (index + 1) / (dissolve + 1)
            if leaving < 1:
                frame = mixed(last, frame, leaving)
            returning = (index + 1 - (len(gap) - steps)) / (steps + 1)
            if following is not None and returning > 0:
                frame = mixed(frame, following, returning)
            yield frame


def mixed(first: ByteArray, second: ByteArray, share: float) -> ByteArray:
    """Between two frames, `share` of the second: each is moved towards the other along the optical flow, so no ghost is seen.

    Kroeger and others, "Fast optical flow using dense inverse search" (2016).
    """
    height, width = first.shape[:2]
    scale = min(1.0, FLOW_PX / max(height, width))
    size = max(16, round(width * scale)), max(16, round(height * scale))
    greys = [cv2.cvtColor(cv2.resize(each, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY) for each in (first, second)]
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(greys[0], greys[1], None)
    flow = cv2.resize(flow, (width, height), interpolation=cv2.INTER_LINEAR) / np.float32(scale)
    grid = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1).astype(np.float32)
    border = cv2.BORDER_REPLICATE
    left = cv2.remap(first, grid - np.float32(share) * flow, None, cv2.INTER_LINEAR, borderMode=border)
    right = cv2.remap(second, grid + np.float32(1 - share) * flow, None, cv2.INTER_LINEAR, borderMode=border)
    return np.asarray(cv2.addWeighted(left, 1 - share, right, share, 0), np.uint8)


def motion_through(gap: Missing, motion: Motion, start: Face, end: Face | None) -> Motion:
    """The motion of a gap: what the sound says, beginning with the face as it is before it, and ending as it is after it."""
    part = slice(gap.first, gap.end)
    count = len(gap)
    leave = eased(np.arange(1, count + 1) / max(1.0, LEAVE_S * motion.fps))
    come_back = np.zeros(count) if end is None else eased(1 - np.arange(count, 0, -1) / max(1.0, RETURN_S * motion.fps))
    whole = eased(np.arange(1, count + 1) / (count + 1))
    turn, shift = (np.zeros(3), np.zeros(3)) if end is None else pose_between(start, end)
    shapes = blend(np.asarray(start.blendshapes), motion.blendshapes[part], leave)
    if end is not None:
        shapes = shapes * (1 - come_back[:, None]) + np.asarray(end.blendshapes) * come_back[:, None]
    sway = (1 - come_back)[:, None] * leave[:, None]
    return replace(
        motion,
        blendshapes=np.clip(shapes, 0, 1).astype(np.float32),
        rotation_deg=(from_first(motion.rotation_deg, gap) * sway + whole[:, None] * turn).astype(np.float32),
        translation=(from_first(motion.translation, gap) * sway + whole[:, None] * shift).astype(np.float32),
        gaze_deg=(from_first(motion.gaze_deg, gap) * sway).astype(np.float32),
        intensity=motion.intensity[part],
    )


def from_first(values: FloatArray, gap: Missing) -> FloatArray:
    """Values (T, N) of a gap, less what they are in the frame before it."""
    return np.asarray(values[gap.first : gap.end] - values[gap.first - 1], np.float32)


def blend(first: FloatArray, then: FloatArray, share: FloatArray) -> FloatArray:
    """One row (N,) that becomes rows (T, N) by `share` (T,)."""
    return np.asarray(first * (1 - share[:, None]) + then * share[:, None], np.float32)


def eased(share: FloatArray) -> FloatArray:
    """0 to 1 without a jerk at either end; beyond them it stays."""
    share = np.clip(share, 0, 1)
    return np.asarray(share * share * (3 - 2 * share))


def pose_between(start: Face, end: Face) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """How the head turns, in degrees, and moves, in widths of the face, between two frames; no further than a picture can."""
    turn = np.clip(np.subtract(end.rotation_deg, start.rotation_deg), -FURTHEST_TURN_DEG, FURTHEST_TURN_DEG)
    width = max(start.box[2] - start.box[0], 1.0)
    nose = np.asarray(end.landmarks[168, :2] - start.landmarks[168, :2], np.float64) / width
    shift = np.clip(np.array([nose[0], nose[1], 0.0]), -FURTHEST_SHIFT, FURTHEST_SHIFT)
    return turn, shift


def largest_face(frame: ByteArray) -> Face | None:
    """The largest face of a frame, read with all care."""
    from faces.faces import FaceFinder

    with FaceFinder() as finder:
        return max(finder.find(frame), key=lambda face: face.box[3] - face.box[1], default=None)


def drawn_by_mesh(frame: ByteArray, face: Face, motion: Motion) -> Iterator[ByteArray]:
    """The frame, moved by the mesh engine. Raises MissingError where its weights can't be had."""
    from animators.mesh.runner import MeshRenderer

    return MeshRenderer().frames(Portrait(frame, face), motion)


def notes_about_gaps(gaps: Sequence[Missing], fps: float, start_s: float = 0.0) -> list[Message]:
    """A sentence that says where pictures were made; none where there was no gap. start_s: of the film's first frame."""
    from faces.tracking.track_notes import between

    times = [between(gap.first, gap.end, fps, start_s) for gap in gaps]
    return [message("pipeline.gaps_filled", times=times)] if times else []
