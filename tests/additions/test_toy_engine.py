"""How many files an engine with an option of its own touches: its own folder, one line in the list, its translations."""

from __future__ import annotations

import sys
from importlib import import_module

import numpy as np
import pytest
import soundfile
from flask_babel import force_locale

from app.api.schema_parts import film_options_schema
from app.forms import order_form
from app.option_words import guide_rows, option_of_film, value_words
from app.services.options import film_options, options_json
from core.errors import InputError
from media.media import probe_video, read_frames
from pipeline import engine_list
from pipeline.__main__ import main

#: The engine's own file, all that it is: it paints the portrait ever redder.
ENGINE = """
from dataclasses import dataclass

import numpy as np

from core.engine_card import EngineCard
from core.option_kinds import Whole
from core.options import N_, check_options, option


@dataclass(frozen=True)
class ToyOptions:
    redness: int = option(3, Whole(0, 9), "how red it becomes", label=N_("Redness"), hint=N_("More is redder."))

    def __post_init__(self):
        check_options(self)


class ToyRenderer:
    def __init__(self, redness):
        self.redness = redness

    def frames(self, portrait, motion, progress=None):
        for _ in range(len(motion)):
            frame = portrait.image.copy()
            frame[..., 0] = np.minimum(255, frame[..., 0].astype(int) + 20 * self.redness)
            yield frame


def make(settings, sound, note):
    return ToyRenderer(settings.own(ToyOptions).redness)


TOY = EngineCard("toy", N_("Toy: red"), "toy", make, options=ToyOptions, credit="A toy")
"""
GERMAN = {"Redness": "Röte", "More is redder.": "Mehr ist röter.", "Toy: red": "Spielzeug: rot"}


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """The engine in its folder and in the list."""
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "__init__.py").touch()
    (tmp_path / "toy" / "engine.py").write_text(ENGINE)
    monkeypatch.syspath_prepend(str(tmp_path))
    card = import_module("toy.engine").TOY
    engine_list.ENGINES.append(card)
    yield card
    engine_list.ENGINES.remove(card)
    for name in ("toy", "toy.engine"):
        sys.modules.pop(name)


def test_its_option_is_on_the_command_line(toy, capsys):
    with pytest.raises(SystemExit):
        main(["sing", "--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert "--redness REDNESS toy: how red it becomes (0 to 9; default 3)" in told
    assert "auto,mesh,anime,sadtalker,liveportrait,adasr,toy" in told


def test_its_option_is_in_the_schema_and_is_read_and_stored(toy):
    schema = film_options_schema()["properties"]
    assert schema["redness"] == {"type": "integer", "minimum": 0, "maximum": 9, "description": "toy alone: how red it becomes"}
    assert "toy" in schema["engine"]["enum"]
    options = film_options({"engine": "toy", "redness": "7"})
    assert options.own(toy.options).redness == 7 and options_json(options)["redness"] == 7
    assert film_options(options_json(options)) == options
    with pytest.raises(InputError, match="--redness is 10; a number from 0 to 9"):
        film_options({"engine": "toy", "redness": 10})
    with pytest.raises(InputError, match="--redness belong to the engine toy"):
        film_options({"engine": "mesh", "redness": 5})


@pytest.mark.parametrize(("language", "label", "hint"), [("en", "Redness", "More is redder."), ("de", "Röte", "Mehr ist röter.")])
def test_its_option_is_in_the_form_and_the_guide_in_both_languages(toy, german_pages, language, label, hint, monkeypatch):
    monkeypatch.setattr("app.forms.engine_states", lambda: [])
    with german_pages.test_request_context(), force_locale(language):
        form = order_form()
        assert [(str(field.label.text), said) for field, said in form.section("toy")] == [(label, hint)]
        assert "toy" in form.engines and "toy" in [choice.value for choice in form["engine"].choices]
        assert (label, hint) in [row[:2] for row in guide_rows()]
        assert value_words(option_of_film("engine"), "toy") == ("Toy: red" if language == "en" else "Spielzeug: rot")


@pytest.mark.slow
def test_it_makes_a_film(toy, tmp_path, root_dir):
    soundfile.write(tmp_path / "song.wav", np.zeros(12000), 16000)
    arguments = ["--portrait", str(root_dir / "demo" / "portrait.jpg"), "--song", str(tmp_path / "song.wav")]
    arguments += ["--height", "128", "--fps", "10", "--lips", "features"]
    films = []
    for redness in ("0", "9"):
        film = tmp_path / f"{redness}.mp4"
        assert main(["sing", *arguments, "--out", str(film), "--engine", "toy", "--redness", redness]) == 0
        films.append(next(iter(read_frames(film))).astype(float))
        assert probe_video(film).metadata["copyright"] == "A toy"
    assert films[1][..., 0].mean() > films[0][..., 0].mean() + 20
