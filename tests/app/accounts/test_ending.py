"""What ends with a session: streams of events, avatars that talk; also where it was ended by another process."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest
from sqlalchemy import delete

from app.accounts.ending import AVATARS, Avatars
from app.accounts.models import AccountSession
from app.api.sse import STREAMS, Streams, StreamSettings
from app.live.client import KEY as LIVE
from app.services.films import order_film
from app.unguessable import hash_of
from tests.app.conftest import copy_row
from tests.app.live.stand_in import standing_in

QUICK = StreamSettings(look_every_s=0.02, heartbeat_s=0.1)


@pytest.fixture
def live(app):
    """A stand-in for the live process."""
    with standing_in() as server:
        app.extensions[LIVE] = server.client
        yield server


@pytest.fixture
def stream(app, session, settings, shelf, account_of):
    """Follows the events of a film that waits, in a thread; gives the thread, which ends with the stream, and what came."""

    def begun(client, stream_settings=QUICK):
        person = account_of().person_id
        song, picture = (copy_row(session, settings, person, shelf[0], row) for row in shelf[1:3])
        film, _ = order_film(session, settings, person, song.id, picture.id)
        job_id = film.job.id
        session.commit()
        app.extensions[STREAMS] = Streams(app.extensions[STREAMS].watch._newest, stream_settings)
        came = []

        def follow():
            with client.get(f"/api/v1/jobs/{job_id}/events", buffered=False) as answer:
                came.extend(answer.response)

        thread = threading.Thread(target=follow, daemon=True)
        thread.start()
        ends_s = time.monotonic() + 20
        while not any(b"queued" in part for part in came) and time.monotonic() < ends_s:
            time.sleep(0.01)
        return thread, came

    return begun


def test_signing_out_ends_the_stream(sign_up, sign_in, stream):
    """At once: its next sign of life were a minute away."""
    client = sign_up()
    thread, came = stream(client, replace(QUICK, heartbeat_s=60.0))
    thread.join(0.3)
    assert thread.is_alive() and any(b"queued" in part for part in came)
    client.post("/sign-out")
    thread.join(20)
    assert not thread.is_alive() and not any(b"event: end" in part for part in came)


def test_another_browser_of_the_same_account_goes_on(sign_up, sign_in, stream):
    client, other = sign_up(), sign_in()[0]
    thread, _ = stream(client, replace(QUICK, heartbeat_s=60.0))
    other.post("/sign-out")
    thread.join(0.5)
    assert thread.is_alive()
    client.post("/account/sessions/end")
    thread.join(20)
    assert not thread.is_alive()


def test_a_session_that_another_process_ended_ends_the_stream(session, sign_up, stream):
    thread, _ = stream(sign_up())
    session.execute(delete(AccountSession))
    session.commit()
    thread.join(20)
    assert not thread.is_alive()


@pytest.fixture
def her_picture(session, settings, shelf, sign_up, account_of):
    """A picture of an account, and the client that is signed in with it."""
    client = sign_up()
    return client, copy_row(session, settings, account_of().person_id, shelf[0], shelf[2])


def opened(client, picture):
    """An avatar of the client's."""
    answer = client.post("/api/v1/live/sessions", json={"portrait": {"picture": picture.id}})
    assert answer.status_code == 201
    return answer.json["session"]


def ids(client):
    """The avatars that talk with the client's account."""
    return [row["session"] for row in client.get("/api/v1/live/sessions").json["sessions"]]


def test_signing_out_ends_the_avatars_of_that_browser(live, her_picture, sign_in):
    (here, picture), there = her_picture, sign_in()[0]
    first, second = opened(here, picture), opened(there, picture)
    assert set(ids(there)) == {first, second}
    here.post("/sign-out")
    assert ids(there) == [second]


def test_an_avatar_ends_where_another_process_ended_the_session(app, database, session, live, her_picture, sign_in):
    app.extensions[AVATARS] = Avatars(database, lambda: live.client, every_s=0.05)
    (here, picture), there = her_picture, sign_in()[0]
    avatar = opened(here, picture)
    time.sleep(0.2)
    assert ids(there) == [avatar]
    with here.session_transaction() as cookie:
        token = cookie["_user_id"]
    session.execute(delete(AccountSession).where(AccountSession.token_hash == hash_of(token)))
    session.commit()
    ends_s = time.monotonic() + 20
    while ids(there) and time.monotonic() < ends_s:
        time.sleep(0.05)
    assert ids(there) == []
