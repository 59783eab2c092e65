"""The lips of a film by this engine: looks once through the film, then draws frame by frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from core.contracts import ByteArray, FloatArray, Progress, silent
from core.engine_card import Note
from core.messages import Message, message
from faces.fitting.mouth import MouthInterior
from faces.fitting.tones import measure_tones
from faces.tracking.tracks import FaceTrack, FilmFaces
from lipsync.card import LipsTask
from lipsync.mesh_lips.bank import Mouth, cheapest_path, chosen_frames, cut_mouth, frames_at
from lipsync.mesh_lips.drawing import MouthDrawer, Pose
from lipsync.mesh_lips.drawn import LOOKS, is_drawn, mouth_is_there
from lipsync.mesh_lips.film_mouth import FilmMouth, clear_frames, read_film_mouth, reference_frame, rest_landmarks
from lipsync.mesh_lips.new_mouth import new_mouth
from lipsync.mesh_lips.person import Person, fit_person
from lipsync.mesh_lips.upper_face import UpperDrawer, upper_face

STAGE = "lips"


@dataclass(frozen=True)
class Looked:
    """What a film tells of a person, whatever is to be said. fits: False for a drawing whose mouth is not where people's are."""

    person: Person
    film: FilmMouth
    mouths: list[Mouth]
    drawer: MouthDrawer
    fits: bool


def look_at(faces: FilmFaces, track: FaceTrack, frames: Callable[[], Iterator[ByteArray]]) -> Looked:
    """Learn the person from the film. Raises ValueError where the face is clear in no frame."""
    cuts = tuple(int(cut) for cut in faces.cuts)
    reference = reference_frame(track)
    rest = rest_landmarks(track, reference)
    _, picture = next(iter(frames_at(frames(), [reference])))
    shown = track.face(reference)
    assert shown is not None
    person = fit_person(picture, rest, shown)
    film = read_film_mouth(track, person, faces.fps, cuts)
    chosen = frames_at(frames(), chosen_frames(film, reference))
    mouths = [cut_mouth(frame, number, track, person) for number, frame in chosen]
    drawn = is_drawn(picture, shown)
    interior = MouthInterior(picture, person.rig, measure_tones(picture, rest), shown.human and not drawn)
    fits = not drawn or mouth_is_there(some_frames(track, frames()))
    return Looked(person, film, mouths, MouthDrawer(person, mouths, interior), fits)


def some_frames(track: FaceTrack, frames: Iterator[ByteArray]) -> Iterator[tuple[ByteArray, FloatArray]]:
    """A few of the film's frames in which the face is clear, with its landmarks."""
    clear = np.flatnonzero(clear_frames(track))
    wanted = clear[np.linspace(0, len(clear) - 1, min(len(clear), LOOKS)).round().astype(int)]
    for number, frame in frames_at(frames, wanted.tolist()):
        yield frame, np.asarray(track.landmarks[number], np.float32)


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
        looked = look_at(task.faces, track, task.frames)
        if not looked.fits:
            self._note(message("lipsync.mesh_lips.drawn_mouth_not_found", number=track.number))
            return
        self._film = looked.film
        self._new = new_mouth(task.motion, looked.film, looked.person, self._cuts)
        self._mouths = cheapest_path(self._new, looked.film, looked.mouths)
        self._drawer = looked.drawer
        if self._follow:
            self._added = upper_face(task.motion, self._film, track, self._cuts)
            self._upper = UpperDrawer(looked.person)

    def apply(self, frames: Iterator[ByteArray], progress: Progress = silent) -> Iterator[ByteArray]:
        """See `FrameFilter`; as many frames as the task's film has."""
        count = len(self._task.track)
        for number, frame in enumerate(frames):
            yield self._drawn(frame, number) if number < count else frame
            progress(STAGE, number + 1, count)

    def _drawn(self, frame: ByteArray, number: int) -> ByteArray:
        if self._drawer is None or not self._new.shown[number] > 0:
            return frame
        new, shown = self._new, float(self._new.shown[number])
        pose = pose_of(self._task.track, self._film, number, new.weights[number], shown, self._mouths[number])
        if self._upper is not None:
            frame = self._upper.draw(frame, pose.landmarks, self._added, number, shown)
        return self._drawer.draw(frame, pose)


def pose_of(track: FaceTrack, film: FilmMouth, number: int, weights: FloatArray, shown: float, mouths: FloatArray) -> Pose:
    """What a frame of the film is drawn by, for a new mouth's weights (52,)."""
    return Pose(
        landmarks=np.asarray(track.landmarks[number], np.float32),
        weights=weights,
        shapes=film.shapes[number],
        offset=film.offset[number],
        shown=shown,
        mouths=mouths,
    )
