"""The wizard's three steps as a browser without JavaScript sees them: forms, redirects, what the pages say."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from app.context import EXTENSION, PERSON_COOKIE
from app.database import writing
from app.services.films import list_films
from app.services.jobs import list_jobs
from app.services.options import film_options
from filters.label import LabelOptions
from media import file_kinds
from media.offered_files import PICTURES
from pipeline.film_settings import SongToVideoSettings


@pytest.fixture
def visitor(app, client, person_id):
    """The browser of the person whose song, picture and film the other fixtures give."""
    client.set_cookie(PERSON_COOKIE, app.extensions[EXTENSION].people.dumps(person_id))
    return client


def upload(client, address, path, name=None):
    with path.open("rb") as file:
        return client.post(address, data={"file": (file, name or path.name)}, content_type="multipart/form-data")


def query(answer):
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}


def two_faces_in(session, picture):
    """Give the picture a second face; the first can't sing where `first_reason` says why."""
    first = picture.faces[0]
    with writing(session):
        picture.faces = [
            {**first, "number": 1, "box": [0.1, 0.3, 0.4, 0.7]},
            {**first, "number": 2, "box": [0.55, 0.3, 0.85, 0.7]},
        ]


def test_the_wizard_begins_with_the_music(client):
    assert 'href="/music"' in client.get("/").text
    page = client.get("/music").text
    assert "Choose a song" in page and "300 MB" in page and "15 minutes" in page
    assert 'aria-current="step"' in page


@pytest.mark.parametrize("address", ["/", "/examples", "/music", "/image", "/library", "/guide", "/about", "/films/nothing"])
def test_pages_hold_no_inline_script_or_style(client, address):
    page = client.get(address).text
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page), "nothing comes from elsewhere"


@pytest.mark.slow
def test_a_song_and_a_picture_lead_to_an_order(client, song_path, picture_path):
    music = upload(client, "/music", song_path)
    assert music.status_code == 303
    page = client.get(music.location).text
    assert "<audio" in page and "0:22.8" in page and "<path" in page
    image = client.get("/music", query_string={**query(music), "start": "0:03", "end": "0:06,5", "go": "on"})
    assert image.status_code == 302 and image.location.startswith("/image?")
    chosen = upload(client, image.location, picture_path)
    assert query(chosen).keys() == {"song", "picture", "start", "end"}
    assert "The face was found" in client.get(chosen.location).text
    order = client.get("/image", query_string={**query(chosen), "go": "on"})
    assert order.location.startswith("/order?") and query(order)["face"] == "1"
    assert "0:03 to 0:06.5" in client.get(order.location).text


def order_form(song, picture, **more):
    options = {"engine": "auto", "height": "360", "fps": "25", "expressiveness": "1", "head_motion": "1", "seed": "0"}
    return {"song": song.id, "picture": picture.id, **options, **more}


@pytest.mark.slow
def test_the_same_order_twice_is_one_film(visitor, session, person_id, song, picture):
    first, second = (visitor.post("/order", data=order_form(song, picture)) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert len(list_jobs(session, person_id)) == 1


def test_an_order_takes_the_part_and_the_options(visitor, session, person_id, song, picture):
    form = order_form(song, picture, start="0:02", end="4.5", expressiveness="1.3", label="y", seed="7")
    assert visitor.post("/order", data=form).status_code == 303
    (film,) = list_films(session, person_id).items
    wanted = SongToVideoSettings(
        height=360, start_s=2.0, duration_s=2.5, seed=7, face=1, expressiveness=1.3, filter_options=(LabelOptions(True),)
    )
    assert film_options(film.options) == wanted


@pytest.mark.parametrize("wrong", [{"expressiveness": "9"}, {"seed": "-1"}, {"engine": "none"}, {"height": "9"}, {"fps": "abc"}])
def test_a_wrong_option_is_refused_with_a_sentence(visitor, session, person_id, song, picture, wrong):
    answer = visitor.post("/order", data=order_form(song, picture, **wrong))
    assert answer.status_code == 422
    assert re.search(r'class="wrong"|role="alert"', answer.text)
    assert list_jobs(session, person_id) == []


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        ({"start": "abc"}, "This is not a time"),
        ({"start": "1:00"}, "The song lasts 0:22.8"),
        ({"start": "5", "end": "5.2"}, "at least half a second"),
        ({"end": "1:75"}, "This is not a time"),
    ],
)
def test_a_wrong_part_stays_on_the_page(visitor, song, part, sentence):
    answer = visitor.get("/music", query_string={"song": song.id, "go": "on", **part})
    assert answer.status_code == 200
    assert sentence in answer.text and 'aria-invalid="true"' in answer.text
    order = visitor.get("/order", query_string={"song": song.id, **part})
    assert order.location.startswith(("/music?", "/image?"))


