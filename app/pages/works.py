"""Pages of the kinds of work that have one: `templates/kinds/NAME.html`, which extends `work_order.html`, and what came of it.

The film of a song has the wizard instead.
"""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import LazyString, gettext, lazy_gettext

from app.errors import NotFound
from app.models import ACTIVE_STATES, Asset, Work
from app.option_fields import OptionsForm, form_of
from app.option_words import said
from app.pages.blueprint import blueprint
from app.pages.checking import account_shown, checked
from app.pages.comparing import address_of_comparison
from app.pages.context import Answer, person_id, safe_address, session, settings
from app.pages.exports import exports_shown, for_exports
from app.pages.links import links_shown
from app.pages.made_of import pictured, work_facts
from app.pages.repairing import SAID_AS_MEASURED, measured
from app.services import clips, works
from app.services.heads import has_head
from app.services.jobs import cancel_job
from app.services.library import list_assets
from app.texts import stage_words, time_left
from app.wording import code_of, in_person_words
from core.errors import BelcantoError
from core.work import WorkKind
from pipeline.work_kinds import KINDS, kind_named
from pipeline.works.compare_films import COMPARE_FILMS
from pipeline.works.dub import DUB
from pipeline.works.fill_film import FILL_FILM
from pipeline.works.film_to_script import FILM_TO_SCRIPT
from pipeline.works.song_to_film import SONG_TO_FILM
from pipeline.works.song_to_lyrics import SONG_TO_LYRICS
from pipeline.works.sync_film import SYNC_FILM
from pipeline.works.text_to_film import TEXT_TO_FILM
from pipeline.works.transfer import TRANSFER
from pipeline.works.translate_film import TRANSLATE_FILM
from pipeline.works.verify_film import VERIFY_FILM

#: The role of a film that was made.
FILM = "film"
#: What lists of the library's files offer, newest first.
MOST_OFFERED = 200
#: What the way to another work of a kind says, where that begins with all that was chosen for this one.
AGAIN = {
    SONG_TO_FILM.name: lazy_gettext("Make again"),
    **dict.fromkeys((DUB.name, TRANSFER.name), lazy_gettext("Make it again with a change")),
    VERIFY_FILM.name: lazy_gettext("Check another film"),
    TRANSLATE_FILM.name: lazy_gettext("Change what is said"),
}


def kinds_with_pages() -> dict[str, WorkKind]:
    """The kinds that are ordered on a page of their own, by name."""
    names = set(current_app.jinja_env.list_templates())
    return {kind.name: kind for kind in KINDS if page_of(kind) in names}


def page_of(kind: WorkKind) -> str:
    """The template of the kind's own page, where it has one."""
    return f"kinds/{kind.name}.html"


@blueprint.route("/make/<kind_name>", methods=["GET", "POST"])
def make(kind_name: str) -> Answer:
    """Order a work of that kind."""
    kind = kinds_with_pages().get(kind_name)
    if kind is None:
        raise NotFound("app.no_such_page")
    form: OptionsForm = form_of(kind.all_options())()
    if request.method == "POST" and form.validate_on_submit():
        try:
            chosen = {role: request.form.get(f"role-{role}", "") for role in kind.inputs}
            inputs = {role: asset_id for role, asset_id in chosen.items() if asset_id or role in kind.needed}
            work, _ = works.order_work(session(), settings(), person_id(), kind, inputs, form.values())
            return redirect(url_for("pages.work", work_id=work.id), 303)
        except BelcantoError as error:
            flash(in_person_words(error), "bad")
    offered = {role: list_assets(session(), person_id(), each, MOST_OFFERED) for role, each in kind.inputs.items()}
    return render_template(page_of(kind), kind=kind, title=said(kind.title), form=form, offered=offered)


@blueprint.get("/works/<work_id>")
def work(work_id: str) -> Answer:
    """A work, being made or made. A film of the wizard has its own page; so have scripts and words once they are there."""
    shown = works.get_work(session(), person_id(), work_id)
    if shown.kind == SONG_TO_FILM.name:
        return redirect(url_for("pages.film", film_id=shown.id), 303)
    if shown.kind == FILM_TO_SCRIPT.name and shown.files:
        return redirect(url_for("pages.script", work_id=shown.id), 303)
    if shown.kind == SONG_TO_LYRICS.name and shown.files:
        return redirect(url_for("pages.words", work_id=shown.id), 303)
    return render_template("work.html", **shown_of(shown))


