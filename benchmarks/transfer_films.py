"""A film of one face as the benchmark of motion transfer sees it, and sheets of two films, one over the other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

from benchmarks.transfer_measures import Series, series_of
from core.contracts import ByteArray, FloatArray
from core.errors import InputError
from faces.face_choice import choose_face
from faces.faces import FaceFinder
from faces.tracking.film_tracking import track_faces
from media.film_opening import open_film
from media.pictures import load_picture
from metrics.alignment import head_layout
from metrics.contact_sheet import fit, spread_indices
from metrics.film_view import View, head_of, small_luma
from metrics.flicker import FlickerObserver
from metrics.likeness import IdentityNetwork
from motion.driving.neutral import neutral_of

#: Every so-many-th frame is asked for its likeness; so many are shown, as large at the most.
LIKENESS_EVERY, SHOWN, SHOWN_PX = 10, 10, 220


@dataclass(frozen=True)
class Seen:
    """series: of `series_of`. likeness: mean cosine of its faces with the portrait's, or with the own neutral one; flicker: of
    skin patches, in levels of 255; None where they can't be told. shown: some of its frames."""

    series: Series
    fps: float
    frames: int
    likeness: float
    flicker: float | None
    shown: list[ByteArray]


def portrait_face(portrait: Path, network: IdentityNetwork) -> FloatArray:
    """(512,) of the largest face in a picture, with which likeness is compared."""
    image = load_picture(portrait).image
    with FaceFinder() as finder:
        face = choose_face(finder.find(image), None, (image.shape[1], image.shape[0]))
    return network.embedding(image, face.landmarks)


def looked_at(
    film: Path,
    folder: Path,
    network: IdentityNetwork,
    likened: FloatArray | None,
    start_s: float = 0.0,
    duration_s: float | None = None,
) -> Seen:
    """A part of a film, tracked. likened: (512,) of whom likeness is told; None: of the own neutral face. Raises InputError."""
    source = open_film(film, start_s, duration_s)
    rows = Path(mkdtemp(dir=folder))
    faces = track_faces(source.frames(), source.fps, source.width, source.height, source.count, rows)
    if not faces.tracks:
        raise InputError("metrics.no_face_in_film", video=film)
    track = faces.tracks[0]
    neutral = neutral_of(track)
    layout = head_layout(neutral.landmarks)
    flicker = FlickerObserver(layout)
    shown, looks, wanted = [], [], set(spread_indices(faces.frames, SHOWN))
    for number, frame in enumerate(source.frames()):
        face = track.face(number)
        flicker.see(View(number, frame, face, head_of(frame, face, layout), small_luma(frame)))
        if face is not None and number % LIKENESS_EVERY == 0:
            looks.append(network.embedding(frame, face.landmarks))
        if number == neutral.frame and likened is None:
            assert face is not None  # a neutral face is one that is seen
            likened = network.embedding(frame, face.landmarks)
        if number in wanted:
            shown.append(fit(frame, SHOWN_PX))
    assert likened is not None
    likeness = float(np.mean([look @ likened for look in looks])) if looks else 0.0
    return Seen(series_of(track), source.fps, faces.frames, likeness, flicker.result().typical, shown)


def sheet(driver: Seen, drawn: Seen) -> ByteArray:
    """Frames of a driver over those of the film that follows it."""
    rows = [np.hstack([square(frame) for frame in seen.shown]) for seen in (driver, drawn)]
    width = min(row.shape[1] for row in rows)
    return np.vstack([row[:, :width] for row in rows])


def square(frame: ByteArray) -> ByteArray:
    """The frame in the upper middle of a dark square."""
    whole = np.full((SHOWN_PX, SHOWN_PX, 3), 24, np.uint8)
    left = (SHOWN_PX - frame.shape[1]) // 2
    whole[: frame.shape[0], left : left + frame.shape[1]] = frame
    return whole
