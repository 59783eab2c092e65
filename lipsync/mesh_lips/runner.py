"""The lips of a film by this engine: looks once through the film, then draws frame by frame."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.contracts import ByteArray, Progress, silent
from faces.fitting.mouth import MouthInterior
from faces.fitting.tones import measure_tones
from lipsync.card import LipsTask
from lipsync.mesh_lips.bank import cheapest_path, chosen_frames, cut_mouth, frames_at
from lipsync.mesh_lips.drawing import MouthDrawer, Pose
from lipsync.mesh_lips.film_mouth import clear_frames, read_film_mouth, reference_frame, rest_landmarks
from lipsync.mesh_lips.new_mouth import new_mouth
from lipsync.mesh_lips.person import fit_person
from lipsync.mesh_lips.upper_face import UpperDrawer, upper_face

STAGE = "lips"


class MeshLips:
    """A `FrameFilter`: the film's frames in, the same with one person's new lips out."""

    def __init__(self, task: LipsTask, follow: bool = False) -> None:
        """follow: whether brows, lids and gaze go a little with the new sound."""
        self._task, self._follow = task, follow
        self._cuts = tuple(int(cut) for cut in task.faces.cuts)
        self._drawer: MouthDrawer | None = None
        self._upper: UpperDrawer | None = None
        if clear_frames(task.track).any():
            self._look()

    def _look(self) -> None:
        """Learn the person from the film, and choose what is drawn when."""
        task, track = self._task, self._task.track
        reference = reference_frame(track)
        rest = rest_landmarks(track, reference)
        _, picture = next(iter(frames_at(task.frames(), [reference])))
        shown = track.face(reference)
        assert shown is not None
        person = fit_person(picture, rest, shown)
        self._film = read_film_mouth(track, person, task.faces.fps, self._cuts)
        self._new = new_mouth(task.motion, self._film, person, self._cuts)
        frames = frames_at(task.frames(), chosen_frames(self._film, reference))
        mouths = [cut_mouth(frame, number, track, person) for number, frame in frames]
        self._mouths = cheapest_path(self._new, self._film, mouths)
        interior = MouthInterior(picture, person.rig, measure_tones(picture, rest), shown.human)
        self._drawer = MouthDrawer(person, mouths, interior)
        if self._follow:
            self._added = upper_face(task.motion, self._film, track, self._cuts)
            self._upper = UpperDrawer(person)

    def apply(self, frames: Iterator[ByteArray], progress: Progress = silent) -> Iterator[ByteArray]:
        """See `FrameFilter`; as many frames as the task's film has."""
        count = len(self._task.track)
        for number, frame in enumerate(frames):
            yield self._drawn(frame, number) if number < count else frame
            progress(STAGE, number + 1, count)

    def _drawn(self, frame: ByteArray, number: int) -> ByteArray:
        if self._drawer is None or not self._new.shown[number] > 0:
            return frame
        landmarks, shown = np.asarray(self._task.track.landmarks[number], np.float32), float(self._new.shown[number])
        if self._upper is not None:
            frame = self._upper.draw(frame, landmarks, self._added, number, shown)
        pose = Pose(
            landmarks=landmarks,
            weights=self._new.weights[number],
            shapes=self._film.shapes[number],
            offset=self._film.offset[number],
            shown=shown,
            mouths=self._mouths[number],
        )
        return self._drawer.draw(frame, pose)
