"""Accounts in a real browser: the way in by password and by passkey, with Chromium's virtual authenticator, and the pages."""

from __future__ import annotations

import secrets

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import expect

from benchmarks.live_server import LiveServer
from tests.browser.test_all_pages import broken_rules

pytestmark = pytest.mark.slow
PASSWORD = "fjord kiosk nebel"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory):
    """A shared server, at a name that passkeys can be bound to."""
    settings = {"BELCANTO_ACCOUNTS": "1", "BELCANTO_SIGN_UP": "open"}
    with LiveServer(tmp_path_factory.mktemp("accounts"), settings, worker=False) as running:
        yield f"http://localhost:{running.port}"


@pytest.fixture
def person(browser, shared_server):
    """A page, and the device's authenticator: `(page, devtools, authenticator id)`."""
    context = browser.new_context(base_url=shared_server, locale="en-GB", service_workers="block")
    page, problems = context.new_page(), []
    page.on("console", lambda line: problems.append(line.text) if "Content Security" in line.text else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    yield page, devtools, made["authenticatorId"]
    context.close()
    assert problems == []


def sign_up(page, name):
    """An account, by the form; a second run of a test is somebody else."""
    page.goto("/sign-up")
    page.get_by_label("Name or e-mail address").fill(f"{name} {secrets.token_hex(4)}")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("link", name="Account", exact=True)).to_be_visible()
    page.wait_for_load_state()


def make_passkey(page, name):
    """A passkey of the account."""
    page.goto("/account")
    page.get_by_label("What to call it").fill(name)
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.locator("strong", has_text=name)).to_be_visible()
    page.wait_for_load_state()


def sign_out(page):
    page.goto("/account")
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.wait_for_load_state()


def test_a_password_is_shown_only_while_it_is_asked_for(person):
    page = person[0]
    page.goto("/sign-in")
    field, show = page.get_by_label("Password", exact=True), page.get_by_role("button", name="Show the password")
    assert field.get_attribute("autocomplete") == "current-password" and field.get_attribute("type") == "password"
    show.click()
    assert field.get_attribute("type") == "text" and show.get_attribute("aria-pressed") == "true"
    show.click()
    assert field.get_attribute("type") == "password"


def test_a_passkey_is_made_used_renamed_and_taken_away(person):
    page, devtools, authenticator = person
    sign_up(page, "Passkeys")
    make_passkey(page, "My desk")
    found = devtools.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"]
    assert len(found) == 1 and found[0]["rpId"] == "localhost" and found[0]["isResidentCredential"]
    sign_out(page)
    page.goto("/sign-in?next=/library")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(lambda address: address.endswith("/library") and "sign-in" not in address)
    page.wait_for_load_state()
    page.goto("/account")
    page.get_by_text("Rename: My desk").click()
    page.get_by_label("Name", exact=True).fill("My other desk")
    page.get_by_role("button", name="Rename").click()
    expect(page.locator("strong", has_text="My other desk")).to_be_visible()
    page.get_by_role("button", name="Take away: My other desk").click()
    expect(page.get_by_text("The passkey is taken away")).to_be_visible()
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.locator(".with-passkey [role=alert]")).to_contain_text("could not be used")


def test_a_passkey_whose_count_goes_back_is_refused(person):
    """A copy of it is about."""
    page, devtools, authenticator = person
    sign_up(page, "Copied")
    make_passkey(page, "Copied key")
    credential = devtools.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"][0]
    for count in (1000, 5):
        devtools.send("WebAuthn.removeCredential", {"authenticatorId": authenticator, "credentialId": credential["credentialId"]})
        devtools.send(
            "WebAuthn.addCredential", {"authenticatorId": authenticator, "credential": credential | {"signCount": count}}
        )
        sign_out(page)
        page.get_by_role("button", name="Sign in with a passkey").click()
        if count == 1000:
            expect(page.get_by_role("link", name="Account", exact=True)).to_be_visible()
            page.wait_for_load_state()
    expect(page.locator(".with-passkey [role=alert]")).to_contain_text("could not be used")


def test_without_the_owner_nothing_is_signed(person):
    """User verification: the device asks, and nobody answers."""
    page, devtools, authenticator = person
    sign_up(page, "Verified")
    make_passkey(page, "Verified key")
    sign_out(page)
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.locator(".with-passkey [role=alert]")).to_be_visible()
    assert page.url.endswith("/sign-in")


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
def test_no_page_of_accounts_breaks_a_rule(person, width, scheme):
    page = person[0]
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    problems = []
    for address in ("/sign-in", "/sign-up", "/new-password?code=x"):
        page.goto(address)
        page.evaluate(AXE_SCRIPT)
        problems += [(address, *each) for each in broken_rules(page)]
    sign_up(page, f"Looking at {width}")
    make_passkey(page, "A key")
    for address in ("/account", "/prove", "/"):
        page.goto(address)
        page.evaluate(AXE_SCRIPT)
        problems += [(address, *each) for each in broken_rules(page)]
    assert problems == []
