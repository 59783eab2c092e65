"""The lips of a film by this engine: looks once through the film, then draws frame by frame."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.contracts import ByteArray, FloatArray, Progress, silent
from core.engine_card import Note
from core.messages import Message, message
from faces.fitting.mouth import MouthInterior
from faces.fitting.tones import measure_tones
from lipsync.card import LipsTask
from lipsync.mesh_lips.bank import cheapest_path, chosen_frames, cut_mouth, frames_at
from lipsync.mesh_lips.drawing import MouthDrawer, Pose
from lipsync.mesh_lips.drawn import LOOKS, is_drawn, mouth_is_there
from lipsync.mesh_lips.film_mouth import clear_frames, read_film_mouth, reference_frame, rest_landmarks
from lipsync.mesh_lips.new_mouth import new_mouth
from lipsync.mesh_lips.person import fit_person
from lipsync.mesh_lips.upper_face import UpperDrawer, upper_face

STAGE = "lips"


def unheard(note: Message) -> None:
    """Where nobody listens to notes."""


class MeshLips:
    """A `FrameFilter`: the film's frames in, the same with one person's new lips out."""

    def __init__(self, task: LipsTask, follow: bool = False, note: Note = unheard) -> None:
        """follow: whether brows, lids and gaze go a little with the new sound. note: hears what the user is to be told."""
        self._task, self._follow, self._note = task, follow, note
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
        drawn = is_drawn(picture, shown)
        if drawn and not mouth_is_there(self._some_frames()):
            self._note(message("lipsync.mesh_lips.drawn_mouth_not_found", number=track.number))
            return
        person = fit_person(picture, rest, shown)
        self._film = read_film_mouth(track, person, task.faces.fps, self._cuts)
        self._new = new_mouth(task.motion, self._film, person, self._cuts)
        frames = frames_at(task.frames(), chosen_frames(self._film, reference))
        mouths = [cut_mouth(frame, number, track, person) for number, frame in frames]
        self._mouths = cheapest_path(self._new, self._film, mouths)
        toothed = shown.human and not drawn
        interior = MouthInterior(picture, person.rig, measure_tones(picture, rest), toothed)
        self._drawer = MouthDrawer(person, mouths, interior)
        if self._follow:
            self._added = upper_face(task.motion, self._film, track, self._cuts)
            self._upper = UpperDrawer(person)

    def _some_frames(self) -> Iterator[tuple[ByteArray, FloatArray]]:
        """A few frames in which the face is clear, with its landmarks."""
        clear = np.flatnonzero(clear_frames(self._task.track))
        wanted = clear[np.linspace(0, len(clear) - 1, min(len(clear), LOOKS)).round().astype(int)]
        for number, frame in frames_at(self._task.frames(), wanted.tolist()):
            yield frame, np.asarray(self._task.track.landmarks[number], np.float32)

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
