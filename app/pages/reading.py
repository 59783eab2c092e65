"""What there is to read: the guide and the page about Belcanto. And the choice of the language."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import redirect, render_template, request, url_for
from flask_babel import lazy_gettext

from app.option_words import guide_rows
from app.pages.blueprint import blueprint
from app.pages.context import Answer, keep_language, safe_address, settings
from app.pages.explained import EXPLAINED

#: The registry of model files, read as a table: the pages know no other room's code.
REGISTRY = Path(__file__).resolve().parents[2] / "weights" / "registry.toml"
USES = {
    "product": lazy_gettext("part of the product"),
    "metric only": lazy_gettext("only measures films"),
    "non-commercial": lazy_gettext("experiments only"),
}


@dataclass(frozen=True)
class ModelLicence:
    """Whose model it is, and under which licence; several files of one model are one row."""

    origin: str
    year: int
    licence: str
    use: str


#: The networks that we trained ourselves lie in the repository (weights/trained) and owe credit to their data.
OWN_EMOTION = ModelLicence(
    "Belcanto's classifier of a sentence's emotion, learned from GoEmotions (Demszky and others, 2020)",
    2026,
    "Apache-2.0",
    "product",
)
OWN_LIPS = ModelLicence(
    "Belcanto's lips, learned from the GRID audio-visual sentence corpus (Cooke, Barker, Cunningham & Shao, 2006)",
    2026,
    "CC BY 4.0",
    "product",
)


@lru_cache(maxsize=1)
def model_licences() -> tuple[ModelLicence, ...]:
    """The licences of our own models and of all models whose files are known, each once."""
    rows = tomllib.loads(REGISTRY.read_text(encoding="utf-8")).values()
    fetched = dict.fromkeys(ModelLicence(model_of(row["origin"]), row["year"], row["licence"], row["use"]) for row in rows)
    return (OWN_LIPS, OWN_EMOTION, *fetched)


def model_of(origin: str) -> str:
    """The model that a file belongs to: its origin without what the registry says of the file alone."""
    return origin.partition(": ")[0].partition(", part ")[0].removesuffix(" weights").removesuffix(" graph")


@blueprint.get("/guide")
def guide() -> Answer:
    """What makes a good picture and song, what is accepted, what the messages mean."""
    return render_template("guide.html", errors=EXPLAINED, options=guide_rows())


@blueprint.get("/about")
def about() -> Answer:
    """Consent, marking, licences."""
    return render_template("about.html", weights=model_licences(), uses=USES, sealed=settings().encryption)


@blueprint.post("/language")
def language() -> Answer:
    """Keep the chosen language and go back to the page."""
    keep_language(request.form.get("to", ""))
    return redirect(safe_address(request.form.get("next"), url_for("pages.home")), 303)
