"""Files that are being looked at, as the wizard shows them: the page says so, and goes on by itself once that is done."""

from __future__ import annotations

from typing import BinaryIO

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.errors import NotFound, retry_header, status_of
from app.forms import UploadForm
from app.handing_in import check_reception, hand_in_stream, outcome, reception, settle
from app.models import Given
from app.pages.choice import Choice
from app.pages.context import Answer, person_id
from app.services.reception import Ticket
from app.wording import in_person_words
from core.errors import BelcantoError

#: Each step's page, by what is given there.
PAGES: dict[Given, str] = {"song": "pages.music", "picture": "pages.image", "clip": "pages.clip"}
#: Without scripts, after so many seconds the page asks again.
AGAIN_S = "3"


def take_file(kind: Given, form: UploadForm, choice: Choice) -> Answer | None:
    """Hand in the form's file: where the visitor goes next, or None with the form's errors filled in."""
    try:
        check_reception()
        stream: BinaryIO = form.file.data.stream
        ticket = hand_in_stream(kind, stream, form.file.data.filename or "")
        if settle(ticket):
            return go_on(ticket, choice)
        return redirect(url_for(PAGES[kind], **choice.without(kind).query(), look=ticket.id), 303)
    except BelcantoError as error:
        form.file.errors = [in_person_words(error)]
        form.refused = error
        return None


def page_of(form: UploadForm, shown: str) -> Response:
    """The step's page, whose status says to programs what it says to people: a form that was refused is no success."""
    answer = make_response(shown)
    if form.is_submitted():
        passes = form.refused if form.refused and retry_header(form.refused) else None
        answer.status_code = status_of(passes) if passes else 422
        answer.headers.update(retry_header(passes) if passes else {})
    return answer


def follow_look(kind: Given, form: UploadForm, choice: Choice) -> Answer | None:
    """What the page shows while a look is under way (`?look=`); None where there is none, or with the form's errors filled in."""
    if "look" not in request.args:
        return None
    try:
        ticket = reception().find(person_id(), request.args["look"])
        if ticket.kind != kind:
            return None
        if ticket.ended_s is not None:
            return go_on(ticket, choice)
    except NotFound as error:
        flash(in_person_words(error), "bad")
        return None
    except BelcantoError as error:
        form.file.errors = [in_person_words(error)]
        return None
    first = "picture" if choice.drive else "clip" if choice.clip or kind == "clip" else "song"
    step = 3 if choice.drive and kind == "song" else 1 if kind == first else 2
    shown = render_template("look.html", choice=choice, kind=kind, step=step, ticket=ticket, before=reception().position(ticket))
    answer = make_response(shown)
    answer.headers["Retry-After"] = AGAIN_S
    return answer


def go_on(ticket: Ticket, choice: Choice) -> Answer:
    """To the step with what was given. Raises the error that the look has ended with."""
    row = outcome(ticket)
    return redirect(url_for(PAGES[ticket.kind], **choice.without(ticket.kind).query(**{ticket.kind: row.id})), 303)
