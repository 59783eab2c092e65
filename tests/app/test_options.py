"""The options of a film: read from forms and JSON, checked, and told apart."""

from __future__ import annotations

from typing import get_args

import pytest
from pipeline.engine_options import SadTalkerOptions

from app.errors import Refused
from app.services.options import FilmOptions
from core.errors import InputError
from pipeline.film_settings import LipsChoice


def test_younger_options_leave_the_keys_of_old_orders_alone():
    """The key that the program before these options gave an order without any."""
    assert FilmOptions().order_key("s", "p") == "726465cfe9b45cbbf74b6892614cd21705f5d9e874d86e60a6a1be36b6ff02f9"
    keys = {FilmOptions.from_mapping(each).order_key("s", "p") for each in ({}, {"restore": 0.5}, {"frame": [1, 2, 30, 40]})}
    assert len(keys) == 3


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"yaw": [5]}, "belong to the engine sadtalker"),
        ({"engine": "sadtalker", "pose_style": 3}, "A pose style belongs"),
        ({"engine": "sadtalker", "yaw": [61]}, "a number from -60 to 60"),
        ({"engine": "sadtalker", "yaw": [1] * 21}, "at most 20 numbers"),
        ({"engine": "sadtalker", "size": 300}, "choose one of 256, 512"),
        ({"in_between": "guessed"}, "choose one of auto, drawn, interpolated"),
        ({"restore": 1.5}, "a number from 0 to 1"),
        ({"frame": [1, 2, 3]}, "four numbers"),
        ({"frame": [30, 2, 1, 40]}, "right of left"),
        ({"frame": [1, 2, 30, 40], "face": 1}, "not by both"),
        ({"frame": [1, 2, 30, 40], "engine": "mesh"}, "for drawn faces"),
    ],
)
def test_options_that_do_nothing_are_refused(options, sentence):
    with pytest.raises((InputError, Refused), match=sentence):
        FilmOptions.from_mapping(options)


def test_options_of_an_engine_reach_the_pipeline():
    text = {"engine": "sadtalker", "size": "512", "pose": "voice", "pose_style": "7", "yaw": "-20, 30.5", "restore": "0.5"}
    options = FilmOptions.from_mapping(text)
    assert FilmOptions.from_mapping(options.as_json()) == options
    made = options.for_pipeline()
    assert made.sadtalker == SadTalkerOptions(size=512, pose="voice", pose_style=7, yaw_deg=(-20.0, 30.5)) and made.restore == 0.5


def test_options_come_from_forms_as_texts():
    texts = {"fps": "24", "height": "", "label": "on", "start_s": "1,5", "seed": "7", "engine": "mesh"}
    options = FilmOptions.from_mapping(texts)
    assert options == FilmOptions(engine="mesh", fps=24.0, label=True, start_s=1.5, seed=7)
    settings = options.for_pipeline("Title")
    assert (settings.fps, settings.title, settings.label, settings.motion_csv) == (24.0, "Title", True, None)


@pytest.mark.parametrize(
    ("name", "low", "high"), [("seed", 0, 2147483647), ("fps", 10, 60), ("pose_style", 0, 45), ("face", 1, 99)]
)
def test_the_ends_of_a_range_are_accepted_and_no_more(name, low, high):
    engine = {"engine": "sadtalker", "pose": "voice"} if name == "pose_style" else {}
    for value in (low, high):
        assert getattr(FilmOptions.from_mapping({**engine, name: value}), name) == value
    for value in (low - 1, high + 1):
        with pytest.raises(Refused, match=f"a number from {low} to"):
            FilmOptions.from_mapping({**engine, name: value})


@pytest.mark.parametrize("value", ["happy", "sad", "auto"])
def test_a_style_is_taken_by_its_name(value):
    assert FilmOptions.from_mapping({"style": value}).style == value
    with pytest.raises(Refused, match="no style called gloomy"):
        FilmOptions.from_mapping({"style": "gloomy"})


@pytest.mark.parametrize("value", get_args(LipsChoice))
def test_lips_are_taken_by_their_name(value):
    assert FilmOptions.from_mapping({"lips": value}).lips == value
    with pytest.raises(Refused, match="no lips called thick"):
        FilmOptions.from_mapping({"lips": "thick"})


def test_a_list_is_a_list():
    with pytest.raises(Refused, match="at most 20 numbers"):
        FilmOptions.from_mapping({"engine": "sadtalker", "yaw": 5})
    assert FilmOptions.from_mapping({"engine": "sadtalker", "yaw": "1,5; 2"}).yaw == (1.5, 2.0)
