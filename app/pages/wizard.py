"""The three steps: music, image, and the order that leads to the result."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.errors import NotFound
from app.forms import OrderForm, UploadForm, form_values, order_form
from app.headers import CAMERA_POLICY, MICROPHONE_POLICY
from app.making_texts import for_parts, for_pictures, for_voices
from app.models import Clip, Picture, Song, Work
from app.pages.blueprint import blueprint
from app.pages.choice import Choice, Part, engine_of_kind, read_part
from app.pages.consenting import take_consent
from app.pages.context import Answer, person_id, session, settings
from app.pages.curves import curve_of_order
from app.pages.framing import picture_choice, singer_of
from app.pages.looks import follow_look, page_of, take_file
from app.pages.presets import PRESETS, preset_named, preset_of
from app.pages.shown_choices import groups_of, shown_choices
from app.services import films, pictures, songs
from app.services.emotions import known_emotion
from app.services.expecting import expect_previews
from app.services.jobs import list_jobs
from app.services.key_points import points_words
from app.services.options import film_options
from app.services.words import words_for_film
from app.texts import STAGES, for_cameras, for_scripts
from app.wording import in_person_words
from core.errors import BelcantoError
from pipeline.film_settings import SongToVideoSettings
from pipeline.performance_settings import LEARNED
from pipeline.work_kinds import kinds_of_films

#: Songs and pictures of the library that are offered below a step.
OFFERED = 12


@blueprint.route("/music", methods=["GET", "POST"])
def music() -> Answer:
    """Step 1: the song, and the part of it that is sung."""
    expect_previews(settings())
    choice, form = Choice.from_mapping(request.args), UploadForm()
    if request.method == "POST":
        if form.validate_on_submit() and (onward := take_file("song", form, choice)):
            return onward
    elif shown := follow_look("song", form, choice):
        return shown
    song = find_song(choice)
    choice = choice if song else choice.without("song")  # one that is gone is spoken of once, and not carried on
    part = read_part(choice, song.duration_s) if song else Part()
    if song and "go" in request.args and not part.problem:
        onward = "pages.transfer" if choice.drive else "pages.dub" if choice.clip else "pages.image"
        return redirect(url_for(onward, **choice.query()))
    kept = songs.list_songs(session(), person_id(), limit=OFFERED + 1).items
    texts = {**for_scripts(), **for_cameras(), **for_voices(), **for_parts()}
    shown = page("music.html", choice, form=form, song=song, part=part, songs=others(kept, song), script_texts=texts)
    return recording(page_of(form, shown), MICROPHONE_POLICY)


@blueprint.route("/image", methods=["GET", "POST"])
def image() -> Answer:
    """Step 2: the picture, and the face in it."""
    expect_previews(settings())
    choice, form = Choice.from_mapping(request.args), UploadForm()
    if request.method == "POST":
        if form.validate_on_submit() and (onward := take_file("picture", form, choice)):
            return onward
    elif waiting := follow_look("picture", form, choice):
        return waiting
    picture = find_picture(choice)
    choice = choice if picture else choice.without("picture")
    if picture and "go" in request.args and (singer := singer_of(picture, choice)) is not None:
        return redirect(url_for(after_picture(choice), **with_singer(choice, singer).query()))
    shown = picture_choice(picture, choice, "go" in request.args) if picture else {}
    kept = pictures.list_pictures(session(), person_id(), limit=OFFERED + 1).items
    shown |= {"script_texts": {**for_scripts(), **for_cameras(), **for_pictures()}}
    shown_page = page("image.html", choice, form=form, picture=picture, pictures=others(kept, picture), **shown)
    return recording(page_of(form, shown_page), CAMERA_POLICY)


@blueprint.route("/order", methods=["GET", "POST"])
def order() -> Answer:
    """Step 3 before the order: the options; then the order itself, which leads to the film's page."""
    choice = Choice.from_mapping(request.form if request.method == "POST" else request.args)
    before = film_before(choice)
    choice = choice if before else replace(choice, again=None, curve=None)
    if before and not (choice.song or choice.picture):
        return redirect(url_for("pages.order", **replace(Choice.from_film(before), curve=choice.curve).query()))
    song = find_song(choice)
    if song is None:
        return redirect(url_for("pages.music", **choice.without("song").query()))
    picture = find_picture(choice)
    if picture is None:
        return redirect(url_for("pages.image", **choice.without("picture").query()))
    part = read_part(choice, song.duration_s)
    if part.problem:
        return redirect(url_for("pages.music", **choice.query()))
    singer = singer_of(picture, choice)
    if singer is None:
        return redirect(url_for("pages.image", **choice.query()))
    form = order_form(values_at_first(before, song, part, choice))
    status = 200
    if form.validate_on_submit():
        try:
            return place_order(song, picture, part, singer, form, lyrics_of(choice, song, before))
        except BelcantoError as error:
            flash(in_person_words(error), "bad")
    if request.method == "POST":
        status = 422
    asked = preset_named(request.args.get("preset"))
    more_open = before is not None or bool(form.errors) or status == 422
    shown = {"form": form, "song": song, "picture": picture, "part": part, "more_open": more_open}
    shown["words"] = lyrics_of(choice, song, None) is not None
    shown |= {"presets": PRESETS, "preset": asked.name if asked else preset_of(form)}
    shown |= {"groups": groups_of(form), "choices_shown": partial(shown_choices, form)}
    shown["stages"] = {name: str(words) for name, words in STAGES.items()}
    shown["curve"] = curve_of_order(
        song,
        part.start_s,
        length_s(song, part),
        known_emotion(session(), song, *bounds(part)),
        form.points,
        form.options().get("performance") == LEARNED,
    )
    return page("order.html", with_singer(choice, singer), **shown), status


