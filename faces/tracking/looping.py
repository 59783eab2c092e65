"""The faces of a film that is shown in another order of its frames, as where it goes back and forth under a longer sound."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from faces.tracking.tracks import ROWS, FaceTrack, FilmFaces, rows_of

#: Frames that are copied at a time.
PIECE = 2000


def looped_faces(faces: FilmFaces, shown: npt.ArrayLike, folder: Path) -> FilmFaces:
    """The faces of a film that shows the frames `shown` (T,), by their numbers, one after the other.

    folder: there; the rows are written into it and read from there. Where the order jumps a new shot begins, as at a cut; where
    it turns round none does.
    """
    order = np.asarray(shown, np.int64)
    for track in faces.tracks:
        for name in ROWS:
            source: npt.NDArray[Any] = getattr(track, name)
            target = np.lib.format.open_memmap(
                folder / f"{track.number}-{name}.npy", "w+", source.dtype, (len(order), *source.shape[1:])
            )
            for first in range(0, len(order), PIECE):
                target[first : first + PIECE] = source[order[first : first + PIECE]]
            target.flush()
    tracks = tuple(
        FaceTrack(
            number=track.number,
            best_frame=first_place(order, track.best_frame),
            human=track.human,
            **rows_of(folder, track.number),
        )
        for track in faces.tracks
    )
    result = FilmFaces(faces.fps, faces.width, faces.height, len(order), cuts_of(order, faces.cuts), tracks)
    result.save_facts(folder)
    return result


def first_place(order: npt.NDArray[np.int64], frame: int) -> int:
    """Where a frame is shown first, or the one nearest to it where it is not shown."""
    return int(np.argmin(np.abs(order - frame)))


def cuts_of(order: npt.NDArray[np.int64], cuts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The first frames of the shots after the first, in the new order."""
    shots = np.searchsorted(cuts, order, side="right")
    jumps = (np.diff(shots) != 0) | (np.abs(np.diff(order)) > 1)
    return np.flatnonzero(jumps) + 1
