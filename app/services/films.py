"""Films: ordered, listed, renamed, made again. The same order twice is one film and one job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.database import writing
from app.errors import NotFound
from app.models import Work
from app.services.engines import check_engine
from app.services.library import lock_person, not_found
from app.services.listing import Page, Sort, Within
from app.services.options import film_options, options_json, order_key
from app.services.orders import Order, check_order
from app.services.releasing import release_files
from app.services.works import OrderedWork, check_quotas_for_works, get_work, list_works, place, work_file
from app.settings import AppSettings
from pipeline.film_settings import SongToVideoSettings
from pipeline.works.song_to_film import SONG_TO_FILM


def order_film(
    session: Session,
    settings: AppSettings,
    person_id: str,
    song_id: str,
    picture_id: str,
    options: SongToVideoSettings | None = None,
) -> OrderedWork:
    """Order a film; gives it, and whether a job was queued for it.

    The same order again gives the film that is there: False, unless that one failed, was cancelled or lost its file: then it is
    made anew.
    Raises NotFound; InputError and Refused for options that don't fit; LimitReached where too many films wait.
    """
    return order_many(session, settings, person_id, [song_id], [picture_id], options)[0]


def order_many(
    session: Session,
    settings: AppSettings,
    person_id: str,
    song_ids: Sequence[str],
    picture_ids: Sequence[str],
    options: SongToVideoSettings | None = None,
    faces: Mapping[str, int] | None = None,
) -> list[OrderedWork]:
    """Order a film of every song with every picture: all of them, or none where one can't be made. Otherwise as `order_film`.

    faces: which face sings, by the picture's id, for those where it is not the options' one.
    """
    options, faces = options or SongToVideoSettings(), faces or {}
    check_engine(session, options)  # first: it may take a second, in which nobody else should have to wait
    with writing(session):
        lock_person(session, person_id)
        ordered = []
        for song_id in dict.fromkeys(song_ids):
            for picture_id in dict.fromkeys(picture_ids):
                face = faces.get(picture_id, options.face)
                order = check_order(session, settings, person_id, song_id, picture_id, options.changed({"face": face}))
                ordered.append(place_order(session, settings, order))
        check_quotas_for_works(session, settings, person_id, any(created for _, created in ordered))
    release_files(session, settings, person_id)
    return ordered


def place_order(session: Session, settings: AppSettings, order: Order) -> OrderedWork:
    """The film of the order: the one that is there, made anew where it has to be, or a new one."""
    key = order_key(order.options, order.song.id, order.picture.id)
    assets = {"song": order.song, "portrait": order.picture}
    return place(session, settings, SONG_TO_FILM, assets, options_json(order.options), key)


def make_again(session: Session, settings: AppSettings, person_id: str, film_id: str, changes: Mapping[str, Any]) -> OrderedWork:
    """Order the film again with some things changed: options by name, `song_id` or `picture_id`. Otherwise as `order_film`.

    With another song its whole length and its own intensity are taken, with another picture its only face or the one that is
    found, unless the changes say otherwise.
    """
    film = get_film(session, person_id, film_id)
    options = dict(changes)
    song_id, picture_id = options.pop("song_id", film.song.id), options.pop("picture_id", film.picture.id)
    if song_id != film.song.id:
        options = {"start_s": None, "duration_s": None, "intensity": None, **options}
    if picture_id != film.picture.id:
        options = {"face": None, "frame": None, **options}
    wanted = film_options(film.options).changed(options)
    return order_film(session, settings, person_id, song_id, picture_id, wanted)


def get_film(session: Session, person_id: str, film_id: str) -> Work:
    """The film as the database has it now. Raises NotFound."""
    film = get_work(session, person_id, film_id)
    if film.kind != SONG_TO_FILM.name:
        raise not_found(Work)
    return film


def list_films(
    session: Session,
    person_id: str,
    search: str = "",
    cursor: str | None = None,
    limit: int = 50,
    sort: Sort = "newest",
    within: Within = (),
) -> Page[Work]:
    """The person's films that hold every word of `search`. Raises Refused for a cursor that is unknown in that order."""
    return list_works(session, person_id, search, cursor, limit, SONG_TO_FILM, sort=sort, within=within)


def film_file(settings: AppSettings, film: Work) -> Path:
    """The film's file. Raises NotFound where it is not there, or not yet."""
    try:
        return work_file(settings, film, "film")
    except NotFound as error:
        raise NotFound("app.film_not_there_yet") from error
