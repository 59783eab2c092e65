"""A film's page: its making, then the film itself, its quality report, and how it was made."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import format_datetime, gettext

from app.models import ACTIVE_STATES, Job, Work, now
from app.option_words import said
from app.pages.blueprint import blueprint
from app.pages.checking import account_shown
from app.pages.choice import Choice
from app.pages.context import Answer, person_id, safe_address, session, settings
from app.pages.curves import curve_of_film, style_parts
from app.pages.exports import exports_shown, for_exports
from app.pages.links import links_shown
from app.pages.marks import mark_words
from app.pages.presets import PRESETS
from app.pages.takes import OFFERED, again_form, takes_of
from app.pages.view import film_facts, verdict_rows
from app.services import films
from app.services.heads import has_head
from app.services.jobs import cancel_job
from app.services.works import get_work
from app.texts import STAGES, time_left
from pipeline.film_settings import VIDEO_SUFFIX
from pipeline.look_settings import look_titles
from pipeline.stills import still_beside
from pipeline.works.song_to_film import COSTS

#: How long after the film its quality report is waited for.
REPORT_PATIENCE = timedelta(hours=1)


@blueprint.get("/films/<film_id>")
def film(film_id: str) -> Answer:
    """Step 3 after the order."""
    shown = films.get_film(session(), person_id(), film_id)
    ready = shown.job.state not in ACTIVE_STATES and shown.file_name is not None
    return render_template(
        "film.html",
        **(for_the_ready(shown) if ready else {}),
        film=shown,
        job=shown.job,
        active=shown.job.state in ACTIVE_STATES,
        choice=Choice.from_film(shown),
        curve=curve_of_film(shown),
        styles=style_parts((shown.emotion or {}).get("sections", ())),
        facts=film_facts(shown),
        ordered_at=format_datetime(shown.created_at, "medium", rebase=False),
        verdicts=verdict_rows(shown),
        marks=mark_words(shown),
        report_refused="error" in (shown.metrics or {}) or report_is_late(shown.job),
        stages={name: STAGES[name] for name in COSTS},
        time_left=time_left,
        has_head=ready and has_head(shown),
        account=account_shown(shown),
    )


def for_the_ready(film: Work) -> dict[str, Any]:
    """What the page of a film that is ready shows besides: what can be made of it, the fold for another take, its takes."""
    return {
        **{"work_id": film.id, "exports": exports_shown(film), "export_words": for_exports()},
        **{"presets": PRESETS, "again_form": again_form(film), "again_names": OFFERED, "takes": takes_of(film)},
        **links_shown(film),
        "looks": [(look, said(title)) for look, title in look_titles().items()],
    }


@blueprint.get("/making/<work_id>/still")
def still(work_id: str) -> Answer:
    """The newest frame of a film in the making, song's or text's; nothing where there is none. Raises NotFound."""
    work = get_work(session(), person_id(), work_id)
    path = still_beside(settings().results.path(f"film-{work.id}{VIDEO_SUFFIX}"))
    try:
        answer = send_file(io.BytesIO(settings().vault.read_bytes(path)), mimetype="image/jpeg")
    except FileNotFoundError:  # not yet, or the film has just been finished
        return "", 204
    answer.headers["Cache-Control"] = "no-store"
    return answer


def report_is_late(job: Job) -> bool:
    """Whether the quality report would be there by now, if the film could be measured."""
    return job.finished_at is not None and now() - job.finished_at > REPORT_PATIENCE


@blueprint.post("/films/<film_id>/cancel")
def cancel(film_id: str) -> Answer:
    """Cancel the making of the film; what is finished of it is kept for another order."""
    shown = films.get_film(session(), person_id(), film_id)
    job = cancel_job(session(), settings(), person_id(), shown.job.id)
    if job.cancel_requested:
        flash(gettext("The film “%(title)s” is cancelled.", title=shown.title), "good")
    return redirect(safe_address(request.form.get("next"), url_for("pages.film", film_id=film_id)), 303)


@blueprint.post("/films/<film_id>/retry")
def retry(film_id: str) -> Answer:
    """Order a film that failed or was cancelled once more, as it was."""
    again, _ = films.make_again(session(), settings(), person_id(), film_id, {})
    return redirect(url_for("pages.film", film_id=again.id), 303)
