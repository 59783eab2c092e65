"""A film gets other lips, as a browser without JavaScript sees it: parts, people, the order, and making it again."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from app.context import EXTENSION, PERSON_COOKIE
from app.database import writing
from app.job_store import DatabaseJobStore
from app.models import Job, Work
from app.services.works import order_work
from core.messages import message
from pipeline.works.dub import DUB
from pipeline.works.film_faces import FILM_FACES
from pipeline.works.sync_film import SYNC_FILM
from tests.app.film_people import TURNED, find_people, person


@pytest.fixture
def store(database, settings):
    return DatabaseJobStore(database, settings)


@pytest.fixture
def visitor(app, client, person_id):
    """The browser of the person whose things the other fixtures give."""
    client.set_cookie(PERSON_COOKIE, app.extensions[EXTENSION].people.dumps(person_id))
    return client


@pytest.fixture
def chosen(session, clip, song):
    """The choice of a film of eight seconds and a song, as the address has it."""
    with writing(session):
        clip.duration_s = 8.0
    return {"clip": clip.id, "song": song.id}


def asked(answer):
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}


def boxes(page):
    """The boxes of the people: value -> (ticked, can't be ticked)."""
    found = re.findall(r'<input type="checkbox" id="face-\w+" name="face" value="(\w+)"([^>]*)>', page)
    return {value: (" checked" in more, " disabled" in more) for value, more in found}


def order_of(session):
    session.expire_all()
    return session.query(Work).where(Work.kind == DUB.name).one()


def test_the_part_of_the_film_is_chosen_with_it(visitor, chosen, session):
    page = visitor.get("/clip", query_string=chosen).text
    assert 'name="clip_start"' in page and 'placeholder="0:08"' in page and f'value="{chosen["song"]}"' in page
    onward = visitor.get("/clip", query_string={**chosen, "clip_start": "1", "clip_end": "0:05.5", "go": "on"})
    assert urlsplit(onward.location).path == "/dub" and asked(onward) == {**chosen, "clip_start": "1", "clip_end": "0:05.5"}
    job = session.query(Job).one()
    assert (job.kind, job.options) == (FILM_FACES.name, {"start_s": 1.0, "duration_s": 4.5}), "looked for meanwhile"
    without_sound = {"clip": chosen["clip"], "go": "on"}
    assert urlsplit(visitor.get("/clip", query_string=without_sound).location).path == "/music"


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"clip_start": "x"}, "This is not a time"),
        ({"clip_start": "7.8"}, "The film lasts 0:08; the part must begin earlier."),
        ({"clip_start": "3", "clip_end": "3.2"}, "at least half a second"),
    ],
)
def test_a_part_of_the_film_that_does_not_fit_is_said_in_its_place(visitor, chosen, part, words, session):
    page = visitor.get("/clip", query_string={**chosen, **part, "go": "on"})
    assert page.status_code == 200 and words in page.text and 'aria-invalid="true"' in page.text
    assert urlsplit(visitor.get("/dub", query_string={**chosen, **part}).location).path == "/clip"
    assert session.query(Job).count() == 0


def test_a_part_of_the_sound_is_chosen_as_that_of_a_song(visitor, chosen):
    page = visitor.get("/music", query_string=chosen).text
    assert 'name="start"' in page and "the whole sound is taken" in page
    onward = visitor.get("/music", query_string={**chosen, "start": "2", "end": "4", "go": "on"})
    assert urlsplit(onward.location).path == "/dub" and asked(onward)["end"] == "4"
    assert "The sound lasts" in visitor.get("/music", query_string={**chosen, "start": "99", "go": "on"}).text
    assert urlsplit(visitor.get("/dub", query_string={**chosen, "start": "99"}).location).path == "/music"


def test_while_people_are_looked_for_the_film_can_be_ordered_already(visitor, chosen, session):
    page = visitor.get("/dub", query_string=chosen).text
    assert "are being looked for" in page and "Look whether they are found" in page and boxes(page) == {}
    assert re.search(r'<input[^>]* id="face"', page), "without scripts their numbers can be typed"
    answer = visitor.post("/dub", data={**chosen, "face": "2, 1", "engine": "auto"})
    assert answer.status_code == 303 and order_of(session).options["face"] == "1,2"


