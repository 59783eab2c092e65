"""What is measured of a dubbed film beside the one that it was made from, frame by frame, with memory that does not grow.

The film's own frame is every frame's reference: whatever the engine, the same pairs of frames are compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from core.contracts import ByteArray, FloatArray
from core.runs import runs
from faces.tracking.tracks import FaceTrack
from media.media import read_audio_blocks
from metrics.alignment import luma, similarity_transform, warp
from metrics.aperture import aperture
from metrics.correlation import correlation
from metrics.likeness import IdentityNetwork

#: Sound below the loud part of a voice by so many decibels, for so long, is silence.
SILENT_DB, SILENT_S = 30.0, 0.25
LOUD_PERCENTILE = 95
#: A mouth is shut below this part of its usual opening, above what it reads when shut.
SHUT_PART = 0.10
#: Lips are given this long to shut after the voice, in seconds.
SHUTTING_S = 0.12
#: Each so-many-th frame is asked for its likeness.
LIKENESS_EVERY = 5
#: Landmarks of the mouth with the skin around it, and of eyes and nose, which no new lips move.
MOUTH_BOX, STILL_BOX = (61, 291, 164, 18), (127, 356, 9, 2)
#: How much of the face's width around its landmarks belongs to it; beyond that nothing may change.
OUTLINE_MARGIN = 0.08
#: Side of the still mouth in which flicker is measured, in pixels.
STILL_MOUTH_PX = 48
SOUND_RATE_HZ = 16_000


@dataclass(frozen=True)
class DubFigures:
    """Of one dubbed film; None where there was nothing to measure.

    voice_correlation: of the mouth's opening with the voice's loudness. shut_in_silence: part of the silent frames.
    likeness: mean cosine with the film's own frames. mouth_sharpness: fine detail of the mouth over that of eyes and nose, as a
    part of the same in the film's own frames; 1 is as sharp. flicker: of the still mouth, as a part of the film's own. outside:
    mean change beyond the face, in levels of 255. frames_lost: how many fewer frames there are.
    """

    voice_correlation: float | None
    shut_in_silence: float | None
    likeness: float | None
    mouth_sharpness: float | None
    flicker: float | None
    outside: float | None
    frames_lost: int


def loudness_db(sound: Path, fps: float, frames: int) -> FloatArray:
    """Loudness (T,) in dB of each frame's sound; a sound that ends early goes on as silence."""
    samples = round(SOUND_RATE_HZ / fps * frames) + 1
    blocks = [block[:, 0] for block in read_audio_blocks(sound, SOUND_RATE_HZ, 1, 1 << 16, 0.0, frames / fps)]
    heard = np.concatenate(blocks)[:samples] if blocks else np.zeros(0, np.float32)
    heard = np.pad(heard, (0, samples - len(heard)))
    edges = np.rint(np.arange(frames + 1) * SOUND_RATE_HZ / fps).astype(int)
    power = np.add.reduceat(heard.astype(np.float64) ** 2, edges[:-1]) / np.diff(edges)
    return np.asarray(10 * np.log10(power + 1e-10), np.float32)


def silent_frames(loudness: FloatArray, fps: float) -> npt.NDArray[np.bool_]:
    """Where nobody has spoken for long enough that the mouth should be shut (T,)."""
    quiet = loudness < np.percentile(loudness, LOUD_PERCENTILE) - SILENT_DB
    silent = np.zeros(len(loudness), bool)
    for first, end in runs(quiet):
        if end - first >= SILENT_S * fps:
            silent[first + round(SHUTTING_S * fps) : end - round(SHUTTING_S * fps)] = True
    return silent


def opening_of(track: FaceTrack) -> FloatArray:
    """Opening of the mouth (T,) in eye spans; NaN where it is not clearly seen."""
    return np.array([aperture(track.landmarks[i]) if track.clear(i) else np.nan for i in range(len(track))], np.float32)


def voice_correlation(opening: FloatArray, loudness: FloatArray) -> float | None:
    """Correlation of the opening with the loudness above silence; None where the mouth is hardly seen."""
    count = min(len(opening), len(loudness))
    seen = np.isfinite(opening[:count])
    if seen.sum() < 25:
        return None
    loud = np.maximum(loudness[:count], np.percentile(loudness, LOUD_PERCENTILE) - SILENT_DB)
    return correlation(opening[:count][seen].astype(np.float64), loud[seen].astype(np.float64))


def shut_in_silence(opening: FloatArray, loudness: FloatArray, fps: float) -> float | None:
    """Part of the silent frames in which the mouth is shut."""
    count = min(len(opening), len(loudness))
    silent = silent_frames(loudness[:count], fps) & np.isfinite(opening[:count])
    if not silent.any():
        return None
    seen = opening[np.isfinite(opening)]
    rest, wide = np.percentile(seen, [5, 95])
    return float((opening[:count][silent] <= rest + max(SHUT_PART * (wide - rest), 0.01)).mean())