def shown_of(work: Work) -> dict[str, Any]:
    """What the page of a work shows."""
    kind, job = kind_named(work.kind), work.job
    return {
        **{"work": work, "job": job, "title": said(kind.title) if kind is not None else work.kind, "time_left": time_left},
        "active": job.state in ACTIVE_STATES,
        "stages": stage_words(kind) if kind is not None else {},
        "again": address_of_another(work),
        "measured": measured(work),
        "checked": checked(work),
        "account": account_shown(work),
        "notes": []
        if checked(work)
        else [note for note in job.notes if measured(work) is None or code_of(note) not in SAID_AS_MEASURED],
        "again_words": again_words(work),
        "facts": work_facts(work),
        "pictured": pictured(work),
        "original": original_of(work),
        "compared": address_of_comparison(work),
        "work_id": work.id,
        "exports": exports_shown(work) if job.state not in ACTIVE_STATES else [],
        "export_words": for_exports(),
        **(links_shown(work) if job.state == "done" else {}),
        "has_head": "film" in work.files and job.state not in ACTIVE_STATES and has_head(work),
    }


def address_of_another(work: Work) -> str | None:
    """Where another work of that kind is ordered; None where it has no page."""
    if work.kind == SONG_TO_FILM.name:
        return url_for("pages.order", again=work.id)
    if work.kind == TEXT_TO_FILM.name:
        return url_for("pages.say", picture=work.picture.id)
    if work.kind == DUB.name:
        return url_for("pages.dub", again=work.id)
    if work.kind == TRANSFER.name:
        return url_for("pages.transfer", again=work.id)
    if work.kind == COMPARE_FILMS.name:
        return url_for("pages.compare", work=work.id)
    if work.kind == VERIFY_FILM.name:
        return url_for("pages.verify")
    if work.kind in (SYNC_FILM.name, FILL_FILM.name):
        return url_for("pages.repair", clip=work.inputs["film"].asset_id)
    if work.kind == FILM_TO_SCRIPT.name:
        return url_for("pages.translate", clip=work.inputs["film"].asset_id)
    if work.kind == TRANSLATE_FILM.name:
        return url_for("pages.script", work_id=work.id)
    return url_for("pages.make", kind_name=work.kind) if work.kind in kinds_with_pages() else None


def again_words(work: Work) -> str | LazyString:
    """What the way there says."""
    return AGAIN.get(work.kind) or gettext("Make another")


def original_of(work: Work) -> Asset | None:
    """The film that got other lips, or has moved the picture, while it is there."""
    given = None if work.kind == COMPARE_FILMS.name else work.inputs.get("film") or work.inputs.get("driving")
    return given.asset if given is not None and given.asset.deleted_at is None and given.asset.has_file else None


@blueprint.post("/works/<work_id>/use")
def use(work_id: str) -> Answer:
    """Go on with a film that was made: it becomes one of the person's films, which talk, or get other lips."""
    shown = works.get_work(session(), person_id(), work_id)
    path = works.work_file(settings(), shown, FILM)
    try:
        with settings().vault.open(path) as file:
            clip = clips.add_clip_stream(session(), settings(), person_id(), file, f"{shown.title}{path.suffix}")
    except BelcantoError as error:
        flash(in_person_words(error), "bad")
        return redirect(url_for("pages.work", work_id=work_id), 303)
    return redirect(url_for("pages.talk" if request.form.get("do") == "talk" else "pages.clip", clip=clip.id), 303)


@blueprint.post("/works/<work_id>/cancel")
def cancel_work(work_id: str) -> Answer:
    """Cancel its making."""
    shown = works.get_work(session(), person_id(), work_id)
    job = cancel_job(session(), settings(), person_id(), shown.job.id)
    if job.cancel_requested and "next" in request.form:
        flash(gettext("The film “%(title)s” is cancelled.", title=shown.title), "good")
    return redirect(safe_address(request.form.get("next"), url_for("pages.work", work_id=work_id)), 303)
