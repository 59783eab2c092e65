"""Films side by side: the one that moved a picture, the picture, and what was made of it, chosen from the library."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from flask import flash, redirect, render_template, request, url_for

from app.models import Picture, Work
from app.option_fields import OptionsForm, form_of, form_texts
from app.pages.blueprint import blueprint
from app.pages.context import Answer, person_id, session, settings
from app.pages.wizard import active_film
from app.services import clips, works
from app.services.library import list_assets
from app.wording import in_person_words
from core.errors import BelcantoError, InputError
from pipeline.compare_settings import MOST_FILMS
from pipeline.work_kinds import kinds_of_films
from pipeline.works.compare_films import COMPARE_FILMS, FILMS
from pipeline.works.transfer import TRANSFER

#: Most files of each sort that are offered, newest first.
OFFERED = 60
#: What the values of boxes begin with: a film that was made, and one that was given.
MADE, GIVEN = "work-", "clip-"


@dataclass(frozen=True)
class Chosen:
    """What is ticked on the page. films: as the boxes' values have them. options: of the work that it comes from, by name."""

    driving: str = ""
    portrait: str = ""
    films: tuple[str, ...] = ()
    options: dict[str, object] = field(default_factory=dict)


@blueprint.route("/compare", methods=["GET", "POST"])
def compare() -> Answer:
    """Choose the films; the button orders them side by side."""
    status, chosen = 200, chosen_before()
    filled = form_of(COMPARE_FILMS.all_options())
    form: OptionsForm
    if request.method == "POST":
        form, status = filled(), 422
        if form.validate_on_submit() and (answer := ordered(chosen, form)) is not None:
            return answer
    else:
        form = filled(formdata=None, data=form_texts(COMPARE_FILMS.all_options(), COMPARE_FILMS.settled(chosen.options)))
    shown = {
        "clips": clips.list_clips(session(), person_id(), limit=OFFERED).items,
        "made": list(films_made()),
        "pictures": list_assets(session(), person_id(), "picture", OFFERED),
        "most": MOST_FILMS,
    }
    return render_template("compare.html", form=form, chosen=chosen, active_film=active_film(), **shown), status


def chosen_before() -> Chosen:
    """What was sent, or else what the work says from which the person comes: a comparison, or a film that was made."""
    if request.method == "POST":
        sent = request.form
        return Chosen(sent.get("driving", ""), sent.get("portrait", ""), tuple(sent.getlist("film")))
    work_id = request.args.get("work")
    if not work_id:
        return Chosen()
    work = works.get_work(session(), person_id(), work_id)
    given = {role: each.asset_id for role, each in work.inputs.items()}
    if work.kind == COMPARE_FILMS.name:
        films = tuple(f"{GIVEN}{given[role]}" for role in FILMS if role in given)
        return Chosen(given["driving"], given.get("portrait", ""), films, dict(work.options))
    portrait = work.inputs.get("portrait")
    pictured = portrait.asset_id if portrait is not None and isinstance(portrait.asset, Picture) else ""
    start_s = work.options.get("start_s") if work.kind == TRANSFER.name else None
    return Chosen(given.get("driving", ""), pictured, (f"{MADE}{work.id}",), {"start_s": start_s} if start_s else {})


def films_made() -> Iterator[Work]:
    """The person's films that are ready, but for those that show others side by side."""
    among = kinds_of_films() - {COMPARE_FILMS.name}
    return (work for work in works.list_works(session(), person_id(), limit=OFFERED, among=among).items if "film" in work.files)


def ordered(chosen: Chosen, form: OptionsForm) -> Answer | None:
    """The way to the ordered work's page; None where it can't be ordered, and the page says why."""
    try:
        if not 1 <= len(chosen.films) <= MOST_FILMS:
            raise InputError("pipeline.compare_so_many_films", most=MOST_FILMS)
        inputs = {"driving": chosen.driving, **dict(zip(FILMS, map(clip_of, chosen.films), strict=False))}
        if chosen.portrait:
            inputs["portrait"] = chosen.portrait
        work, _ = works.order_work(session(), settings(), person_id(), COMPARE_FILMS, inputs, form.values())
    except BelcantoError as error:
        flash(in_person_words(error), "bad")
        return None
    return redirect(url_for("pages.work", work_id=work.id), 303)


def clip_of(value: str) -> str:
    """The id of the clip that a box means; a film that was made becomes one of the person's, which takes a second or two."""
    if not value.startswith(MADE):
        return value.removeprefix(GIVEN)
    work = works.get_work(session(), person_id(), value.removeprefix(MADE))
    path = works.work_file(settings(), work, "film")
    with settings().vault.open(path) as file:
        return clips.add_clip_stream(session(), settings(), person_id(), file, f"{work.title}{path.suffix}").id


def address_of_comparison(work: Work) -> str | None:
    """Where a film that another one moved is shown beside it; None of other works, and where it is not there."""
    return url_for("pages.compare", work=work.id) if work.kind == TRANSFER.name and "film" in work.files else None
