"""Every error as a page, in one place. The API has its problems for the same errors, in `app/api/problem.py`."""

from __future__ import annotations

import logging

from flask import Flask, Response, current_app, make_response, render_template
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from app.errors import AppError, retry_header, status_of
from app.wording import in_person_words, is_for_the_operator
from core.errors import BelcantoError, InputError

logger = logging.getLogger(__name__)


def page_of_belcanto(error: BelcantoError) -> Response:
    """A sentence from below."""
    if is_for_the_operator(error) or not isinstance(error, AppError | InputError):
        logger.error("a request failed", exc_info=error)
    answer = error_page(status_of(error), in_person_words(error))
    answer.headers.update(retry_header(error))
    return answer


def page_of_http(error: HTTPException) -> Response:
    """What Flask and Werkzeug raise; their English asides give way to our sentences."""
    if error.response is not None:
        return make_response(error.get_response())
    status = error.code or 500
    sentence = form_too_old() if isinstance(error, CSRFError) else sentence_for(status)
    answer = error_page(status, sentence)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After", "Location"):
            answer.headers[name] = value
    return answer


def page_of_database(error: OperationalError) -> Response:
    """The database did not answer in time; the request can be tried again."""
    logger.error("the database did not answer", exc_info=error)
    return error_page(503, sentence_for(503))


def form_too_old() -> str:
    """The sentence for a form whose mark does not fit."""
    return gettext("This page was open for too long, or cookies are switched off. Reload it and try again.")


def sentence_for(status: int) -> str:
    """What a person is told where nothing more exact is known."""
    sentences = {
        400: gettext("The request could not be understood. Go back, reload the page and try again."),
        401: gettext("Sign in first, then try again."),
        404: gettext("There is nothing at this address; what was here may have been deleted."),
        405: gettext("This page can't be reached that way; go to it from the menu."),
        408: gettext("What you sent arrived too slowly; check your connection and send it again."),
        413: gettext("What you sent is larger than is accepted; choose a smaller file."),
        429: gettext("That was too much at once; wait a little and try again."),
        503: gettext("The server has too much to do at the moment; try again in a minute."),
    }
    known = sentences.get(status)
    return known or (sentences[400] if status < 500 else gettext("Something went wrong on the server. Nothing of yours is lost."))


def title_for(status: int) -> str:
    """The page's heading."""
    if status == 404:
        return gettext("Not found")
    return gettext("That did not work") if status < 500 else gettext("The server could not do this")


def error_page(status: int, sentence: str) -> Response:
    """The page for an error; plain text in an application without pages."""
    if "pages" in current_app.blueprints:
        text = render_template("error.html", status=status, title=title_for(status), sentence=sentence)
        return make_response(text, status)
    return Response(sentence, status, content_type="text/plain; charset=utf-8")


def register_errors(app: Flask) -> None:
    """For the whole application; blueprints with handlers of their own keep them."""
    app.register_error_handler(BelcantoError, page_of_belcanto)
    app.register_error_handler(HTTPException, page_of_http)
    app.register_error_handler(OperationalError, page_of_database)
