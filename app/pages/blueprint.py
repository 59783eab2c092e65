"""The pages' blueprint, and what every template may use."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import get_locale
from markupsafe import Markup

from app.languages import LANGUAGES
from app.models import Job
from app.notices.sending import sender_of
from app.option_words import engine_name
from app.pages.context import settings
from app.pages.view import wave_path
from app.texts import clock, for_scripts, language_words, short_clock, size
from app.watching.living import why_nobody
from app.wording import in_words, kept_in_words
from media.file_kinds import JPEG_FACTOR
from media.offered_files import film_patterns, picture_patterns, song_patterns

blueprint = Blueprint("pages", __name__)
blueprint.add_app_template_filter(language_words, "language_words")


@blueprint.app_context_processor
def shared() -> dict[str, Any]:
    """Names that every template may use; error pages too."""
    return {
        "api_root": request.script_root + "/api/v1",
        "clock": clock,
        "engine_name": engine_name,
        "here": address_here(),
        "in_words": in_words,
        "kept_in_words": kept_in_words,
        "language": str(get_locale() or "en").partition("_")[0],
        "language_words": language_words,
        "languages": LANGUAGES,
        "limits": settings().limits,
        "labels_films": settings().labels_films,
        "jpeg_factor": JPEG_FACTOR,
        "notice_key": sender.public_key if (sender := sender_of(settings())) is not None else "",
        "offered_files": {"song": song_patterns(), "picture": picture_patterns(), "clip": film_patterns()},
        "script_texts": for_scripts(),
        "short_clock": short_clock,
        "size": size,
        "symbol": symbol,
        "waits_because": waits_because,
        "wave_path": wave_path,
    }


def waits_because(job: Job) -> str:
    """Why no worker that runs can do a job that waits; empty where one can."""
    why = why_nobody(job)
    return "" if why is None else in_words(why)


def symbol(name: str) -> Markup:
    """An icon of the kept set (`docs/draw_icons.py`), for the eye alone: words beside it say the same."""
    address = url_for("static", filename="vendor/lucide/icons.svg")
    return Markup('<svg class="symbol" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>').format(address, name)


def address_here() -> str:
    """The page's own address, to come back to; of a form's answer, the page that holds the form."""
    if request.method == "GET" or request.endpoint in ("pages.music", "pages.image", "pages.clip"):
        return request.script_root + request.full_path.rstrip("?")
    return url_for("pages.home")


@blueprint.after_request
def stay_fresh(answer: Response) -> Response:
    """No page is kept by the browser: the way back must show what is so now."""
    answer.headers.setdefault("Cache-Control", "no-store")
    return answer
