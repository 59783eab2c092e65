"""The pages of trust in every state: links, tokens, one's data, checked films, consent; and those of a server with accounts."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from benchmarks.page_state import PageState, unfolded
from benchmarks.trust_rows import FOUND


def made_link(page: Page) -> None:
    """Make a link of the film, which is shown once."""
    page.locator("#links button[type=submit]").first.click()
    expect(page.locator("#address")).to_be_visible()
    page.wait_for_load_state()


def made_token(page: Page) -> None:
    """Make a token, which is shown once."""
    page.locator("#token-name").fill("My program")
    page.locator("form:has(#token-name) button[type=submit]").click()
    expect(page.locator("#token")).to_be_visible()
    page.wait_for_load_state()


def wrong_password(page: Page) -> None:
    """Try a name that nobody has."""
    page.locator("#name").fill("nobody@example.org")
    page.locator("#password").fill("not the password")
    send_door(page)


def weak_password(page: Page) -> None:
    """Choose a password that everybody knows."""
    page.locator("#name").fill("somebody@example.org")
    page.locator("#password").fill("password1234567")
    send_door(page)


def send_door(page: Page) -> None:
    """Send the form and wait for what is wrong with it."""
    page.locator(".door form.panel button[type=submit]").click()
    expect(page.locator(".note.bad")).to_be_visible()
    page.wait_for_load_state()


def made_invitation(page: Page) -> None:
    """Invite somebody; the link is shown once."""
    page.locator("form[action$='/administration/invitations'] button").first.click()
    expect(page.locator("#made-link")).to_be_visible()
    page.wait_for_load_state()
    unfolded(page)


TRUST = (
    PageState("verify-empty", "/verify", "nobody"),
    PageState("verify", "/verify?clip={clip}"),
    *(PageState(f"verified-{verdict.replace('_', '-')}", f"/works/{{checked {verdict}}}") for verdict in FOUND),
    PageState("programs-empty", "/programs", "nobody"),
    PageState("programs", "/programs"),
    PageState("programs-token", "/programs", "settled", made_token),
    PageState("your-data-empty", "/your-data", "nobody"),
    PageState("your-data", "/your-data"),
    PageState("link", "/films/{film}", "settled", made_link),
    PageState("shared", "/shared/{link}"),
    PageState("shared-ended", "/shared/{ended link}"),
    PageState("order-consented", "/order?song={song}&picture={two}"),
    PageState("say-consent", "/say?picture={woman}&say=on", "settled", unfolded),
)
DOORS = (
    PageState("door-start", "/", "stranger"),
    PageState("door-sign-in", "/sign-in", "stranger"),
    PageState("door-sign-in-wrong", "/sign-in", "stranger", wrong_password),
    PageState("door-sign-up", "/sign-up?code={invitation}", "stranger"),
    PageState("door-sign-up-weak", "/sign-up?code={invitation}", "stranger", weak_password),
    PageState("door-sign-up-uninvited", "/sign-up", "stranger"),
    PageState("door-sign-up-ended", "/sign-up?code=ended", "stranger"),
    PageState("door-new-password", "/new-password?code={reset}", "stranger"),
    PageState("door-new-password-ended", "/new-password?code=ended", "stranger"),
    PageState("door-shared", "/shared/{link}", "stranger"),
    PageState("account", "/account", "signed", unfolded),
    PageState("account-prove", "/prove", "signed"),
    PageState("account-about", "/about", "signed", unfolded),
    PageState("account-order", "/order?song={song}&picture={woman}&start=3&end=9", "signed"),
    PageState("account-your-data", "/your-data", "signed"),
    PageState("account-no-administration", "/administration", "signed"),
    PageState("administration", "/administration", "administrator"),
    PageState("administration-invited", "/administration", "administrator", made_invitation),
)
