"""A real browser and the real server. One server serves most tests; whoever kills one starts one of their own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect, sync_playwright

from benchmarks.live_server import LiveServer
from tests.browser.wizard import Watch, Wizard

FOLDER = Path(__file__).resolve().parent
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
#: The longest wait for something on a page that needs no rendering, in milliseconds; the machine may be busy with a film.
PATIENCE_MS = 60_000


def pytest_collection_modifyitems(config, items):
    """What fails here runs once more: a browser, a server and a film share the machine with whatever else runs on it.

    The last net, not a cure: the summary tells every second run.
    """
    for item in items if config.pluginmanager.hasplugin("rerunfailures") else ():  # `-p no:rerunfailures` goes without
        if FOLDER in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_terminal_summary(terminalreporter):
    """Tell which tests failed at first, and why, whatever they did the second time."""
    again = terminalreporter.getreports("rerun")
    if again:
        terminalreporter.section("browser tests that failed at first and ran once more", sep="!")
    for report in again:
        terminalreporter.line(f"{report.nodeid}: {str(report.longrepr).strip().splitlines()[-1]}")


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser of this machine (environment BELCANTO_TEST_CHROMIUM, else by name); without one, the tests skip and say so."""
    named = os.environ.get("BELCANTO_TEST_CHROMIUM")
    found = named or next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium is installed; on Debian and Ubuntu: sudo apt install chromium")
    return found


@pytest.fixture(scope="module")
def browser(chromium_path):
    """A browser for one file's tests: Playwright leaves its loop running in this thread, where no other can start."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        # a sandbox of its own is more than root in a container may make
        chromium = playwright.chromium.launch(executable_path=chromium_path, chromium_sandbox=False)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory, film_cache):
    with LiveServer(tmp_path_factory.mktemp("server"), {"BELCANTO_CACHE_DIR": str(film_cache)}) as running:
        yield running


@pytest.fixture
def own_server(tmp_path, film_cache):
    """A server that the test may kill."""
    with LiveServer(tmp_path / "server", {"BELCANTO_CACHE_DIR": str(film_cache)}) as running:
        yield running


def doors(browser):
    """`visit(server, **options of the context)`: a person who was never here before, at the wizard's door.

    At the end it fails if a page threw an error, asked another host for anything, or was answered with a 5xx.
    """
    contexts, watches = [], []

    def open_door(server, **options):
        context = browser.new_context(base_url=server.url, **({"locale": "en-GB", "service_workers": "block"} | options))
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        watches.append(Watch(context, server.url))
        return Wizard(context.new_page(), watches[-1])

    yield open_door
    for context in contexts:
        context.close()
    assert [problem for watch in watches for problem in watch.problems] == []


@pytest.fixture
def visit(browser):
    yield from doors(browser)


@pytest.fixture(scope="module")
def visit_module(browser):
    """As `visit`, for what the tests of a module share."""
    yield from doors(browser)


@pytest.fixture(scope="session")
def portrait(root_dir) -> Path:
    return root_dir / "demo" / "portrait.jpg"


@pytest.fixture(scope="session")
def song(root_dir) -> Path:
    return root_dir / "demo" / "song.mp3"


@pytest.fixture(scope="session")
def two_faces(shared_dir) -> Path:
    return shared_dir / "portraits" / "two_faces.jpg"


@pytest.fixture(scope="session")
def no_face(shared_dir, tmp_path_factory) -> Path:
    """A corner of a photo, in which nobody is."""
    path = tmp_path_factory.mktemp("pictures") / "nobody.png"
    with Image.open(shared_dir / "portraits" / "no_face_dog.jpg") as dog:
        dog.crop((0, 0, 120, 120)).resize((400, 400)).save(path)
    return path


@pytest.fixture(scope="module")
def chosen(visit_module, server, song, portrait):
    """What `choose` gives, for all tests of a module."""
    return choose(visit_module(server), server, song, portrait)


@pytest.fixture
def newly_chosen(visit, server, song, portrait):
    """What `choose` gives, for one run of one test: nothing is known of the song yet."""
    return choose(visit(server), server, song, portrait)


def choose(wizard, server, song, portrait):
    """A person with a song and a picture, and the address at which a film of them is ordered, but for which part of the song."""
    made = {}
    for kind, path in (("song", song), ("picture", portrait)):
        data = {"name": path.name, "mimeType": "application/octet-stream", "buffer": path.read_bytes()}
        answer = wizard.page.request.post(f"{server.url}/api/v1/{kind}s", multipart={"file": data})
        made[kind] = answer.json()["id"]
    return wizard.page.context.storage_state(), f"/order?song={made['song']}&picture={made['picture']}"
