"""The pages as a program on a telephone or a desk: its manifest, its service worker, its page for when there is no network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flask import Response, current_app, render_template, request, url_for
from flask_babel import force_locale, gettext

from app.languages import LANGUAGES
from app.pages.blueprint import blueprint
from app.pages.context import Answer
from app.pages.sharing import SHARED, SHARED_AS
from app.static_files import static_version
from media.offered_files import film_patterns, picture_patterns, song_patterns

#: The dark ground and the bar at the top of `static/css/tokens.css`, which a manifest can't take from there.
GROUND, BAR = "#1e2124", "#17191c"
#: What the page for when there is no network is made of.
OFFLINE_FILES = (
    *("css/tokens.css", "css/belcanto.css", "js/mark.js", "js/common.js", "js/installed.js"),
    *("img/logo.svg", "vendor/lucide/icons.svg"),
)


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    """What a system needs to know to install the pages (W3C Web Application Manifest), in the language of `?lang=`."""
    language = asked_language()
    with force_locale(language):
        told = manifest_in_words(language)
    answer = Response(json.dumps(told, ensure_ascii=False), mimetype="application/manifest+json")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def asked_language() -> str:
    """That of the address, where it is one of ours; it is asked for without the cookie that knows the visitor's."""
    asked = request.args.get("lang", "")
    return asked if asked in LANGUAGES else best_language()


def best_language() -> str:
    """The best that the browser asks for."""
    return request.accept_languages.best_match(list(LANGUAGES)) or "en"


def manifest_in_words(language: str) -> dict[str, Any]:
    """The manifest, in the language that is in force."""
    return {
        "id": url_for("pages.home"),
        "name": "Belcanto",
        "short_name": "Belcanto",
        "description": gettext("Give Belcanto a song and a picture of a face, and it makes a film in which the face sings."),
        "lang": language,
        "start_url": url_for("pages.home"),
        "scope": url_for("pages.home"),
        "display": "standalone",
        "background_color": GROUND,
        "theme_color": BAR,
        "icons": [
            icon("icon-192.png", "192x192", "any"),
            icon("icon-512.png", "512x512", "any"),
            icon("icon-maskable-512.png", "512x512", "maskable"),
        ],
        "shortcuts": [
            {"name": gettext("New film"), "url": url_for("pages.music")},
            {"name": gettext("Talk"), "url": url_for("pages.talk")},
            {"name": gettext("Library"), "url": url_for("pages.library")},
        ],
        "share_target": {
            "action": url_for("pages.share"),
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {"files": [{"name": SHARED, "accept": shared_types()}]},
        },
    }


def icon(name: str, sizes: str, purpose: str) -> dict[str, str]:
    """A row of the manifest's icons."""
    return {"src": url_for("static", filename=f"img/{name}"), "sizes": sizes, "type": "image/png", "purpose": purpose}


def shared_types() -> list[str]:
    """What may be shared with the program: media types, and endings of files whose type a system does not know."""
    endings = {pattern for pattern in (*song_patterns(), *picture_patterns(), *film_patterns()) if pattern.startswith(".")}
    return [*(f"{type_}/*" for type_ in SHARED_AS), *sorted(endings)]


@blueprint.get("/service-worker.js")
def service_worker() -> Response:
    """The service worker: what it keeps, then what it does. It lies beside the home page, whose paths are its scope."""
    folder = Path(str(current_app.static_folder))
    bootstrap = url_for("bootstrap.static", filename="css/bootstrap.min.css")
    told = {
        "version": f"{static_version(folder)}-{asked_language()}",
        "icon": url_for("static", filename="img/icon-192.png"),
        "offline": url_for("pages.offline", lang=asked_language()),
        "files": [bootstrap, *(url_for("static", filename=name) for name in OFFLINE_FILES)],
        "folders": [url_for("static", filename=""), bootstrap.removesuffix("css/bootstrap.min.css")],
    }
    script = (folder / "js" / "service_worker.js").read_text(encoding="utf-8")
    answer = Response(f"const told = {json.dumps(told)};\n{script}", mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@blueprint.get("/offline")
def offline() -> Answer:
    """What is shown where there is no network. It is kept in the browser, so nothing of the visitor stands in it."""
    with force_locale(asked_language()):
        return render_template("offline.html")
