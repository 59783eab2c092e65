"""The first screen, and the examples that need no upload: one form, from which a film is being made at once."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import get_locale, gettext

from app.errors import NotFound
from app.pages.blueprint import blueprint
from app.pages.context import Answer, person_id, session, settings
from app.pages.presets import PRESETS
from app.pages.saying import voices_by_language
from app.pages.wizard import active_film
from app.services import films, works
from app.services.examples import FOLDER, PORTRAITS, SONGS, Group, example_named, take_portrait, take_song
from app.wording import in_person_words
from core.errors import BelcantoError
from pipeline.film_choices import CHOICES, film_of
from pipeline.works.text_to_film import TEXT_TO_FILM
from speech.readable import unreadable_languages
from speech.speaker import DEFAULT_VOICE
from speech.voices import LANGUAGES

#: How long a browser keeps the examples' files, in seconds.
KEPT_S = 86_400
#: Films of what an option's choices look like, and their stills.
CHOICE_FILES = tuple(f"{film_of(name, each)}.{kind}" for name in CHOICES for each in CHOICES[name] for kind in ("mp4", "jpg"))
#: What else the pages show of `demo/examples`.
SHOWN = tuple(f"{name}.{kind}" for name in ("welcome", *(each.name for each in PRESETS)) for kind in ("mp4", "jpg"))


@blueprint.get("/")
def home() -> Answer:
    """What the program does, in one moving picture, and the two doors."""
    return render_template("home.html", active_film=active_film())


@blueprint.route("/examples", methods=["GET", "POST"])
def examples() -> Answer:
    """Portraits, songs and a text to choose from; ordering leads to the film's page."""
    status = 200
    if request.method == "POST":
        try:
            return order_example()
        except BelcantoError as error:
            flash(in_person_words(error), "bad")
            status = 422
    return render_template("examples.html", chosen=request.form, active_film=active_film(), **offers()), status


def offers() -> dict[str, Any]:
    """What there is to choose from, and what is chosen at first; a text in the page's language is read in it where possible."""
    unreadable, language = unreadable_languages(), str(get_locale() or "en").partition("_")[0]
    languages = [tag for tag in LANGUAGES if tag not in unreadable]
    return {
        "portraits": PORTRAITS,
        "songs": SONGS,
        "voices": voices_by_language(),
        "default_voice": DEFAULT_VOICE,
        "languages_spoken": languages,
        "default_language": language if language in languages else "",
    }


def order_example() -> Answer:
    """The film of the form: of a song by the first button, of the text by the second. Raises what an order may."""
    given = request.form
    says = given.get("do") == "say"
    song = None if says else example_named("songs", given.get("song", ""))
    picture = take_portrait(session(), settings(), person_id(), given.get("portrait", ""))
    if song is None:
        said = {name: given.get(name, "").strip() for name in ("text", "voice", "language")}
        options = TEXT_TO_FILM.settled(said)
        inputs = {"portrait": picture.id}
        work, _ = works.order_work(session(), settings(), person_id(), TEXT_TO_FILM, inputs, options)
        return redirect(url_for("pages.work", work_id=work.id), 303)
    kept = take_song(session(), settings(), person_id(), song.name)
    film, created = films.order_film(session(), settings(), person_id(), kept.id, picture.id)
    if not created and film.file_name:
        flash(gettext("This film is there already; change something to make another."), "good")
    return redirect(url_for("pages.film", film_id=film.id), 303)


@blueprint.get("/examples/<group>/<name>")
def example_file(group: str, name: str) -> Answer:
    """A song to listen to, or a portrait as the page shows it. Raises NotFound."""
    groups: dict[str, Group] = {"portraits": "portraits", "songs": "songs"}
    if group not in groups:
        raise NotFound("app.no_such_example")
    example = example_named(groups[group], name)
    return send_file(example.small if group == "portraits" else example.file, max_age=KEPT_S, conditional=True)


@blueprint.get("/welcome/<name>")
def welcome(name: str) -> Answer:
    """The first screen's film, and its first picture. Raises NotFound."""
    if name not in SHOWN:
        raise NotFound("app.no_such_example")
    return send_file(FOLDER / "examples" / name, max_age=KEPT_S, conditional=True)


@blueprint.get("/order/choices/<name>")
def choice_file(name: str) -> Answer:
    """What an option's choice looks like, moving or still. Raises NotFound."""
    if name not in CHOICE_FILES:
        raise NotFound("app.no_such_example")
    return send_file(FOLDER / "examples" / "choices" / name, max_age=KEPT_S, conditional=True)
