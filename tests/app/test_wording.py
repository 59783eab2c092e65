"""What a visitor reads: every message in the visitor's language, with its numbers, and without the operator's business."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from app.errors import Refused
from app.languages import LANGUAGES
from app.wording import in_person_words, in_words, is_for_the_operator, kept_in_words
from core.errors import InputError, MissingError
from core.messages import NOTHING, message
from media.file_kinds import ACCEPTED_PICTURES, JPEG
from tests.app.test_translations import TRANSLATIONS


@pytest.fixture(scope="module")
def app():
    app = Flask("texts")
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    Babel(app)
    with app.app_context():
        yield app


LACKS_ONNX = message("animators.anime.no_onnx")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (
            message("media.song_too_short", name="x.mp3", length=0.2, least=0.5),
            "Das Lied x.mp3 dauert nur 0,20 s; mindestens 0,5 s sind nötig.",
        ),
        (
            message("pipeline.no_such_engine", name="a", list=["auto", "mesh"]),
            "Ein Verfahren namens a gibt es nicht; wählen Sie eines von auto, mesh.",
        ),
        (
            message("media.file_is_no_picture", name="a", kind=JPEG.called, accepted=ACCEPTED_PICTURES),
            "Die Datei a ist ein JPEG-Bild und lässt sich nicht als Bild verwenden; "
            "PNG, JPEG, WebP, HEIC, AVIF, GIF, TIFF und BMP werden angenommen.",
        ),
        (
            message("media.excerpt_too_short", length=0.25, least=0.5),
            "Der Ausschnitt von 0,25 s ist zu kurz; mindestens 0,5 s sind nötig.",
        ),
        (
            message("pipeline.song_ends_early", name="“Live 2.0”", length=1.5),
            "“Live 2.0” endet 1,50 s nach dem Anfang; der Film endet damit.",
        ),
        (message("metrics.within", value=40.5), "innerhalb von ±40,5"),
        (
            message("sadtalker_runner.lacks_parts", what="the Python package torch", commands="`pip install torch`"),
            "Diesem Server fehlt, was das Verfahren SadTalker braucht.",
        ),
        (
            message("pipeline.drawing_without_its_engine", engine="mesh", reason=LACKS_ONNX),
            "Dies ist eine Zeichnung, aber das Verfahren für Zeichnungen kann hier nicht arbeiten, deshalb ist das Verfahren"
            " mesh. Diesem Server fehlt, was das Verfahren für gezeichnete Figuren braucht.",
        ),
        (message("core.as_written", text=message("core.either", others=[256], last=512)), "256 oder 512"),
        (message("other.version"), "other.version"),
        (NOTHING, ""),
    ],
)
def test_messages_are_said_in_german(app, told, expected):
    with force_locale("de"):
        assert expected in in_words(told)
        assert (expected == "") == (in_words(told) == "")


def test_numbers_of_errors_have_a_comma_and_what_persons_wrote_has_not(app):
    error = Refused("core.option_not_whole", flag="fps", name="fps 2.5", value=2.5)
    with force_locale("de"):
        assert in_person_words(error) == "Die Einstellung fps 2.5 ist 2,5; eine ganze Zahl ist nötig."


def test_a_row_of_an_earlier_program_is_said_as_it_is_kept(app):
    with force_locale("de"):
        assert kept_in_words("The song is damaged.") == "The song is damaged."
        assert kept_in_words(None) == ""
        assert kept_in_words(message("faces.cut_left").as_json()).startswith("Das Gesicht ist vom linken Bildrand")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_operators_business_stays_with_the_operator(app, language):
    error = InputError("pipeline.cache_folder_unwritable", folder="/srv/secret", reason="Read-only file system")
    with force_locale(language):
        said = in_person_words(error)
    assert "secret" not in said and "BELCANTO" not in said and len(said) > 30  # Japanese says it in 38 signs
    assert is_for_the_operator(error) and not is_for_the_operator(MissingError(LACKS_ONNX))
