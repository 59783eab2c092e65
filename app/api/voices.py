"""The voices that can say a text, and how they sound."""

from __future__ import annotations

from flask import Response, jsonify, url_for

from app.api.blueprint import blueprint
from app.api.context import settings
from app.api.media import media_file
from app.services import voices as service
from app.wording import in_words
from speech.readable import unreadable
from speech.voices import VoiceCard, voice_cards


@blueprint.get("/voices")
def voices() -> Response:
    """All of them, by language."""
    return jsonify({"voices": [voice_json(card) for card in voice_cards()]})


@blueprint.get("/voices/<voice>/sample")
def voice_sample(voice: str) -> Response:
    """A sentence in that voice."""
    return media_file(service.sample_file(settings(), voice), service.MIME, voice)


def voice_json(card: VoiceCard) -> dict[str, object]:
    """A voice as the API tells it."""
    links = {"sample": url_for("api.voice_sample", voice=card.name)}
    missing = unreadable(card.language)
    here = {"available": missing is None, "sentence": missing and in_words(missing)}
    return {"name": card.name, "title": card.title, "language": card.language, "gender": card.gender, **here, "links": links}
