"""Links by which others see a film: made and taken back on the film's page, opened by whoever has one."""

from __future__ import annotations

import mimetypes
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import format_date, gettext

from app.api.media import media_file
from app.errors import NotFound
from app.models import Work
from app.pages.blueprint import blueprint
from app.pages.context import Answer, asked_days, person_id, session, settings
from app.services import links, works
from app.wording import in_person_words
from core.errors import BelcantoError

#: Of what somebody sees who has only a link: no search engine keeps it, no other site is told the link, no cache has it.
SHARED_HEADERS = {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer", "Cache-Control": "private, no-store"}
#: What a link gives beside the film.
SUBTITLES = "subtitles"


def links_shown(work: Work) -> dict[str, Any]:
    """What a film's page shows of its links."""
    if links.FILM not in work.files:
        return {"sharable": False}
    shown = [
        {"id": link.id, "until": format_date(link.expires_at, "medium"), "opened": link.opened, "download": link.download}
        for link in links.list_links(session(), work.person_id, work.id)
    ]
    return {"sharable": True, "links": shown, "link_days": links.DAYS, "usual_days": links.USUAL_DAYS}


@blueprint.post("/works/<work_id>/links")
def create_link(work_id: str) -> Answer:
    """Make one; it is shown this once."""
    download = request.form.get("download") == "1"
    try:
        made = links.create_link(session(), settings(), person_id(), work_id, asked_days(), download)
    except NotFound:
        raise
    except BelcantoError as error:
        flash(in_person_words(error), "bad")
        return redirect(url_for("pages.work", work_id=work_id), 303)
    address = url_for("pages.shared", secret=made.secret, _external=True)
    until = format_date(made.link.expires_at, "long")
    page = make_response(render_template("link.html", work=made.link.work, address=address, until=until))
    page.headers["Cache-Control"] = SHARED_HEADERS["Cache-Control"]
    return page


@blueprint.post("/links/<link_id>/revoke")
def revoke_link(link_id: str) -> Answer:
    """Take one back."""
    work_id = links.revoke_link(session(), person_id(), link_id)
    flash(gettext("The link is taken back; whoever has it sees the film no more."), "good")
    return redirect(url_for("pages.work", work_id=work_id), 303)


@blueprint.get("/shared/<secret>")
def shared(secret: str) -> Answer:
    """The film, for whoever has the link."""
    link = links.shared_film(session(), settings(), secret)
    links.count_opening(session(), link)
    poster = has_poster(link.work)
    page = render_template("shared.html", link=link, work=link.work, secret=secret, poster=poster)
    return closed_off(make_response(page))


@blueprint.get("/shared/<secret>/<part>")
def shared_file(secret: str, part: str) -> Response:
    """The film itself, its subtitles, or the small picture that is shown before it plays."""
    link = links.shared_film(session(), settings(), secret)
    if part == "picture":
        path = works.thumb_file(settings(), link.work)
    elif part in (links.FILM, SUBTITLES):
        path = works.work_file(settings(), link.work, part)
    else:
        raise NotFound("app.no_such_link")
    return closed_off(media_file(path, mimetypes.guess_type(path.name)[0] or "application/octet-stream", link.work.title))


def has_poster(work: Work) -> bool:
    """Whether there is a small picture."""
    try:
        works.thumb_file(settings(), work)
    except NotFound:
        return False
    return True


def closed_off(answer: Response) -> Response:
    """The answer with `SHARED_HEADERS`."""
    for name, value in SHARED_HEADERS.items():
        answer.headers[name] = value
    return answer
