"""Every page of the application in every state that can be looked at, as a list: for photographs, and for tests of all pages.

A state is an address, whose page it is, and what is done there. Nothing is rendered for it: its rows are those of `page_rows`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from playwright.sync_api import BrowserContext, FilePayload, Page, Route, expect

from app import create_app
from app.context import PERSON_COOKIE
from app.error_pages import error_page, sentence_for
from app.models import new_id
from app.settings import AppSettings
from benchmarks.live_server import LiveServer
from benchmarks.page_rows import fill, fill_busy
from benchmarks.page_state import AT_ACCOUNTS, Act, PageState, Who, unfolded
from benchmarks.trust_rows import fill_accounts, fill_trust
from benchmarks.trust_states import DOORS, TRUST
from core.errors import MissingError
from core.messages import as_written

#: Errors that no address brings about.
ERRORS = (401, 413, 429, 500, 503)


def opened(button: str, device: str) -> Act:
    """Turn the microphone or camera on by its button, and wait until what it gives is there."""

    def act(page: Page) -> None:
        page.locator(button).click()
        expect(page.locator(device)).to_be_visible()

    return act


def refused_upload(page: Page) -> None:
    """Give a text for a song."""
    text = FilePayload(name="song.mp3", mimeType="audio/mpeg", buffer=b"This is no music.")
    page.locator("input[type=file]").first.set_input_files(text)
    expect(page.locator(".wrong:visible, .note.bad:visible").first).to_be_visible()


def zoomed(page: Page) -> None:
    """Bring the waveform closer."""
    page.get_by_role("slider").first.focus()
    for _ in range(3):
        page.keyboard.press("+")


def with_still(page: Page) -> None:
    """Wait for the film as far as it is drawn."""
    expect(page.locator("[data-still] img")).to_be_visible()


def selecting(page: Page) -> None:
    """Choose three songs."""
    for number in range(3):
        page.locator("[data-cards] input[type=checkbox]").nth(number).check()


START = (
    PageState("start", "/", "nobody"),
    PageState("examples", "/examples", "nobody"),
    PageState("examples-say", "/examples", "nobody", unfolded),
    PageState("guide", "/guide", "nobody", unfolded),
    PageState("about", "/about", "nobody", unfolded),
    PageState("api", "/api/v1/docs", "nobody"),
    PageState("offline", "/offline", "nobody"),
    PageState("error-404", "/nothing-here", "nobody"),
    *(PageState(f"error-{status}", f"/error/{status}", "nobody") for status in ERRORS),
)
WIZARD = (
    PageState("music-empty", "/music", "nobody"),
    PageState("music-refused", "/music", "nobody", refused_upload),
    PageState("music-recorder", "/music", "nobody", opened("[data-voice-recorder] [data-open]", "[role=meter]")),
    PageState("music-library", "/music"),
    PageState("music-chosen", "/music?song={song}&start=3&end=9"),
    PageState("music-zoomed", "/music?song={song}&start=3&end=9", "settled", zoomed),
    PageState("say", "/say?picture={woman}"),
    PageState("say-empty", "/say", "nobody"),
    PageState("image-empty", "/image", "nobody"),
    PageState("image-camera", "/image", "nobody", opened("[data-picture-camera] [data-open]", "[data-view]")),
    PageState("image-face", "/image?song={song}&picture={woman}"),
    PageState("image-faces", "/image?song={song}&picture={two}"),
    PageState("image-drawing", "/image?song={song}&picture={drawn}"),
    PageState("image-no-face", "/image?song={song}&picture={nobody}"),
    PageState("image-cut", "/image/cut?song={song}&picture={woman}"),
    PageState("order", "/order?song={song}&picture={woman}&start=3&end=9"),
    PageState("order-more", "/order?song={song}&picture={woman}&start=3&end=9", "settled", unfolded),
    PageState("order-busy", "/order?song={song}&picture={woman}", "busy"),
    PageState("film-queued", "/films/{queued 1}", "busy"),
    PageState("film-running", "/films/{running}", "busy", with_still),
    PageState("film", "/films/{film}"),
    PageState("film-open", "/films/{film}", "settled", unfolded),
    PageState("film-failed", "/films/{failed}"),
    PageState("film-cancelled", "/films/{cancelled}"),
)
KEPT = (
    PageState("library-empty", "/library", "nobody"),
    PageState("library", "/library"),
    PageState("library-films", "/library?kind=films"),
    PageState("library-selection", "/library?kind=songs", "settled", selecting),
    PageState("library-album", "/library?album={album}"),
    PageState("library-nothing", "/library?q=nothingatall"),
    PageState("library-queue", "/library", "busy"),
    PageState("words", "/words/{words}"),
    PageState("script", "/script/{script}"),
    *(
        PageState(f"work-{name.replace(' ', '-')}", f"/works/{{{name}}}")
        for name in ("dub", "transfer", "look", "caption", "compare", "repair", "spoken", "work failed", "work cancelled")
    ),
    PageState("work-dub-running", "/works/{dub running}", "busy"),
)
OTHERS = (
    PageState("clip-empty", "/clip", "nobody"),
    PageState("clip", "/clip?clip={clip}"),
    PageState("dub", "/dub?clip={clip}&song={song}", "settled", unfolded),
    PageState("transfer", "/transfer?clip={clip}&picture={woman}&drive=on", "settled", unfolded),
    PageState("translate", "/translate?clip={clip}", "settled", unfolded),
    PageState("repair", "/repair?clip={clip}"),
    PageState("compare", "/compare"),
    PageState("compare-empty", "/compare", "nobody"),
    PageState("make-caption", "/make/caption_film", "settled", unfolded),
    PageState("make-look", "/make/look_film", "settled", unfolded),
    PageState("talk", "/talk"),
    PageState("mirror", "/mirror"),
    PageState("stage", "/stage"),
)
STATES = (*START, *WIZARD, *KEPT, *OTHERS, *TRUST, *DOORS)


class People:
    """Those who look at the pages: their cookies, what they have, and the pages of errors in their language.

    At `serving` they are at two servers with one folder, one of them with accounts.
    """

    def __init__(self, settings: AppSettings, language: str = "en", count: int = 60) -> None:
        self.settings = settings
        app = create_app(settings)  # first: the application makes its tables
        self._errors = errors_of(app, language)
        settled, busy = new_id(), new_id()
        has = fill(settings, settled, count)
        has |= fill_trust(settings, settled, has)
        doors = fill_accounts(settings, settled)
        busy_has = fill_busy(settings, busy)
        self.ids: dict[Who, Mapping[str, str]] = {
            **{"nobody": {}, "settled": has, "busy": busy_has},
            **{"stranger": doors | has, "signed": has, "administrator": {}},
        }
        signer = URLSafeTimedSerializer(settings.secret_key(), salt="belcanto person")
        signed = str(app.config["SESSION_COOKIE_NAME"])
        self._cookies: dict[Who, tuple[str, str]] = {
            "settled": (PERSON_COOKIE, str(signer.dumps(settled))),
            "busy": (PERSON_COOKIE, str(signer.dumps(busy))),
            "signed": (signed, session_cookie(app, doors["signed"])),
            "administrator": (signed, session_cookie(app, doors["administrator"])),
        }
        self._urls: dict[bool, str] = {}
        app.extensions["belcanto"].database.close()

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Both servers, which make nothing."""
        with (
            LiveServer(self.settings.data_dir, worker=False) as plain,
            LiveServer(self.settings.data_dir, {"BELCANTO_ACCOUNTS": "1"}, worker=False) as accounts,
        ):
            self._urls = {False: plain.url, True: accounts.url.replace("127.0.0.1", "localhost")}
            yield

    def url(self, who: Who) -> str:
        """Of the server that they are at."""
        return self._urls[who in AT_ACCOUNTS]

    def address(self, state: PageState) -> str:
        """The state's whole address, the ids put in."""
        return self.url(state.who) + state.path.format(**self.ids[state.who])

    def enter(self, context: BrowserContext, who: Who) -> None:
        """Make the context that person's."""
        context.clear_cookies()
        if who in self._cookies:
            name, value = self._cookies[who]
            context.add_cookies([{"name": name, "value": value, "url": self.url(who)}])

    def answer_errors(self, context: BrowserContext) -> None:
        """Let the context find the pages of errors that no address brings about."""
        for status, text in self._errors.items():
            context.route(f"**/error/{status}", answering(text))

    def open(self, page: Page, state: PageState) -> None:
        """Bring the page into the state; its context is that of the state's person."""
        page.goto(self.address(state))
        page.wait_for_load_state()
        if state.act is not None:
            state.act(page)


def session_cookie(app: Flask, token: str) -> str:
    """The cookie of a browser that is signed in by that token, as Flask and Flask-Login make it."""
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    if signer is None:
        raise MissingError(as_written("The application has no secret key."))
    return str(signer.dumps({"_user_id": token, "_fresh": True, "_permanent": True}))


def answering(text: str) -> Callable[[Route], None]:
    """Answers a browser with that page."""
    return lambda route: route.fulfill(status=200, content_type="text/html", body=text)


def errors_of(app: Flask, language: str) -> dict[int, str]:
    """The pages of `ERRORS`, as the application draws them."""
    found = {}
    for status in ERRORS:
        with app.test_request_context("/music", headers={"Accept-Language": language}):
            app.preprocess_request()
            found[status] = error_page(status, sentence_for(status)).get_data(as_text=True)
    return found
