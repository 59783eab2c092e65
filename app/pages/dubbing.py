"""A film gets other lips: the film, the sound, and the order, which leads to the work's own page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from app.errors import NotFound
from app.forms import UploadForm
from app.headers import FILMING_POLICY
from app.models import Clip, Song, Work
from app.option_fields import OptionsForm, form_of, form_texts
from app.option_words import said
from app.pages.blueprint import blueprint
from app.pages.choice import Choice, Part, read_part, read_part_of_clip
from app.pages.consenting import take_consent
from app.pages.context import Answer, person_id, session, settings
from app.pages.film_people import people_in
from app.pages.looks import follow_look, page_of, take_file
from app.pages.wizard import OFFERED, active_film, find_song, others
from app.services import clips, works
from app.texts import for_cameras, for_scripts
from app.wording import in_person_words
from core.errors import BelcantoError
from core.messages import Message
from core.work import WorkKind
from pipeline.dub_option_kinds import ALL
from pipeline.dub_settings import DubSettings
from pipeline.lips_list import LIPS
from pipeline.works.caption_film import CAPTION_FILM
from pipeline.works.dub import DUB
from pipeline.works.look_film import LOOK_FILM


@blueprint.route("/clip", methods=["GET", "POST"])
def clip() -> Answer:
    """Step 1: the film, and the part of it that is taken. The sound is step 2, on the page of the music."""
    choice, form = Choice.from_mapping(request.args), UploadForm()
    if request.method == "POST":
        if form.validate_on_submit() and (onward := take_file("clip", form, choice)):
            return onward
    elif waiting := follow_look("clip", form, choice):
        return waiting
    chosen = find_clip(choice)
    choice = choice if chosen else choice.without("clip")
    part = read_part_of_clip(choice, chosen.duration_s) if chosen else Part()
    if chosen and (choice.check or request.args.get("go") == "check"):
        return redirect(url_for("pages.verify", clip=chosen.id))
    if chosen and "go" in request.args and not part.problem:
        if request.args["go"] == "repair":
            return redirect(url_for("pages.repair", clip=chosen.id))
        if request.args["go"] in ("look", "words"):
            film_given: dict[str, Any] = {"role-film": chosen.id}
            kind = LOOK_FILM if request.args["go"] == "look" else CAPTION_FILM
            return redirect(url_for("pages.make", kind_name=kind.name, **film_given))
        if request.args["go"] == "talk":
            return redirect(url_for("pages.talk", clip=chosen.id))
        if request.args["go"] == "drive":
            return redirect(url_for("pages.image", **choice.query(drive="on")))
        people_in(chosen, part, "")  # they are looked for while the sound is chosen; the page that shows them tells of problems
        if request.args["go"] == "translate":
            return redirect(url_for("pages.translate", **choice.query()))
        if choice.drive:
            return redirect(url_for("pages.transfer" if choice.picture else "pages.image", **choice.query()))
        return redirect(url_for("pages.dub" if choice.song else "pages.music", **choice.query()))
    kept = clips.list_clips(session(), person_id(), limit=OFFERED + 1).items
    shown = {"form": form, "clip": chosen, "part": part, "clips": others(kept, chosen), "active_film": active_film()}
    texts = {**for_scripts(), **for_cameras()}
    answer = page_of(form, render_template("clip.html", choice=choice, script_texts=texts, **shown))
    answer.headers["Permissions-Policy"] = FILMING_POLICY
    return answer


@blueprint.route("/dub", methods=["GET", "POST"])
def dub() -> Answer:
    """Step 3 before the order: whose lips change, and the options; then the order itself."""
    choice = Choice.from_mapping(request.form if request.method == "POST" else request.args)
    before = made_before(choice, DUB)
    choice = choice if before else replace(choice, again=None)
    if before and not (choice.clip or choice.song):
        return redirect(url_for("pages.dub", **Choice.from_dubbing(before).query()))
    film = find_clip(choice)
    if film is None:
        return redirect(url_for("pages.clip", **choice.without("clip").query()))
    part = read_part_of_clip(choice, film.duration_s)
    song = find_song(choice)
    if song is None or part.problem:
        step, kept = ("pages.music", choice.without("song")) if song is None else ("pages.clip", choice)
        return redirect(url_for(step, **kept.query()))
    heard = read_part(choice, song.duration_s)
    if heard.problem:
        return redirect(url_for("pages.music", **choice.query()))
    form = dubbing_form(before)
    lacking = lock_lips(form)
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate_on_submit():
            try:
                return place_order(film, part, song, heard, form)
            except BelcantoError as error:
                flash(in_person_words(error), "bad")
    people = people_in(film, part, form["face"].data or "")
    shown = {"form": form, "clip": film, "part": part, "song": song, "heard": heard, "people": people, "lacking": lacking}
    more_open = before is not None or status == 422
    return render_template("dub.html", choice=choice, active_film=active_film(), more_open=more_open, **shown), status


def dubbing_form(before: Work | None) -> OptionsForm:
    """The form with its values: those that were sent, else those of the film that is made again.

    Faces come as boxes that were ticked, or as one text where nobody could be shown.
    """
    filled = form_of(DUB.all_options())
    if request.method != "POST":
        texts = form_texts(DUB.all_options(), DubSettings.from_json(before.options, pages=True).as_json()) if before else None
        made: OptionsForm = filled(formdata=None, data=texts)
        return made
    sent = MultiDict(request.form)
    faces = [each.strip() for each in sent.getlist("face") if each.strip()]
    sent["face"] = ALL if ALL in faces else ",".join(faces)
    form: OptionsForm = filled(formdata=sent)
    return form


def lock_lips(form: OptionsForm) -> dict[str, Message]:
    """Have the form's list not offer the engines that lack something here: which, by their titles, and what."""
    found = {card.name: (card, card.missing(DubSettings())) for card in LIPS}
    for choice in form["engine"].choices:
        choice.render_kw = {"disabled": True} if found.get(choice.value, (None, None))[1] is not None else {}
    return {said(card.title): lack for card, lack in found.values() if lack is not None}


def place_order(film: Clip, part: Part, song: Song, heard: Part, form: OptionsForm) -> Answer:
    """Order the film and go to its page. The same order twice leads to the same film. Raises whatever an order may."""
    take_consent(film)
    parts: dict[str, Any] = {"start_s": part.start_s, "duration_s": part.duration_s}
    parts |= {"sound_start_s": heard.start_s, "sound_duration_s": heard.duration_s}
    inputs = {"film": film.id, "sound": song.id}
    work, _ = works.order_work(session(), settings(), person_id(), DUB, inputs, {**form.values(), **parts})
    return redirect(url_for("pages.work", work_id=work.id), 303)


def find_clip(choice: Choice) -> Clip | None:
    """The chosen film; none where it is gone, and the page says so."""
    if choice.clip is None:
        return None
    try:
        return clips.get_clip(session(), person_id(), choice.clip)
    except NotFound as error:
        flash(in_person_words(error), "bad")
        return None


def made_before(choice: Choice, kind: WorkKind) -> Work | None:
    """The film of that kind that is made again; none where it is gone, and the page says so, or is of another kind."""
    if choice.again is None:
        return None
    try:
        work = works.get_work(session(), person_id(), choice.again)
    except NotFound as error:
        flash(in_person_words(error), "bad")
        return None
    return work if work.kind == kind.name else None
