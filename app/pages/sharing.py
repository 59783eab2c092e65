"""Files that another program of the visitor's telephone or desk shares with this one (W3C Web Share Target).

Such a request bears no mark of a form, since no page of ours has made it. What tells it from a form on another site is
`Sec-Fetch-Site`, which browsers set and no page can: `none` for what the visitor's own system sends.
"""

from __future__ import annotations

from typing import BinaryIO, cast

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import FileStorage

from app.errors import Refused
from app.handing_in import check_reception, hand_in_stream, outcome, settle
from app.models import Given
from app.pages.blueprint import blueprint
from app.pages.choice import Choice
from app.pages.context import Answer
from app.pages.looks import PAGES
from app.wording import in_person_words
from core.errors import BelcantoError
from media.offered_files import film_patterns, picture_patterns, song_patterns

#: The field that holds the files.
SHARED = "files"
#: What a file is given as, by the first half of its media type.
SHARED_AS: dict[str, Given] = {"audio": "song", "image": "picture", "video": "clip"}
#: Who may send: the visitor's system, and our own pages.
FROM_HERE = ("none", "same-origin")


@blueprint.post("/share")
def share() -> Answer:
    """Take the first song, picture and film that are shared, and go to the step that shows the last of them."""
    if request.headers.get("Sec-Fetch-Site") not in FROM_HERE:
        raise Refused("app.shared_from_elsewhere")
    given: dict[Given, FileStorage] = {}
    for file in request.files.getlist(SHARED):
        if file.filename and (kind := kind_of(file)) is not None:
            given.setdefault(kind, file)
    if not given:
        flash(gettext("Nothing was shared that can be used here: share a song, a picture or a film."), "bad")
        return redirect(url_for("pages.home"), 303)
    choice = Choice()
    onward = url_for("pages.home")
    for kind, file in given.items():
        choice, onward = take(kind, file, choice)
    return redirect(onward, 303)


def take(kind: Given, file: FileStorage, choice: Choice) -> tuple[Choice, str]:
    """Hand a file in: what is chosen then, and the address of the step that shows it, or says why it can't be used."""
    page = PAGES[kind]
    try:
        check_reception()
        ticket = hand_in_stream(kind, cast(BinaryIO, file.stream), file.filename or "")
        if not settle(ticket):
            return choice, url_for(page, **choice.query(), look=ticket.id)
        chosen = choice.without(kind).query(**{kind: outcome(ticket).id})
    except BelcantoError as error:
        flash(in_person_words(error), "bad")
        return choice, url_for(page, **choice.query())
    return Choice.from_mapping(chosen), url_for(page, **chosen)


def kind_of(file: FileStorage) -> Given | None:
    """What the file is given as, by its media type, else by how its name ends; None for neither. The look at it decides."""
    named = SHARED_AS.get(file.mimetype.partition("/")[0])
    if named is not None:
        return named
    name = (file.filename or "").lower()
    endings: dict[Given, tuple[str, ...]] = {
        "clip": film_patterns(),
        "picture": picture_patterns(),
        "song": song_patterns(),
    }
    return next((kind for kind, known in endings.items() if name.endswith(known)), None)
