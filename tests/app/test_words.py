"""The words of a song: corrected on their page and by the API, kept in the work and in its files, taken into a film."""

from __future__ import annotations

import re

import pytest

from app.context import EXTENSION, PERSON_COOKIE
from app.job_store import DatabaseJobStore
from app.models import new_id
from app.services.words import films_of, get_words
from app.services.works import order_work
from pipeline.lyrics.lines import Lyrics, TimedLine
from pipeline.lyrics.reading import parse_lyrics
from pipeline.lyrics.writing import write_lyrics
from pipeline.works.song_to_lyrics import SONG_TO_LYRICS
from speech.voice import Word
from tests.app.api_client import ApiClient

LYRICS = Lyrics(
    (
        TimedLine((Word("Hello", 1.0, 1.4), Word("fiend", 1.7, 2.4))),
        TimedLine((Word("good", 3.0, 3.4), Word("bye", 3.5, 4.0))),
    ),
    "en",
)
#: The form as the page has it, when nothing was changed.
ROWS = {
    "rows": "2",
    **{"start-1": "0:01", "end-1": "0:02.4", "text-1": "Hello fiend", "of-1": "0"},
    **{"start-2": "0:03", "end-2": "0:04", "text-2": "good bye", "of-2": "1"},
}


@pytest.fixture
def work(session, database, settings, person_id, song, monkeypatch):
    """Words that were found."""
    monkeypatch.setattr("pipeline.works.song_to_lyrics.find_spec", lambda name: name)
    made, _ = order_work(session, settings, person_id, SONG_TO_LYRICS, {"song": song.id}, {})
    store = DatabaseJobStore(database, settings)
    order = store.claim("a@x", SONG_TO_LYRICS.turn)
    for path in order.outputs.values():
        write_lyrics(path, LYRICS)
    figures = {"words": LYRICS.as_json(), "duration_s": 5.0, "seconds": {}, "cached_stages": [], "notes": []}
    store.finish(order.job_id, "a@x", figures, {role: path.name for role, path in order.outputs.items()})
    session.rollback()
    return made


@pytest.fixture
def client(app, person_id):
    visitor = app.test_client()
    visitor.set_cookie(PERSON_COOKIE, app.extensions[EXTENSION].people.dumps(person_id))
    return visitor


def lines_now(session, person_id, work):
    session.rollback()
    return [line.text for line in get_words(session, person_id, work.id)[1].lines]


def test_the_work_leads_to_the_lines(client, work):
    answer = client.get(f"/works/{work.id}")
    assert answer.status_code == 303 and answer.location == f"/words/{work.id}"
    page = client.get(answer.location).text
    assert re.findall(r'name="text-\d+" value="([^"]*)"', page) == ["Hello fiend", "good bye"]
    assert re.findall(r'name="start-\d+" value="([^"]*)"', page) == ["0:01", "0:03"]


def test_corrected_lines_are_kept_in_the_work_and_its_files(client, session, settings, person_id, work):
    answer = client.post(f"/words/{work.id}", data={**ROWS, "text-1": "Hello friend", "text-2": "", "do": "save"})
    assert answer.status_code == 303
    assert lines_now(session, person_id, work) == ["Hello friend"]
    texts = {name: (settings.results_dir / name).read_text() for name in work.files.values()}
    assert all("friend" in text and "fiend" not in text and "bye" not in text for text in texts.values()) and len(texts) == 3
    assert work.size_bytes == sum(len(text.encode()) for text in texts.values())


@pytest.mark.parametrize(("typed", "first_s"), [("0.5", 1.5), ("-0,5", 0.5), ("+1", 2.0)])
def test_all_words_move_together(client, session, person_id, work, typed, first_s):
    assert client.post(f"/words/{work.id}", data={**ROWS, "shift": typed, "do": "shift"}).status_code == 303
    session.rollback()
    assert get_words(session, person_id, work.id)[1].lines[0].start_s == pytest.approx(first_s)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"start-2": "soon", "do": "save"}, "This is not a time"),
        ({"end-2": "0:02", "do": "save"}, "A line can't last from 3.00 to 2.00 s"),
        ({"shift": "later", "do": "shift"}, "by how many seconds"),
        ({"shift": "-30", "do": "shift"}, "no word would be left"),
        ({"text-1": "", "text-2": " ", "do": "save"}, "The lyrics have no words"),
    ],
)
def test_what_can_not_be_is_told_and_nothing_is_lost(client, session, person_id, work, changed, sentence):
    answer = client.post(f"/words/{work.id}", data={**ROWS, **changed}, headers={"Accept-Language": "en"})
    assert answer.status_code == 422 and sentence in answer.text.replace("&#39;", "'")
    assert lines_now(session, person_id, work) == ["Hello fiend", "good bye"]


