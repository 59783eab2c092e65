"""The options of a film: read from forms and JSON, checked, and told apart."""

from __future__ import annotations

from typing import get_args

import pytest

from app.services.options import film_options, options_json, order_key
from core.errors import InputError
from filters.label import LabelOptions
from filters.restoration import RestoreOptions
from pipeline.film_settings import LipsChoice, SongToVideoSettings
from sadtalker_runner.options import SadTalkerOptions


def test_younger_options_leave_the_keys_of_old_orders_alone():
    """The key that the program before these options gave an order without any."""
    assert order_key(SongToVideoSettings(), "s", "p") == "726465cfe9b45cbbf74b6892614cd21705f5d9e874d86e60a6a1be36b6ff02f9"
    keys = {order_key(film_options(each), "s", "p") for each in ({}, {"restore": 0.5}, {"frame": [1, 2, 30, 40]})}
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
    with pytest.raises(InputError, match=sentence):
        film_options(options)


def test_options_of_an_engine_reach_the_pipeline():
    text = {"engine": "sadtalker", "size": "512", "pose": "voice", "pose_style": "7", "yaw": "-20, 30.5", "restore": "0.5"}
    options = film_options(text)
    assert film_options(options_json(options)) == options
    made = options
    assert (
        made.own(SadTalkerOptions) == SadTalkerOptions(size=512, pose="voice", pose_style=7, yaw_deg=(-20.0, 30.5))
        and made.own(RestoreOptions).restore == 0.5
    )


def test_options_come_from_forms_as_texts():
    texts = {"fps": "24", "height": "", "label": "on", "start_s": "1,5", "seed": "7", "engine": "mesh"}
    options = film_options(texts)
    assert options == SongToVideoSettings(engine="mesh", fps=24.0, filter_options=(LabelOptions(True),), start_s=1.5, seed=7)
    assert (options.fps, options.title, options.motion_csv) == (24.0, None, None)


@pytest.mark.parametrize(
    ("name", "low", "high"), [("seed", 0, 2147483647), ("fps", 10, 60), ("pose_style", 0, 45), ("face", 1, 99)]
)
def test_the_ends_of_a_range_are_accepted_and_no_more(name, low, high):
    engine = {"engine": "sadtalker", "pose": "voice"} if name == "pose_style" else {}
    for value in (low, high):
        assert options_json(film_options({**engine, name: value}))[name] == value
    for value in (low - 1, high + 1):
        with pytest.raises(InputError, match=f"a number from {low} to"):
            film_options({**engine, name: value})


@pytest.mark.parametrize("value", ["happy", "sad", "auto"])
def test_a_style_is_taken_by_its_name(value):
    assert film_options({"style": value}).style == value
    with pytest.raises(InputError, match="gloomy; choose one of auto, neutral"):
        film_options({"style": "gloomy"})


@pytest.mark.parametrize("value", get_args(LipsChoice))
def test_lips_are_taken_by_their_name(value):
    assert film_options({"lips": value}).lips == value
    with pytest.raises(InputError, match="thick; choose one of learned, features"):
        film_options({"lips": "thick"})


def test_a_list_is_a_list():
    with pytest.raises(InputError, match="at most 20 numbers"):
        film_options({"engine": "sadtalker", "yaw": 5})
    assert film_options({"engine": "sadtalker", "yaw": "1,5; 2"}).own(SadTalkerOptions).yaw_deg == (1.5, 2.0)
