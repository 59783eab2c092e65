"""Every text that a person can meet has a German one, and every sentence of the pipeline that the wizard shows is known."""

from __future__ import annotations

import ast
import importlib
import re
from functools import cache
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import Babel, force_locale

from app import errors
from app.sentences import in_person_words, in_words, known
from app.services.key_points import points_words
from app.services.options import film_options
from app.texts import LANGUAGES, clock
from core.errors import MissingError

ROOT = Path(__file__).resolve().parents[2]
CATALOG = ROOT / "app" / "translations" / "de" / "LC_MESSAGES" / "messages.po"
#: The application's errors are extracted by their classes: their first argument is the template.
ERRORS = [name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, errors.AppError)]
KEYWORDS = DEFAULT_KEYWORDS | {"N_": None, "lazy_gettext": None} | dict.fromkeys(ERRORS)
PLACES = re.compile(r"\{\w+\}|%\(\w+\)[sd]")
#: The rooms whose sentences may reach the wizard as errors of inputs, notes, and what jobs end with; the application's own are
#: extracted, but for those of the queue.
SPEAKING_ROOMS = (
    *("core", "media", "weights", "neural", "faces", "separation", "motion", "animators", "sadtalker_runner", "filters"),
    *("pipeline", "jobs"),
)
SPEAKERS_BESIDES = ("app.job_store",)
#: How many sentences of a module the wizard shows in English still, or never; all others of every module are known to it.
STILL_ENGLISH = {
    "pipeline.cache": 3,
    "core.file_lock": 1,
    "core.contracts": 3,
    "filters.enhance": 1,
    "faces.faces": 1,
    "media.film_reader": 3,
    "pipeline.film_settings": 3,
    "media.film_writer": 4,
    "filters.frame_rate": 1,
    "neural.gpu_turn": 1,
    "jobs.queue": 2,
    "jobs.workers": 1,
    "jobs.queueing": 2,
    "media.media_files": 1,
    "motion.files.motion_csv": 4,
    "neural.network_files": 1,
    "core.output_files": 8,
    "filters.paste_back": 1,
    "pipeline.steps": 1,
    "neural.device": 2,
    "separation.card": 1,
    "separation.checkpoint": 2,
    "separation.runner": 5,
    "separation.spleeter": 1,
    "separation.tensor_bundle": 3,
    "animators.anime.canvas": 1,
    "animators.anime.checkpoint": 1,
    "animators.anime.drawn_face": 1,
    "animators.anime.figure": 1,
    "animators.anime.phonemes": 1,
    "animators.anime.settings": 3,
    "animators.anime.torch_archive": 2,
    "motion.singing.lips.ctranslate2_file": 3,
    "motion.singing.lips.learned_lips": 2,
    "motion.singing.lips.lip_graph": 2,
    "motion.singing.settings": 4,
    "motion.singing.song_analysis": 2,
    "motion.singing.lips.speech_encoder": 3,
    "motion.singing.lips.streaming": 1,
    "motion.singing.lips.whisper_checkpoint": 2,
    "sadtalker_runner.checkpoint": 1,
    "sadtalker_runner.face_renderer": 1,
    "sadtalker_runner.film_coefficients": 1,
    "sadtalker_runner.folding": 2,
    "sadtalker_runner.pose_film": 1,
    "sadtalker_runner.settings": 12,
    "weights.converted": 1,
    "weights.fetch": 3,
    "weights.registry": 6,
}
#: What no visitor meets: their files have names made here, and are there.
NEVER_MET = (
    "does not exist; check its name.",
    "is not a file;",
    "The look at the file was stopped.",
    "The file of key points",
    "is no key point; a time in seconds",
    "SadTalker hears the voice, and was given none.",
)


def extracted():
    found = [
        text
        for room in ("app", *SPEAKING_ROOMS)
        for text in extract_from_dir(ROOT / room, [("**.py", "python")], keywords=KEYWORDS)
    ]
    pages = extract_from_dir(ROOT / "templates", [("**.html", "jinja2")], keywords=KEYWORDS)
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in [*found, *pages]} - {""}


def catalog():
    with CATALOG.open("rb") as file:
        messages = [message for message in read_po(file, "de") if message.id]
    return {message.id if isinstance(message.id, str) else message.id[0]: message for message in messages}


@pytest.fixture(scope="module")
def german():
    app = Flask("texts")
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(CATALOG.parents[2])
    Babel(app)
    with app.app_context(), force_locale("de"):
        yield


def test_every_text_is_translated():
    texts, translated = extracted(), catalog()
    assert len(texts) > 300
    assert sorted(texts - set(translated)) == []
    strings = {name: message.string for name, message in translated.items()}
    assert [name for name, text in strings.items() if not (text if isinstance(text, str) else all(text))] == []