class PairObserver:
    """Holds each dubbed frame against the film's own."""

    def __init__(self, track: FaceTrack, network: IdentityNetwork | None) -> None:
        """track: of the film's own face. network: None leaves the likeness out."""
        self._track, self._network = track, network
        self._likeness: list[float] = []
        self._sharpness: list[float] = []
        self._outside: list[float] = []
        self._still: list[tuple[FloatArray, FloatArray]] = []
        self._jumps: list[tuple[float, float]] = []

    def see(self, index: int, own: ByteArray, dubbed: ByteArray) -> None:
        """Take a pair of frames (H, W, 3) uint8 RGB."""
        if not self._track.clear(index):
            self._still.clear()
            return
        points = np.asarray(self._track.landmarks[index])
        outside = beyond_face(points, own.shape[:2])
        if outside.any():
            self._outside.append(float(np.abs(own.astype(np.int16) - dubbed)[outside].mean()))
        before, after = relative_detail(own, points), relative_detail(dubbed, points)
        if before and after:
            self._sharpness.append(after / before)
        if self._network is not None and index % LIKENESS_EVERY == 0:
            self._likeness.append(float(self._network.embedding(own, points) @ self._network.embedding(dubbed, points)))
        self._flicker(own, dubbed, points)

    def _flicker(self, own: ByteArray, dubbed: ByteArray, points: FloatArray) -> None:
        """The part of the mouth's brightness that alternates from frame to frame, the head laid still."""
        still = [luma(still_mouth(frame, points)) for frame in (own, dubbed)]
        self._still.append((still[0], still[1]))
        if len(self._still) == 3:
            first, middle, last = self._still
            own_jump, new_jump = (float(np.abs(middle[k] - (first[k] + last[k]) / 2).mean()) for k in (0, 1))
            self._jumps.append((own_jump, new_jump))
            self._still.pop(0)

    def figures(self) -> dict[str, float | None]:
        """likeness, mouth_sharpness, flicker and outside, as in `DubFigures`."""
        own_jump, new_jump = np.mean(self._jumps, axis=0) if self._jumps else (0.0, 0.0)
        return {
            "likeness": mean_of(self._likeness),
            "mouth_sharpness": None if not self._sharpness else float(np.median(self._sharpness)),
            "flicker": float(new_jump / own_jump) if own_jump > 0 else None,
            "outside": mean_of(self._outside),
        }


def mean_of(values: list[float]) -> float | None:
    """The mean; None of nothing."""
    return float(np.mean(values)) if values else None


def beyond_face(points: FloatArray, shape: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Where a frame of that shape shows no part of the face (H, W)."""
    flat = points[:, :2].astype(np.float32)
    middle = flat.mean(axis=0)
    hull = cv2.convexHull(middle + (flat - middle) * (1 + 2 * OUTLINE_MARGIN))
    inside = cv2.fillConvexPoly(np.zeros(shape, np.uint8), np.rint(hull).astype(np.int32), 1)
    return np.asarray(inside == 0)


def relative_detail(frame: ByteArray, points: FloatArray) -> float | None:
    """Fine detail about the mouth over that about eyes and nose; None where either is too small."""
    mouth, still = (detail_in(frame, points[list(box), :2]) for box in (MOUTH_BOX, STILL_BOX))
    return mouth / still if mouth is not None and still else None


def detail_in(frame: ByteArray, points: FloatArray) -> float | None:
    """Mean absolute Laplacian, in levels, in the box around points (n, 2)."""
    left, top = np.maximum(np.floor(points.min(axis=0)), 0).astype(int)
    right, bottom = np.ceil(points.max(axis=0)).astype(int) + 1
    cut = frame[top:bottom, left:right]
    if min(cut.shape[:2]) < 8:
        return None
    return float(np.abs(cv2.Laplacian(luma(np.ascontiguousarray(cut)), cv2.CV_32F)).mean())


def still_mouth(frame: ByteArray, points: FloatArray) -> ByteArray:
    """The mouth, laid still by the eyes and the nose: (STILL_MOUTH_PX, STILL_MOUTH_PX, 3)."""
    side = float(STILL_MOUTH_PX)
    target = np.array([[0.12, -0.75], [0.88, -0.75], [0.5, -0.3]]) * side
    matrix = similarity_transform(points[[33, 263, 1], :2], target + np.array([0.0, 0.35 * side]))
    return np.asarray(warp(frame, matrix, (STILL_MOUTH_PX, STILL_MOUTH_PX)), np.uint8)


def compared(
    own: Iterable[ByteArray],
    dubbed: Iterable[ByteArray],
    tracks: tuple[FaceTrack, FaceTrack],
    sound: Path,
    fps: float,
    network: IdentityNetwork | None,
) -> DubFigures:
    """All figures of a dubbed film. tracks: the face in the film's own frames, and in the dubbed ones."""
    observer, lost = PairObserver(tracks[0], network), 0
    for index, (first, second) in enumerate(zip_longest(own, dubbed)):
        if first is None or second is None:
            lost += 1 if second is None else -1
            continue
        observer.see(index, first, second)
    loudness = loudness_db(sound, fps, len(tracks[1]))
    opening = opening_of(tracks[1])
    return DubFigures(
        voice_correlation=voice_correlation(opening, loudness),
        shut_in_silence=shut_in_silence(opening, loudness, fps),
        frames_lost=lost,
        **observer.figures(),
    )
