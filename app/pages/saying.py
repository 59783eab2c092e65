"""A picture says a text: the text and the voice, the picture, and the order, on one page that leads to the film's own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from app.forms import lock_engines
from app.models import Picture
from app.option_fields import OptionsForm, form_of
from app.pages.blueprint import blueprint
from app.pages.choice import Choice, engine_of_kind
from app.pages.consenting import take_consent
from app.pages.context import Answer, person_id, session, settings
from app.pages.framing import singer_of
from app.pages.wizard import active_film, find_picture, with_singer
from app.services import works
from app.texts import language_words
from app.wording import in_person_words
from core.errors import BelcantoError
from pipeline.works.text_to_film import TEXT_TO_FILM
from speech.readable import unreadable_languages
from speech.voices import VoiceCard, voice_cards


@blueprint.route("/say", methods=["GET", "POST"])
def say() -> Answer:
    """The text, the picture, the order."""
    choice = replace(Choice.from_mapping(request.form if request.method == "POST" else request.args), say="on")
    picture = find_picture(choice)
    choice = choice if picture else choice.without("picture")
    singer = singer_of(picture, choice) if picture else None
    if picture and singer is None:
        return redirect(url_for("pages.image", **choice.query()))
    form: OptionsForm = form_of(TEXT_TO_FILM.all_options())(data={"engine": engine_of_kind(choice.kind)} if choice.kind else None)
    status = 200
    if request.method == "POST":
        status = 422
        if picture is None or singer is None:
            flash(gettext("Choose a picture first."), "bad")
        elif form.validate_on_submit():
            try:
                return place_order(picture, singer, form)
            except BelcantoError as error:
                flash(in_person_words(error), "bad")
    shown = {"form": form, "picture": picture, "voices": voices_by_language(), "lacking": lock_engines(form)}
    shown["unreadable"] = unreadable_languages()
    chosen = with_singer(choice, singer) if singer else choice
    return render_template("say.html", choice=chosen, active_film=active_film(), **shown), status


def place_order(picture: Picture, singer: dict[str, Any], form: OptionsForm) -> Answer:
    """Order the film and go to its page. The same order twice leads to the same film. Raises whatever an order may."""
    take_consent(picture)
    options = form.options() | {name: value for name, value in singer.items() if value}
    work, _ = works.order_work(session(), settings(), person_id(), TEXT_TO_FILM, {"portrait": picture.id}, options)
    return redirect(url_for("pages.work", work_id=work.id), 303)


def voices_by_language() -> dict[str, list[VoiceCard]]:
    """The voices, by the names of their languages as the visitor reads them."""
    found: dict[str, list[VoiceCard]] = {}
    for card in voice_cards():
        found.setdefault(language_words(card.language), []).append(card)
    return found
