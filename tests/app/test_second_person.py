"""Every address is tried by a second person, as the route table names them: nothing of the first is seen, changed or deleted."""

from __future__ import annotations

import zipfile

import pytest

from app.accounts.models import Account, AccountCode, AccountIdentity, AccountSession, Passkey
from app.context import EXTENSION, PERSON_COOKIE
from app.handing_in import RECEPTION
from app.key_models import DataKeyRow
from app.link_models import ShareLink
from app.live.client import KEY as LIVE
from app.models import (
    Asset,
    Base,
    Clip,
    IdempotencyKey,
    Job,
    JobEvent,
    JobInput,
    Person,
    Picture,
    Song,
    Upload,
    Work,
    WorkInput,
    new_id,
    now,
)
from app.notices.models import NoticeAddress
from app.services.albums import create_album, fill_album
from app.services.emotions import ask_emotion
from app.services.film_faces import ask_faces
from app.services.greetings import ask_greeting
from app.services.hiding import hide
from app.services.idempotency import answer_request, begin_request
from app.services.links import create_link
from app.services.people import ensure_person
from app.services.previews import ask_preview
from app.services.tags import change_tags
from app.services.tokens import create_token
from app.services.uploads import begin_upload, continue_upload
from app.shelf_models import Album, AlbumAsset, AlbumWork, AssetTag, WorkTag
from app.token_models import ApiToken
from app.watching.models import WorkerRow
from pipeline.film_settings import SongToVideoSettings
from pipeline.works.dub import DUB
from pipeline.works.film_loop import FILM_LOOP
from pipeline.works.song_to_film import SONG_TO_FILM
from tests.app.live.stand_in import standing_in
from tests.app.rows import film_job, film_row, job_of, report_job
from tests.app.second_person import HIDDEN, KEY, LEFT_OUT, REMEMBERED, TITLES, addresses, everything, told

#: What an address may be sent: enough for each to go well where the thing is one's own.
BODIES = (
    {"json": {"title": "Mine now"}},
    {"json": {}},
    {"json": {"options": {"seed": 5}}},
    {"data": {"title": "Mine now", "next": "/library"}},
    {"data": b"123", "headers": {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "3"}},
    {"data": b"1234", "headers": {"Content-Type": "application/octet-stream"}},
    {"json": {"text": "Mine now"}},
    {"json": {"songs": ["0" * 32]}},
)


@pytest.fixture
def live(app):
    """A stand-in for the live process."""
    with standing_in() as server:
        app.extensions[LIVE] = server.client
        yield server


@pytest.fixture
def client_of(app):
    """Gives a client that is a person's."""

    def made(person):
        client = app.test_client()
        client.set_cookie(PERSON_COOKIE, app.extensions[EXTENSION].people.dumps(person))
        return client

    return made


@pytest.fixture
def more_things():
    """What else the first person has, where there is more: gives ids by names."""
    return dict


