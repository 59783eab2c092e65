"""A film in, the people in it out: who they are, for how long they are seen, and a small picture of each, to choose from.

What is followed stays in the stages' cache, where a dub of the same part of the film finds it.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from core.contracts import Progress, silent
from core.film_stages import DECODE
from core.messages import Message, message
from faces.tracking.tracks import FaceState, FaceTrack, FilmFaces
from media.film_loop import LoopKind
from media.film_source import FilmSource
from pipeline.cache import CacheSettings, StageCache
from pipeline.dub_inputs import ShownFilm, faces_able, find_faces, open_part, part_digest
from pipeline.input_files import check_input
from pipeline.run import Run
from pipeline.stages import Stages, opened

#: Why a person who is never seen clearly can't get other lips, by how it is seen most.
REASONS = {
    FaceState.TURNED: "pipeline.always_turned",
    FaceState.SMALL: "pipeline.always_small",
    FaceState.COVERED: "pipeline.always_covered",
    FaceState.CUT: "pipeline.always_cut",
}
#: How the part is shown does not matter to its faces.
AS_IT_IS: LoopKind = "cut"


@dataclass(frozen=True)
class FilmFace:
    """One person of a film.

    number: as `face` of a dub names it. seen, clear: for what share of the part it is there, and clear enough for other lips.
    best_s: where it is seen best, in seconds from the film's first frame. human: False where it is most likely an animal.
    chosen: whether it gets other lips where nobody is named. reason: why it can't have any; None where it can.
    """

    number: int
    seen: float
    clear: float
    best_s: float
    human: bool
    chosen: bool
    reason: Message | None = None

    def as_json(self) -> dict[str, object]:
        """The fields as JSON values, the reason as a code."""
        return {**vars(self), "reason": None if self.reason is None else self.reason.as_json()}


@dataclass(frozen=True)
class FilmFacesReport:
    """The people in a part of a film, those first who are seen most.

    start_s, duration_s: of the part. width, height: of a frame in pixels. pictures: a JPEG of each person, by its number.
    """

    film: str
    start_s: float
    duration_s: float
    width: int
    height: int
    faces: tuple[FilmFace, ...]
    pictures: dict[int, bytes] = field(repr=False)
    seconds: dict[str, float]
    cached_stages: tuple[str, ...]
    notes: tuple[Message, ...] = ()


def film_faces(
    film: Path,
    start_s: float = 0.0,
    duration_s: float | None = None,
    progress: Progress = silent,
    stages: Stages | None = None,
    cache: StageCache | None = None,
) -> FilmFacesReport:
    """The people in a part of the film, which begins at `start_s` and lasts `duration_s`, or up to its end.

    progress: called with a stage's name (decode, faces), what is done and how much there is (0: unknown).
    Raises `InputError` where the film can't be used, `MissingError` where a weight or a package is missing.
    """
    check_input(film, "film")
    with ExitStack() as release:
        run = Run(cache or StageCache(CacheSettings.from_environment()), progress, release)
        with run.stage(DECODE):
            source, digest = open_part(film, start_s, duration_s)
        run.note(*source.notes)
        shown = ShownFilm(source, part_digest(digest, source), AS_IT_IS, source.count)
        found, _ = find_faces(run, shown, stages or Stages())
        return FilmFacesReport(
            film=str(film),
            start_s=source.start_s,
            duration_s=source.duration_s,
            width=source.width,
            height=source.height,
            faces=people_of(found, source.start_s),
            pictures=pictures_of(source, found),
            seconds=run.timings(),
            cached_stages=tuple(run.cached_stages),
            notes=tuple(run.notes),
        )


def people_of(faces: FilmFaces, start_s: float) -> tuple[FilmFace, ...]:
    """What is told of each person. start_s: time of the first frame in the film."""
    _, able = faces_able(faces)
    return tuple(
        FilmFace(
            number=track.number,
            seen=round(float(np.mean(np.asarray(track.state) != FaceState.ABSENT)), 4),
            clear=round(float(np.mean(np.asarray(track.state) == FaceState.CLEAR)), 4),
            best_s=round(start_s + track.best_frame / faces.fps, 3),
            human=track.human,
            chosen=track.number in able[:1],
            reason=reason_of(track),
        )
        for track in faces.tracks
    )


def reason_of(track: FaceTrack) -> Message | None:
    """Why a person can't get other lips: how it is seen in most frames; None where it is seen clearly in any."""
    count = np.bincount(np.asarray(track.state), minlength=len(FaceState))
    if count[FaceState.CLEAR]:
        return None
    return message(REASONS[max(REASONS, key=lambda state: int(count[state]))])


def pictures_of(source: FilmSource, faces: FilmFaces) -> dict[int, bytes]:
    """A JPEG of each person."""
    with opened():
        from faces.tracking.snapshots import snapshots

        return dict(snapshots(source, faces))
