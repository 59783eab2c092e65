"""Puts the runs of one person together, across cuts and times in which nobody was seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.contracts import FloatArray
from faces.face_search import shared_part
from faces.tracking.appearance import likeness_of
from faces.tracking.following import Run
from faces.tracking.settings import TrackingSettings

#: Frames in which two runs of one person may overlap, where one face came in another one's place.
OVERLAP = 2
#: Within one shot a face that comes back this soon, in seconds, at the same place, need not look as alike.
SOON_S = 1.5
SOON_LIKENESS = 0.3


@dataclass
class Person:
    """The runs of one person, in the film's order."""

    runs: list[Run]

    @property
    def human(self) -> bool:
        """Whether any of the runs was surely a human's."""
        return any(run.human for run in self.runs)

    @property
    def frames(self) -> int:
        """In how many the person was read."""
        return sum(len(run.frames) for run in self.runs)

    @property
    def seen(self) -> float:
        """How long and large the person is seen: the face's sides in all frames."""
        return float(sum(sum(run.widths_px) for run in self.runs))

    @property
    def look(self) -> FloatArray | None:
        """The mean appearance; None where there was no frontal view."""
        looks = [(run.look, run.looks) for run in self.runs if run.look is not None]
        if not looks:
            return None
        return np.asarray(sum(look * weight for look, weight in looks) / sum(weight for _, weight in looks), np.float32)


def people_of(runs: Sequence[Run], cuts: npt.NDArray[np.int64], fps: float, settings: TrackingSettings) -> list[Person]:
    """The people of a film, the one who is seen longest and largest first; passers-by and what is no face are left out."""
    people: list[Person] = []
    for run in sorted(runs, key=lambda run: -sum(run.widths_px)):
        best, likeness = None, -np.inf
        for person in people:
            alike = likeness_to(person, run, cuts, fps, settings)
            if alike is not None and alike > likeness:
                best, likeness = person, alike
        if best is None:
            people.append(Person([run]))
        else:
            best.runs.append(run)
    for person in people:
        person.runs.sort(key=lambda run: run.frames[0])
    known = [person for person in people if any(run.human is not None for run in person.runs)]
    kept = [person for person in known if person.frames >= settings.passer_by_s * fps]
    return sorted(kept, key=lambda person: -person.seen)[: settings.most_people]


def likeness_to(person: Person, run: Run, cuts: npt.NDArray[np.int64], fps: float, settings: TrackingSettings) -> float | None:
    """How well a run suits a person; None where it can't be theirs, or isn't alike enough."""
    if any(overlap(run, other) > OVERLAP for other in person.runs):
        return None
    near = max((nearness(run, other, cuts, fps) for other in person.runs), default=0.0)
    look = person.look
    if look is None or run.look is None:
        return near if near > 0 else None
    alike = likeness_of(look, run.look)
    needed = SOON_LIKENESS if near > 0 else settings.same_person
    return alike + near if alike >= needed else None


def overlap(first: Run, second: Run) -> int:
    """Frames from the later beginning to the earlier end of two runs."""
    return min(first.last, second.last) - max(first.frames[0], second.frames[0]) + 1


def nearness(first: Run, second: Run, cuts: npt.NDArray[np.int64], fps: float, soon_s: float = SOON_S) -> float:
    """Above 0, up to 1, where the later of two runs begins soon after the earlier one, in the same shot, at the same place."""
    if first.frames[0] > second.frames[0]:
        first, second = second, first
    gap = second.frames[0] - first.last
    shots = np.searchsorted(cuts, [first.last, second.frames[0]], side="right")
    if gap > soon_s * fps or shots[0] != shots[1]:
        return 0.0
    return shared_part(first.last_box, second.first_box) * (1 - max(0, gap) / (soon_s * fps + 1))
