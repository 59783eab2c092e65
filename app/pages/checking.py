"""Any film is checked: whether it was made here, whether it was changed since, and how well lips and voice agree."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import LazyString, format_datetime, gettext, lazy_gettext

from app.forms import UploadForm
from app.models import Work
from app.option_words import choice_words, said, value_words
from app.pages.blueprint import blueprint
from app.pages.choice import Choice
from app.pages.context import Answer, person_id, session, settings
from app.pages.dubbing import find_clip
from app.pages.made_of import options_of
from app.pages.wizard import OFFERED, others
from app.services import clips
from app.services.works import order_work
from app.texts import for_cameras, for_scripts
from app.wording import in_person_words, in_words
from core.errors import BelcantoError
from core.options import Declared
from core.work import SIGNED
from pipeline.work_kinds import kind_named
from pipeline.works.verify_film import VERIFY_FILM
from provenance import ledger
from provenance.facts import account_rows

#: What a film is, in a few words; the sentences say the rest.
VERDICTS: Mapping[str, LazyString] = {
    "ours": lazy_gettext("Made here, unchanged"),
    "ours_changed": lazy_gettext("Made here, changed since"),
    "ours_found_again": lazy_gettext("Made here, found again by its mark"),
    "another_film": lazy_gettext("It bears the statement of another film"),
    "foreign": lazy_gettext("Signed by somebody else, unchanged"),
    "foreign_changed": lazy_gettext("Signed by somebody else, changed since"),
    "unknown": lazy_gettext("Nothing is known about it"),
}
GOOD, BAD = ("ours", "foreign"), ("another_film", "ours_changed", "foreign_changed")
#: What a film is made of, by its role.
ROLES: Mapping[str, LazyString] = {
    "song": lazy_gettext("Song"),
    "sound": lazy_gettext("Sound"),
    "portrait": lazy_gettext("Picture"),
    "film": lazy_gettext("Film"),
    "driving": lazy_gettext("Film"),
}


@blueprint.route("/verify", methods=["GET", "POST"])
def verify() -> Answer:
    """A film to be checked is chosen; the button orders it."""
    choice = Choice.from_mapping(request.form if request.method == "POST" else request.args)
    clip = find_clip(choice)
    choice = replace(choice if clip else choice.without("clip"), check="on")
    status = 200
    if request.method == "POST" and clip is not None:
        try:
            work, _ = order_work(session(), settings(), person_id(), VERIFY_FILM, {"film": clip.id})
            return redirect(url_for("pages.work", work_id=work.id), 303)
        except BelcantoError as error:
            flash(in_person_words(error), "bad")
            status = 422
    kept = clips.list_clips(session(), person_id(), limit=OFFERED + 1).items
    shown = {"form": UploadForm(), "clip": clip, "clips": others(kept, clip)}
    return render_template("verify.html", choice=choice, script_texts={**for_scripts(), **for_cameras()}, **shown), status


def checked(work: Work) -> dict[str, Any] | None:
    """What a work has found out about a film; None where it is none that does, or it is not done."""
    figures = work.figures or {}
    if work.kind != VERIFY_FILM.name or "verdict" not in figures:
        return None
    verdict = str(figures["verdict"])
    tone = "good" if verdict in GOOD else "bad" if verdict in BAD else ""
    return {"verdict": VERDICTS.get(verdict, verdict), "tone": tone, "rows": rows_of(figures.get("account") or {})}


def account_shown(work: Work) -> list[tuple[str, str]]:
    """How a work's film was made, as it was signed; empty where that was before films were signed."""
    numbers = (work.figures or {}).get(SIGNED) or ()
    kept = ledger.kept(str(numbers[-1]), settings().signing_dir) if numbers else None
    return [] if kept is None else [(gettext("Number"), kept.mark), *rows_of(kept.account)]


def rows_of(account: Mapping[str, Any]) -> list[tuple[str, str]]:
    """How a film was made, line by line, in the visitor's language."""
    rows = account_rows(in_their_words(account))
    return [(in_words(name), value if isinstance(value, str) else in_words(value)) for name, value in rows]


def in_their_words(account: Mapping[str, Any]) -> dict[str, Any]:
    """The account with the names that pages give to kinds of work, engines, options and roles, where this program knows them."""
    if not account:
        return {}
    kind = kind_named(str(account.get("recipe", "")))
    known = {each.name: each for each in options_of(kind)}
    told = dict(account)
    if kind is not None:
        told["recipe"] = said(kind.title)
    if "engine" in known:
        told["engines"] = [choice_words(known["engine"], name) for name in account.get("engines", ())]
    told["options"] = dict(option_said(known.get(name), name, value) for name, value in dict(account.get("options", {})).items())
    told["ingredients"] = {str(ROLES.get(role, role)): digest for role, digest in dict(account.get("ingredients", {})).items()}
    stated = dict(account.get("stated") or {})
    with suppress(ValueError):  # of another program: as it is written there
        if stated.get("at"):
            stated["at"] = format_datetime(datetime.fromisoformat(str(stated["at"])), "medium", rebase=False)
    return told | {"stated": stated}


def option_said(option: Declared | None, name: str, value: Any) -> tuple[str, Any]:
    """An option's label and value; what this program does not know, and what is told of a text, as it came."""
    label = said(option.option.label) if option is not None else ""
    if option is not None and not isinstance(value, Mapping):
        with suppress(BelcantoError):  # of another version of the program
            value = value_words(option, option.read(value))
    return label or name, value
