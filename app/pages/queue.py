"""The films that wait, on the library's page, and in which order they are made."""

from __future__ import annotations

from flask import flash, request
from flask_babel import gettext

from app.pages.blueprint import blueprint
from app.pages.choosing import back
from app.pages.context import Answer, person_id, session
from app.services.queue_order import move_job
from app.wording import in_person_words
from core.errors import BelcantoError


@blueprint.post("/library/queue/<job_id>")
def move_in_queue(job_id: str) -> Answer:
    """Put a work that waits before another, or behind all."""
    try:
        move_job(session(), person_id(), job_id, request.form.get("before") or None)
    except BelcantoError as error:
        flash(in_person_words(error), "bad")
    else:
        flash(gettext("The order is changed."), "good")
    return back()
