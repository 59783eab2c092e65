"""From an invitation to the last sign-out: a film of a visitor's picture, shown to a stranger, read by a program, checked, taken
along, erased."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import zipfile

import pytest
from playwright.sync_api import expect

from app.accounts.codes import make_code
from app.database import Database
from app.settings import AppSettings
from benchmarks.live_server import LiveServer
from tests.browser.wizard import FILM_PATIENCE_MS

pytestmark = [pytest.mark.slow, pytest.mark.long]
PASSWORD = "fjord kiosk nebel"


@pytest.fixture
def shared_server(tmp_path, film_cache):
    """A server with accounts, for those who were invited; a second run of the test finds nobody there."""
    settings = {"BELCANTO_ACCOUNTS": "1", "BELCANTO_CACHE_DIR": str(film_cache)}
    with LiveServer(tmp_path / "trust", settings) as running:
        yield running


def invitation(server):
    """The code of a new invitation."""
    database = Database(AppSettings(data_dir=server.data_dir))
    with database.session() as session:
        code = make_code(session, "invitation")
    database.close()
    return code


def come_in(page, server):
    """An account by an invitation; a password that is too short is told, and the name stays in its field."""
    page.goto(f"/sign-up?code={invitation(server)}")
    page.get_by_label("Name or e-mail address").fill("Anna")
    page.get_by_label("Password", exact=True).fill("password1234567")
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Name or e-mail address")).to_have_value("Anna")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("link", name="Account", exact=True)).to_be_visible()


def make_film(wizard, song, portrait):
    """No film without consent; what was chosen stays."""
    page = wizard.page
    wizard.prepare(song, portrait)
    page.get_by_role("button", name="Make the film", exact=True).click()
    expect(page.locator("#consent:invalid")).to_have_count(1)
    assert "/order" in page.url
    address = wizard.order()
    wizard.wait_for_film()
    page.get_by_text("The signed statement").click()
    expect(page.locator("dt", has_text="Consent")).to_be_visible()
    return address


def show_a_stranger(visit, server, page):
    """By a link; once it is taken back it leads nowhere."""
    page.get_by_role("button", name="Make a link").click()
    address = page.get_by_label("Send this to those who should see the film").input_value()
    stranger = visit(server).page
    stranger.goto(address)
    expect(stranger.get_by_text("Somebody shows you this film.")).to_be_visible()
    film = stranger.locator("video")
    stranger.wait_for_function("film => film.readyState >= 1", arg=film.element_handle())
    stranger.goto("/library")
    expect(stranger.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_role("link", name="Back to the film").click()
    expect(page.get_by_text("opened 1 time")).to_be_visible()
    page.locator("#links").get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("The link is taken back")).to_be_visible()
    assert stranger.goto(address).status == 404


def give_a_program(page):
    """A token that may only look."""
    page.goto("/programs")
    page.get_by_label("Name of the program").fill("My script")
    page.get_by_role("button", name="Make a token").click()
    return page.locator("#token").input_value()


def asked(server, token, method, path):
    """What the program is answered: the status, and JSON where there is some."""
    request = urllib.request.Request(f"{server.url}/api/v1/{path}", method=method, headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def check_film(page, address, folder):
    """The film that was downloaded is ours, unchanged."""
    page.goto(address)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").first.click()
    film = folder / "film.mp4"
    download.value.save_as(film)
    page.get_by_role("link", name="Check any film").click()
    page.wait_for_load_state()
    page.locator("input[type=file]").set_input_files(film)
    page.get_by_role("button", name="Check it").click(timeout=FILM_PATIENCE_MS)
    expect(page.get_by_text("Made here, unchanged")).to_be_visible(timeout=FILM_PATIENCE_MS)


def leave(page, folder):
    """Take everything along, and have it erased."""
    page.goto("/account")
    page.get_by_role("link", name="Your data").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download everything").click()
    download.value.save_as(folder / "everything.zip")
    page.get_by_label("I want everything to be erased for good").check()
    page.get_by_role("button", name="Erase everything now").click()
    expect(page.get_by_text("Everything of yours is erased")).to_be_visible()
    return zipfile.ZipFile(folder / "everything.zip").namelist()


def test_from_an_invitation_to_the_last_sign_out(visit, shared_server, song, portrait, tmp_path):
    wizard = visit(shared_server)
    page = wizard.page
    come_in(page, shared_server)
    address = make_film(wizard, song, portrait)
    show_a_stranger(visit, shared_server, page)

    token = give_a_program(page)
    status, films = asked(shared_server, token, "GET", "films")
    assert status == 200 and [each["id"] for each in films["items"]] == [address.rpartition("/")[2]]
    assert asked(shared_server, token, "DELETE", f"films/{films['items'][0]['id']}")[0] == 403

    check_film(page, address, tmp_path)
    names = leave(page, tmp_path)
    assert "everything.json" in names and any(name.startswith("made/") and name.endswith(".mp4") for name in names)
    assert asked(shared_server, token, "GET", "films")[0] == 401
    assert wizard.films() == []

    page.goto("/account")
    page.get_by_role("button", name="Sign out everywhere").click()
    expect(page.get_by_text("You are signed out everywhere.")).to_be_visible()
    assert page.request.get("/api/v1/films").status == 401