@pytest.mark.slow
def test_no_translation_is_left_over_or_uncertain():
    translated = catalog()
    assert sorted(set(translated) - extracted()) == []
    assert [name for name, message in translated.items() if message.fuzzy] == []


def test_translations_keep_the_places_of_what_varies():
    for message in catalog().values():
        forms = [(message.id, message.string)] if isinstance(message.id, str) else zip(message.id, message.string, strict=True)
        for english, german_text in forms:
            assert sorted(set(PLACES.findall(english))) == sorted(set(PLACES.findall(german_text))), english


def test_the_compiled_catalog_is_that_of_the_texts():
    with CATALOG.open("rb") as file:
        fresh = BytesIO()
        write_mo(fresh, read_po(file, "de"))
    with CATALOG.with_suffix(".mo").open("rb") as compiled:
        stored = [(message.id, message.string) for message in read_mo(compiled)]
    fresh.seek(0)
    assert [pair for pair in stored if pair[0]] == [(message.id, message.string) for message in read_mo(fresh) if message.id]


def test_all_languages_offered_have_a_catalog():
    for code in set(LANGUAGES) - {"en"}:
        assert (CATALOG.parents[2] / code / "LC_MESSAGES" / "messages.mo").is_file()


class BareText(HTMLParser):
    """Words in a template that stand outside of any `{{ }}`."""

    def __init__(self):
        super().__init__()
        self.words = []

    def handle_data(self, data):
        self.words += re.findall(r"[A-Za-zÄÖÜäöü]{2,}", data)

    def handle_starttag(self, tag, attributes):
        shown = ("alt", "aria-label", "placeholder", "title")
        self.words += [value for name, value in attributes if name in shown and re.search(r"[A-Za-z]{2,}", value or "")]


def bare_words(template):
    without = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", template, flags=re.DOTALL)
    parser = BareText()
    parser.feed(without)
    return [word for word in parser.words if word not in ("Belcanto", "px", "UTC")]


@pytest.mark.parametrize("path", sorted((ROOT / "templates").glob("*.html")), ids=lambda path: path.name)
def test_templates_hold_no_text_of_their_own(path):
    if path.name == "api_docs.html":
        pytest.skip("the page for programmers names methods and media types, which are the same in every language")
    assert bare_words(path.read_text(encoding="utf-8")) == []


def test_the_search_for_bare_words_can_find_some():
    assert bare_words('<p>{{ _("Hello") }} there <img alt="a dog"></p>') == ["there", "a dog"]


def spoken(module):
    """The sentences in a module's source, with `7` for what varies; docstrings and logs left out."""
    for node in sentence_nodes(list(ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))))):
        text = rendered(node, module)
        if re.fullmatch(r"[A-Z].{24,}\.", text):
            yield text


def rendered(node, module):
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    texts = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            texts.append(part.value)
        else:
            constant = getattr(module, part.value.id, None) if isinstance(part.value, ast.Name) else None
            texts.append(constant if isinstance(constant, str) else side_or_number(part.value))
    return "".join(texts)


def side_or_number(node):
    """Where a sentence says a side, a word; everywhere else a number stands for what varies."""
    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    if "side" in names:
        return "left"
    return "up" if isinstance(node, ast.IfExp) and "pitch" in names else "7"


def sentence_nodes(nodes):
    """Texts and formatted texts among all nodes of a module's source, docstrings and the parts of formatted ones left out."""
    left_out = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    left_out.update(id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values)
    return [node for node in nodes if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in left_out]


@cache
def speakers():
    """Every module of the rooms that holds text for people; what only the command line or the training says is left out."""
    found = []
    for room in SPEAKING_ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
            imported = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
            parts = path.relative_to(ROOT).with_suffix("").parts
            for_terminals = "argparse" in imported or parts[-1] == "__main__" or "cli" in parts
            if not for_terminals and "training" not in parts and any(map(may_be_sentence, sentence_nodes(nodes))):
                found.append(".".join(parts).removesuffix(".__init__"))
    return [*found, *SPEAKERS_BESIDES]


