"""Repairs of a film: its sound and lips brought in step, its missing pictures made; lips that are fine stay as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import format_percent

from app.errors import NotFound
from app.models import Work
from app.option_fields import OptionsForm, form_of
from app.pages.blueprint import blueprint
from app.pages.choice import Choice
from app.pages.context import Answer, person_id, session, settings
from app.pages.dubbing import find_clip
from app.pages.wizard import active_film
from app.services import works
from app.wording import in_person_words
from core.errors import BelcantoError
from core.work import WorkKind
from pipeline.works.fill_film import FILL_FILM
from pipeline.works.sync_film import SYNC_FILM

#: Notes of a work that its page says by the figures.
SAID_AS_MEASURED = ("pipeline.sync_late", "pipeline.sync_early", "pipeline.sync_in_step", "pipeline.sync_unknown")


@dataclass(frozen=True)
class Measured:
    """How far sound and lips of a film are apart, as a page says it. offset_ms: above 0 where the sound is late. move_ms: what is
    proposed to move it by; None where nothing can be proposed."""

    offset_ms: int
    certainty: str
    seen_s: float
    certain: bool
    in_step: bool

    @property
    def move_ms(self) -> int | None:
        """See above."""
        return self.offset_ms if self.certain and not self.in_step else None


def measured(work: Work) -> Measured | None:
    """What a work has measured; None where it is none that does, or nothing was."""
    figures = work.figures or {}
    if work.kind != SYNC_FILM.name or "offset_s" not in figures:
        return None
    return Measured(
        offset_ms=round(1000 * figures["offset_s"]),
        certainty=format_percent(figures["certainty"]),
        seen_s=figures["seen_s"],
        certain=figures["certain"],
        in_step=figures["in_step"],
    )


@blueprint.route("/repair", methods=["GET", "POST"])
def repair() -> Answer:
    """What can be mended of a film; the buttons order it."""
    choice = Choice.from_mapping(request.form if request.method == "POST" else request.args)
    clip = find_clip(choice)
    if clip is None:
        return redirect(url_for("pages.clip", **choice.without("clip").query()))
    form: OptionsForm = form_of(each for each in SYNC_FILM.all_options() if each.name == "face")()
    status = 200
    if request.method == "POST":
        status = 422
        if request.form.get("do") == "fill":
            answer = ordered(FILL_FILM, clip.id, {})
        else:
            answer = ordered(SYNC_FILM, clip.id, {**form.values(), "mend": False}) if form.validate_on_submit() else None
        if answer is not None:
            return answer
    return render_template("repair.html", choice=choice, clip=clip, form=form, active_film=active_film()), status


@blueprint.post("/works/<work_id>/mend")
def mend(work_id: str) -> Answer:
    """Have the sound of a measured film moved by so much as the form says."""
    work = works.get_work(session(), person_id(), work_id)
    if work.kind != SYNC_FILM.name:
        raise NotFound("app.no_such_page")
    typed = request.form.get("offset_ms", "").strip()
    answer = ordered(SYNC_FILM, work.inputs["film"].asset_id, {"offset_ms": typed}) if typed else None
    return answer or redirect(url_for("pages.work", work_id=work_id, offset_ms=typed[:20]), 303)


def ordered(kind: WorkKind, clip_id: str, options: dict[str, Any]) -> Answer | None:
    """The way to the ordered work's page; None where it can't be ordered, and the page says why."""
    try:
        work, _ = works.order_work(session(), settings(), person_id(), kind, {"film": clip_id}, options)
    except BelcantoError as error:
        flash(in_person_words(error), "bad")
        return None
    return redirect(url_for("pages.work", work_id=work.id), 303)
