"""What is known of the faces of a film: who is there, in which frame, where, and how well seen.

    faces = FilmFaces.load(folder)
    face = faces.tracks[0].face(120)          # None where this person is not there, or is not seen well enough

Rows lie in files that are mapped into memory, so that an hour of film takes no more of it than a minute.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.contracts import ByteArray, Face, FloatArray

FACTS_NAME = "film-faces.json"
#: What a track keeps of each frame, by the names of its files.
ROWS = ("landmarks", "blendshapes", "rotation_deg", "state")


class FaceState(IntEnum):
    """How a face is seen in one frame. Other lips are drawn for `CLEAR` faces alone.

    ABSENT: not there. CLEAR: well seen. TURNED: turned too far for its mouth to be seen. SMALL: too few pixels. COVERED: a hand,
    a microphone or another head is before the mouth. CUT: the mouth lies beyond the frame's border.
    """

    ABSENT = 0
    CLEAR = 1
    TURNED = 2
    SMALL = 3
    COVERED = 4
    CUT = 5


@dataclass(frozen=True)
class FaceTrack:
    """One person's face through a whole film, across cuts.

    number: 1 for the face that is seen most, then on, as people choose it. landmarks: (T, 478, 3) float32 in the film's pixels,
    steadied, NaN where the face is absent. blendshapes: (T, 52) float32 in [0, 1]. rotation_deg: (T, 3) float32, yaw, pitch,
    roll. state: (T,) uint8, a `FaceState` each. best_frame: where the face is seen best. human: False for faces that are most
    likely animals'.
    """

    number: int
    landmarks: FloatArray
    blendshapes: FloatArray
    rotation_deg: FloatArray
    state: ByteArray
    best_frame: int
    human: bool = True

    def __len__(self) -> int:
        return len(self.state)

    def face(self, frame: int) -> Face | None:
        """The face in that frame, however well seen; None where it is absent."""
        if self.state[frame] == FaceState.ABSENT:
            return None
        points = np.asarray(self.landmarks[frame], np.float32)
        (left, top), (right, bottom) = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
        yaw, pitch, roll = (float(angle) for angle in self.rotation_deg[frame])
        box = float(left), float(top), float(right), float(bottom)
        return Face(points, np.asarray(self.blendshapes[frame], np.float32), (yaw, pitch, roll), box, self.human)

    def clear(self, frame: int) -> bool:
        """Whether the face is seen well enough in that frame to be given other lips."""
        return bool(self.state[frame] == FaceState.CLEAR)


@dataclass(frozen=True)
class FilmFaces:
    """Every face of a film.

    fps: of the frames, all equally long. width, height: of a frame in pixels. frames: how many. cuts: first frame of each shot
    but the first, rising. tracks: by their numbers, from 1.
    """

    fps: float
    width: int
    height: int
    frames: int
    cuts: npt.NDArray[np.int64]
    tracks: tuple[FaceTrack, ...]

    def save(self, folder: Path) -> None:
        """Write all into an existing folder."""
        for track in self.tracks:
            for name in ROWS:
                np.save(folder / f"{track.number}-{name}.npy", getattr(track, name))
        self.save_facts(folder)

    def save_facts(self, folder: Path) -> None:
        """Write all but the tracks' rows, which lie in the folder already."""
        facts = {
            **{name: getattr(self, name) for name in ("fps", "width", "height", "frames")},
            "cuts": [int(cut) for cut in self.cuts],
            "tracks": [{name: getattr(track, name) for name in ("number", "best_frame", "human")} for track in self.tracks],
        }
        (folder / FACTS_NAME).write_text(json.dumps(facts), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> FilmFaces:
        """What `save` wrote; rows are read from their files as they are asked for."""
        facts = json.loads((folder / FACTS_NAME).read_text(encoding="utf-8"))
        tracks = tuple(FaceTrack(**known, **rows_of(folder, known["number"])) for known in facts.pop("tracks"))
        return cls(**{**facts, "cuts": np.array(facts["cuts"], np.int64), "tracks": tracks})


def rows_of(folder: Path, number: int) -> dict[str, Any]:
    """The rows of one track, mapped."""
    return {name: np.load(folder / f"{number}-{name}.npy", mmap_mode="r", allow_pickle=False) for name in ROWS}
