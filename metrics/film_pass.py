"""The one pass over a film's frames: scalars for each frame, and what the metrics that look at frames gather on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from core.contracts import Progress, silent
from core.timebase import frame_times_s
from metrics.alignment import RIGID_POINTS
from metrics.aperture import aperture, eye_span
from metrics.blinks import eye_opening
from metrics.film_view import Reference, Scene, View
from metrics.mouth_change import MouthObserver
from metrics.registry import Observer, Watcher, all_metrics
from metrics.thumbnails import Thumbnails

#: Frames compared with the source picture by the slow networks, at most.
COMPARED_FRAMES = 80
#: Thumbnails at even distances.
SPREAD_THUMBNAILS = 18


@dataclass
class Scalars:
    """A few numbers for each frame; NaN where no face was found. unit_px: the reference's eye span, the unit of heights."""

    unit_px: float
    aperture: list[float] = field(default_factory=list)
    eye_opening: list[float] = field(default_factory=list)
    height: list[float] = field(default_factory=list)
    rotation_deg: list[tuple[float, float, float]] = field(default_factory=list)

    def see(self, view: View) -> None:
        """Take the next frame."""
        if view.face is None:
            for series in (self.aperture, self.eye_opening, self.height):
                series.append(np.nan)
            self.rotation_deg.append((np.nan, np.nan, np.nan))
            return
        points = view.face.landmarks
        self.aperture.append(aperture(points))
        self.eye_opening.append(eye_opening(points))
        self.height.append(float(points[list(RIGID_POINTS), 1].mean()) / self.unit_px)
        self.rotation_deg.append(view.face.rotation_deg)


@dataclass(frozen=True)
class FilmTrack:
    """What one pass gathered. The series have one value for each frame: (T,) float32, rotation_deg (T, 3).

    times_s: middle of each frame. aperture: in eye spans. eye_opening: in eye widths. height: of the head's bones,
    growing downwards, in eye spans. mouth_change, nose_change: share of the pixels of the mouth, and beside the nose, that
    differ from the frame of the resting mouth, in [0, 1]. All NaN where no face was found. gathered: by a metric's name what its
    observer told at the end.
    """

    fps: float
    times_s: np.ndarray
    aperture: np.ndarray
    eye_opening: np.ndarray
    height: np.ndarray
    rotation_deg: np.ndarray
    mouth_change: np.ndarray
    nose_change: np.ndarray
    gathered: Mapping[str, object]
    thumbnails: Thumbnails

    @property
    def face_share(self) -> float:
        """Share of the frames in which the face was found."""
        return float(np.isfinite(self.aperture).mean()) if len(self.aperture) else 0.0


def film_pass(
    views: Iterable[View], place: Reference, source: Reference, frames: int, fps: float, progress: Progress = silent
) -> FilmTrack:
    """Look at each frame once.

    place: where head and background lie in the film. source: what the face should look like (the same, but for cropped films).
    frames: the number expected, for strides, thumbnails and progress.
    """
    watched = watch(Scene(place, source, max(1, -(-frames // COMPARED_FRAMES))))
    scalars, thumbnails = Scalars(eye_span(place.face.landmarks)), Thumbnails(frames, SPREAD_THUMBNAILS)
    mouth = MouthObserver(place.layout)
    watchers: list[Watcher] = [scalars, thumbnails, mouth, *watched.values()]
    for view in views:
        for watcher in watchers:
            watcher.see(view)
        progress("watch", view.index + 1, frames)
    aperture = np.array(scalars.aperture, np.float32)
    return FilmTrack(
        fps,
        frame_times_s(len(scalars.aperture), fps),
        aperture,
        np.array(scalars.eye_opening, np.float32),
        np.array(scalars.height, np.float32),
        np.array(scalars.rotation_deg, np.float32).reshape(-1, 3),
        *mouth.result(aperture, fps),
        {name: observer.result() for name, observer in watched.items()},
        thumbnails,
    )


def watch(scene: Scene) -> dict[str, Observer[object]]:
    """The observers of all metrics that look at frames, by the metrics' names."""
    return {metric.name: metric.watch(scene) for metric in all_metrics() if metric.watch is not None}