def may_be_sentence(node):
    """Whether a text begins as a sentence does, or ends so, and has some words; `spoken` tells in the end."""
    values = node.values if isinstance(node, ast.JoinedStr) else [node]
    texts = [part.value for part in values if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return bool(texts) and texts[-1].endswith(".") and sum(map(len, texts)) > 12


@pytest.mark.parametrize("name", speakers())
def test_the_wizard_knows_what_the_pipeline_says(name):
    module = importlib.import_module(name)
    met = [text for text in spoken(module) if not any(part in text for part in NEVER_MET)]
    unknown = [text for text in met if not any(pattern.fullmatch(text) for pattern, _ in known())]
    assert len(unknown) == STILL_ENGLISH.get(name, 0), "\n".join(unknown)


@pytest.mark.slow
def test_speakers_are_found_in_the_sources():
    found = speakers()
    assert set(STILL_ENGLISH) <= set(found) and len(found) == len(set(found)) > 50
    assert {"media.pictures", "media.sound_reader", "faces.upright", "separation.presence", "app.job_store"} <= set(found)
    assert not {"pipeline.cli.sing", "weights.__main__"} & set(found)


@pytest.mark.parametrize(
    ("english", "expected"),
    [
        (
            "The song x.mp3 lasts only 0.20 s; at least 0.5 s are needed.",
            "Das Lied x.mp3 dauert nur 0,20 s; mindestens 0,5 s sind nötig.",
        ),
        (
            "There is no engine 'a'; choose one of auto, mesh.",
            "Ein Verfahren namens a gibt es nicht; wählen Sie eines von auto, mesh.",
        ),
        (
            "The file a is a JPEG picture, which can't be used as a picture; "
            "PNG, JPEG, WebP, HEIC, AVIF, GIF, TIFF and BMP are accepted.",
            "Die Datei a ist ein JPEG-Bild und lässt sich nicht als Bild verwenden; "
            "PNG, JPEG, WebP, HEIC, AVIF, GIF, TIFF und BMP werden angenommen.",
        ),
        ("A sentence that nobody knows.", "A sentence that nobody knows."),
        (
            "The excerpt of 0.25 s is too short; at least 0.5 s are needed.",
            "Der Ausschnitt von 0,25 s ist zu kurz; mindestens 0,5 s sind nötig.",
        ),
        (
            "“Live 2.0” ends 1.5 s after the start; the film ends with it.",
            "“Live 2.0” endet 1,5 s nach dem Anfang; der Film endet damit.",
        ),
        ("within 40.5", "innerhalb von ±40,5"),
        (
            "The SadTalker engine lacks the Python package torch and the weights a, b; run `pip install torch`.",
            "Diesem Server fehlt, was das Verfahren SadTalker braucht.",
        ),
        (
            "This is a drawing, but the engine made for drawings can't run, so the engine is mesh. The package onnx is missing,"
            " which prepares the networks of the anime engine once; `pip install onnx` brings it.",
            "Dies ist eine Zeichnung, aber das Verfahren für Zeichnungen kann hier nicht arbeiten, deshalb ist das Verfahren"
            " mesh. Diesem Server fehlt, was das Verfahren für gezeichnete Figuren braucht.",
        ),
    ],
)
def test_sentences_are_said_in_german(german, english, expected):
    assert in_words(english) == expected


def test_errors_of_the_application_have_a_comma_too(german):
    error = errors.Refused("The option %(name)s is %(value)s; a whole number is needed.", name="fps 2.5", value=2.5)
    assert in_person_words(error) == "Die Einstellung fps 2.5 ist 2,5; eine ganze Zahl ist nötig."


def test_times_and_key_points_have_a_comma_in_german(german):
    assert (clock(62.5), clock(62.0), points_words([(0, 0.3), (12.5, 1)])) == ("1:02,5", "1:02", "0:0,3; 12,5:1")
    for points in ([(0.0, 0.3), (12.5, 1.0)], [(0.5, 0.3)]):
        assert film_options({"intensity": points_words(points)}).intensity_points == tuple(points)


@pytest.mark.parametrize("text", ["0:0.3, 12.5:0.9", "0:0,3; 12,5:0,9", "0.5:0.3", "0,5:0,3", "0.5:0.3,"])
def test_key_points_are_read_in_both_ways_of_writing(text):
    assert len(film_options({"intensity": text}).intensity_points) == (2 if "12" in text else 1)


def missing_sentences():
    """What the sources say where something lacks, with the command that brings it."""
    found = set()
    for path in (path for room in SPEAKING_ROOMS for path in (ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            parts = [node] if isinstance(node, ast.Constant) else node.values if isinstance(node, ast.JoinedStr) else []
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "torch" for part in parts)
            if re.match(r"[A-Z]", text) and re.search(r"pip install|python -m weights|Run: ", text) and text.count(" ") > 4:
                found.add(text)
    return sorted(found)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_visitor_reads_a_command(language):
    app = Flask("texts")
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(CATALOG.parents[2])
    Babel(app)
    sentences = missing_sentences()
    assert len(sentences) > 8
    with app.app_context(), force_locale(language):
        said = [in_words(sentence) for sentence in sentences] + [in_person_words(MissingError(text)) for text in sentences]
    assert [text for text in said if re.search(r"pip |python|Run: |`", text)] == []
