"""Hands files that a request brought to the reception, for the pages and the API alike."""

from __future__ import annotations

import io
from collections.abc import Callable, Hashable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from flask import Flask, current_app, request
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.accounts.guarding import NotSignedIn, is_known
from app.context import EXTENSION, app_settings, current_person_id, database, db_session
from app.database import DEPTH, QUEUED_JOBS
from app.errors import AppError, Busy, LimitReached
from app.models import Clip, Given, Picture, Song
from app.services.clips import add_clip, get_clip
from app.services.cutting import make_cut_picture
from app.services.incoming import received
from app.services.pictures import add_picture, get_picture
from app.services.reception import Reception, Ticket
from app.services.songs import add_song, get_song
from app.serving.addresses import network_of
from app.settings import AppSettings
from pipeline.picture_cut import PictureCut

#: Where the application keeps its `Reception`, in `extensions`.
RECEPTION = "belcanto_reception"
#: Where it keeps what says, before a request's body is taken, whether it is taken.
ADMIT = "belcanto_admit"
#: Where forms with a file are sent.
FILES_GO_TO = ("/music", "/image", "/clip", "/share", "/api/v1/songs", "/api/v1/pictures", "/api/v1/clips")
#: Longest body of somebody who is not signed in, in bytes, where accounts are on: a form with a name and a password.
FORM_OF_STRANGERS = 65_536
#: What a look does with a session of its own: makes a song, picture or clip.
Look = Callable[[Session], Song | Picture | Clip]


def register_reception(app: Flask, settings: AppSettings) -> None:
    """Give the application its reception."""
    app.extensions[RECEPTION] = Reception(settings)
    app.extensions[ADMIT] = partial(admit, app)


def admit(app: Flask, environ: Mapping[str, Any]) -> AppError | None:
    """The error for a request that brings a file while its address may bring no more, or more than a form while nobody is signed
    in where accounts are on: it need not be sent first."""
    if (error := refuse_unknown(app, environ)) is not None:
        return error
    if environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"] in FILES_GO_TO:
        try:
            app.extensions[RECEPTION].check(None, network_of(environ["REMOTE_ADDR"]))
        except (LimitReached, Busy) as error:
            return error
    return None


def refuse_unknown(app: Flask, environ: Mapping[str, Any]) -> AppError | None:
    """The error for a large body of somebody who is not signed in; bodies without a length count as large."""
    length = environ.get("CONTENT_LENGTH")
    if not app.extensions[EXTENSION].settings.accounts.on or environ["REQUEST_METHOD"] in ("GET", "HEAD", "OPTIONS"):
        return None
    if length is not None and length.isdigit() and int(length) <= FORM_OF_STRANGERS:
        return None
    with app.request_context({**environ, "wsgi.input": io.BytesIO(), "CONTENT_LENGTH": "0"}):
        return None if is_known(app) else NotSignedIn("app.sign_in_first")


def reception() -> Reception:
    """The application's reception."""
    made: Reception = current_app.extensions[RECEPTION]
    return made


def check_reception() -> None:
    """Refuse the visitor's file before anything is done with it where too many wait. Raises LimitReached and Busy."""
    reception().check(current_person_id(), network_of(request.remote_addr))


def hand_in(kind: Given, key: Hashable, look: Look) -> Ticket:
    """Have the look done in its turn, in a thread and a session of its own. Raises LimitReached and Busy."""
    base = database()
    told = {name: value for name, value in db_session().info.items() if name not in (DEPTH, QUEUED_JOBS)}

    def work() -> str:
        with base.session() as own:
            own.info.update(told)  # what is known of the visitor
            return look(own).id

    return reception().hand_in(current_person_id(), network_of(request.remote_addr), kind, key, work)


def hand_in_stream(kind: Given, stream: BinaryIO, name: str) -> Ticket:
    """As `hand_in`, a form's file; `name` is what the browser called it. Raises TooLarge and StorageFull too.

    Where it raises, nothing is kept.
    """
    check_reception()
    settings, person = app_settings(), current_person_id()
    limit_bytes = settings.limits.most_bytes(kind)
    with received(settings, stream, limit_bytes, person) as path:
        waiting = path.with_suffix(".waiting")
        path.replace(waiting)
        try:
            return hand_in(kind, waiting.name, look_at(kind, settings, person, waiting, name))
        except BaseException:
            waiting.unlink()
            raise


def hand_in_cut(picture: Picture, wanted: PictureCut) -> Ticket:
    """As `hand_in`, what is left of a picture of the visitor's; the new one is called as the old one is, and that it is cut."""
    check_reception()
    settings, person, picture_id = app_settings(), current_person_id(), picture.id
    name = gettext("%(title)s, cut", title=picture.title) + ".png"
    return hand_in("picture", (picture_id, wanted), lambda own: make_cut_picture(own, settings, person, picture_id, wanted, name))


def look_at(kind: Given, settings: AppSettings, person: str, path: Path, name: str) -> Look:
    """The look at a file, which is taken over."""
    add = adder_of(kind)
    return lambda own: add(own, settings, person, path, name)


def adder_of(kind: Given) -> Callable[..., Song | Picture | Clip]:
    """What takes a file over."""
    adders: dict[Given, Callable[..., Song | Picture | Clip]] = {"song": add_song, "picture": add_picture, "clip": add_clip}
    return adders[kind]


def getter_of(kind: Given) -> Callable[..., Song | Picture | Clip]:
    """What gives the row that came of a file."""
    getters: dict[Given, Callable[..., Song | Picture | Clip]] = {"song": get_song, "picture": get_picture, "clip": get_clip}
    return getters[kind]


def settle(ticket: Ticket) -> bool:
    """Whether the look is at its end, for which a request waits a little where there is room for that."""
    db_session().rollback()  # nothing is held meanwhile, and what is read afterwards is fresh
    return reception().settle(ticket)


def outcome(ticket: Ticket) -> Song | Picture | Clip:
    """What the file has become. Raises the error with which the look has ended."""
    if ticket.error is not None:
        raise ticket.error
    assert ticket.result_id is not None
    return getter_of(ticket.kind)(db_session(), ticket.person_id, ticket.result_id)