def test_people_who_are_found_are_ticked_by_their_pictures(visitor, chosen, session, store):
    chosen |= {"clip_start": "1", "clip_end": "5", "start": "2", "end": "4.5"}
    visitor.get("/dub", query_string=chosen)
    find_people(store)
    page = visitor.get("/dub", query_string=chosen).text
    assert boxes(page) == {"all": (False, False), "1": (True, False), "2": (False, False), "3": (False, True)}
    assert "Seen in 92% of the part." in page and "Clearly enough in 25%." in page
    assert "The face is turned away all the time." in page and "0:01 to 0:05 of 0:08" in page
    picture = re.search(r'<img src="([^"]+/faces/2/thumbnail[^"]*)"', page)[1].replace("&amp;", "&")
    assert visitor.get(picture).data == b"picture 2"
    answer = visitor.post("/dub", data={**chosen, "face": ["1", "2"], "engine": "auto", "fill": "y"})
    options = order_of(session).options
    assert answer.status_code == 303 and options["face"] == "1,2" and options["fill"]
    parts = ("start_s", "duration_s", "sound_start_s", "sound_duration_s")
    assert [options[name] for name in parts] == [1.0, 4.0, 2.0, 2.5]


@pytest.mark.parametrize(("faces", "kept"), [(["all", "1", "2"], "all"), ([], None), (["2"], "2")])
def test_everybody_or_nobody_named(visitor, chosen, session, faces, kept):
    assert visitor.post("/dub", data={**chosen, "face": faces, "engine": "auto"}).status_code == 303
    assert order_of(session).options["face"] == kept


def test_what_is_wrong_leaves_the_ticks_as_they_were(visitor, chosen, session, store):
    visitor.get("/dub", query_string=chosen)
    find_people(store)
    answer = visitor.post("/dub", data={**chosen, "face": "2", "expressiveness": "99", "engine": "auto"})
    assert answer.status_code == 422 and boxes(answer.text)["2"] == (True, False) and not boxes(answer.text)["1"][0]
    assert 'details class="panel" open' in answer.text
    everybody = visitor.post("/dub", data={**chosen, "face": "all", "expressiveness": "99", "engine": "auto"}).text
    assert [ticked for ticked, _ in boxes(everybody).values()] == [True, True, True, False]


def test_one_person_needs_no_everybody_and_nobody_is_said(visitor, chosen, store):
    visitor.get("/dub", query_string=chosen)
    find_people(store, [person(1, human=False), person(2, 0.3, 0.0, **TURNED)])
    page = visitor.get("/dub", query_string=chosen).text
    assert list(boxes(page)) == ["1", "2"] and "Most likely an animal." in page and "of the film." in page
    part = {**chosen, "clip_start": "2"}
    visitor.get("/dub", query_string=part)
    find_people(store, [])
    assert "Nobody was found in this part of the film" in visitor.get("/dub", query_string=part).text
    part = {**chosen, "clip_start": "3"}
    visitor.get("/dub", query_string=part)
    find_people(store, [person(1, 0.3, 0.0, chosen=False, **{**TURNED})])
    assert "Nobody in this part of the film can get other lips" in visitor.get("/dub", query_string=part).text


def test_where_they_can_not_be_found_it_is_said_and_numbers_can_be_typed(visitor, chosen, store):
    visitor.get("/dub", query_string=chosen)
    store.fail(store.claim("a@x", "soon").job_id, "a@x", message("pipeline.film_faces_broke"), True)
    page = visitor.get("/dub", query_string=chosen).text
    assert "could not be found because of an error" in page and re.search(r'<input[^>]* id="face"', page)


def test_made_again_it_begins_with_all_that_was_chosen(visitor, chosen, session, store, finish_job):
    parts = {"clip_start": "1", "clip_end": "5", "start": "2", "end": "4.5"}
    data = {**chosen, **parts, "face": "2", "engine": "mesh", "loop": "hold", "fill": "y", "seed": "7", "keep_background": "0.5"}
    assert visitor.post("/dub", data=data).status_code == 303
    work = order_of(session)
    finish_job(work)
    assert f'href="/dub?again={work.id}"' in visitor.get(f"/works/{work.id}").text
    onward = visitor.get(f"/dub?again={work.id}")
    typed = {"clip_start": "0:01", "clip_end": "0:05", "start": "0:02", "end": "0:04.5"}
    assert asked(onward) == {**chosen, **typed, "again": work.id}
    assert re.search(r'id="face"[^>]* value="2"', visitor.get(onward.location).text), "kept while they are looked for"
    find_people(store)
    page = visitor.get(onward.location).text
    assert boxes(page)["2"] == (True, False) and not boxes(page)["1"][0]
    assert re.search(r'<option selected value="hold"', page) and re.search(r'id="fill"[^>]* checked|checked[^>]* id="fill"', page)
    assert re.search(r'id="seed"[^>]* value="7"', page) and re.search(r'id="keep_background"[^>]* value="0.5"', page)
    again = visitor.post("/dub", data={**data, "again": work.id})
    assert again.location.endswith(work.id), "the same order is the same film"
    assert "again" not in visitor.get("/dub", query_string={**chosen, "again": "nothing"}).text.partition("<main")[2][:4000]


