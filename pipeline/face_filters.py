"""What filters do to single faces of a film that exists: which are asked for, what they lack here, and the faces one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import cast

from core.contracts import ByteArray, FloatArray, Progress, silent
from core.engine_card import Note
from core.errors import MissingError
from core.filter_card import FaceInFilm, FaceWork, FilterCard, OwnOptions
from core.messages import Message
from core.stage_cost import StageCost
from faces.tracking.tracks import FaceTrack, FilmFaces
from neural.device import DeviceChoice, choose_device
from pipeline.filter_list import FILTERS
from pipeline.stages import opened
from weights.fetch import ensure_all


def face_filters(settings: OwnOptions) -> list[tuple[FilterCard, FaceWork]]:
    """The filters that a film's options ask for on single faces, in their order, each with what it does there."""
    asked = ((card, card.on_face) for card in FILTERS if card.on_face is not None)
    return sorted(((card, work) for card, work in asked if work.asked(settings)), key=lambda pair: pair[0].order)


def face_filter_lack(settings: OwnOptions) -> Message | None:
    """What one of them lacks here; None: nothing."""
    lacks = (work.missing(settings) for _, work in face_filters(settings))
    return next((lack for lack in lacks if lack is not None), None)


def check_face_filters(settings: OwnOptions, progress: Progress = silent) -> None:
    """Bring what they need, before anything long is done for nothing.

    progress: called with (name, bytes done, bytes in all). Raises `InputError` where the device is not there, `MissingError`
    where a package or a weight can't be had.
    """
    if (lack := face_filter_lack(settings)) is not None:
        raise MissingError(lack)
    for card, _ in face_filters(settings):
        if card.on_torch:
            choose_device(cast(DeviceChoice, settings.device))
        ensure_all(list(card.weights), progress)


def face_filters_cost(settings: OwnOptions, card: bool) -> StageCost:
    """What they add to the frames; card: whether there seems to be a graphics card."""
    cost = StageCost(0.0)
    for _, work in face_filters(settings):
        cost = cost.plus(work.cost(settings, card))
    return cost


def with_face_filters(
    frames: Iterator[ByteArray],
    settings: OwnOptions,
    faces: FilmFaces,
    tracks: Sequence[FaceTrack],
    note: Note,
    alive: Progress,
    kept: Callable[[Iterator[ByteArray]], Iterator[ByteArray]],
) -> Iterator[ByteArray]:
    """The frames with all of that done to the faces of `tracks`; `kept` hears of every stream that must be closed in the end."""
    for card, work in face_filters(settings):
        for track in tracks:
            with opened(card.install):
                frames = kept(work.make(settings, face_in_film(faces, track), note).apply(frames, alive))
    return frames


def face_in_film(faces: FilmFaces, track: FaceTrack) -> FaceInFilm:
    """A person's face as filters see it: where it is seen clearly."""

    def landmarks(number: int) -> FloatArray | None:
        return track.landmarks[number] if track.clear(number) else None

    return FaceInFilm(faces.fps, len(track), landmarks, tuple(int(cut) for cut in faces.cuts))
