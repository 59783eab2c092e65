"""What can be made of a finished film, on its page: a form for each, and without scripts a page of its own while it is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import LazyString, gettext, lazy_gettext

from app.errors import NotFound
from app.models import ACTIVE_STATES, Job, Work
from app.option_fields import OptionsForm, form_of
from app.option_words import choice_words, said
from app.pages.blueprint import blueprint
from app.pages.context import Answer, person_id, session, settings
from app.services import exports as service
from app.services.works import get_work
from app.texts import size
from app.wording import in_person_words
from core.errors import BelcantoError
from core.option_kinds import Choice
from core.options import Declared, declared_options, option_of
from core.work import WorkKind
from pipeline.reshaping.settings import ShapeSettings
from pipeline.works.film_loop import FILM_LOOP
from pipeline.works.film_motion import FILM_MOTION
from pipeline.works.film_shape import FILM_SHAPE
from pipeline.works.film_stems import COUNTS, FILM_STEMS, StemsOfSong
from pipeline.works.film_words import FILM_WORDS
from separation.own_networks import counts_here

TITLES: Mapping[str, LazyString] = {
    FILM_SHAPE.name: lazy_gettext("The film in another shape"),
    FILM_LOOP.name: lazy_gettext("A loop"),
    FILM_MOTION.name: lazy_gettext("The motion"),
    FILM_STEMS.name: lazy_gettext("The voice and the music"),
    FILM_WORDS.name: lazy_gettext("The words as files"),
}
ABOUT: Mapping[str, LazyString] = {
    FILM_SHAPE.name: lazy_gettext(
        "The face stays in the picture; where the picture is too narrow, a blurred ground fills the rest."
    ),
    FILM_LOOP.name: lazy_gettext(
        "A part of the film without sound that plays for ever. A GIF of 3 seconds takes about 1 to 3 MB, a WebP a fifth of that."
    ),
    FILM_MOTION.name: lazy_gettext(
        "What the face does in each frame, as a table (CSV) for Blender, Unreal or a spreadsheet, and for MetaHumans."
    ),
    FILM_STEMS.name: lazy_gettext(
        "Two sound files (FLAC). Drums, bass and piano apart take networks that are not part of this program."
    ),
    FILM_WORDS.name: lazy_gettext("With the time of each line, for players (LRC) and for films (SRT)."),
}
#: The same of the stems, where this machine has networks for more than two.
ABOUT_MORE_STEMS = lazy_gettext("A sound file (FLAC) for each. What lies above 11 kHz is in none of them.")
#: What the link to a file says, by its role.
FILES: Mapping[str, LazyString] = {
    "shaped": lazy_gettext("Download the film"),
    "gif": lazy_gettext("Download the GIF"),
    "webp": lazy_gettext("Download the WebP"),
    "motion": lazy_gettext("Download the motion (CSV)"),
    "metahuman": lazy_gettext("Download for MetaHumans (CSV)"),
    "metahuman_json": lazy_gettext("Download for MetaHumans (JSON)"),
    "voice": lazy_gettext("Download the voice"),
    "accompaniment": lazy_gettext("Download the accompaniment"),
    "drums": lazy_gettext("Download the drums"),
    "bass": lazy_gettext("Download the bass"),
    "piano": lazy_gettext("Download the piano"),
    "other": lazy_gettext("Download the rest"),
    "lrc": lazy_gettext("Download the words (LRC)"),
    "srt": lazy_gettext("Download the words (SRT)"),
}
#: What it says beside that of songs that were taken apart into so many: there may be two files of the voice.
OUT_OF = {4: lazy_gettext("out of four"), 5: lazy_gettext("out of five")}
#: Those whose options are asked for; the others know theirs from the film.
ASKED = (FILM_SHAPE, FILM_LOOP)


@dataclass(frozen=True)
class OfferedFile:
    """A file that is there: its address, and what the link says."""

    address: str
    words: str


@dataclass(frozen=True)
class OfferedExport:
    """What can be made. form: where something is asked; ready: the files that are there."""

    name: str
    title: str | LazyString
    about: str | LazyString
    form: OptionsForm | None
    ready: list[OfferedFile]


def exports_shown(work: Work) -> list[OfferedExport]:
    """What can be made of the work, with what is there."""
    standing = service.standing_exports(settings(), work)
    return [
        OfferedExport(
            kind.name,
            TITLES[kind.name],
            ABOUT_MORE_STEMS if kind is FILM_STEMS and asks(kind) else ABOUT[kind.name],
            form_for(kind) if asks(kind) else None,
            [file for job in standing if job.kind == kind.name for file in files_of(job)],
        )
        for kind in service.exports_of(work)
        if kind.name in TITLES
    ]


def asks(kind: WorkKind) -> bool:
    """Whether something is asked before it is made: of the stems, how many, where there is a choice on this machine."""
    return len(counts_here()) > 1 if kind is FILM_STEMS else kind in ASKED


def asked_options(kind: WorkKind) -> tuple[Declared, ...]:
    """What is asked; of the numbers of stems those that this machine has networks for."""
    if kind is not FILM_STEMS:
        return kind.all_options()
    told = option_of(StemsOfSong, "stems")
    return (replace(told, option=replace(told.option, kind=Choice(counts_here(), COUNTS.titles))),)


def form_for(kind: WorkKind) -> OptionsForm:
    """The form of its options; fields of two of them on one page have names that differ."""
    form: OptionsForm = form_of(asked_options(kind))(prefix="", formdata=None)
    for name in form.declared:
        form[name].id = f"{kind.name}-{name}"
        form[name].label.field_id = form[name].id
    return form


def files_of(job: Job) -> list[OfferedFile]:
    """The files of what was made, as links."""
    return [OfferedFile(file_address(job, role), file_words(job, role, name)) for role, name in job.files.items()]


def file_address(job: Job, role: str) -> str:
    """Where one of its files is downloaded."""
    return url_for("api.export_file", work_id=job.work_id, export_id=job.id, role=role, download=1)


def file_words(job: Job, role: str, name: str) -> str:
    """What a link to one of its files says: what it is, in which shape, and how large."""
    told = [str(FILES[role])] if role in FILES else [role]
    if job.kind == FILM_SHAPE.name:
        told += [choice_words(each, job.options[each.name]) for each in declared_options(ShapeSettings) if each.option.in_form]
    if job.kind == FILM_STEMS.name and (out_of := OUT_OF.get(job.options.get("stems", 0))):
        told.append(str(out_of))
    weight = settings().results.size_bytes(name)
    return ", ".join(told) + f" ({size(weight)})"


@blueprint.post("/works/<work_id>/exports")
def make_export(work_id: str) -> Answer:
    """Have something made of a film; then the page that says how far it is."""
    found = service.EXPORTS.get(request.form.get("kind", ""))
    if found is None:
        raise NotFound("app.no_such_page")
    options: dict[str, Any] = {}
    if asks(found):
        form: OptionsForm = form_of(asked_options(found))()
        form.validate_on_submit()
        options = form.values()
    try:
        job = service.ask_export(session(), settings(), person_id(), work_id, found.name, options)
    except BelcantoError as error:
        flash(in_person_words(error), "bad")
        return redirect(url_for("pages.work", work_id=work_id), 303)
    return redirect(url_for("pages.export", work_id=work_id, export_id=job.id), 303)


@blueprint.get("/works/<work_id>/exports/<export_id>")
def export(work_id: str, export_id: str) -> Answer:
    """How far it is, and its files once they are there."""
    work, job = get_work(session(), person_id(), work_id), service.get_export(session(), person_id(), work_id, export_id)
    told = {"title": TITLES.get(job.kind) or said(service.EXPORTS[job.kind].title), "files": files_of(job)}
    return render_template("export.html", work=work, job=job, active=job.state in ACTIVE_STATES, **told)


def for_exports() -> dict[str, str]:
    """What the script of the downloads says, by names that `exports.js` knows."""
    return {
        "export_made": gettext("It is ready."),
        "export_waits": gettext("It is being made …"),
        **{f"export_{role}": str(words) for role, words in FILES.items()},
        **{f"export_out_of_{stems}": str(words) for stems, words in OUT_OF.items()},
    }