def test_an_unusable_file_says_why_at_once(client, song_path, picture_path):
    refused = upload(client, "/image", song_path, "song.jpg")
    assert refused.status_code == 422
    assert "which can&#39;t be used as a picture" in refused.text
    assert upload(client, "/music", picture_path).status_code == 422
    assert client.post("/music", data={}).status_code == 422


def test_of_several_faces_one_must_be_chosen(visitor, session, song, picture):
    two_faces_in(session, picture)
    chosen = {"song": song.id, "picture": picture.id}
    page = visitor.get("/image", query_string=chosen).text
    assert page.count('type="radio"') == 2 and "There are 2 faces" in page
    assert not re.search(r"<input[^>]* checked", page)
    assert "Choose the face that sings." in visitor.get("/image", query_string={**chosen, "go": "on"}).text
    assert visitor.get("/order", query_string=chosen).location.startswith("/image?")
    assert query(visitor.get("/image", query_string={**chosen, "face": "2", "go": "on"}))["face"] == "2"


def test_a_face_that_cannot_sing_says_why(visitor, session, picture):
    two_faces_in(session, picture)
    reason = "The face is only 20 pixels wide; at least 48 are needed. Use a larger picture of it, or one taken from closer up."
    with writing(session):
        picture.faces = [{**picture.faces[0], "ok": False, "reason": reason}, picture.faces[1]]
    page = visitor.get("/image", query_string={"picture": picture.id}).text
    assert reason in page and page.count(" disabled") == 1
    assert query(visitor.get("/image", query_string={"picture": picture.id, "face": "1", "go": "on"}))["face"] == "2"


@pytest.mark.parametrize("face", ["0", "99", "-1", "x", "²"])
def test_a_made_up_face_is_harmless(visitor, song, picture, face):
    answer = visitor.get("/order", query_string={"song": song.id, "picture": picture.id, "face": face})
    assert answer.status_code == 200


def test_a_song_that_is_gone_is_said(visitor, picture):
    answer = visitor.get("/order", query_string={"song": "0" * 32, "picture": picture.id}, follow_redirects=True)
    assert answer.request.path == "/music" and "There is no such song" in answer.text


def test_going_back_offers_to_cancel(visitor, session, person_id, film):
    for address in ("/music", "/image", "/order?song=x"):
        page = visitor.get(address, follow_redirects=True).text
        assert "is being made" in page and f"/films/{film.id}/cancel" in page
    assert visitor.post(f"/films/{film.id}/cancel", data={"next": "/music"}).location == "/music"
    session.expire_all()
    assert list_jobs(session, person_id) == []
    assert "It goes on while" not in visitor.get("/music").text


def test_pages_are_not_kept_by_the_browser(client):
    assert client.get("/music").headers["Cache-Control"] == "no-store"


def alerts(page):
    return re.findall(r'role="alert"><p>([^<]+)', page)


@pytest.mark.parametrize("address", ["/music", "/image", "/order"])
@pytest.mark.parametrize(
    ("what", "sentence"), [("song", "no such song"), ("picture", "no such picture"), ("again", "no such film")]
)
def test_what_is_gone_is_said_once_and_not_carried_on(visitor, session, song, picture, address, what, sentence):
    page = visitor.get(address, query_string={"song": song.id, "picture": picture.id, what: "gone"}, follow_redirects=True)
    assert alerts(page.text) == [alert for alert in alerts(page.text) if sentence in alert]
    spoken_of = {"/music": ("song",), "/image": ("picture",), "/order": ("song", "picture", "again")}[address]
    assert len(alerts(page.text)) == (what in spoken_of)
    if what in spoken_of:
        without_language = re.sub(r'name="next" value="[^"]*"', "", page.text)
        assert f"{what}=gone" not in without_language and f'name="{what}" value="gone"' not in without_language


def test_a_film_that_is_gone_is_spoken_of_once_where_nothing_else_is_known(visitor):
    assert len(alerts(visitor.get("/order?again=gone", follow_redirects=True).text)) == 1
    assert len(alerts(visitor.get("/order?song=gone", follow_redirects=True).text)) == 1


@pytest.mark.parametrize(("page", "offered"), [("/music", {".wma", ".mkv", ".m2ts"}), ("/image", {"image/png", ".heif"})])
def test_a_browser_offers_what_is_taken(visitor, page, offered):
    """Every ending of the table of kinds, and the media types of pictures."""
    kinds = re.search(r'type="file"[^>]* accept="([^"]*)"', visitor.get(page).text)[1].split(",")
    known = {"/music": ("audio/*", "video/*"), "/image": ("image/jpeg", "image/avif")}[page]
    assert set(known) | offered <= set(kinds) and len(kinds) == len(set(kinds))


def test_every_kind_of_picture_that_is_taken_is_offered():
    named = {kind for kind in vars(file_kinds).values() if isinstance(kind, file_kinds.FileKind) and kind.family == "picture"}
    assert named == set(PICTURES)
