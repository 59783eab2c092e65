"""The words of a song: read and corrected."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, url_for

from app.api.blueprint import blueprint
from app.api.bodies import read_body
from app.api.context import person_id, session, settings
from app.api.shapes import Json
from app.services.words import get_words, save_words
from pipeline.lyrics.editing import EditedLine, edited_lyrics
from pipeline.lyrics.lines import Lyrics


@blueprint.get("/works/<work_id>/words")
def words(work_id: str) -> Response:
    """Line by line."""
    return jsonify(words_json(work_id, get_words(session(), person_id(), work_id)[1]))


@blueprint.put("/works/<work_id>/words")
def put_words(work_id: str) -> Response:
    """Correct them."""
    body = read_body("WordsChange")
    _, before = get_words(session(), person_id(), work_id)
    after = edited_lyrics(before, [edited(each) for each in body["lines"]])
    save_words(session(), settings(), person_id(), work_id, after)
    return jsonify(words_json(work_id, after))


def edited(given: dict[str, Any]) -> EditedLine:
    """A line of the body."""
    return EditedLine(given["text"], float(given["start_s"]), float(given["end_s"]), given.get("of"))


def words_json(work_id: str, lyrics: Lyrics) -> Json:
    """A `Words`."""
    lines = [
        {
            "text": line.text,
            "start_s": line.start_s,
            "end_s": line.end_s,
            "words": [{"text": word.text, "start_s": word.start_s, "end_s": word.end_s} for word in line.words],
        }
        for line in lyrics.lines
    ]
    links = {"self": url_for("api.words", work_id=work_id), "work": url_for("api.work", work_id=work_id)}
    return {"language": lyrics.language, "lines": lines, "links": links}
