"""The presets: each sets options that an order takes, and is known again in the form."""

from __future__ import annotations

import re

import pytest

from app.pages.presets import PRESETS
from app.services.options import film_options
from tests.app.test_pages_wizard import order_form, visitor

__all__ = ["visitor"]


def current(page):
    return re.findall(r'<a class="preset"[^>]*preset=(\w+)[^>]* aria-current="true"', page)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_its_values_are_accepted_and_stand_in_the_form(visitor, song, picture, preset):
    film_options(preset.values)
    page = visitor.get("/order", query_string={"song": song.id, "picture": picture.id, "preset": preset.name}).text
    assert current(page) == [preset.name]
    (given,) = re.findall(r'<input[^>]*name="expressiveness"[^>]*>', page)
    assert float(re.search(r'value="([\d.]+)"', given)[1]) == float(preset.values["expressiveness"])
    for kind in ("mp4", "jpg"):
        assert 0 < len(visitor.get(f"/welcome/{preset.name}.{kind}").data) < 20_000


def test_it_is_natural_at_first_and_none_where_something_else_is_set(visitor, song, picture):
    plain = {"song": song.id, "picture": picture.id}
    assert current(visitor.get("/order", query_string=plain).text) == ["natural"]
    assert current(visitor.get("/order", query_string={**plain, "preset": "nothing"}).text) == ["natural"]
    refused = visitor.post("/order", data=order_form(song, picture, expressiveness="1.1", fps="500"))
    assert refused.status_code == 422 and current(refused.text) == []
