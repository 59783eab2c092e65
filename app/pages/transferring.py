"""A film moves a picture: whose face in the film is followed, what is heard, how it is followed, and the order.

The picture is chosen on the wizard's page of pictures, the film on that of films, where it may be recorded, too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from wtforms import Field

from app.forms import lock_engines
from app.models import Clip, Picture, Song, Work
from app.option_fields import OptionsForm, form_of, form_texts, offered
from app.option_words import said
from app.pages.blueprint import blueprint
from app.pages.choice import Choice, Part, engine_of_kind, read_part, read_part_of_clip
from app.pages.consenting import take_consent
from app.pages.context import Answer, person_id, session, settings
from app.pages.dubbing import find_clip, made_before
from app.pages.film_people import people_in
from app.pages.framing import singer_of
from app.pages.wizard import active_film, find_picture, find_song, with_singer
from app.services import works
from app.wording import in_person_words
from core.errors import BelcantoError
from core.options import declared_options
from pipeline.engine_list import ENGINES
from pipeline.transfer_settings import TransferSettings, transfer_options
from pipeline.works.transfer import TRANSFER

#: Options with a place of their own on the page, in their order there.
HEARD = ("sound", "lips", "loop", "lips_engine")
FOLLOWED = ("strength_head", "strength_eyes", "strength_brows", "strength_lips", "absolute")


@blueprint.route("/transfer", methods=["GET", "POST"])
def transfer() -> Answer:
    """Step 3 before the order: who is followed, what is heard, and the options; then the order itself."""
    choice = replace(Choice.from_mapping(request.form if request.method == "POST" else request.args), drive="on")
    before = made_before(choice, TRANSFER)
    choice = choice if before else replace(choice, again=None)
    if before and not (choice.picture or choice.clip):
        return redirect(url_for("pages.transfer", **Choice.from_transfer(before).query()))
    picture = find_picture(choice)
    singer = singer_of(picture, choice) if picture else None
    if picture is None or singer is None:
        return redirect(url_for("pages.image", **(choice if picture else choice.without("picture")).query()))
    film = find_clip(choice)
    part = read_part_of_clip(choice, film.duration_s) if film else Part()
    if film is None or part.problem:
        return redirect(url_for("pages.clip", **(choice if film else choice.without("clip")).query()))
    song = find_song(choice)
    choice = choice if song else choice.without("song")
    heard = read_part(choice, song.duration_s) if song else Part()
    if heard.problem:
        return redirect(url_for("pages.music", **choice.query()))
    form = transfer_form(before, choice)
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate_on_submit():
            try:
                return place_order(Chosen(picture, singer, film, part, song, heard), form)
            except BelcantoError as error:
                flash(in_person_words(error), "bad")
    shown = {"form": form, "picture": picture, "clip": film, "part": part, "song": song, "heard": heard}
    shown |= {"people": people_in(film, part, driving_face(before)), "lacking": lock_engines(form)}
    shown |= {"heard_fields": fields_of(form, HEARD), "followed_fields": fields_of(form, FOLLOWED), "more_fields": others(form)}
    shown |= {"more_open": before is not None or status == 422, "active_film": active_film()}
    return render_template("transfer.html", choice=with_singer(choice, singer), **shown), status


@dataclass(frozen=True)
class Chosen:
    """What the film is made of. singer: the options that say which face in the picture moves. song: None where the driving film's
    own sound is heard, or none; heard: the part of it."""

    picture: Picture
    singer: dict[str, Any]
    film: Clip
    part: Part
    song: Song | None
    heard: Part

    @property
    def inputs(self) -> dict[str, str]:
        """Ids by their roles."""
        sound = {"sound": self.song.id} if self.song is not None else {}
        return {"portrait": self.picture.id, "driving": self.film.id, **sound}

    @property
    def options(self) -> dict[str, Any]:
        """The options that are no fields of the form."""
        told: dict[str, Any] = {name: value for name, value in self.singer.items() if value}
        told |= {"start_s": self.part.start_s, "duration_s": self.part.duration_s}
        if self.song is not None:
            told |= {"sound_start_s": self.heard.start_s, "sound_duration_s": self.heard.duration_s}
        return told


def transfer_form(before: Work | None, choice: Choice) -> OptionsForm:
    """The form with its values: those that were sent, else those of the film that is made again."""
    filled = form_of(transfer_options())
    if request.method == "POST":
        sent: OptionsForm = filled(formdata=MultiDict(request.form))
        return sent
    texts: dict[str, Any] = {}
    if before is not None:
        texts = form_texts(transfer_options(), TransferSettings.from_json(before.options, pages=True).as_json())
    if engine := engine_of_kind(choice.kind):
        texts["engine"] = engine
    made: OptionsForm = filled(formdata=None, data=texts or None)
    return made


def place_order(chosen: Chosen, form: OptionsForm) -> Answer:
    """Order the film and go to its page. The same order twice leads to the same film. Raises whatever an order may."""
    take_consent(chosen.picture, chosen.film)
    face = request.form.get("driving_face", "").strip()
    options = {**form.options(), **chosen.options, **({"driving_face": face} if face else {})}
    work, _ = works.order_work(session(), settings(), person_id(), TRANSFER, chosen.inputs, options)
    return redirect(url_for("pages.work", work_id=work.id), 303)


def driving_face(before: Work | None) -> str:
    """The number of the face in the film that is followed, as it was sent or ordered before; empty where nobody said."""
    if request.method == "POST":
        return request.form.get("driving_face", "").strip()
    return str(before.options.get("driving_face") or "") if before is not None else ""


def fields_of(form: OptionsForm, names: tuple[str, ...]) -> list[tuple[Field, str]]:
    """Those fields with their hints, as far as there are such."""
    return [(form[name], form.hint(name)) for name in names if name in form.declared]


def others(form: OptionsForm) -> list[tuple[Field, str]]:
    """The fields that have no place of their own, and belong to no engine alone."""
    own = {each.name for card in ENGINES for each in offered(declared_options(card.options))}
    placed = {*HEARD, *FOLLOWED, *own}
    return [(form[name], said(each.option.hint)) for name, each in form.declared.items() if name not in placed]
