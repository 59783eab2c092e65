"""A film in another language: which one, then what is said as a table to be edited, then the order of the film."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from app.api.media import file_title
from app.errors import NotFound, Refused
from app.models import Clip, Work
from app.option_fields import OptionsForm, form_of
from app.option_words import said
from app.pages.blueprint import blueprint
from app.pages.choice import Choice, Part, read_part_of_clip, typed_part
from app.pages.consenting import take_consent
from app.pages.context import Answer, person_id, session, settings
from app.pages.dubbing import find_clip, lock_lips
from app.pages.film_people import people_in
from app.pages.saying import voices_by_language
from app.pages.script_rows import Sheet, sheet_of_form, sheet_of_script, sheet_of_table
from app.pages.wizard import active_film
from app.services import works
from app.texts import language_words
from app.wording import in_person_words
from core.errors import BelcantoError, InputError
from pipeline.translating.settings import SPOKEN_AS
from pipeline.translating.table import CSV, DubScript, rows_of_table, script_of_table, table_text
from pipeline.works.film_to_script import FILM_TO_SCRIPT
from pipeline.works.translate_film import TABLE, TRANSLATE_FILM
from speech.readable import unreadable_languages
from speech.translation import translator_of_environment
from speech.voices import VoiceCard, voice_for

#: A voice for whoever has none in the script, before it is fitted to the language.
USUAL_VOICE = "af_heart"
#: The largest table that is taken, in bytes.
MOST_TABLE_BYTES = 2_000_000
#: Options that the table stands for, or that are told beside it.
OF_TABLE = ("translate", "voice")


@dataclass(frozen=True)
class Told:
    """What a work tells of a film's speech. faces: numbers of who is seen clearly. part: which part of the film it is of."""

    work: Work
    clip: Clip
    language: str
    faces: tuple[int, ...]
    heard: tuple[str, ...]
    part: Mapping[str, Any]

    @property
    def clip_s(self) -> float:
        """Length of the part in seconds."""
        rest_s = max(0.0, self.clip.duration_s - float(self.part["start_s"] or 0.0))
        return min(rest_s, float(self.part["duration_s"] or rest_s))

    @property
    def shown_part(self) -> Part:
        """The part as pages have it."""
        start_s, duration_s = float(self.part["start_s"] or 0.0), self.part["duration_s"]
        return Part(start_s, start_s + float(duration_s) if duration_s else None)

    @property
    def choice(self) -> Choice:
        """The film and its part, as addresses have them."""
        start, end = typed_part(self.part["start_s"], self.part["duration_s"])
        return Choice(clip=self.clip.id, clip_start=start, clip_end=end)

    @property
    def voice(self) -> str:
        """A voice that speaks the language."""
        return voice_for(SPOKEN_AS[self.language], USUAL_VOICE)


@blueprint.route("/translate", methods=["GET", "POST"])
def translate() -> Answer:
    """The film, and the language that it is to get."""
    choice = Choice.from_mapping(request.form if request.method == "POST" else request.args)
    clip = find_clip(choice)
    if clip is None:
        return redirect(url_for("pages.clip", **choice.without("clip").query()))
    part = read_part_of_clip(choice, clip.duration_s)
    if part.problem:
        return redirect(url_for("pages.clip", **choice.query()))
    form: OptionsForm = form_of(each for each in FILM_TO_SCRIPT.all_options() if each.name == "translate")()
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate_on_submit():
            try:
                options = {**form.values(), "start_s": part.start_s, "duration_s": part.duration_s}
                work, _ = works.order_work(session(), settings(), person_id(), FILM_TO_SCRIPT, {"film": clip.id}, options)
                return redirect(url_for("pages.work", work_id=work.id), 303)
            except BelcantoError as error:
                flash(in_person_words(error), "bad")
    missing = {language: lack for language, lack in unreadable_languages().items() if language in SPOKEN_AS.values()}
    for each in form["translate"].choices:
        each.render_kw = {"disabled": True} if SPOKEN_AS[each.value] in missing else {}
    shown = {
        "form": form,
        "clip": clip,
        "part": part,
        "unreadable": missing,
        "lack": FILM_TO_SCRIPT.lacking({}),
        "active_film": active_film(),
    }
    return render_template("translate.html", choice=choice, translates=translator_of_environment() is not None, **shown), status


@blueprint.route("/script/<work_id>", methods=["GET", "POST"])
def script(work_id: str) -> Answer:
    """What is said, as a table; what is done with it, its buttons say."""
    told = told_by(works.get_work(session(), person_id(), work_id))
    if told is None:
        return redirect(url_for("pages.work", work_id=work_id))
    form: OptionsForm = form_of(each for each in TRANSLATE_FILM.all_options() if each.name not in OF_TABLE)()
    if request.method == "GET":
        sheet = sheet_of_script(script_of(told), told.faces, told.clip_s, told.voice)
        return shown_table(told, sheet, form), 200
    if "table" in request.files:
        return taken_table(told, form)
    return answered(told, sheet_of_form(request.form, told.language, told.clip_s), form)


