"""Headers and cookies: what a page may load, and how cookies are kept, by HTTP and by HTTPS."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from app import create_app
from app.accounts.settings import AccountSettings
from app.context import EXTENSION, PERSON_COOKIE
from app.models import new_id
from core.places import ROOT
from tests.app.accounts.conftest import NAME, PASSWORD

HTTPS = {"base_url": "https://films.example.org"}


@pytest.fixture
def secure(settings):
    """A shared server behind HTTPS."""
    made = create_app(replace(settings, secure_cookies=True))
    made.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    yield made
    made.extensions[EXTENSION].database.close()


def cookies_of(answer):
    """Name and attributes of each cookie that an answer sets."""
    return {line.partition("=")[0]: line for line in answer.headers.getlist("Set-Cookie")}


def test_over_https_cookies_are_this_hosts_alone(secure):
    answer = secure.test_client().post("/sign-up", data={"name": NAME, "password": PASSWORD}, **HTTPS)
    cookies = cookies_of(answer)
    assert set(cookies) == {"__Host-belcanto_session", "__Host-belcanto_device"}
    for line in cookies.values():
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(line.split("; ")) and "Domain" not in line
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_over_http_they_have_their_plain_names(client):
    answer = client.post("/sign-up", data={"name": NAME, "password": PASSWORD})
    assert set(cookies_of(answer)) == {"belcanto_session", "belcanto_device"}
    assert all("HttpOnly" in line and "SameSite=Lax" in line for line in cookies_of(answer).values())
    assert "Strict-Transport-Security" not in answer.headers


def test_a_visitors_cookie_of_before_https_is_still_known(settings):
    app = create_app(replace(settings, secure_cookies=True, accounts=AccountSettings()))
    client, person = app.test_client(), new_id()
    client.set_cookie(PERSON_COOKIE, app.extensions[EXTENSION].people.dumps(person), domain="films.example.org")
    answer = client.get("/library", **HTTPS)
    new = cookies_of(answer)[f"__Host-{PERSON_COOKIE}"]
    assert app.extensions[EXTENSION].people.loads(new.partition("=")[2].partition(";")[0]) == person
    assert f"__Host-{PERSON_COOKIE}" not in cookies_of(client.get("/library", **HTTPS))  # once is enough


def test_nothing_inline_is_let_in(client):
    policy = client.get("/sign-in").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self';" in policy and "style-src 'self';" in policy
    assert "unsafe" not in policy and "*" not in policy and "http" not in policy


def test_no_template_has_anything_inline():
    """Else the page would lack it, and nobody would know why."""
    found = [
        (path.name, hit)
        for path in (ROOT / "templates").rglob("*.html")
        for hit in re.findall(
            r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)[^>]*>", path.read_text(encoding="utf-8")
        )
    ]
    assert found == []
