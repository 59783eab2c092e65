"""How many files a filter with an option of its own touches: its own one, one line in the list, its translations."""

from __future__ import annotations

import re
import sys
from importlib import import_module

import numpy as np
import pytest
import soundfile
from flask_babel import force_locale
from PIL import Image

from app.api.schema_parts import film_options_schema
from app.forms import order_form
from app.option_words import guide_rows, option_of_film, value_words
from app.services.options import film_options, options_json
from core.contracts import Face, Motion, Portrait
from core.engine_card import EngineCard, Sound
from core.errors import InputError, MissingError
from media.media import probe_video, read_frames
from pipeline import filter_list
from pipeline.__main__ import main
from pipeline.film_renderer import check_renderer, make_film_renderer
from pipeline.film_settings import SongToVideoSettings, all_options
from pipeline.filter_chain import chain_of, cost_words, frames_cost, size_of

#: The filter's own file, all that it is: it puts a blue border around every picture, before the label is written over it.
FILTER = """
from dataclasses import dataclass, replace

import numpy as np

from core.filter_card import FilterCard
from core.messages import message
from core.option_kinds import Whole
from core.options import N_, check_options, option
from core.stage_cost import StageCost


@dataclass(frozen=True)
class ToyOptions:
    border: int = option(0, Whole(0, 40, "px"), "width of a blue border", label=N_("Border"), hint=N_("In pixels."))

    def __post_init__(self):
        check_options(self)


class Border:
    def __init__(self, width_px, info):
        self.width_px, self.info = width_px, info

    def apply(self, frames, progress=None):
        around = ((self.width_px, self.width_px), (self.width_px, self.width_px), (0, 0))
        for frame in frames:
            assert frame.shape == (self.info.height, self.info.width, 3)
            framed = np.pad(frame, around)
            framed[np.pad(np.zeros(frame.shape[:2], bool), around[:2], constant_values=True), 2] = 255
            yield framed


def width_of(settings):
    return settings.own(ToyOptions).border


def after(settings, frames):
    return replace(frames, width=frames.width + 2 * width_of(settings), height=frames.height + 2 * width_of(settings))


TOY = FilterCard(
    "border",
    650,
    lambda settings, frames, note: Border(width_of(settings), frames),
    lambda settings, engine: width_of(settings) > 0,
    ToyOptions,
    unfit=lambda engine: message("filters.restoring_knows_humans_alone", name=engine.name) if engine.drawn else None,
    missing=lambda settings: message("filters.no_ncnn") if width_of(settings) == 40 else None,
    after=after,
    cost=lambda settings, card: StageCost(0.0, 7.0),
    cost_words=lambda settings: (f"border {width_of(settings)}",),
)
"""
GERMAN = {"Border": "Rand", "In pixels.": "In Pixeln."}
FRAME = np.full((64, 128, 3), 9, np.uint8)
FACE = Face(np.zeros((478, 3), np.float32), np.zeros(52, np.float32), (0.0, 0.0, 0.0), (40.0, 10.0, 80.0, 50.0))
PORTRAIT = Portrait(FRAME, FACE)
MOTION = Motion(25.0, *(np.zeros((3, columns), np.float32) for columns in (52, 3, 3, 2)), np.zeros(3, np.float32))


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """The filter in its file and in the list."""
    (tmp_path / "toy_filter.py").write_text(FILTER)
    monkeypatch.syspath_prepend(str(tmp_path))
    card = import_module("toy_filter").TOY
    filter_list.FILTERS.append(card)
    yield card
    filter_list.FILTERS.remove(card)
    sys.modules.pop("toy_filter")


class Still:
    """Draws the portrait as it is."""

    def frames(self, portrait, motion, progress=None):
        for _ in range(len(motion)):
            yield portrait.image.copy()


ENGINE = EngineCard("still", "Still", "tests", lambda settings, sound, note: Still())


def drawn(settings):
    return list(make_film_renderer(ENGINE, settings, Sound(None), pytest.fail).frames(PORTRAIT, MOTION))


def test_its_option_is_on_the_command_line_and_in_the_schema(toy, capsys):
    with pytest.raises(SystemExit):
        main(["sing", "--help"])
    assert "--border BORDER width of a blue border (0 to 40 px)" in " ".join(capsys.readouterr().out.split())
    assert film_options_schema()["properties"]["border"] == {
        "type": "integer",
        "minimum": 0,
        "maximum": 40,
        "description": "width of a blue border",
    }


