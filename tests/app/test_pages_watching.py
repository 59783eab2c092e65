"""A film in the making is watched: its page asks for stills, which are its person's alone."""

from __future__ import annotations

import pytest

from tests.app.test_pages_wizard import visitor

__all__ = ["visitor"]


def test_the_page_asks_for_stills_and_offers_a_sign_at_the_end(visitor, film):
    page = visitor.get(f"/films/{film.id}").text
    assert f'data-still="/making/{film.id}/still"' in page and "data-tell-me" in page and "js/watch_film.js" in page


def test_the_newest_still_is_given_and_kept_by_nobody(visitor, settings, film):
    address = f"/making/{film.id}/still"
    assert visitor.get(address).status_code == 204
    (settings.results_dir / f"still-{film.id}.jpg").write_bytes(b"a picture")
    answer = visitor.get(address)
    assert (answer.data, answer.mimetype, answer.headers["Cache-Control"]) == (b"a picture", "image/jpeg", "no-store")


@pytest.mark.parametrize("address", ["/making/nothing/still", "/making/{film}/still"])
def test_it_is_nobody_elses(app, film, address):
    assert app.test_client().get(address.format(film=film.id)).status_code == 404