@pytest.fixture
def first(app, client_of, more_things, live, session, settings, person_id, song, picture, clip, film, finish_job):
    """The first person, who has one of everything; gives the ids by the names that addresses have for them."""
    finish_job(film)
    song.title, picture.title, film.title, clip.title = (TITLES[name] for name in ("song", "picture", "film", "clip"))
    for row in (song, picture, film, clip):
        row.search_text = row.title.casefold()
    page = settings.results_dir / f"film-{film.id}.html"
    page.write_text(f"<!doctype html><title>{TITLES['film']}</title>")
    session.add(report_job(film, files={"page": page.name}))
    loop = job_of(film, FILM_LOOP, state="done", queued_at=now(), finished_at=now(), options={}, files={"gif": "gif-1.gif"})
    (settings.results_dir / "gif-1.gif").write_bytes(TITLES["film"].encode())
    job = film_job(film)
    session.add_all([loop, job])
    hidden = film_row(song, picture, HIDDEN, options=film.options)
    hide(hidden)
    session.add_all([hidden, film_job(hidden, "cancelled")])
    session.commit()
    ask_emotion(session, settings, person_id, song.id, 0.0, None)
    preview = ask_preview(session, settings, person_id, song.id, picture.id, SongToVideoSettings(face=1))
    preview.state, preview.finished_at, preview.files = "done", now(), {"preview": f"preview-{preview.id}.mp4"}
    (settings.results_dir / preview.files["preview"]).write_bytes(TITLES["film"].encode())
    session.commit()
    upload = begin_upload(session, settings, person_id, "song", TITLES["upload"], 10)
    continue_upload(session, settings, person_id, upload.id, 0, b"abc")
    begin_request(session, person_id, KEY, b"x")
    answer_request(session, person_id, KEY, 200, {"body": REMEMBERED, "headers": {}})
    ids = {"song_id": song.id, "picture_id": picture.id, "film_id": film.id, "job_id": job.id, "upload_id": upload.id}
    look = app.extensions[RECEPTION].hand_in(person_id, "an address", "song", "a file", lambda: ids["song_id"])
    assert look.ended.wait(20)
    client = client_of(person_id)
    opened = client.post("/api/v1/live/sessions", json={"portrait": {"picture": picture.id}}).json["session"]
    assert client.post(f"/api/v1/live/sessions/{opened}/say", json={"text": TITLES["talk"]}).status_code == 202
    ids["session_id"], ids["clip_id"] = opened, clip.id
    found = ask_faces(session, settings, person_id, clip.id)
    found.state, found.finished_at, found.files = "done", now(), {"pictures": f"pictures-{found.id}.zip"}
    with zipfile.ZipFile(settings.results_dir / found.files["pictures"], "w") as archive:
        archive.writestr("1.jpg", TITLES["film"])
    greeting = ask_greeting(session, settings, person_id, picture.id, SongToVideoSettings(face=1))
    greeting.state, greeting.finished_at, greeting.files = "done", now(), {"greeting": f"greeting-{greeting.id}.mp4"}
    (settings.results_dir / greeting.files["greeting"]).write_bytes(TITLES["film"].encode())
    session.commit()
    ids["greeting_id"], ids["export_id"] = greeting.id, loop.id
    album = create_album(session, settings, person_id, TITLES["album"])
    fill_album(session, person_id, album.id, {"songs": [song.id], "works": [film.id]})
    change_tags(session, person_id, {"songs": [song.id], "works": [film.id]}, [TITLES["tag"]], [])
    ids["album_id"] = album.id
    ids["token_id"] = create_token(session, person_id, TITLES["tag"], ["read"]).token.id
    ids["link_id"] = create_link(session, settings, person_id, film.id).link.id
    return ids | {"hidden": hidden.id, "person": person_id, "inspection_id": look.id, "preview_id": preview.id} | more_things()


@pytest.fixture
def stranger(client_of, session):
    """Somebody else, who has a row but nothing else."""
    other = new_id()
    ensure_person(session, other)
    return client_of(other)


QUERY = "song={song_id}&picture={picture_id}&clip={clip_id}&again={film_id}&film={film_id}&q="


def try_all_ways(stranger, one, first, **more):
    """Ask one of the `addresses` with every body or question; how many requests that were. Fails where something is told."""
    method, endpoint, address = one
    ways = BODIES if method in ("POST", "PUT", "PATCH", "DELETE") else ({}, {"query_string": QUERY.format(**first)})
    for asked in ways:
        headers = {**asked.get("headers", {}), **more.get("headers", {})}
        answer = stranger.open(address, method=method, **{**asked, "headers": headers})
        name = f"{method} {address} ({endpoint})"
        assert answer.status_code < 500 or answer.status_code == 503, name
        assert told(answer, first, f"{address} {asked}") == [], name
        if any(each in address for each in first.values()) and endpoint.startswith("api."):
            assert answer.status_code >= 400, f"{name} answers {answer.status_code}"
        answer.close()
    return len(ways)


