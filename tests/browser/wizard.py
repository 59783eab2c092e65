"""The wizard as a person handles it, in the words of its pages; and a watch over what its pages do besides."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Page, Response, expect

#: A film of an excerpt at a small size takes some seconds, more where the machine is busy.
FILM_PATIENCE_MS = 600_000
FILM_ADDRESS = re.compile(r"/films/[0-9a-f-]+")
#: Height of a film that nobody waits for: it is still in the making when the test cancels it, however slow the browser is.
ENDLESS = "1440"
#: Two seconds in which the demo song's singer sings.
PART = ("3", "5")


class Watch:
    """Collects what no page may do: throw an error, ask another host, be answered with a 5xx, break the content policy."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.problems: list[str] = []
        self.allowed: list[str] = []
        self._url = url
        context.on(
            "weberror", lambda failure: self.note(f"error on {failure.page.url if failure.page else '?'}: {failure.error}")
        )
        context.on("console", lambda line: self.note(f"console: {line.text}") if "Content Security" in line.text else None)
        context.on("request", lambda request: self.check_host(request.url))
        context.on("response", self.check_status)

    def note(self, problem: str) -> None:
        if not any(part in problem for part in self.allowed):
            self.problems.append(problem)

    def check_host(self, url: str) -> None:
        if not url.startswith((self._url, "blob:", "data:")):
            self.note(f"asked another host: {url}")

    def check_status(self, response: Response) -> None:
        if response.status >= 500:
            self.note(f"{response.status}: {response.url}")


class Wizard:
    """One window of one person."""

    def __init__(self, page: Page, watch: Watch) -> None:
        self.page = page
        self.watch = watch

    def another_tab(self) -> Wizard:
        return Wizard(self.page.context.new_page(), self.watch)

    def button(self, name: str) -> Locator:
        if name == "Make the film" and (box := self.page.locator("#consent")).count():
            box.check()  # of a picture that has had no film yet
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self, name: str) -> Locator:
        return self.page.get_by_role("link", name=name, exact=True)

    def heading(self, name: str) -> Locator:
        return self.page.get_by_role("heading", name=name, exact=True)

    def give_song(self, song: Path) -> None:
        """Step 1: the song is chosen and shown."""
        self.page.goto("/music")
        self.page.locator("input[type=file]").set_input_files(song)
        expect(self.page.locator("audio[src]")).to_be_visible()
        self.page.wait_for_load_state()

    def upload(self, file: Path) -> None:
        """Without scripts: the file of a step is chosen and sent by its button."""
        self.page.locator("input[type=file]").set_input_files(file)
        self.button("Upload").click()

    def choose_part(self, start: str = PART[0], end: str = PART[1]) -> None:
        self.page.get_by_label("From", exact=True).fill(start)
        self.page.get_by_label("To", exact=True).fill(end)

    def go_to_image(self) -> None:
        self.button("Go on to the image").click()
        expect(self.heading("Image")).to_be_visible()
        self.page.wait_for_load_state()  # the scripts, too: a file that is chosen before they listen is not uploaded

    def give_picture(self, picture: Path) -> None:
        """Step 2: the picture is chosen and shown with its faces."""
        self.page.locator("input[type=file]").set_input_files(picture)
        expect(self.page.locator(".faces img")).to_be_visible(timeout=FILM_PATIENCE_MS)
        self.page.wait_for_load_state()  # the picture itself, else the frames of its faces still move

    def go_to_result(self) -> None:
        self.button("Go on to the result").click()
        expect(self.heading("Result")).to_be_visible()
        self.page.wait_for_load_state()

    def make_small(self, height: str | None = None) -> None:
        """Open "More" and choose the smallest film, or that height."""
        self.page.get_by_text("More: how the film is made").click()
        choice = self.page.locator("[name=height]")
        smallest = choice.evaluate("each => [...each.options].map(o => o.value).filter(Number).sort((a, b) => a - b)[0]")
        choice.select_option(height or smallest)

    def prepare(self, song: Path, picture: Path, part: tuple[str, str] | None = PART, height: str | None = None) -> None:
        """Everything up to the order's button."""
        self.give_song(song)
        if part is not None:
            self.choose_part(*part)
        self.go_to_image()
        self.give_picture(picture)
        self.go_to_result()
        self.make_small(height)

    def order(self) -> str:
        """Order what is prepared; the film's address."""
        self.button("Make the film").click()
        self.page.wait_for_url(FILM_ADDRESS)
        return self.page.url

    def wait_for_film(self) -> Locator:
        """Wait until the film can be played."""
        film = self.page.locator(".film-shown video, section[aria-labelledby=made-title] > video").first
        expect(film).to_be_visible(timeout=FILM_PATIENCE_MS)
        return film

    def job(self) -> dict[str, object]:
        """The job of the film whose page is open, as the API tells it."""
        film_id = FILM_ADDRESS.search(self.page.url)[0].rpartition("/")[2]
        return self.page.request.get(f"/api/v1/films/{film_id}").json()["job"]

    def wait_until_running(self, stage: str | None = None) -> None:
        """Wait until the film is being made, and is at that stage."""
        for _ in range(2400):
            job = self.job()
            assert job["state"] in ("queued", "running"), job
            if job["state"] == "running" and stage in (None, job["stage"]):
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"the film did not begin: {self.job()}")

    def films(self) -> list[dict[str, object]]:
        """All films of this person, as the API tells."""
        return self.page.request.get("/api/v1/films").json()["items"]
