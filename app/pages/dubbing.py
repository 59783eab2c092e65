"""A film gets other lips: the film, the sound, and the order, which leads to the work's own page."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for

from app.errors import NotFound
from app.forms import UploadForm
from app.models import Clip, Song
from app.option_fields import OptionsForm, form_of
from app.option_words import said
from app.pages.blueprint import blueprint
from app.pages.choice import Choice
from app.pages.context import Answer, person_id, session, settings
from app.pages.looks import follow_look, page_of, take_file
from app.pages.wizard import OFFERED, active_film, find_song, others
from app.services import clips, works
from app.wording import in_person_words
from core.errors import BelcantoError
from core.messages import Message
from pipeline.dub_settings import DubSettings
from pipeline.lips_list import LIPS
from pipeline.works.dub import DUB


@blueprint.route("/clip", methods=["GET", "POST"])
def clip() -> Answer:
    """Step 1: the film. The sound is step 2, on the page of the music."""
    choice, form = Choice.from_mapping(request.args), UploadForm()
    if request.method == "POST":
        if form.validate_on_submit() and (onward := take_file("clip", form, choice)):
            return onward
    elif waiting := follow_look("clip", form, choice):
        return waiting
    chosen = find_clip(choice)
    choice = choice if chosen else choice.without("clip")
    kept = clips.list_clips(session(), person_id(), limit=OFFERED + 1).items
    shown = {"form": form, "clip": chosen, "clips": others(kept, chosen), "active_film": active_film()}
    return page_of(form, render_template("clip.html", choice=choice, **shown))


@blueprint.route("/dub", methods=["GET", "POST"])
def dub() -> Answer:
    """Step 3 before the order: the options; then the order itself."""
    choice = Choice.from_mapping(request.form if request.method == "POST" else request.args)
    film = find_clip(choice)
    if film is None:
        return redirect(url_for("pages.clip", **choice.without("clip").query()))
    song = find_song(choice)
    if song is None:
        return redirect(url_for("pages.music", **choice.without("song").query()))
    form: OptionsForm = form_of(DUB.all_options())()
    lacking = lock_lips(form)
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate_on_submit():
            try:
                return place_order(film, song, form)
            except BelcantoError as error:
                flash(in_person_words(error), "bad")
    shown = {"form": form, "clip": film, "song": song, "active_film": active_film(), "lacking": lacking}
    return render_template("dub.html", choice=choice, **shown), status


def lock_lips(form: OptionsForm) -> dict[str, Message]:
    """Have the form's list not offer the engines that lack something here: which, by their titles, and what."""
    found = {card.name: (card, card.missing(DubSettings())) for card in LIPS}
    for choice in form["engine"].choices:
        choice.render_kw = {"disabled": True} if found.get(choice.value, (None, None))[1] is not None else {}
    return {said(card.title): lack for card, lack in found.values() if lack is not None}


def place_order(film: Clip, song: Song, form: OptionsForm) -> Answer:
    """Order the film and go to its page. The same order twice leads to the same film. Raises whatever an order may."""
    inputs = {"film": film.id, "sound": song.id}
    work, _ = works.order_work(session(), settings(), person_id(), DUB, inputs, form.values())
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