def answered(told: Told, sheet: Sheet, form: OptionsForm) -> Answer:
    """What comes of a sent form; where something is wrong with it, it stands there as it was typed."""
    if request.form.get("do") == "add":
        return shown_table(told, sheet.with_spare_rows(), form), 200
    sheet, read = sheet.checked()
    if read is None:
        flash(gettext("Some rows can't be used; each says why."), "bad")
    elif request.form.get("do") == "save":
        return csv_of(told, read)
    elif form.validate_on_submit():
        try:
            return place_order(told, read, form)
        except BelcantoError as error:
            flash(in_person_words(error), "bad")
    return shown_table(told, sheet, form), 422


def told_by(work: Work) -> Told | None:
    """What a work tells; None where it is still being written down. Raises NotFound for a work of another kind."""
    if work.kind not in (FILM_TO_SCRIPT.name, TRANSLATE_FILM.name):
        raise NotFound("app.no_such_page")
    figures = work.figures or {}
    if TABLE not in work.files and not work.options.get(TABLE):
        return None
    clip = work.inputs["film"].asset
    assert isinstance(clip, Clip)
    part = {name: work.options.get(name) for name in ("start_s", "duration_s")}
    faces = figures.get("faces")
    seen = tuple(faces) if isinstance(faces, list) else tuple(range(1, int(faces or 0) + 1))
    return Told(work, clip, str(work.options["translate"]), seen, tuple(figures.get("heard", ())), part)


def script_of(told: Told) -> DubScript:
    """The script as the order gave it, or as it was written down. Raises InputError and NotFound."""
    given = told.work.options.get(TABLE)
    if not given:
        given = settings().vault.read_bytes(works.work_file(settings(), told.work, TABLE)).decode("utf-8-sig")
    return script_of_table(given, told.language)


def shown_table(told: Told, sheet: Sheet, form: OptionsForm) -> str:
    """The page."""
    faces = sorted({*sheet.voices, 0}, key=lambda face: (face == 0, face))
    own = SPOKEN_AS[told.language]
    voices = dict(sorted(voices_by_language().items(), key=lambda each: not each[1][0].language.startswith(own)))
    shown = {"told": told, "sheet": sheet, "faces": faces, "voices": voices, "known": names_of(voices), "form": form}
    shown |= {"lacking": lock_lips(form), "active_film": active_film(), "spoken": language_words(told.language)}
    shown |= {"heard": [language_words(each) for each in told.heard], "title": said(FILM_TO_SCRIPT.title)}
    shown["lack"] = TRANSLATE_FILM.lacking({TABLE: "-", "translate": told.language})
    shown["there"] = there = told.clip.deleted_at is None and told.clip.has_file
    shown["pictures"] = {each.number: each.picture for each in people_in(told.clip, told.shown_part, "").people} if there else {}
    return render_template("script.html", choice=told.choice if there else Choice(), **shown)


def names_of(voices: Mapping[str, list[VoiceCard]]) -> frozenset[str]:
    """The names of all voices that lists offer."""
    return frozenset(card.name for cards in voices.values() for card in cards)


def taken_table(told: Told, form: OptionsForm) -> Answer:
    """A table that was edited elsewhere takes the place of the one that is shown; its wrong rows say what is wrong."""
    try:
        content = request.files["table"].stream.read(MOST_TABLE_BYTES + 1)
        if not content:
            raise InputError("app.no_table_given")
        if len(content) > MOST_TABLE_BYTES:
            raise Refused("app.table_too_large", limit=MOST_TABLE_BYTES / 1e6)
        rows = list(rows_of_table(content.decode("utf-8-sig")))
    except UnicodeDecodeError:
        flash(in_person_words(InputError("pipeline.translating.script_no_text", path="")), "bad")
    except BelcantoError as error:
        flash(in_person_words(error), "bad")
    else:
        sheet, read = sheet_of_table(rows, told.faces, told.language, told.clip_s, told.voice).checked()
        said_so = gettext("The table was taken over; look it through, then make the film.")
        flash(said_so if read else gettext("Some rows can't be used; each says why."), "good" if read else "bad")
        return shown_table(told, sheet, form), 200 if read else 422
    return shown_table(told, sheet_of_script(script_of(told), told.faces, told.clip_s, told.voice), form), 422


def csv_of(told: Told, read: DubScript) -> Response:
    """The table as a file that spreadsheets open, and `belcanto dub --script` takes."""
    answer = Response("\ufeff" + table_text(read), mimetype="text/csv")
    name = file_title(f"{told.clip.title} {told.language}", Path(f"table{CSV}"))
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def place_order(told: Told, read: DubScript, form: OptionsForm) -> Answer:
    """Order the film and go to its page. The same order twice leads to the same film. Raises whatever an order may."""
    take_consent(told.clip)
    options = {**form.values(), **told.part, "translate": told.language, TABLE: table_text(read)}
    work, _ = works.order_work(session(), settings(), person_id(), TRANSLATE_FILM, {"film": told.clip.id}, options)
    return redirect(url_for("pages.work", work_id=work.id), 303)
