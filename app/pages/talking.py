"""A picture that talks with the visitor, one that sings along live on a stage, and one that does what the visitor does before a
camera: these pages order sessions by the API."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from flask import make_response, redirect, render_template, request, send_file, url_for
from flask_babel import gettext

from app.headers import FILMING_POLICY, MICROPHONE_POLICY
from app.live_texts import for_live
from app.models import Clip, Picture
from app.pages.blueprint import blueprint
from app.pages.choice import Choice
from app.pages.context import Answer, person_id, session, settings
from app.pages.saying import voices_by_language
from app.pages.wizard import find_picture
from app.services import clips, pictures
from app.services.options import film_options
from app.services.orders import settle_face
from app.services.people import ensure_person
from app.texts import for_cameras, for_scripts
from core.errors import BelcantoError
from core.places import ROOT
from pipeline.cache import file_digest
from speech.readable import unreadable_languages
from speech.voices import LANGUAGES

DEMO_PICTURE = ROOT / "demo" / "portrait.jpg"
#: Pictures of the library that are offered, the newest first.
OFFERED = 24
#: The pages that begin with the choice of a picture, by what their forms say.
PAGES = {"stage": "pages.stage", "mirror": "pages.mirror"}


@blueprint.get("/talk")
def talk() -> Answer:
    """The conversation: its settings, and the avatar with the chat beside it."""
    return live_page("talk.html", voices=voices_by_language(), languages_spoken=LANGUAGES, unreadable=unreadable_languages())


@blueprint.get("/stage")
def stage() -> Answer:
    """Live singing for streaming programs."""
    return live_page("stage.html")


@blueprint.get("/mirror")
def mirror() -> Answer:
    """The picture that the visitor's camera drives."""
    return live_page("mirror.html", FILMING_POLICY)


@blueprint.get("/talk/demo.jpg")
def demo_picture() -> Answer:
    """The demo portrait, which everybody may use."""
    return send_file(DEMO_PICTURE, max_age=86_400)


@blueprint.post("/talk/demo")
def take_demo_picture() -> Answer:
    """Put the demo portrait into the visitor's library, and go on with it."""
    ensure_person(session(), person_id())
    with Path(DEMO_PICTURE).open("rb") as file:
        picture = pictures.add_picture_stream(session(), settings(), person_id(), file, gettext("Demo portrait") + ".jpg")
    page = PAGES.get(request.form.get("page", ""), "pages.talk")
    return redirect(url_for(page, picture=picture.id), 303)


def live_page(template: str, policy: str = MICROPHONE_POLICY, **shown: Any) -> Answer:
    """One of these pages. policy: what it may ask the browser for. Scripts say what happens, in words that the page brings."""
    choice = Choice.from_mapping(request.args)
    offered, films = portraits(find_picture(choice)), clips_first(choice.clip)
    ids = [each.id for each in (*offered, *films)]
    picked = choice.clip if choice.clip in ids and not choice.picture else next(iter(ids), None)
    texts = {**for_scripts(), **for_cameras(), **for_live()}
    demo_there = any(each.sha256 == demo_digest() for each in offered)
    shown |= {"portraits": offered, "films": films, "picked": picked, "demo_there": demo_there}
    answer = make_response(render_template(template, script_texts=texts, **shown))
    answer.headers["Permissions-Policy"] = policy
    return answer


@cache
def demo_digest() -> str:
    """By which the demo portrait is known again in a library."""
    return file_digest(DEMO_PICTURE)


def portraits(chosen: Picture | None) -> Sequence[Picture]:
    """The visitor's pictures whose face can speak as it is, the chosen one first."""
    kept = pictures.list_pictures(session(), person_id(), limit=OFFERED).items
    others = [picture for picture in kept if chosen is None or picture.id != chosen.id]
    return [picture for picture in ([chosen] if chosen else []) + others if can_speak(picture)]


def clips_first(chosen: str | None) -> Sequence[Clip]:
    """The visitor's films, the chosen one first."""
    kept = clips.list_clips(session(), person_id(), limit=OFFERED).items
    return sorted(kept, key=lambda clip: clip.id != chosen)


def can_speak(picture: Picture) -> bool:
    """Whether the picture's face is clear without asking: one face that can move."""
    try:
        settle_face(picture, film_options({}))
    except BelcantoError:
        return False
    return True
