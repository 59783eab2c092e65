"""How often one may ask: of one address, and of one account; what this machine asks of itself is not counted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app import create_app
from app.context import EXTENSION
from app.services.tokens import create_token

MOST = 20
HERE, THERE, NEIGHBOUR = "127.0.0.1", "203.0.113.5", "203.0.113.6"


@pytest.fixture
def asked(settings):
    """Asks an application that answers 20 requests a minute: `asked(method, path, address)` gives the status and the answer."""
    app = create_app(replace(settings, limits=replace(settings.limits, requests_per_minute=MOST)))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)

    def ask(method="GET", path="/api/v1/songs", address=THERE, **more):
        return app.test_client().open(path, method=method, environ_base={"REMOTE_ADDR": address}, **more)

    yield ask
    app.extensions[EXTENSION].database.close()


def statuses(asked, count, *what, **more):
    return [asked(*what, **more).status_code for _ in range(count)]


def test_an_address_gets_so_many_answers_a_minute(asked):
    assert statuses(asked, MOST) == [200] * MOST, "with another cookie every time"
    answer = asked()
    assert answer.status_code == 429 and 1 <= int(answer.headers["Retry-After"]) <= 61
    assert answer.json["slug"] == "too-often" and "answered in a minute" in answer.json["detail"]
    assert asked(path="/library").status_code == 429 and "answered in a minute" in asked(path="/library").text
    assert asked(address=NEIGHBOUR).status_code == 200


def test_a_write_counts_for_five(asked):
    assert statuses(asked, 5, "POST", "/api/v1/albums", json={"title": "a"}) == [201] * 4 + [429]


def test_what_is_at_no_address_counts_too(asked):
    assert statuses(asked, MOST + 1, "GET", "/nowhere") == [404] * MOST + [429]


def test_files_of_the_pages_and_this_machine_are_not_counted(asked):
    assert set(statuses(asked, 2 * MOST, "GET", "/static/css/belcanto.css")) == {200}
    assert set(statuses(asked, 2 * MOST, "GET", "/healthz")) == {200}
    assert set(statuses(asked, 2 * MOST, address=HERE)) == {200} == set(statuses(asked, 2 * MOST, address="::1"))
    assert asked().status_code == 200


def test_a_household_of_ipv6_is_one_address(asked):
    assert statuses(asked, MOST, address="2001:db8::1") == [200] * MOST
    assert asked(address="2001:db8::2:2").status_code == 429 and asked(address="2001:db8:1::1").status_code == 200


def test_a_token_is_counted_wherever_it_is_used(asked, session, person_id):
    head = {"Authorization": f"Bearer {create_token(session, person_id, 'a', ['read']).text}"}
    assert statuses(asked, MOST // 2, headers=head) == [200] * (MOST // 2)
    assert statuses(asked, MOST // 2 + 1, address=NEIGHBOUR, headers=head) == [200] * (MOST // 2) + [429]
    assert asked(address=NEIGHBOUR).status_code == 200, "the address itself may go on"


def test_servers_count_together_where_they_have_redis(settings, redis_url):
    shared = replace(settings, queue="redis", redis_url=redis_url, limits=replace(settings.limits, requests_per_minute=4))
    apps = [create_app(shared) for _ in range(2)]
    there = {"REMOTE_ADDR": THERE}
    assert [app.test_client().get("/api/v1/tags", environ_base=there).status_code for app in (*apps, *apps)] == [200] * 4
    assert [app.test_client().get("/api/v1/tags", environ_base=there).status_code for app in apps] == [429] * 2
    for app in apps:
        app.extensions[EXTENSION].database.close()