def test_a_line_is_added(client, work):
    page = client.post(f"/words/{work.id}", data={**ROWS, "do": "add"}).text
    assert 'name="rows" value="3"' in page and 'name="text-3" value=""' in page


def test_a_film_is_made_again_with_the_words(client, session, person_id, work, film, finish_job):
    finish_job(film)
    form = {**ROWS, "text-1": "Hello friend", "do": "make", "film": film.id, "lyrics_style": "box"}
    answer = client.post(f"/words/{work.id}", data=form)
    assert answer.status_code == 303 and answer.location.startswith("/films/")
    session.rollback()
    made = films_of(session, person_id, film.song.id)[0]
    assert made.id != film.id and made.options["lyrics_style"] == "box" and made.picture.id == film.picture.id
    assert [word.text for word in parse_lyrics(made.options["lyrics"])[0].words] == ["Hello", "friend"]
    again = client.get("/order", query_string={"again": made.id}, follow_redirects=True).text
    assert re.search(r'<option selected value="box">', again)


def test_the_words_travel_through_the_steps(client, session, person_id, song, picture, work):
    onward = client.post(f"/words/{work.id}", data={**ROWS, "do": "film"})
    assert onward.status_code == 303 and f"words={work.id}" in onward.location
    chosen = {"song": song.id, "picture": picture.id, "face": "1", "words": work.id}
    page = client.get("/order", query_string=chosen).text
    assert f"/words/{work.id}" in page and re.search(r'<option selected value="karaoke">', page)
    ordered = client.post("/order", data={**chosen, "lyrics_style": "karaoke", "height": "", "style": "auto"})
    assert ordered.status_code == 303, ordered.text
    session.rollback()
    made = films_of(session, person_id, song.id)[0]
    assert "fiend" in made.options["lyrics"] and made.options["lyrics_style"] == "karaoke"


def test_words_of_another_song_are_not_taken(client, session, person_id, rows, picture, work):
    other = rows.song()
    chosen = {"song": other.id, "picture": picture.id, "face": "1", "words": work.id}
    assert f"/words/{work.id}" not in client.get("/order", query_string=chosen).text


def test_the_api_reads_and_corrects(app, person_id, work):
    api = ApiClient(app, person_id)
    found = api.get(f"/works/{work.id}/words").json
    assert [line["text"] for line in found["lines"]] == ["Hello fiend", "good bye"] and found["language"] == "en"
    lines = [{"text": "Hello friend", "start_s": 1.0, "end_s": 2.4, "of": 0}, {"text": "again", "start_s": 5, "end_s": 6}]
    changed = api.call("put", f"/works/{work.id}/words", json={"lines": lines}).json
    assert [word["text"] for line in changed["lines"] for word in line["words"]] == ["Hello", "friend", "again"]
    assert changed["lines"][0]["words"][0] == {"text": "Hello", "start_s": 1.0, "end_s": 1.4}
    assert api.get(f"/works/{work.id}/words").json == changed
    wrong = api.call("put", f"/works/{work.id}/words", json={"lines": [{"text": "x", "start_s": 2, "end_s": 1}]})
    assert (wrong.status_code, wrong.json["code"]) == (422, "pipeline.lyrics.times_impossible")
    assert ApiClient(app, new_id()).get(f"/works/{work.id}/words").status_code == 404


def test_works_without_words_have_none(client, api, film):
    assert client.get(f"/words/{film.id}").status_code == 404
    assert api.get(f"/works/{film.id}/words").status_code == 404


def test_finding_is_ordered_from_the_order_page(client, session, monkeypatch, person_id, song, picture):
    monkeypatch.setattr("pipeline.works.song_to_lyrics.find_spec", lambda name: name)
    form = {"song": song.id, "picture": picture.id, "start": "0:02", "end": "0:06", "given": "la la\nla", "language": "en"}
    answer = client.post("/words", data=form)
    assert answer.status_code == 303 and answer.location.startswith("/works/")
    monkeypatch.setattr("pipeline.works.song_to_lyrics.find_spec", lambda name: None)
    refused = client.post("/words", data={**form, "given": "other"})
    assert refused.location.startswith("/order?")
