"""Limits that hold for an address, whatever cookies it shows, and the room of the disk that nobody gets."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import timedelta

import pytest

from app import create_app
from app.client_address import client_address, networks, origin_of_address, parsed
from app.errors import LimitReached, StorageFull
from app.models import Person, Upload, new_id, now
from app.server import default_settings
from app.services.films import order_film
from app.services.origins import come_from
from app.services.people import ensure_person
from app.services.songs import add_song
from app.services.uploads import begin_upload, continue_upload, get_upload
from app.settings import AppSettings
from core.errors import InputError
from pipeline.film_settings import SongToVideoSettings
from tests.app.api_client import ApiClient, problem_of
from tests.app.test_serving import ask, serving

PIECE = {"Content-Type": "application/offset+octet-stream"}
NO_DISK = 10**18


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "expected"),
    [
        ("203.0.113.9", [], "", "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "", "203.0.113.9"),  # anybody can write that
        ("127.0.0.1", ["198.51.100.1"], "", "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.1"], "127.0.0.1", "198.51.100.1"),
        ("127.0.0.1", ["6.6.6.6, 198.51.100.1"], "127.0.0.1", "198.51.100.1"),  # the first was there before our proxy
        ("127.0.0.1", ["6.6.6.6", "198.51.100.1, 10.1.2.3"], "127.0.0.1, 10.0.0.0/8", "198.51.100.1"),
        ("127.0.0.1", ["198.51.100.1:4711"], "127.0.0.1", "198.51.100.1"),
        ("127.0.0.1", ["[2001:db8::1]:4711"], "127.0.0.1", "2001:db8::1"),
        ("127.0.0.1", ["nonsense"], "127.0.0.1", "127.0.0.1"),
        ("::ffff:203.0.113.9", [], "", "203.0.113.9"),
        ("", [], "", None),
        (None, ["198.51.100.1"], "127.0.0.1", None),
    ],
)
def test_the_address_is_the_nearest_that_is_no_trusted_proxy(peer, forwarded, trusted, expected):
    found = client_address(peer, forwarded, networks(trusted))
    assert (None if found is None else str(found)) == expected


def test_an_origin_tells_no_address_and_joins_an_ipv6_network():
    one, neighbour, other = (
        origin_of_address(parsed(text), "key") for text in ("2001:db8::1", "2001:db8::2:1", "2001:db8:0:1::1")
    )
    assert one == neighbour != other
    assert origin_of_address(parsed("10.0.0.1"), "key") != origin_of_address(parsed("10.0.0.2"), "key")
    assert origin_of_address(parsed("10.0.0.1"), "key") != origin_of_address(parsed("10.0.0.1"), "other key")
    assert origin_of_address(None, "key") is None


def test_proxies_and_free_room_are_set_in_the_environment():
    settings = AppSettings.from_environment(
        {"BELCANTO_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8", "BELCANTO_LEAST_FREE_BYTES": "5e9"}
    )
    assert (settings.trusted_proxies, settings.least_free_bytes) == ("127.0.0.1, 10.0.0.0/8", 5_000_000_000)
    for name, value in (("BELCANTO_TRUSTED_PROXIES", "everybody"), ("BELCANTO_LEAST_FREE_BYTES", "-1")):
        with pytest.raises(InputError, match=name):
            AppSettings.from_environment({name: value})


def made(settings, **changes):
    """The application with other settings."""
    app = create_app(replace(settings, **changes))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


def begin(app, address, size_bytes=1000, **headers):
    """The answer to a visitor without a cookie who begins an upload."""
    body = {"kind": "song", "file_name": "a.mp3", "size_bytes": size_bytes}
    return ApiClient(app).call("post", "/uploads", json=body, environ_base={"REMOTE_ADDR": address}, headers=headers)


@pytest.mark.slow
@pytest.mark.parametrize("limits", [{"address_uploads": 3}, {"address_unfinished_bytes": 3000}])
def test_a_new_cookie_gives_no_new_room_for_unfinished_uploads(settings, limited, limits, session):
    app = made(limited(**limits))
    answers = [begin(app, "203.0.113.9") for _ in range(13)]
    assert [answer.status_code for answer in answers] == [201] * 3 + [429] * 10
    problem_of(answers[-1], 429, "from your internet address")
    assert begin(app, "203.0.113.10").status_code == 201
    assert session.query(Upload).count() == 4 == len(list(settings.incoming_dir.iterdir()))


def test_a_header_that_anybody_can_write_changes_no_address(limited):
    app = made(limited(address_uploads=1))
    statuses = [begin(app, "203.0.113.9", **{"X-Forwarded-For": f"198.51.100.{each}"}).status_code for each in range(2)]
    assert statuses == [201, 429]


@pytest.mark.parametrize(("trusted", "expected"), [("127.0.0.1", [201, 201, 429]), ("203.0.113.9", [201, 429, 429])])
def test_behind_a_trusted_proxy_each_visitor_has_an_address(settings, limited, trusted, expected):
    """Asked through the real server, which alone says whose a request is."""
    few = replace(limited(address_uploads=1), trusted_proxies=trusted)
    body = json.dumps({"kind": "song", "file_name": "a.mp3", "size_bytes": 1000})
    statuses = []
    with serving(made(few), few, default_settings(few)) as server:
        for each in (0, 1, 1):
            headers = {"X-Forwarded-For": f"198.51.100.{each}", "Content-Type": "application/json"}
            statuses.append(ask(server.port, "/api/v1/uploads", "POST", body, headers)[0])
    assert statuses == expected


def test_what_the_server_has_heard_of_proxies_is_not_judged_again(limited):
    """The address that the environment tells is the visitor's, though a proxy's header still stood there."""
    app = made(limited(address_uploads=1), trusted_proxies="203.0.113.9")
    statuses = [begin(app, "203.0.113.9", **{"X-Forwarded-For": f"198.51.100.{each}"}).status_code for each in (0, 1)]
    assert statuses == [201, 429]


def test_an_address_is_kept_as_no_address(app, session):
    assert begin(app, "203.0.113.9").status_code == 201
    (person,), (upload,) = session.query(Person).all(), session.query(Upload).all()
    assert person.origin == upload.origin and len(person.origin) == 32 and "203" not in person.origin[:3]
    header = {"Idempotency-Key": "k"}
    assert begin(app, "203.0.113.10", **header).status_code == 201
    assert session.query(Person).filter(Person.origin.is_(None)).count() == 0


@pytest.mark.slow
def test_new_visitors_of_an_address_keep_only_so_much_together(session, settings, limited, song, person_id, incoming, song_path):
    session.get(Person, person_id).origin = "here"
    session.commit()
    small = limited(address_kept_bytes=int(1.5 * song.size_bytes))
    come_from(session, "here")
    newcomer = new_id()
    with pytest.raises(LimitReached, match="New visitors"):
        add_song(session, small, newcomer, incoming(song_path), "s.mp3")
    with pytest.raises(LimitReached, match="New visitors"):
        begin_upload(session, small, newcomer, "song", "s.mp3", song.size_bytes)
    come_from(session, "elsewhere")
    assert add_song(session, small, new_id(), incoming(song_path), "s.mp3")
    come_from(session, "here")
    session.get(Person, newcomer).created_at = now() - timedelta(days=8)
    session.commit()
    assert add_song(session, small, newcomer, incoming(song_path), "s.mp3"), "who came long ago has a room of one's own"


def test_films_of_an_address_wait_together(session, settings, limited, song, picture, person_id, film):
    come_from(session, "here")
    neighbour = new_id()
    ensure_person(session, neighbour)
    session.get(Person, person_id).origin = "here"
    film.job.person_id = film.person_id = neighbour
    session.commit()
    other = SongToVideoSettings(seed=3)
    with pytest.raises(LimitReached, match="from your internet address"):
        order_film(session, limited(address_waiting_jobs=1), person_id, song.id, picture.id, other)
    come_from(session, "elsewhere")
    assert order_film(session, limited(address_waiting_jobs=1), person_id, song.id, picture.id, other)[1]


def kept(settings):
    """Every file below `uploads/` that holds something."""
    return sorted(path.name for path in settings.uploads_dir.rglob("*") if path.suffix != ".lock")


def test_every_door_is_shut_before_the_disk_is_full(settings, session, person_id, song, picture, song_path, picture_path, film):
    upload = begin_upload(session, settings, person_id, "song", "a.mp3", 10)
    before = kept(settings)
    app = made(settings, least_free_bytes=NO_DISK)
    api = ApiClient(app, person_id)
    answers = [
        api.post("/uploads", {"kind": "song", "file_name": "a.mp3", "size_bytes": 1}),
        api.patch(f"/uploads/{upload.id}", data=b"x", headers={**PIECE, "Upload-Offset": "0"}),
        api.call("post", "/songs", data={"file": (song_path.open("rb"), "s.mp3")}),
        api.call("post", "/pictures", data={"file": (picture_path.open("rb"), "p.jpg")}),
        api.post("/films", {"song_id": song.id, "picture_id": picture.id, "options": {"seed": 9}}),
    ]
    for answer in answers:
        problem_of(answer, 507, "nearly full")
    assert kept(settings) == before
    assert get_upload(session, person_id, upload.id).received_bytes == 0
    page = app.test_client().post("/music", data={"file": (song_path.open("rb"), "s.mp3")})
    assert page.status_code == 422 and "nearly full" in page.text
    assert api.post("/films", {"song_id": song.id, "picture_id": picture.id}).status_code == 202, "what is there is still given"


def test_what_others_announced_is_counted_as_taken(session, settings, person_id, monkeypatch):
    disk = shutil.disk_usage(settings.incoming_dir)  # of this moment: other programs write, and remove what they wrote
    monkeypatch.setattr("shutil.disk_usage", lambda folder: disk)
    tight = replace(settings, least_free_bytes=disk.free - 150_000_000)
    begin_upload(session, tight, new_id(), "song", "a.mp3", 100_000_000)
    with pytest.raises(StorageFull):
        begin_upload(session, tight, person_id, "song", "a.mp3", 100_000_000)


def test_where_room_lacks_idle_uploads_are_dropped_sooner(session, settings, person_id):
    idle, busy = (begin_upload(session, settings, person_id, "song", "s.mp3", 10) for _ in range(2))
    for upload in (idle, busy):
        continue_upload(session, settings, person_id, upload.id, 0, b"12345")
    idle.touched_at = now() - timedelta(minutes=11)
    session.commit()
    begin_upload(session, settings, person_id, "song", "s.mp3", 10)
    assert session.query(Upload).count() == 3, "where there is room, it waits"
    with pytest.raises(StorageFull):
        begin_upload(session, replace(settings, least_free_bytes=NO_DISK), person_id, "song", "s.mp3", 10)
    assert session.query(Upload).filter(Upload.id == idle.id).count() == 0
    assert not list(settings.incoming_dir.glob(f"{idle.id}.*")) and list(settings.incoming_dir.glob(f"{busy.id}.part"))
