"""The first screen and the examples: what they show, what they order, what they refuse."""

from __future__ import annotations

import re

import pytest

from app.services.examples import GROUPS, PORTRAITS, SONGS
from app.services.pictures import list_pictures
from app.services.songs import list_songs
from app.services.works import list_works
from pipeline.inspecting.inspection import InspectionLimits, inspect_picture, inspect_song
from pipeline.works.text_to_film import TEXT_TO_FILM
from speech.languages import japanese
from tests.app.test_pages_wizard import visitor  # noqa: F401 (a fixture)
from tests.app.test_translations import catalog


def order(client, **fields):
    return client.post("/examples", data={"portrait": "nobody", "song": "first", **fields})


def test_the_first_screen_shows_a_film_and_two_doors(client):
    page = client.get("/").text
    assert re.search(r"<video[^>]* muted[^>]* poster=", page) and 'href="/music"' in page and 'href="/examples"' in page
    assert not re.search(r"<video[^>]*autoplay", page), "where less motion is wanted nothing moves, scripts or not"
    for address in re.findall(r'(?:src|poster)="(/welcome/[^"]+)"', page):
        answer = client.get(address)
        assert answer.status_code == 200 and 0 < len(answer.data) < 200_000
    assert client.get("/welcome/portrait.jpg").status_code == 404


def test_every_example_is_shown_with_its_maker_and_can_be_seen_or_heard(client):
    page = client.get("/examples").text
    assert (len(PORTRAITS), len(SONGS)) == (8, 5)
    for group, examples in GROUPS.items():
        for each in examples:
            assert f'value="{each.name}"' in page and f"/examples/{group}/{each.name}" in page
            answer = client.get(f"/examples/{group}/{each.name}")
            assert answer.status_code == 200 and answer.mimetype in ("image/jpeg", "audio/mpeg")
    assert page.count("not for commercial use") == 3 and "Kevin MacLeod" in page
    for address in ("/examples/songs/nothing", "/examples/portraits/first", "/examples/others/nobody"):
        assert client.get(address).status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize("example", [each for each in PORTRAITS if each.name in ("pearl_earring", "drawn_red")], ids=str)
def test_portraits_have_one_face_that_needs_no_choice(example, tmp_path):
    facts = inspect_picture(example.file, tmp_path / "small.jpg", 20_000_000, InspectionLimits(60.0, 4 * 2**30))
    assert [(face.reason, face.advice, face.animal) for face in facts.faces] == [(None, None, False)]
    assert facts.drawing == example.name.startswith("drawn")


def test_songs_are_short_enough_for_a_first_film():
    for each in SONGS:
        assert 5.0 < inspect_song(each.file, 60.0, InspectionLimits(60.0, 4 * 2**30)).duration_s < 25.0


@pytest.mark.slow
def test_one_press_orders_a_film_and_the_same_again_is_the_same(visitor, session, person_id):  # noqa: F811
    first, again = order(visitor, do="sing"), order(visitor, do="sing")
    assert first.status_code == 303 and first.location == again.location and "/films/" in first.location
    assert [song.title for song in list_songs(session, person_id).items] == ["A singer with a jazz band"]
    assert [picture.title for picture in list_pictures(session, person_id).items] == ["A young woman who does not exist"]


@pytest.mark.slow
def test_a_text_is_said_by_the_voice_that_was_chosen(visitor, session, person_id):  # noqa: F811
    answer = order(visitor, do="say", text=" Good evening. ", voice="bf_emma", language="en-GB")
    assert answer.status_code == 303 and "/works/" in answer.location
    (work,) = list_works(session, person_id, kind=TEXT_TO_FILM).items
    assert [work.options[name] for name in ("text", "voice", "language")] == ["Good evening.", "bf_emma", "en-GB"]
    assert list_songs(session, person_id).items == []


@pytest.mark.parametrize(
    "fields",
    [{"do": "sing", "song": "nothing"}, {"do": "sing", "portrait": "x"}, {"do": "say", "text": "", "voice": "bf_emma"}],
)
def test_what_is_no_example_or_says_nothing_is_refused_and_keeps_nothing(visitor, session, person_id, fields):  # noqa: F811
    answer = order(visitor, **fields)
    assert answer.status_code == 422 and 'role="alert"' in answer.text
    assert not list_works(session, person_id).items
    assert len(list_songs(session, person_id).items) == 0


def test_the_chosen_ones_and_the_text_stay_where_an_order_is_refused(visitor):  # noqa: F811
    page = order(visitor, do="say", portrait="man", text="Hello there", voice="xx_nobody").text
    assert re.search(r'value="man" checked', page) and "Hello there</textarea>" in page


def test_in_german_the_text_is_read_in_german(client):
    page = client.get("/examples", headers={"Accept-Language": "de"}).text
    assert re.search(r'<option value="de" selected', page) and "ich sprechen." in page
    assert not re.search(r'<option value="de" selected', client.get("/examples", headers={"Accept-Language": "en"}).text)


def test_in_japanese_the_text_can_be_read_without_a_package_of_its_own(monkeypatch):
    monkeypatch.setattr(japanese, "package", lambda: None)
    text = catalog("ja")["Hello! I was a still picture, and now I can speak."].string
    read = japanese.Japanese().read(text)
    assert "".join(word.text for word in read) == text.replace(" ", "") and read[0].phonemes == "koɴɲiʨiβa."