def test_its_option_is_read_and_stored(toy):
    options = film_options({"border": "8", "label": "on"})
    assert options.own(toy.options).border == 8 and options_json(options)["border"] == 8
    assert film_options(options_json(options)) == options != film_options({"label": "on"})
    with pytest.raises(InputError, match="--border is 50; a number from 0 to 40"):
        film_options({"border": 50})


@pytest.mark.parametrize(("language", "label", "hint"), [("en", "Border", "In pixels."), ("de", "Rand", "In Pixeln.")])
def test_its_option_is_in_the_form_and_the_guide_in_both_languages(toy, german_pages, language, label, hint, monkeypatch):
    monkeypatch.setattr("app.forms.engine_states", lambda: [])
    with german_pages.test_request_context(), force_locale(language):
        fields = [(str(field.label.text), said) for field, said in order_form().section("")]
        assert (label, hint) in fields and (label, hint) in [row[:2] for row in guide_rows()]
        assert value_words(option_of_film("border"), 8) == "8 px"


def test_it_runs_in_its_place(toy):
    settings = SongToVideoSettings.from_json(
        {"border": 4, "label": True, "restore": 0.5, "fps": 50, "in_between": "interpolated"}
    )
    assert [card.name for card in chain_of(ENGINE, settings)] == ["restore", "frame rate", "border", "label"]
    framed = drawn(SongToVideoSettings.from_json({"border": 4, "label": True}))
    plain = drawn(SongToVideoSettings.from_json({"label": True}))
    assert [frame.shape for frame in framed] == [(72, 136, 3)] * 3 and [frame.shape for frame in plain] == [FRAME.shape] * 3
    assert (framed[0][:4, :, 2] == 255).all() and (framed[0][4:40, 4:-4] == 9).all()
    assert (framed[0][-12:-4, -40:-4] != 9).any(), "the label is written over the border's picture"


def test_what_it_declares_is_asked(toy):
    settings = SongToVideoSettings.from_json({"border": 4})
    assert size_of(chain_of(ENGINE, settings), PORTRAIT, settings) == (136, 72)
    cost, plain = (frames_cost(ENGINE, each, False) for each in (settings, SongToVideoSettings()))
    assert cost.seconds(10.0, 0) == pytest.approx(plain.seconds(10.0, 0) + 70.0)
    assert cost_words(settings)[-1] == "border 4"
    drawing = next(engine for engine in import_module("pipeline.engine_list").ENGINES if engine.drawn)
    with pytest.raises(InputError, match=f"the engine {drawing.name} draws other ones"):
        check_renderer(drawing, settings)
    with pytest.raises(MissingError, match="ncnn is missing"):
        check_renderer(ENGINE, SongToVideoSettings.from_json({"border": 40}))


def test_nobody_but_the_list_names_a_filter(root_dir):
    """Of the filters' room, others open two files that are no filters of a chain: `enhance.py`, which enhances a portrait, and
    `shown_words.py`, which needs a song's words."""
    naming = {
        (path.relative_to(root_dir).as_posix(), name)
        for room in ("app", "jobs", "pipeline", "motion", "animators", "sadtalker_runner", "core")
        for path in (root_dir / room).rglob("*.py")
        for name in re.findall(r"^ *(?:from|import) filters\.(\w+)", path.read_text(), re.MULTILINE)
    }
    named = {name for path, name in naming if path == "pipeline/filter_list.py"}
    assert named == {"frame_rate", "label", "look", "pasting", "restoration", "turn_back"}
    others = {("pipeline/portrait_step.py", "enhance"), ("pipeline/lyrics/showing.py", "shown_words")}
    assert naming - {("pipeline/filter_list.py", name) for name in named} == others


def test_each_filter_and_option_has_a_name_of_its_own():
    names = [card.name for card in filter_list.FILTERS]
    options = [name for each in all_options() for name in {each.name, each.field}]
    assert len(set(names)) == len(names) and len(set(options)) == len(options)


@pytest.mark.slow
def test_it_makes_a_film_of_its_own_size(toy, tmp_path, root_dir):
    soundfile.write(tmp_path / "song.wav", np.zeros(12000), 16000)
    Image.open(root_dir / "demo" / "portrait.jpg").resize((128, 128)).save(tmp_path / "p.png")
    film = tmp_path / "film.mp4"
    files = ["--portrait", str(tmp_path / "p.png"), "--song", str(tmp_path / "song.wav"), "--out", str(film)]
    assert main(["sing", *files, "--fps", "10", "--lips", "features", "--border", "16"]) == 0
    info = probe_video(film)
    assert (info.width, info.height) == (160, 160)
    frame = next(iter(read_frames(film))).astype(int)
    assert frame[4:12, :, 2].min() > 180 and frame[4:12, :, 0].max() < 80