def cards(page):
    """The cards of the library's films: title -> the card's HTML."""
    films = page.partition('aria-labelledby="films"')[2].partition("</section>")[0]
    return {re.search(r"<h3><a[^>]*>([^<]*)", card)[1]: card for card in films.split("<li ")[1:]}


def test_in_the_library_it_stands_with_the_films(visitor, chosen, session, clip, song, film, finish_job):
    parts = {"clip_start": "1", "clip_end": "5", "start": "2"}
    visitor.post("/dub", data={**chosen, **parts, "face": "2", "engine": "auto", "loop": "hold"})
    work = order_of(session)
    work.figures = {"duration_s": 4.0, "width": 96, "height": 64, "engine": "mesh", "seconds": {"total": 9.5}, "notes": []}
    finish_job(work)
    page = visitor.get("/library").text
    assert set(cards(page)) == {work.title, film.title}
    assert work.title not in page.partition('aria-labelledby="works"')[2], "among the films, and not among other works"
    card = cards(page)[work.title]
    made = f"{clip.title} 0:01 to 0:05 · {song.title} from 0:02 on · Faces 2 · Where the sound is longer The film stands still"
    assert made in card and "0:04 · 96 × 64" in card and f"/works/{work.id}/thumbnail" in card
    assert f'href="/dub?again={work.id}"' in card and f"/library/works/{work.id}/delete" in card
    assert f'href="/order?again={film.id}"' in cards(page)[film.title]
    thumbnail = visitor.get(f"/api/v1/works/{work.id}/thumbnail")
    assert thumbnail.mimetype == "image/jpeg" and thumbnail.data == visitor.get(f"/api/v1/clips/{clip.id}/thumbnail").data
    shown = visitor.get(f"/works/{work.id}").text
    for name, value in (("Film", f"{clip.title}, 0:01 to 0:05"), ("Sound", f"{song.title}, from 0:02 on"), ("Faces", "2")):
        assert f'<dt>{name}</dt><dd class="numbers">{value}</dd>' in shown
    assert "<dt>Size</dt>" in shown and shown.count("<dt>Engine</dt>") == 1
    work.options = {**work.options, "face": "all"}
    session.commit()
    assert "Faces everybody" in cards(visitor.get("/library").text)[work.title]
    visitor.post(f"/library/clips/{clip.id}/delete")
    assert visitor.get(f"/api/v1/works/{work.id}/thumbnail").data == thumbnail.data, "it stays as long as the film"
    visitor.post(f"/library/works/{work.id}/delete")
    page = visitor.get("/library").text
    assert set(cards(page)) == {film.title}
    assert "Other work ·" not in page and re.search(r"Film · erased for good", page)
    assert set(cards(visitor.get(f"/library?q={film.title}").text)) == {film.title}


def test_one_in_the_making_is_told_on_the_wizards_pages_and_cancelled_there(visitor, chosen, session):
    visitor.post("/dub", data={**chosen, "engine": "auto"})
    work = order_of(session)
    page = visitor.get("/clip").text
    assert f'href="/works/{work.id}"' in page and f'action="/works/{work.id}/cancel"' in page
    answer = visitor.post(f"/works/{work.id}/cancel", data={"next": "/clip"}, follow_redirects=True)
    assert answer.request.path == "/clip" and "is cancelled." in answer.text
    assert f'action="/works/{work.id}/cancel"' not in answer.text


def test_a_film_goes_on_to_the_conversation(visitor, clip, picture):
    """It is the one that is chosen there, though there are pictures too."""
    assert visitor.get(f"/clip?clip={clip.id}&go=talk").location == f"/talk?clip={clip.id}"
    page = " ".join(visitor.get(f"/talk?clip={clip.id}").text.split())
    assert f'value="{clip.id}" data-kind="clip" checked' in page
    assert f'value="{picture.id}" data-kind="picture" checked' not in page


def test_what_may_make_no_film_stands_apart_from_films(visitor, session, settings, person_id, clip, finish_job):
    work, _ = order_work(session, settings, person_id, SYNC_FILM, {"film": clip.id})
    work.figures = {"out": None, "moved_s": 0.0, "notes": []}
    finish_job(work)
    page = visitor.get("/library").text
    assert cards(page) == {} and "Other works" in page
    card = page.partition('aria-labelledby="works"')[2].partition("</section>")[0]
    assert work.title in card and f"/works/{work.id}/thumbnail" in card and SYNC_FILM.title in card
    assert f'<dt>Film</dt><dd class="numbers">{clip.title}</dd>' in visitor.get(f"/works/{work.id}").text
