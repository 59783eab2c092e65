"""The films of a person: ordered, looked at, made again."""

from __future__ import annotations

from flask import Response, jsonify, request, url_for
from flask_babel import get_locale

from app.api.blueprint import blueprint
from app.api.bodies import read_body
from app.api.consent import take_consent
from app.api.context import person_id, person_kept, session, settings
from app.api.idempotency import idempotent
from app.api.media import REPORT_POLICY, media_file
from app.api.pagination import answer_page, asked_limit, asked_search, asked_sort, asked_within
from app.api.positions import queue_positions
from app.api.problem import ApiError
from app.api.shapes import Json, film_json
from app.models import Work
from app.report_page import report_in_words
from app.services import films as service
from app.services import works
from app.services.options import film_options


@blueprint.get("/films")
def films() -> Response:
    """A page of the films."""
    wanted = (asked_search(), request.args.get("cursor"), asked_limit(), asked_sort(), asked_within(Work))
    page = service.list_films(session(), person_id(), *wanted)
    positions = queue_positions(session())
    return answer_page([film_json(film, positions) for film in page.items], page.next_cursor)


@blueprint.post("/films")
@idempotent
def order_film() -> Response:
    """Order a film."""
    asked = read_body("NewFilm")
    options = film_options(asked.get("options", {}))
    take_consent(asked, asked["picture_id"])
    film, created = service.order_film(session(), settings(), person_kept(), asked["song_id"], asked["picture_id"], options)
    if created and "title" in asked:
        film = works.rename_work(session(), settings(), person_id(), film.id, asked["title"])
    return ordered(film, created)


@blueprint.post("/films/batch")
@idempotent
def order_films() -> tuple[Response, int]:
    """Order a film of every song with every picture."""
    asked = read_body("NewFilms")
    options = film_options(asked.get("options", {}))
    take_consent(asked, *asked["picture_ids"])
    orders = service.order_many(session(), settings(), person_kept(), asked["song_ids"], asked["picture_ids"], options)
    return jsonify({"orders": [order_json(film, created) for film, created in orders]}), 202


@blueprint.post("/films/<film_id>/again")
@idempotent
def make_again(film_id: str) -> Response:
    """Order it again with changes."""
    asked = read_body("Changes", needed=False)
    take_consent(asked, *filter(None, [asked.get("picture_id")]))
    asked.pop("consent", None)
    changes = asked.pop("options", {}) | asked
    return ordered(*service.make_again(session(), settings(), person_id(), film_id, changes))


@blueprint.get("/films/<film_id>")
def film(film_id: str) -> Response:
    """One film."""
    return jsonify(film_json(service.get_film(session(), person_id(), film_id), queue_positions(session())))


@blueprint.patch("/films/<film_id>")
def rename_film(film_id: str) -> Response:
    """Another title."""
    title = read_body("NewTitle")["title"]
    return jsonify(film_json(works.rename_work(session(), settings(), person_id(), film_id, title), queue_positions(session())))


@blueprint.delete("/films/<film_id>")
def delete_film(film_id: str) -> tuple[str, int]:
    """Delete it; it can be brought back for a day."""
    works.hide_work(session(), settings(), person_id(), film_id)
    return "", 204


@blueprint.post("/films/<film_id>/restore")
@idempotent
def restore_film(film_id: str) -> Response:
    """Bring it back."""
    return jsonify(film_json(works.restore_work(session(), person_id(), film_id), queue_positions(session())))


@blueprint.post("/films/<film_id>/erase")
@idempotent
def erase_film(film_id: str) -> tuple[str, int]:
    """Destroy it now."""
    works.delete_work(session(), settings(), person_id(), film_id)
    return "", 204


@blueprint.get("/films/<film_id>/file")
def film_file(film_id: str) -> Response:
    """The film itself."""
    film = service.get_film(session(), person_id(), film_id)
    if film.file_name is None:
        raise ApiError(409, "This film is not there yet; its job says how far it is.", state=film.job.state)
    return media_file(service.film_file(settings(), film), "video/mp4", film.title)


@blueprint.get("/films/<film_id>/quality")
def film_quality(film_id: str) -> Response:
    """The quality report as a page of its own, which can do nothing but be seen."""
    film = service.get_film(session(), person_id(), film_id)
    if film.metrics_html_name is None:
        raise ApiError(404, "There is no quality report of this film yet; it is made after the film.")
    return media_file(settings().results.path(film.metrics_html_name), "text/html", film.title, REPORT_POLICY, in_own_words)


def in_own_words(report: bytes) -> tuple[bytes, str]:
    """A report in the visitor's language, and what tells it from the same in another."""
    language = str(get_locale() or "en").partition("_")[0]
    return report_in_words(report.decode(), language).encode(), language


def order_json(film: Work, created: bool) -> Json:
    """An `Order`."""
    return {"film": film_json(film, queue_positions(session())), "created": created}


def ordered(film: Work, created: bool) -> Response:
    """202 and the job's address while it is being made; 200 and the film's where it is there already."""
    answer = jsonify(order_json(film, created))
    there = film.job.state == "done"
    answer.status_code = 200 if there else 202
    answer.headers["Location"] = url_for("api.film", film_id=film.id) if there else url_for("api.job", job_id=film.job.id)
    return answer