@pytest.mark.slow
def test_the_second_person_meets_nothing_of_the_first(app, session, settings, person_id, first, stranger):
    before = everything(session, settings, person_id)
    tried = addresses(app, first)
    count = 0
    for one in tried:
        count += try_all_ways(stranger, one, first)
        if one[0] not in ("GET", "HEAD"):
            assert everything(session, settings, person_id) == before, f"{one} changed something"
    assert everything(session, settings, person_id) == before
    print(f"\n{count} requests at {len(tried)} addresses, nothing told and nothing changed")
    assert len(tried) > 60


def test_orders_of_the_firsts_things_are_refused(app, session, settings, person_id, first, stranger):
    before = everything(session, settings, person_id)
    both = {"song_id": first["song_id"], "picture_id": first["picture_id"]}
    many = {"song_ids": [first["song_id"]], "picture_ids": [first["picture_id"]]}
    work = {"kind": SONG_TO_FILM.name, "inputs": {"song": first["song_id"], "portrait": first["picture_id"]}}
    for address, body in (("/api/v1/films", both), ("/api/v1/films/batch", many), ("/api/v1/works", work)):
        assert stranger.post(address, json=body).status_code == 404
    form = {"song": first["song_id"], "picture": first["picture_id"], "songs": first["song_id"], "pictures": first["picture_id"]}
    dubbing = {"kind": DUB.name, "inputs": {"film": first["clip_id"], "sound": first["song_id"]}}
    assert stranger.post("/api/v1/works", json=dubbing).status_code == 404
    form["clip"] = first["clip_id"]
    for address in ("/order", "/dub", "/library/order"):
        answer = stranger.post(address, data=form, follow_redirects=True)
        assert told(answer, first, str(form)) == []
    assert everything(session, settings, person_id) == before
    session.expire_all()
    assert {film.person_id for film in session.query(Work)} == {person_id}


def test_a_key_of_the_first_is_not_the_seconds(stranger, first):
    headers = {"Idempotency-Key": KEY}
    answer = stranger.post("/api/v1/uploads", json={"kind": "song", "file_name": "a", "size_bytes": 1}, headers=headers)
    assert answer.status_code == 201 and told(answer, first) == []


def test_the_first_person_meets_all_of_it(client_of, first, person_id):
    """Else the search above would look for what nobody is told."""
    client = client_of(person_id)
    seen = " ".join(
        client.get(address).get_data(as_text=True)
        for address in (
            *(
                "/library",
                "/api/v1/songs",
                "/api/v1/pictures",
                "/api/v1/clips",
                "/api/v1/films",
                f"/api/v1/uploads/{first['upload_id']}",
            ),
            f"/api/v1/live/sessions/{first['session_id']}/transcript",
        )
    )
    assert [word for word in (*TITLES.values(), HIDDEN) if word not in seen] == []
    assert first["job_id"] in client.get("/api/v1/jobs").text
    assert HIDDEN in client.get("/api/v1/deleted").text


def test_every_kind_of_thing_of_a_person_is_among_those_tried(app):
    """A new kind of row, or a new name in an address, has to be thought of here."""
    assert {mapper.class_ for mapper in Base.registry.mappers} == {
        Album, AlbumAsset, AlbumWork, AssetTag, WorkTag,
        Account, AccountCode, AccountIdentity, AccountSession, ApiToken, DataKeyRow, Passkey,
        Asset, Clip, IdempotencyKey, Job, JobEvent, JobInput, NoticeAddress, Person, Picture, ShareLink, Song, Upload, Work,
        WorkInput, WorkerRow,
    }  # fmt: skip
    names = {name for rule in app.url_map.iter_rules() if rule.endpoint not in LEFT_OUT for name in rule.arguments}
    ids = {"song_id", "picture_id", "film_id", "work_id", "job_id", "upload_id", "inspection_id", "preview_id", "item_id"}
    ids |= {"session_id", "clip_id", "greeting_id", "export_id", "album_id", "link_id", "token_id"}
    assert names == ids | {"kind", "kind_name", "number", "role", "rest", "voice"}
