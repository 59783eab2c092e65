"""The driving film of motion transfer: its part, the person in it who is followed, and which of its moments each frame shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from core.contracts import ByteArray, Face, Motion
from core.driving import Driving, FaceFilm
from core.errors import InputError
from core.film_stages import DECODE, MOTION
from core.frame_stream import closing_frames
from core.messages import message
from core.timebase import frame_count
from faces.tracking.tracks import FaceState, FaceTrack, FilmFaces
from media.film_loop import LoopKind, loop_index, looped_frames
from media.film_source import FilmSource
from motion.retimed import retimed
from pipeline.dub_inputs import ShownFilm, find_faces, open_part, part_digest
from pipeline.film_faces import AS_IT_IS
from pipeline.run import Run
from pipeline.stages import Stages, opened
from pipeline.transfer_settings import FollowSettings

if TYPE_CHECKING:
    from motion.driving.runner import ReadDriver

#: Frame rates that a film is made at; a driving film beyond them is taken at the nearest.
LOWEST_FPS, HIGHEST_FPS = 10.0, 60.0
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Timeline:
    """Which moment of a driving film each frame of the result shows.

    source_fps, count: of the film's part. fps, frames: of the result. loop: what is done behind the part's end.
    """

    source_fps: float
    count: int
    fps: float
    frames: int
    loop: LoopKind = AS_IT_IS

    @cached_property
    def unfolded(self) -> IntArray:
        """(T,) the frame that each shows, counted on where the film runs back or stands still."""
        found = np.rint(np.arange(self.frames) * (self.source_fps / self.fps)).astype(np.int64)
        return np.minimum(found, self.count - 1) if self.loop == "cut" else found

    @cached_property
    def shown(self) -> IntArray:
        """(T,) the number of the film's frame that each shows."""
        return np.array([loop_index(int(index), self.count, self.loop) for index in self.unfolded], np.int64)

    @property
    def places(self) -> npt.NDArray[np.float64]:
        """(T,) the moment that each shows, in the film's frames."""
        exact, last = np.arange(self.frames) * (self.source_fps / self.fps), self.count - 1
        if self.loop != "bounce" or last == 0:
            return np.minimum(exact, last)
        return np.asarray(last - np.abs(exact % (2 * last) - last), np.float64)

    def cuts(self, cuts: Sequence[int]) -> tuple[int, ...]:
        """Where the result has cuts, for those of the film."""
        shots = np.searchsorted(np.asarray(cuts, int), self.shown, side="right")
        return tuple(int(frame) for frame in np.flatnonzero(np.diff(shots)) + 1)

    def pictures(self, source: FilmSource) -> Iterator[ByteArray]:
        """The film's frame (H, W, 3) uint8 RGB for each of the result, an array that may come twice."""
        wanted = self.unfolded
        if not len(wanted):
            return
        with closing_frames(frames := looped_frames(source, int(wanted[-1]) + 1, self.loop)):
            position, frame = -1, None
            for index in wanted:
                while position < index:
                    frame, position = next(frames), position + 1
                assert frame is not None
                yield frame


@dataclass(frozen=True)
class Driver:
    """The person who is followed.

    source: the part of the film. digest: of it, for the cache. track: the person's. faces: how many people the film shows. read:
    what the person's face does.
    """

    source: FilmSource
    digest: str
    track: FaceTrack
    faces: int
    read: ReadDriver

    def timeline(self, length_s: float, fps: float, loop: LoopKind = AS_IT_IS) -> Timeline:
        """For a result that lasts `length_s`."""
        return Timeline(self.source.fps, self.source.count, fps, frame_count(length_s, fps), loop)

    def motion(self, portrait: Face | None, settings: FollowSettings, timeline: Timeline) -> Motion:
        """What a portrait does, frame by frame of the result; its face as the picture has it, where that is known."""
        from motion.driving.runner import DrivingSettings, driven_motion

        driven = driven_motion(self.read, portrait, DrivingSettings(not settings.absolute, settings.strength))
        return retimed(driven, timeline.places, timeline.fps, self.read.cuts)

    def driving(self, settings: FollowSettings, timeline: Timeline, sounding_lips: bool) -> Driving:
        """For an engine that looks at the film itself."""
        shown = timeline.shown

        def face(frame: int) -> Face | None:
            return self.track.face(int(shown[frame]))

        film = FaceFilm(
            timeline.fps, timeline.frames, self.source.width, self.source.height, lambda: timeline.pictures(self.source), face
        )
        neutral = int(np.abs(shown - self.read.neutral).argmin())
        cuts, seen = timeline.cuts(self.read.cuts), np.asarray(self.read.seen)[shown]
        return Driving(film, neutral, seen, cuts, not settings.absolute, settings.strength, sounding_lips)


def open_driving(run: Run, film: Path, settings: FollowSettings, at_most_s: float | None = None) -> ShownFilm:
    """The part of the driving film, no longer than `at_most_s` where nobody is chosen by number.

    Raises `InputError` where it can't be used.
    """
    with run.stage(DECODE):
        source, digest = open_part(film, settings.start_s, settings.duration_s)
        if at_most_s is not None and settings.driving_face is None and at_most_s < source.duration_s:
            source, digest = open_part(film, settings.start_s, at_most_s)
        run.note(*source.notes)
        return ShownFilm(source, part_digest(digest, source), AS_IT_IS, source.count)


def rate_of(source: FilmSource, settings: FollowSettings) -> float:
    """Frames a second of the result."""
    return settings.fps or min(max(source.fps, LOWEST_FPS), HIGHEST_FPS)


def read_film(run: Run, shown: ShownFilm, settings: FollowSettings, stages: Stages) -> Driver:
    """Follow the faces, choose the person, and read what the face does. Raises `InputError` where nobody can be followed."""
    faces, _ = find_faces(run, shown, stages)
    name = shown.source.path.name
    number = chosen_driver(run, name, faces, settings.driving_face)
    with run.stage(MOTION) as progress, opened():
        from motion.driving.runner import read_driver

        read = read_driver(faces, number, progress, shown.source.start_s)
    run.note(*read.notes)
    return Driver(shown.source, shown.digest, faces.tracks[number - 1], len(faces.tracks), read)


def chosen_driver(run: Run, name: str, faces: FilmFaces, number: int | None) -> int:
    """Who is followed: the one of that number, or the person who is seen most. Raises `InputError` where there is none."""
    there = [track.number for track in faces.tracks if (np.asarray(track.state) != FaceState.ABSENT).any()]
    if not there:
        raise InputError("pipeline.no_face_in_film", name=name)
    if number is not None and number not in there:
        raise InputError("pipeline.no_such_face_in_film", number=number, name=name, count=len(faces.tracks))
    if number is None and len(there) > 1:
        chosen = next((each for each in there if faces.tracks[each - 1].human), there[0])
        run.note(message("pipeline.more_faces_to_follow", number=chosen, count=len(there)))
        return chosen
    return number or there[0]


def report_facts(driver: Driver) -> dict[str, Any]:
    """What reports tell of the driver."""
    return {"driving_face": driver.track.number, "faces": driver.faces, "seen": round(float(np.mean(driver.read.seen)), 4)}
