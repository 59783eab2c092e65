"""Checks an order against its song and picture, and makes equal orders alike, before anything is queued."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.errors import Refused
from app.found_faces import FoundFace
from app.models import Picture, Song
from app.services.library import file_of
from app.services.pictures import get_picture
from app.services.songs import get_song
from app.settings import AppSettings
from core.errors import InputError
from core.messages import message_from_json
from media.sound_reader import MIN_SONG_S
from motion.intensity import check_within
from pipeline.engine_list import engine_named
from pipeline.film_option_kinds import Frame
from pipeline.film_settings import SongToVideoSettings
from pipeline.filter_chain import chain_of
from pipeline.works.song_to_film import expected_engine

#: A face at least this many times as high as each other one is meant where none is named.
DOMINANCE = 2.5
#: Smallest side of a frame around a drawn face, as the engine wants it.
LEAST_FRAME_PX = 24


@dataclass(frozen=True)
class Order:
    """An order that can be carried out."""

    song: Song
    picture: Picture
    options: SongToVideoSettings


def check_order(
    session: Session, settings: AppSettings, person_id: str, song_id: str, picture_id: str, options: SongToVideoSettings
) -> Order:
    """The order with its options settled. Raises NotFound, Refused, InputError."""
    song, picture = get_song(session, person_id, song_id), get_picture(session, person_id, picture_id)
    file_of(settings, song)
    file_of(settings, picture)
    check_filters(picture, options)
    face = settle_face(picture, options)
    start_s, duration_s = settle_part(song.duration_s, options)
    check_within(options.intensity_points, song.duration_s - start_s if duration_s is None else duration_s, options.fps)
    return Order(song, picture, options.changed({"face": face, "start_s": start_s, "duration_s": duration_s}))


def settle_part(song_s: float, options: SongToVideoSettings) -> tuple[float, float | None]:
    """Start and duration in seconds; a part that reaches the song's end has no duration. Raises Refused."""
    rest_s = song_s - options.start_s
    if rest_s < MIN_SONG_S:
        latest_s = max(0.0, song_s - MIN_SONG_S)
        raise Refused("app.start_behind_the_end", length=song_s, start=options.start_s, latest=latest_s)
    if options.duration_s is not None and options.duration_s < MIN_SONG_S:
        raise Refused("app.part_too_short", least=MIN_SONG_S)
    if options.duration_s is None or options.duration_s >= rest_s:
        return options.start_s, None
    return options.start_s, options.duration_s


def check_filters(picture: Picture, options: SongToVideoSettings) -> None:
    """Raises Refused where a filter can't work on what the film's engine draws."""
    engine = engine_named(expected_engine(options, picture.drawing))
    for card in chain_of(engine, options):
        if (reason := card.unfit(engine)) is not None:
            raise Refused(reason)


def is_drawn(picture: Picture, options: SongToVideoSettings) -> bool:
    """Whether the film is made by the engine for drawings."""
    return engine_named(expected_engine(options, picture.drawing)).drawn


def settle_face(picture: Picture, options: SongToVideoSettings) -> int | None:
    """The number of the face that sings; None where a drawn face is framed or looked for. Raises Refused and InputError."""
    if options.face_frame is not None:
        check_frame(picture, options.face_frame)
        return None
    people = picture.faces_as(drawing=False)
    if not is_drawn(picture, options) and (people or not picture.drawing):
        number = choose_face(people, options.face, picture.title)
        if people[number - 1].get("animal") and not options.allow_animals:
            raise Refused("app.face_is_an_animals", title=picture.title)
        return number
    if options.face not in (None, 1):
        raise Refused("app.faces_of_drawings_not_counted", number=options.face, title=picture.title)
    if picture.drawing and not picture.faces_as(drawing=True) and is_drawn(picture, options):
        raise Refused("app.no_face_in_drawing", title=picture.title)
    return None


def check_frame(picture: Picture, frame: Frame) -> None:
    """Raises Refused where too little of the frame lies within the picture."""
    left, top = max(0.0, frame[0]), max(0.0, frame[1])
    right, bottom = min(float(picture.width), frame[2]), min(float(picture.height), frame[3])
    width, height = max(0.0, right - left), max(0.0, bottom - top)
    if min(width, height) < LEAST_FRAME_PX:
        raise Refused("app.frame_too_small", width=width, height=height, least=LEAST_FRAME_PX)


def choose_face(faces: Sequence[FoundFace], number: int | None, title: str) -> int:
    """The number of the face that sings, chosen as the pipeline would.

    Raises Refused where it must be said which, InputError where that one can't sing.
    """
    if number is None:
        number = meant_face(faces)
    if number is None:
        raise Refused("app.several_faces", title=title, count=len(faces))
    if number > len(faces):
        raise Refused("app.no_such_face", number=number, title=title)
    face = faces[number - 1]
    if not face["ok"]:
        raise InputError(message_from_json(face.get("reason") or ""))
    return number


def meant_face(faces: Sequence[FoundFace]) -> int | None:
    """The only face, the only one that can sing, or the one that is far larger than all others; None where that is open."""
    able = [face["number"] for face in faces if face["ok"]]
    if len(faces) == 1 or len(able) == 1:
        return able[0] if able else 1
    if not faces:
        return None
    by_height = sorted(faces, key=lambda face: face["box"][3] - face["box"][1], reverse=True)
    first, second = (face["box"][3] - face["box"][1] for face in by_height[:2])
    return by_height[0]["number"] if first >= DOMINANCE * second else None