def recording(answer: Response, policy: str) -> Response:
    """The page, which may ask for the visitor's microphone or camera."""
    answer.headers["Permissions-Policy"] = policy
    return answer


def after_picture(choice: Choice) -> str:
    """The page that follows the picture."""
    if choice.drive:
        return "pages.transfer" if choice.clip else "pages.clip"
    return "pages.say" if choice.say else "pages.order"


def with_singer(choice: Choice, singer: dict[str, Any]) -> Choice:
    """The choice with the face or the frame of the order."""
    face, frame = singer.get("face"), singer.get("frame")
    animals, lying = ("on" if singer.get(name) else None for name in ("allow_animals", "turn_back"))
    return replace(choice, face=str(face) if face else None, frame=frame, animals=animals, lying=lying)


def values_at_first(before: Work | None, song: Song, part: Part, choice: Choice) -> dict[str, Any] | None:
    """What the form begins with: as the film was ordered that is made again, by the engine for what the picture is said to be."""
    values = values_before(before, song, part, choice) if before else {}
    if engine := engine_of_kind(choice.kind):
        values["engine"] = engine
    if preset := preset_named(request.args.get("preset")):
        values |= preset.values
    if choice.words and values.get("lyrics_style", "none") == "none":
        values["lyrics_style"] = "karaoke"
    return values or None


def values_before(before: Work, song: Song, part: Part, choice: Choice) -> dict[str, Any]:
    """The form as the film was ordered that is made again; its curve only where it has the same part of the same song.

    Where the curve is to be changed and the film followed the song, the form begins with key points that tell the song's curve.
    """
    values = form_values(before.options)
    options = film_options(before.options)
    if (before.song.id, options.start_s, options.duration_s) != (song.id, *bounds(part)):
        values["intensity"] = ""
    elif choice.curve and not values["intensity"] and before.emotion:
        values["intensity"] = points_words(before.emotion.get("learned_points") or before.emotion["automatic_points"])
    return values


def bounds(part: Part) -> tuple[float, float | None]:
    """Where the part begins and how long it is, in seconds; None for up to the song's end."""
    return part.start_s, part.duration_s


def length_s(song: Song, part: Part) -> float:
    """Length of the part in seconds."""
    return song.duration_s - part.start_s if part.duration_s is None else part.duration_s


def place_order(song: Song, picture: Picture, part: Part, singer: dict[str, Any], form: OrderForm, lyrics: str | None) -> Answer:
    """Order the film and go to its page. The same order twice, as by a double click, leads to the same film."""
    take_consent(picture)
    options = order_options(part, singer, form, lyrics)
    film, created = films.order_film(session(), settings(), person_id(), song.id, picture.id, options)
    return to_film(film, created)


def to_film(film: Work, created: bool) -> Answer:
    """To the film's page, which says where it was there already."""
    if not created and film.file_name:
        flash(gettext("This film is there already; change something to make another."), "good")
    return redirect(url_for("pages.film", film_id=film.id), 303)


def order_options(part: Part, singer: dict[str, Any], form: OrderForm, lyrics: str | None) -> SongToVideoSettings:
    """The options of the film that the form orders. lyrics: its words, where they are given and not written down from the voice.

    Raises InputError for options that don't go together.
    """
    given = {**form.options(), "start_s": part.start_s, "duration_s": part.duration_s, **singer}
    shows = given["lyrics_style"] != "none" or given["lyrics_track"]
    return film_options({**given, "lyrics": lyrics if shows else None})


def lyrics_of(choice: Choice, song: Song, before: Work | None) -> str | None:
    """The words that were corrected for this song, else those of the film that is made again; None: they are written down."""
    if choice.words:
        return words_for_film(session(), person_id(), choice.words, song)
    return before.options.get("lyrics") if before is not None and before.song.id == song.id else None


def page(template: str, choice: Choice, **shown: object) -> str:
    """A step of the wizard, which also offers to cancel the film that is being made."""
    return render_template(template, choice=choice, active_film=active_film(), **shown)


def active_film() -> Work | None:
    """The person's film, of whatever kind, that was ordered last among those that wait or are being made."""
    jobs = [job for job in list_jobs(session(), person_id()) if not job.cancel_requested]
    return next((job.work for job in reversed(jobs) if job.kind in kinds_of_films()), None)


def find_song(choice: Choice) -> Song | None:
    """The chosen song; none where it is gone, and the page says so."""
    if choice.song is None:
        return None
    try:
        return songs.get_song(session(), person_id(), choice.song)
    except NotFound as error:
        flash(in_person_words(error), "bad")
        return None


def find_picture(choice: Choice) -> Picture | None:
    """The chosen picture; none where it is gone, and the page says so."""
    if choice.picture is None:
        return None
    try:
        return pictures.get_picture(session(), person_id(), choice.picture)
    except NotFound as error:
        flash(in_person_words(error), "bad")
        return None


def film_before(choice: Choice) -> Work | None:
    """The film that is made again; none where it is gone, and the page says so."""
    if choice.again is None:
        return None
    try:
        return films.get_film(session(), person_id(), choice.again)
    except NotFound as error:
        flash(in_person_words(error), "bad")
        return None


def others(kept: Any, chosen: Song | Picture | Clip | None) -> list[Any]:
    """What the library offers besides the chosen one."""
    return [each for each in kept if chosen is None or each.id != chosen.id][:OFFERED]
