"""The library's lists: searched without accents and by what is said, sorted, by the page, filtered; and what is kept."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from app.context import EXTENSION, PERSON_COOKIE
from app.database import writing
from app.errors import Refused
from app.models import now
from app.services.hiding import hide
from app.services.listing import SORTS, make_place
from app.services.shelf import Wish, count_shelf, ids_on_shelf, list_shelf
from app.services.spoken import folded_words
from app.services.storage import storage_of
from app.services.titles import fold
from tests.app.api_client import Rows, problem_of

TITLES = ["Über den Wolken", "Älteste Mueller", "smørrebrød", "Ça va, Zoë?", "がんばれ", "100%_ sure"]
FOUND = {
    "uber": ["Über den Wolken"],
    "ueber wolken": ["Über den Wolken"],
    "ÜBER": ["Über den Wolken"],
    "müller": ["Älteste Mueller"],
    "smorrebrod": ["smørrebrød"],
    "ca zoe": ["Ça va, Zoë?"],
    "かんはれ": [],
    "がん": ["がんばれ"],
    "%_": ["100%_ sure"],
}


@pytest.fixture
def visitor(app, client, person_id):
    """The person's browser."""
    client.set_cookie(PERSON_COOKIE, app.extensions[EXTENSION].people.dumps(person_id))
    return client


@pytest.fixture
def made(session, settings, person_id):
    return Rows(session, settings, person_id)


def titles_of(session, person_id, kind, wish=None, limit=2):
    """All titles, by pages."""
    wish, cursor, found = wish or Wish(), None, []
    while True:
        page = list_shelf(session, person_id, kind, wish, cursor, limit)
        found += [row.title for row in page.items]
        if (cursor := page.next_cursor) is None:
            return found


def test_names_are_found_however_they_are_written(session, person_id, made):
    for number, title in enumerate(TITLES):
        made.song(title, age_s=number).search_text = fold(title)
    session.commit()
    found = {text: titles_of(session, person_id, "songs", Wish(text)) for text in FOUND}
    assert found == FOUND


@pytest.mark.parametrize(
    ("options", "figures", "word"),
    [
        ({"text": "*joy* What a lovely morning!"}, None, "lovely"),
        ({"table": "start,end,face,voice,original,text\n0,1,1,,Guten Tag,Good day\n"}, None, "guten"),
        ({"lyrics": json.dumps({"language": "en", "lines": [[["Hello", 0, 1], ["world", 1, 2]]]})}, None, "world"),
        ({"lyrics": "auto"}, {"words": {"lines": [[["Nachtigall", 0.0, 1.0]]]}}, "nachtigall"),
    ],
)
def test_works_are_found_by_what_is_said(session, person_id, made, options, figures, word):
    film = made.film("done", "A film")
    film.words_text = folded_words(options, figures)
    session.commit()
    assert titles_of(session, person_id, "films", Wish(word)) == ["A film"]
    assert titles_of(session, person_id, "films", Wish("voice")) == [], "a table's head is not what is said"
    assert titles_of(session, person_id, "films", Wish(f"film {word}")) == ["A film"]
    assert titles_of(session, person_id, "songs", Wish(word)) == ["song of A film"], "its song is found too"
    assert titles_of(session, person_id, "pictures", Wish(word)) == []


@pytest.mark.parametrize(
    "options", [{"lyrics": "{broken"}, {"table": 'a"\n"'}, {"table": "x" * 140_000}, {"text": None}, {"lyrics": '{"lines": [3]}'}]
)
def test_options_of_any_form_can_be_read(options):
    assert isinstance(folded_words(options, {"words": 7}), str)


def test_every_order_holds_over_the_pages(session, person_id, made):
    songs = [made.song(title, age_s=age) for title, age in (("b", 3), ("a", 1), ("d", 2), ("c", 0))]
    for song, length_s, size in zip(songs, (5.0, 20.0, 5.0, 1.5), (7, 9, 7, 8), strict=True):
        song.duration_s, song.size_bytes = length_s, size
    session.commit()
    found = {sort: titles_of(session, person_id, "songs", Wish(sort=sort)) for sort in SORTS}
    assert found["newest"] == ["c", "a", "d", "b"] and found["oldest"] == ["b", "d", "a", "c"]
    assert found["name"] == ["a", "b", "c", "d"]
    assert found["length"][0] == "a" and found["length"][-1] == "c" and sorted(found["length"]) == ["a", "b", "c", "d"]
    assert found["size"][:2] == ["a", "c"] and sorted(found["size"]) == ["a", "b", "c", "d"]


def test_works_are_sorted_by_length_where_it_is_known(session, person_id, made):
    for title, length_s in (("short", 2), ("long", 30.5), ("unknown", None)):
        film = made.film("done", title)
        film.figures = {} if length_s is None else {"duration_s": length_s}
    session.commit()
    assert titles_of(session, person_id, "films", Wish(sort="length"), 1) == ["long", "short", "unknown"]
    assert len(titles_of(session, person_id, "pictures", Wish(sort="length"), 1)) == 3


