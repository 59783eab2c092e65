"""The one pass over a film's frames: scalars for each frame, and what the metrics of pixels gather on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Generic, Protocol, TypeVar

import numpy as np

from core.contracts import Progress, silent
from core.timebase import frame_times_s
from metrics.alignment import HEAD_SIDE_PX, RIGID_POINTS, to_head, warp
from metrics.aperture import aperture, eye_span
from metrics.background import Background, BackgroundObserver, swimming
from metrics.blinks import eye_opening
from metrics.film_view import Reference, View, head_of
from metrics.flicker import Flicker, FlickerObserver, flickering
from metrics.head_regions import contour_band, face_ring
from metrics.likeness import IdentityNetwork, Likeness, LikenessObserver
from metrics.mouth_change import MouthObserver
from metrics.person_mask import background_mask, person_matte
from metrics.seam import Seam, SeamObserver, pasted
from metrics.sharpness import Sharpness, SharpnessObserver, blurred
from metrics.thumbnails import Thumbnails

#: Frames that the still film repeats, and frames at most on which a flaw is put in as a control.
STILL_FRAMES = 25
SPOILED_FRAMES = 100
#: Frames compared with the source picture by the slow networks, at most.
COMPARED_FRAMES = 80
#: Thumbnails at even distances.
SPREAD_THUMBNAILS = 18
#: The background begins this many face widths away from the person.
MARGIN_FACE_WIDTHS = 0.15

Result = TypeVar("Result", covariant=True)
R = TypeVar("R")


class Observer(Protocol[Result]):
    """Sees each frame once and tells its figures at the end."""

    def see(self, view: View) -> None:
        """Take the next frame."""
        ...

    def result(self) -> Result:
        """The figures of all frames seen."""
        ...


@dataclass(frozen=True)
class WithControls(Generic[R]):
    """A metric of the film, of a still film that repeats its first frame, and of the film with a known flaw put in.

    flaw: what was put in, in words; spoiled is None where there is no such control.
    """

    film: R
    still: R
    spoiled: R | None
    flaw: str = ""


class Watched(Generic[R]):
    """An observer of the film beside its two controls."""

    def __init__(self, make: Callable[[], Observer[R]], spoil: Callable[[View], View] | None = None, flaw: str = "") -> None:
        self.film, self.still = make(), make()
        self.spoiled = make() if spoil is not None else None
        self.spoil, self.flaw = spoil, flaw
        self.first = True

    def see(self, view: View) -> None:
        """Show the frame to the film's observer, and the controls what is theirs."""
        self.film.see(view)
        if self.first and view.face is not None:
            self.first = False
            for index in range(STILL_FRAMES):
                self.still.see(replace(view, index=index))
        if self.spoiled is not None and self.spoil is not None and view.index < SPOILED_FRAMES:
            self.spoiled.see(self.spoil(view))

    def result(self) -> WithControls[R]:
        """All figures."""
        spoiled = self.spoiled.result() if self.spoiled is not None else None
        return WithControls(self.film.result(), self.still.result(), spoiled, self.flaw)


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
    differ from the frame of the resting mouth, in [0, 1]. All NaN where no face was found.
    """

    fps: float
    times_s: np.ndarray
    aperture: np.ndarray
    eye_opening: np.ndarray
    height: np.ndarray
    rotation_deg: np.ndarray
    mouth_change: np.ndarray
    nose_change: np.ndarray
    likeness: WithControls[Likeness]
    background: WithControls[Background]
    seam: WithControls[Seam]
    flicker: WithControls[Flicker]
    sharpness: WithControls[Sharpness]
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
    watched = watch(place, source, max(1, -(-frames // COMPARED_FRAMES)))
    scalars, thumbnails = Scalars(eye_span(place.face.landmarks)), Thumbnails(frames, SPREAD_THUMBNAILS)
    mouth = MouthObserver(place.layout)
    for view in views:
        for observer in (scalars, thumbnails, mouth, *watched):
            observer.see(view)
        progress("watch", view.index + 1, frames)
    likeness, background, seam, flicker, sharpness = watched
    aperture = np.array(scalars.aperture, np.float32)
    return FilmTrack(
        fps,
        frame_times_s(len(scalars.aperture), fps),
        aperture,
        np.array(scalars.eye_opening, np.float32),
        np.array(scalars.height, np.float32),
        np.array(scalars.rotation_deg, np.float32).reshape(-1, 3),
        *mouth.result(aperture, fps),
        likeness.result(),
        background.result(),
        seam.result(),
        flicker.result(),
        sharpness.result(),
        thumbnails,
    )


def watch(
    place: Reference, source: Reference, stride: int
) -> tuple[Watched[Likeness], Watched[Background], Watched[Seam], Watched[Flicker], Watched[Sharpness]]:
    """The observers of pixels, each with its controls. The two slow ones look at every `stride`-th frame."""
    network, layout = IdentityNetwork(), place.layout
    matte = person_matte(place.image)
    background = background_mask(matte, MARGIN_FACE_WIDTHS * place.face_width)
    head = head_of(place.image, place.face, layout)
    assert head is not None
    head_matte = warp(matte, to_head(place.face.landmarks, layout), (HEAD_SIDE_PX, HEAD_SIDE_PX))
    ring, contour = face_ring(layout), contour_band(head_matte, layout)
    height = place.image.shape[0]
    return (
        Watched(lambda: LikenessObserver(source, network, stride)),
        Watched(lambda: BackgroundObserver(background, height), swimming, "the whole picture sways by 1 px of 480"),
        Watched(
            lambda: SeamObserver(head, ring, contour),
            pasted(head_matte),
            "a box around the face and a halo around the person, 12 levels lighter",
        ),
        Watched(lambda: FlickerObserver(layout), flickering, "frames 2% lighter and darker in turn"),
        Watched(lambda: SharpnessObserver(source, stride), blurred, "a blur of 1 px"),
    )
