"""The character of a session made of a film: a part of it in which one face is clear runs to and fro, and its lips speak live."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from core.contracts import ByteArray, LiveDrawer, Progress
from core.errors import InputError
from drawing.resizing import resized
from faces.tracking.tracks import FaceState, FaceTrack, FilmFaces
from lipsync.card import LoopTask
from lipsync.crop_places import stretches
from media.film_opening import open_film
from pipeline.cache import CacheSettings, StageCache, file_digest
from pipeline.dub_inputs import ShownFilm, find_faces, part_digest
from pipeline.lips_list import LIPS
from pipeline.portrait_step import film_size
from pipeline.run import Run
from pipeline.stages import Stages, opened

#: Of a film that is longer, its beginning; a part in which the face is clear must be so long. Both in seconds.
MOST_S, LEAST_S = 30.0, 1.0
#: Pixels lie at whole coordinates in their middle: (x, y, z) of half of one.
HALF_A_PIXEL = np.array([0.5, 0.5, 0.0], np.float32)
#: Frames are kept as JPEGs of this quality, 30 s of them in some 100 MB at 1080 lines.
JPEG_QUALITY = 95


class FilmCharacter:
    """One film; its faces are found in the films' cache where it was dubbed or spoke before, and held until it is closed."""

    def __init__(self, film: Path, progress: Progress) -> None:
        """progress: may raise `Cancelled`."""
        self._film, self._progress = film, progress
        self._release = ExitStack()
        self._run = Run(StageCache(CacheSettings.from_environment()), progress, self._release)
        self._frames: list[bytes] = []

    def prepare(self, height: int) -> None:
        """Follow the face, choose the part, and keep its frames at about that height.

        Raises InputError for a film that can't be read, or in which no face is clear for long enough.
        """
        source = open_film(self._film, 0.0, MOST_S)
        shown = ShownFilm(source, part_digest(file_digest(self._film), source), "bounce", source.count)
        faces, _ = find_faces(self._run, shown, Stages())
        track, first, end = self._best_part(faces)
        size = film_size(source.height, source.width, min(height, source.height))
        for frame in source.frames(first, end - first):
            self._frames.append(packed(resized(frame, *size)))
            self._progress("frames", len(self._frames), end - first)
        self._size = size
        self._faces, self._track = part_of_faces(faces, track, first, end)
        self._card = next(card for card in LIPS if card.live is not None)

    def _best_part(self, faces: FilmFaces) -> tuple[FaceTrack, int, int]:
        """The face and the frames of its longest part, people before animals. Raises InputError where it is too short."""
        parts = [
            (track.human, end - first, track, first, end) for track in faces.tracks for first, end in clear_parts(faces, track)
        ]
        best = max(parts, key=lambda part: part[:2], default=None)
        if best is None or best[1] < LEAST_S * faces.fps:
            raise InputError("live.session.no_clear_part", least=LEAST_S)
        return best[2:]

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the pictures, both even; of a character that is prepared."""
        return self._size

    def drawer(self, height: int) -> LiveDrawer:
        """What draws it at a height up to that of `prepare`. Raises MissingError where the engine of lips lacks something."""
        own_height, own_width = self._size
        size = film_size(own_height, own_width, min(height, own_height))

        def frame(number: int) -> ByteArray:
            return resized(unpacked(self._frames[number]), *size)

        faces, track = at_size(self._faces, self._track, (size[0], size[1]))
        assert self._card.live is not None
        with opened(self._card.install):
            return self._card.live(LoopTask(faces, track, frame))

    def close(self) -> None:
        """Let go of what was found."""
        self._release.close()


def clear_parts(faces: FilmFaces, track: FaceTrack) -> list[tuple[int, int]]:
    """(first, end) of the parts of one shot in which the face is clear."""
    return list(stretches(np.asarray(track.state) == FaceState.CLEAR, [int(cut) for cut in faces.cuts]))


def part_of_faces(faces: FilmFaces, track: FaceTrack, first: int, end: int) -> tuple[FilmFaces, FaceTrack]:
    """The same of those frames and that face alone."""
    own = replace(
        track,
        number=1,
        landmarks=np.array(track.landmarks[first:end]),
        blendshapes=np.array(track.blendshapes[first:end]),
        rotation_deg=np.array(track.rotation_deg[first:end]),
        state=np.array(track.state[first:end]),
        best_frame=min(max(track.best_frame - first, 0), end - first - 1),
    )
    return replace(faces, frames=end - first, cuts=np.zeros(0, np.int64), tracks=(own,)), own


def at_size(faces: FilmFaces, track: FaceTrack, size: tuple[int, int]) -> tuple[FilmFaces, FaceTrack]:
    """The same in frames of that size (height, width). The face's depth goes with its width."""
    across, down = size[1] / faces.width, size[0] / faces.height
    scale = np.array([across, down, across], np.float32)
    own = replace(track, landmarks=(track.landmarks + HALF_A_PIXEL) * scale - HALF_A_PIXEL)
    return replace(faces, width=size[1], height=size[0], tracks=(own,)), own


def packed(frame: ByteArray) -> bytes:
    """A frame as a JPEG."""
    done, data = cv2.imencode(".jpg", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise RuntimeError("A frame could not be packed.")
    return bytes(data)


def unpacked(data: bytes) -> ByteArray:
    """The frame again (H, W, 3) uint8 RGB."""
    return np.asarray(cv2.cvtColor(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB))
