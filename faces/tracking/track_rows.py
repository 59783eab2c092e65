"""Makes the rows of one person's track out of the files of the runs, a piece at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.blendshapes import BLENDSHAPE_NAMES
from core.contracts import FloatArray
from faces.tracking.appearance import MOUTH_PLACES
from faces.tracking.following import Run
from faces.tracking.people import Person, nearness
from faces.tracking.seen import Bools, states_of
from faces.tracking.settings import TrackingSettings
from faces.tracking.steadying import FACE_GROUPS, Groups, steadied, trembling_of
from faces.tracking.tracks import FaceState

POINTS, SHAPES, PLACES = 478 * 3, len(BLENDSHAPE_NAMES), len(MOUTH_PLACES) * 3
ROW = POINTS + SHAPES + 3 + PLACES
#: Frames that are worked on at a time, and those before and after them that their steadying looks at.
PIECE, MARGIN = 1500, 30
#: A face that comes back within so many seconds, where it was, was behind something all the time.
LOST_BEHIND_S = 3.0
#: Columns of a run's row: the landmarks' coordinates by their groups, then each shape, then the head's angles.
COLUMN_GROUPS: Groups = (
    *(tuple(3 * point + axis for point in group for axis in range(3)) for group in FACE_GROUPS),
    *((POINTS + shape,) for shape in range(SHAPES)),
    tuple(range(POINTS + SHAPES, POINTS + SHAPES + 3)),
)


def rows_name(number: int) -> str:
    """Name of the file in which a run's rows lie while a film is followed."""
    return f"run-{number}.rows"


def write_track(
    folder: Path,
    number: int,
    person: Person,
    total: int,
    size: tuple[int, int],
    fps: float,
    cuts: npt.NDArray[np.int64],
    settings: TrackingSettings,
) -> int:
    """Write the rows of a person's track of `total` frames into the folder in which the runs' files lie.

    size: (width, height) of a frame in pixels. Gives back the frame in which the face is seen best.
    """
    shapes = {"landmarks": (478, 3), "blendshapes": (SHAPES,), "rotation_deg": (3,), "state": ()}
    rows = {
        name: np.lib.format.open_memmap(
            folder / f"{number}-{name}.npy", "w+", np.uint8 if name == "state" else np.float32, (total, *shape)
        )
        for name, shape in shapes.items()
    }
    for name in ("landmarks", "blendshapes", "rotation_deg"):
        for first in range(0, total, PIECE):
            rows[name][first : first + PIECE] = np.nan if name == "landmarks" else 0
    for first, values, read in stretches(folder, person, cuts, fps, settings):
        put_stretch(rows, first, values, read, size, fps, settings)
    for array in rows.values():
        array.flush()
    return best_frame(person, rows["state"])


def stretches(
    folder: Path, person: Person, cuts: npt.NDArray[np.int64], fps: float, settings: TrackingSettings
) -> Iterator[tuple[int, FloatArray, Bools]]:
    """Parts of a film in which the person is there all the time, within one shot: first frame, rows (T, ROW), which were read.

    Moments in which the face was lost are bridged in straight lines. Rows are mapped where nothing is to be put together.
    """
    longest_gap = round(settings.lost_s * fps) + 1
    for runs in joined_runs(person, cuts, fps):
        maps = [np.memmap(folder / rows_name(run.number), np.float32, "r").reshape(-1, ROW) for run in runs]
        values: FloatArray = maps[0] if len(maps) == 1 else np.concatenate(maps)
        frames, kept = np.unique(np.concatenate([run.frames for run in runs]), return_index=True)
        breaks = np.flatnonzero(np.diff(frames) > longest_gap) + 1 if len(runs) == 1 else np.zeros(0, int)
        if len(kept) < len(values):
            values = values[kept]
        for part in np.split(np.arange(len(frames)), breaks):
            first, last = int(frames[part[0]]), int(frames[part[-1]])
            read = np.zeros(last - first + 1, bool)
            read[frames[part] - first] = True
            yield first, bridged(values[part[0] : part[-1] + 1], read), read


def joined_runs(person: Person, cuts: npt.NDArray[np.int64], fps: float) -> list[list[Run]]:
    """The person's runs, those of one shot together between which the face was lost for a while and came back at its place."""
    joined: list[list[Run]] = []
    for run in person.runs:
        before = joined[-1][-1] if joined else None
        if before is not None and nearness(before, run, cuts, fps, LOST_BEHIND_S) > 0:
            joined[-1].append(run)
        else:
            joined.append([run])
    return joined


def bridged(values: FloatArray, read: Bools) -> FloatArray:
    """Rows (n, N) of the frames that were read, with what lies between them on straight lines: (T, N)."""
    if read.all():
        return values
    out = np.empty((len(read), values.shape[1]), np.float32)
    places = np.flatnonzero(read)
    out[places] = values
    for missing in np.flatnonzero(~read):
        after = int(np.searchsorted(places, missing))
        share = (missing - places[after - 1]) / (places[after] - places[after - 1])
        out[missing] = values[after - 1] * (1 - share) + values[after] * share
    return out


def put_stretch(
    rows: dict[str, np.memmap],
    first: int,
    values: FloatArray,
    read: Bools,
    size: tuple[int, int],
    fps: float,
    settings: TrackingSettings,
) -> None:
    """Steady a stretch and judge it, piece by piece, and put it into the track's rows from frame `first` on."""
    moving = POINTS + SHAPES + 3
    trembling = trembling_of(values[: 2 * PIECE, :moving], COLUMN_GROUPS)
    for begin in range(0, len(values), PIECE):
        low, high = max(0, begin - MARGIN), min(len(values), begin + PIECE + MARGIN)
        kept = slice(begin - low, min(begin + PIECE, len(values)) - low)
        steady = steadied(np.asarray(values[low:high, :moving]), COLUMN_GROUPS, trembling, fps)
        landmarks = steady[:, :POINTS].reshape(-1, 478, 3)
        rotation_deg = steady[:, POINTS + SHAPES :]
        places = np.asarray(values[low:high, moving:])
        states = states_of(landmarks, rotation_deg, places, read[low:high], size, fps, settings)
        target = slice(first + begin, first + begin + kept.stop - kept.start)
        rows["landmarks"][target] = landmarks[kept]
        rows["blendshapes"][target] = np.clip(steady[kept, POINTS : POINTS + SHAPES], 0, 1)
        rows["rotation_deg"][target] = rotation_deg[kept]
        rows["state"][target] = states[kept]


def best_frame(person: Person, state: npt.NDArray[np.uint8]) -> int:
    """The frame in which the face is large, frontal and clear; where it is clear in none, the largest and most frontal."""
    ranked = sorted((run.best for run in person.runs), reverse=True)
    for _, frame in ranked:
        if state[frame] == FaceState.CLEAR:
            return frame
    clear = np.flatnonzero(state == FaceState.CLEAR)
    return int(clear[len(clear) // 2]) if len(clear) else ranked[0][1]
