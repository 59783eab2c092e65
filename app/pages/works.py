"""Pages of the kinds of work that have one: `templates/kinds/NAME.html`, which extends `work_order.html`, and what came of it.

The film of a song has the wizard instead.
"""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for

from app.errors import NotFound
from app.models import ACTIVE_STATES, Asset, Work
from app.option_fields import OptionsForm, form_of
from app.option_words import said
from app.pages.blueprint import blueprint
from app.pages.context import Answer, person_id, session, settings
from app.services import works
from app.services.jobs import cancel_job
from app.services.library import list_assets
from app.texts import time_left
from app.wording import in_person_words
from core.errors import BelcantoError
from core.work import WorkKind
from pipeline.work_kinds import KINDS, kind_named
from pipeline.works.song_to_film import SONG_TO_FILM

#: What lists of the library's files offer, newest first.
MOST_OFFERED = 200


def template_of(kind: WorkKind) -> str | None:
    """The kind's own page; None where it has none."""
    name = f"kinds/{kind.name}.html"
    return name if name in current_app.jinja_env.list_templates() else None


def kinds_with_pages() -> list[tuple[str, str]]:
    """The kinds that are ordered on a page of their own: name and title."""
    return [(kind.name, said(kind.title)) for kind in KINDS if template_of(kind) is not None]


@blueprint.route("/make/<kind_name>", methods=["GET", "POST"])
def make(kind_name: str) -> Answer:
    """Order a work of that kind."""
    kind = kind_named(kind_name)
    template = template_of(kind) if kind is not None else None
    if kind is None or template is None:
        raise NotFound("app.no_such_page")
    form: OptionsForm = form_of(kind.all_options())()
    if request.method == "POST" and form.validate_on_submit():
        try:
            inputs = {role: request.form.get(f"role-{role}", "") for role in kind.inputs}
            work, _ = works.order_work(session(), settings(), person_id(), kind, inputs, form.values())
            return redirect(url_for("pages.work", work_id=work.id), 303)
        except BelcantoError as error:
            flash(in_person_words(error), "bad")
    offered = {role: list_assets(session(), person_id(), each, MOST_OFFERED) for role, each in kind.inputs.items()}
    return render_template(template, kind=kind, title=said(kind.title), form=form, offered=offered)


@blueprint.get("/works/<work_id>")
def work(work_id: str) -> Answer:
    """A work, being made or made. A film of the wizard has its own page."""
    shown = works.get_work(session(), person_id(), work_id)
    if shown.kind == SONG_TO_FILM.name:
        return redirect(url_for("pages.film", film_id=shown.id), 303)
    return render_template("work.html", **shown_of(shown))


def shown_of(work: Work) -> dict[str, Any]:
    """What the page of a work shows."""
    kind, job = kind_named(work.kind), work.job
    inputs: dict[str, Asset] = {role: each.asset for role, each in work.inputs.items()}
    title = said(kind.title) if kind is not None else work.kind
    return {
        **{"work": work, "job": job, "inputs": inputs, "title": title, "time_left": time_left},
        "active": job.state in ACTIVE_STATES,
        "again": kind is not None and template_of(kind) is not None,
    }


@blueprint.post("/works/<work_id>/cancel")
def cancel_work(work_id: str) -> Answer:
    """Cancel its making."""
    shown = works.get_work(session(), person_id(), work_id)
    cancel_job(session(), settings(), person_id(), shown.job.id)
    return redirect(url_for("pages.work", work_id=work_id), 303)
