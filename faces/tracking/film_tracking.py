"""Follows every face of a film through all its frames.

    faces = track_faces(film.frames(), film.fps, film.width, film.height, film.count, folder)

Each face is read in a close-up that goes with it (about 7 ms a frame); the detector looks for new ones every quarter of a second
and after each cut. What is read goes to files at once, so that an hour takes no more memory than a minute. Then the runs of one
person are put together (`people.py`), steadied (`steadying.py`) and judged frame by frame (`seen.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import numpy as np

from core.contracts import ByteArray, Progress, silent
from core.frame_stream import closing_frames
from faces.face_reading import first_reading, read_face
from faces.face_search import distinct, search_tiles, shared_part, tile_sides
from faces.faces import WEIGHT_NAME, FaceFinderSettings, box_of, is_person, is_well_read
from faces.mediapipe_tasks import Detection, Detector, Landmarker, Reading
from faces.tracking.appearance import likeness_of
from faces.tracking.following import Run, read_next
from faces.tracking.people import people_of
from faces.tracking.settings import TrackingSettings
from faces.tracking.shots import CutFinder
from faces.tracking.track_rows import rows_name, write_track
from faces.tracking.tracks import FaceTrack, FilmFaces, rows_of
from weights.fetch import ensure

STAGE = "faces"
#: Two faces that share more of the smaller one's box are one.
SAME_PLACE = 0.55
#: How often a face is asked whether it is a person's, and its look is taken, in seconds.
JUDGE_EVERY_S = 0.6
#: How often it is asked until it is given up.
MOST_JUDGEMENTS = 4
#: A face less alike to what it was is another one, which came in its place.
ANOTHER_FACE = 0.1


def track_faces(
    frames: Iterator[ByteArray],
    fps: float,
    width: int,
    height: int,
    count: int,
    folder: Path,
    progress: Progress = silent,
    settings: TrackingSettings | None = None,
) -> FilmFaces:
    """Every face of a film, person by person.

    frames: `count` of them, (height, width, 3) uint8 RGB, at `fps`; closed in the end. folder: there, empty; what is found is
    written into it and is read from there. progress: ("faces", frames done, frames in all).
    Raises MissingError where the weights can't be had, and what `progress` raises.
    """
    with closing_frames(frames), FaceTracker(fps, folder, settings or TrackingSettings()) as tracker:
        seen = 0
        for seen, frame in enumerate(frames, start=1):
            tracker.see(frame, seen - 1)
            progress(STAGE, seen, max(seen, count))
        runs = tracker.end()
    total = max(count, seen)
    cuts = np.array(tracker.cuts, np.int64)
    people = people_of(runs, cuts, fps, tracker.settings)
    tracks = []
    for number, person in enumerate(people, start=1):
        best = write_track(folder, number, person, total, (width, height), fps, cuts, tracker.settings)
        tracks.append(FaceTrack(number=number, best_frame=best, human=person.human, **rows_of(folder, number)))
    for run in runs:
        (folder / rows_name(run.number)).unlink()
    faces = FilmFaces(fps, width, height, total, cuts, tuple(tracks))
    faces.save_facts(folder)
    return faces


class FaceTracker:
    """Follows faces, in a `with` block. cuts: the first frames of the shots after the first."""

    def __init__(self, fps: float, folder: Path, settings: TrackingSettings) -> None:
        """Raises MissingError where the weights can't be had."""
        bundle = ensure(WEIGHT_NAME)
        self.settings = settings
        self.cuts: list[int] = []
        self._landmarker = Landmarker(bundle, False, 2, settings.min_detection, settings.min_presence)
        self._detector = Detector(bundle, settings.min_detection)
        self._judging = FaceFinderSettings()
        self._fps, self._folder = fps, folder
        self._cut_finder = CutFinder()
        self._active: list[Run] = []
        self._ended: list[Run] = []
        self._next_look = self._next_close_look = 0

    def __enter__(self) -> FaceTracker:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.end()
        self._landmarker.close()
        self._detector.close()

    def end(self) -> list[Run]:
        """All runs, in the order of their beginnings; nothing is followed any more."""
        for run in list(self._active):
            self._stop(run)
        return sorted(self._ended, key=lambda run: run.number)

    def see(self, frame: ByteArray, index: int) -> None:
        """Take the next frame (H, W, 3) uint8 RGB; `index` counts from 0."""
        if self._cut_finder.cut(frame):
            self.cuts.append(index)
            for run in list(self._active):
                self._stop(run)
            self._next_look = self._next_close_look = index
        self._follow(frame, index)
        if index >= self._next_look or not self._active:
            self._look(frame, index)

    def _follow(self, frame: ByteArray, index: int) -> None:
        read: dict[int, Reading] = {}
        for run in self._active:
            assert run.reading is not None
            reading = read_next(frame, run.reading, run.moved if index - run.last == 1 else (0.0, 0.0), self._landmarker)
            if reading is not None:
                read[run.number] = reading
        for run in list(self._active):
            reading = read.get(run.number)
            others = [read[other.number] for other in self._active if other.number < run.number and other.number in read]
            if reading is None or any(same_place(reading, other) for other in others):
                read.pop(run.number, None)
                if index - run.last > self.settings.lost_s * self._fps:
                    self._stop(run)
                continue
            self._take(run, reading, frame, index)

    def _take(self, run: Run, reading: Reading, frame: ByteArray, index: int) -> None:
        look = run.take(reading, frame, index)
        every = max(1, round(JUDGE_EVERY_S * self._fps))
        if (len(run.frames) - 1) % every:
            return
        if look is not None and run.looks >= 2 and likeness_of(look, run.look) < ANOTHER_FACE:  # type: ignore[arg-type]
            self._stop(run)
            self._start(reading, frame, index)
            return
        if look is not None:
            run.add_look(look)
        if not run.human and run.judged < MOST_JUDGEMENTS:
            self._judge(run, frame)

    def _judge(self, run: Run, frame: ByteArray) -> None:
        """Ask whether the face is a person's, and whether it is one at all."""
        assert run.reading is not None
        points = run.reading.landmarks[:, :2]
        eyes = np.stack(
            [points[[33, 133]].mean(axis=0), points[[263, 362]].mean(axis=0), points[1], points[[13, 14]].mean(axis=0)]
        )
        read = read_face(frame, Detection(1.0, run.last_box, eyes), self._landmarker, self._detector)
        run.judged += 1
        if read is None:
            return
        if is_person(read[0].landmarks, read[1], self._judging):
            run.human = True
        elif is_well_read(read[1], self._judging) and run.human is None:
            run.human = False

    def _look(self, frame: ByteArray, index: int) -> None:
        """Look for faces that are not followed yet."""
        self._next_look = index + max(1, round(self.settings.look_every_s * self._fps))
        closely = index >= self._next_close_look
        if closely:
            self._next_close_look = index + max(1, round(self.settings.look_closely_every_s * self._fps))
        whole, *smaller = tile_sides(frame.shape[1], frame.shape[0])
        self._start_new(frame, index, whole)
        for side in smaller[:2] if closely else ():
            largest = max((run.last_box[3] - run.last_box[1] for run in self._active), default=0.0)
            if largest < self._judging.small_face_part * min(frame.shape[:2]):
                self._start_new(frame, index, side)

    def _start_new(self, frame: ByteArray, index: int, side: int) -> None:
        for found in distinct(search_tiles(frame, side, self._detector)):
            if any(shared_part(found.box, run.last_box) > SAME_PLACE for run in self._active if run.last == index):
                continue
            reading = first_reading(frame, found, self._landmarker)
            if reading is None:
                continue
            places = [run for run in self._active if run.reading is not None and same_place(reading, run.reading)]
            if not places:
                self._start(reading, frame, index)

    def _start(self, reading: Reading, frame: ByteArray, index: int) -> None:
        """Follow a new face from a frame on."""
        number = len(self._active) + len(self._ended)
        run = Run(number, (self._folder / rows_name(number)).open("wb"))
        self._active.append(run)
        self._take(run, reading, frame, index)

    def _stop(self, run: Run) -> None:
        if run.rows is not None:
            run.rows.close()
            run.rows = None
        self._active.remove(run)
        self._ended.append(run)


def same_place(first: Reading, second: Reading) -> bool:
    """Whether two readings are of one face."""
    return shared_part(box_of(first.landmarks), box_of(second.landmarks)) > SAME_PLACE