def test_a_new_row_shifts_no_page(session, person_id, made):
    for age in range(4):
        made.song(f"song {age}", age_s=age + 10)
    first = list_shelf(session, person_id, "songs", Wish(), None, 2)
    made.song("new")
    second = list_shelf(session, person_id, "songs", Wish(), first.next_cursor, 2)
    assert [row.title for row in (*first.items, *second.items)] == [f"song {age}" for age in range(4)]


@pytest.mark.parametrize(
    ("sort", "value"),
    [
        ("name", "a\0"),
        ("name", 3),
        ("size", 2**70),
        ("size", True),
        ("length", float("inf")),
        ("newest", 3),
        ("length", "2026-01-01"),
    ],
)
def test_a_place_with_a_senseless_value_is_refused(session, person_id, sort, value):
    with pytest.raises(Refused, match="list"):
        list_shelf(session, person_id, "songs", Wish(sort=sort), make_place(value, "a" * 32, sort), 5)


def test_a_place_of_another_order_is_refused(session, person_id, made):
    made.song("a"), made.song("b")
    cursor = list_shelf(session, person_id, "songs", Wish(), None, 1).next_cursor
    with pytest.raises(Refused, match="list"):
        list_shelf(session, person_id, "songs", Wish(sort="name"), cursor, 1)


def test_works_are_filtered_by_the_state_of_their_newest_job(session, person_id, made):
    made.film("queued", "waits"), made.film("done", "there"), made.film("failed", "broke")
    assert titles_of(session, person_id, "films", Wish(state="done")) == ["there"]
    assert titles_of(session, person_id, "films", Wish(state="failed")) == ["broke"]
    assert count_shelf(session, person_id, Wish(state="queued"))["films"] == 1
    assert count_shelf(session, person_id, Wish())["songs"] == 3


def test_all_that_match_are_told(session, settings, person_id, made):
    mine, other = made.song("one"), made.song("two")
    Rows(session, settings, "f" * 32).song("one of somebody else")
    assert ids_on_shelf(session, person_id, "songs", Wish("one")) == [mine.id]
    with writing(session):
        hide(other)
    assert ids_on_shelf(session, person_id, "songs", Wish()) == [mine.id]


def test_what_is_kept_is_told_by_kind(session, settings, person_id, made, api):
    film, song = made.film("done", content=b"x" * 500), made.song("gone", content=b"y" * 70)
    kept = storage_of(session, settings, person_id)
    assert kept.kinds["films"].size_bytes == 500 and kept.made_bytes == 500 and kept.deleted_bytes == 0
    assert kept.kinds["songs"].count == 2 and kept.given_limit_bytes == settings.limits.kept_bytes
    with writing(session):
        hide(song, now() - timedelta(hours=1))
    told = api.get("/storage").json
    assert told["deleted_bytes"] == 70 and told["kinds"]["songs"] == {"count": 1, "size_bytes": film.song.size_bytes}


def test_the_api_sorts_and_renames(made, api):
    for title in ("b", "a"):
        made.song(title)
    page = api.get("/songs?sort=name&limit=1")
    assert [song["title"] for song in page.json["items"]] == ["a"] and "sort=name" in page.headers["Link"]
    after = api.get(f"/songs?sort=name&limit=1&cursor={page.json['next_cursor']}").json
    assert [song["title"] for song in after["items"]] == ["b"] and after["next_cursor"] is None
    problem_of(api.get("/works?sort=colour"), 400, "newest")
    film = made.film("done")
    assert api.patch(f"/works/{film.id}", {"title": "Näme"}).json["title"] == "Näme"
    assert [row["title"] for row in api.get("/works?q=name").json["items"]] == ["Näme"]


def page_of(client, **query):
    """The library's page."""
    answer = client.get("/library", query_string=query)
    assert answer.status_code == 200
    return answer.text


def test_the_page_shows_a_glimpse_and_each_kind_by_the_page(visitor, session, made):
    for number in range(60):
        made.song(f"song {number:02d}", age_s=number)
    page = page_of(visitor)
    assert page.count('id="song-card-') == 12 and "Show all 60" in page and "Storage:" in page
    page = page_of(visitor, kind="songs", sort="name")
    assert page.count('id="song-card-') == 48 and "song 59" not in page
    address = next(each for each in page.split('"') if "after=" in each).replace("&amp;", "&")
    page = visitor.get(address).text
    assert page.count('id="song-card-') == 12 and "song 59" in page
    assert page_of(visitor, kind="songs", limit="60").count('id="song-card-') == 60


def test_the_page_says_that_nothing_was_found_and_leaves_out_what_has_no_state(visitor, made):
    made.film("done", "There")
    page = page_of(visitor, q="nowhere")
    assert "Nothing was found." in page and "Show all" in page and "There is no song yet." not in page
    page = page_of(visitor, state="done")
    assert "There" in page and 'id="songs"' not in page
    assert page_of(visitor, kind="x", sort="x", state="x", limit="x")
    assert visitor.get("/library?kind=songs&after=x").status_code == 422
