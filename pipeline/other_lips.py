"""Lips by another engine in a film of a portrait: frames are drawn, the face is followed, and an engine of lips draws over it.

What an engine of lips must see before it draws, the whole film, is not there while a portrait's frames are drawn: so they are
kept, without loss, until the film is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from core.contracts import ByteArray, Face, FrameFilter, FrameInfo, Motion, Portrait, Progress, Renderer, silent
from core.engine_card import Note
from core.film_stages import FRAMES, LIPS
from core.frame_stream import FrameCount, closing_frames
from core.messages import message
from core.output_files import check_free_space
from faces.tracking.tracks import FaceTrack, FilmFaces
from lipsync.card import LipsCard, LipsTask
from media.kept_frames import BYTES_A_PIXEL, KeptFrames
from pipeline.face_filters import with_face_filters
from pipeline.film_settings import SongToVideoSettings
from pipeline.filter_chain import Chain, size_of
from pipeline.head_film import moved_face
from pipeline.stages import opened


class OtherLips:
    """A `Renderer` in two steps: in the block of `drawn` frames are drawn, followed and kept; `frames` gives them other lips."""

    def __init__(
        self,
        renderer: Renderer,
        card: LipsCard,
        chains: tuple[Chain, Chain],
        settings: SongToVideoSettings,
        voice: Path,
        note: Note,
    ) -> None:
        """renderer: draws the frames. chains: the filters that are in it, and those that come behind the lips. voice: a sound
        file that begins with the film. note: takes what the user is to be told."""
        self._renderer, self._card = renderer, card
        self._before, self._after = chains
        self._settings, self._voice, self._note = settings, voice, note
        self._kept: KeptFrames | None = None
        self._faces: FilmFaces | None = None

    @contextmanager
    def drawn(self, portrait: Portrait, motion: Motion, video: Path, progress: Progress) -> Iterator[None]:
        """Draw all frames, and follow the face in them; they are kept beside `video`.

        Raises what the renderer raises, and InputError where they can't be kept.
        """
        from faces.tracking.film_tracking import track_faces

        size = size_of(self._before, portrait, self._settings)
        check_free_space(video.parent, round(BYTES_A_PIXEL * size[0] * size[1] * len(motion)))
        with TemporaryDirectory(prefix="belcanto-lips-") as name, KeptFrames(video, size, motion.fps) as kept:

            def added(frames: Iterator[ByteArray]) -> Iterator[ByteArray]:
                with closing_frames(frames):
                    for number, frame in enumerate(frames, start=1):
                        kept.add(frame)
                        yield frame
                        progress(FRAMES, number, len(motion))

            frames = added(self._renderer.frames(portrait, motion, lambda *_: progress(FRAMES, len(kept), len(motion))))
            self._faces = track_faces(frames, motion.fps, *size, len(motion), Path(name))
            kept.end()
            self._kept = kept
            try:
                yield
            finally:
                self._kept = self._faces = None

    def frames(self, portrait: Portrait, motion: Motion, progress: Progress = silent) -> Iterator[ByteArray]:
        """See `Renderer`. Raises RuntimeError outside the block of `drawn`."""
        if self._kept is None or self._faces is None:
            raise RuntimeError("Frames get other lips only after they were drawn.")
        count = FrameCount(progress, LIPS, len(motion))
        count.alive(LIPS, 0, 0)
        with ExitStack() as streams:

            def kept(frames: Iterator[ByteArray]) -> Iterator[ByteArray]:
                streams.enter_context(closing_frames(frames))
                return frames

            frames = self._with_lips(kept(self._kept.frames()), portrait, motion, kept, count.alive)
            yield from count.counted(frames)

    def _with_lips(
        self,
        frames: Iterator[ByteArray],
        portrait: Portrait,
        motion: Motion,
        kept: Callable[[Iterator[ByteArray]], Iterator[ByteArray]],
        alive: Progress,
    ) -> Iterator[ByteArray]:
        """The frames with their lips and all that comes behind them."""
        assert self._kept is not None and self._faces is not None
        faces, settings = self._faces, self._settings
        info = FrameInfo(portrait, portrait.face, faces.width, faces.height, motion.fps, len(motion), None, self._voice)
        track = face_of(faces, portrait)
        if track is None:
            self._note(message("pipeline.drawn_face_not_seen", engine=self._card.name))
        else:
            self._tell(faces, track)
            with opened(self._card.install):
                frames = kept(self._lips(faces, track, motion).apply(frames, alive))
            frames = with_face_filters(frames, settings, faces, [track], self._note, alive, kept)
        for card in self._after:
            with opened(card.install):
                frames = kept(card.make(settings, info, self._note).apply(frames, alive))
            info = card.after(settings, info)
        return frames

    def _lips(self, faces: FilmFaces, track: FaceTrack, motion: Motion) -> FrameFilter:
        """The filter of the engine of lips."""
        assert self._kept is not None
        return self._card.make(self._settings, LipsTask(faces, track, motion, self._voice, self._kept.frames), self._note)

    def _tell(self, faces: FilmFaces, track: FaceTrack) -> None:
        """Say where the lips stay as they were drawn."""
        from faces.tracking.track_notes import notes_about

        for note in notes_about(faces, (track.number,)):
            self._note(note)


def face_of(faces: FilmFaces, portrait: Portrait) -> FaceTrack | None:
    """Whose face of a film is the portrait's that it was drawn from: the one nearest to its place; None where none is clear."""
    clear = [track for track in faces.tracks if track.clear(track.best_frame)]
    if not clear:
        return None
    height, width = portrait.image.shape[:2]
    own = moved_face(portrait.face, (0.0, 0.0, float(width), float(height)), faces.width, faces.height)
    return min(clear, key=lambda track: apart(track.face(track.best_frame), own))


def apart(face: Face | None, other: Face) -> float:
    """How far the middles of two faces' boxes lie from each other, in pixels."""
    if face is None:
        return float("inf")
    (left, top, right, bottom), (x0, y0, x1, y1) = face.box, other.box
    return float(((left + right - x0 - x1) ** 2 + (top + bottom - y0 - y1) ** 2) ** 0.5 / 2)
