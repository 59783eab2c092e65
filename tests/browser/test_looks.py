"""A file that has to wait to be looked at: the page says so and goes on by itself, with and without scripts."""

from __future__ import annotations

import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from app import create_app, handing_in
from app.server import listen, make_server
from app.services import uploads
from app.settings import AppSettings

#: The functions through which an upload in pieces becomes a song; which of them there is, is the service's own affair.
TAKERS = ("add_song", "take_song")


@pytest.fixture
def gate():
    """Looks end only once it is opened."""
    opened = threading.Event()
    yield opened
    opened.set()


@pytest.fixture
def busy_server(tmp_path, gate, monkeypatch):
    """A server on which nobody's file is looked at before the gate is open, and no request waits for that."""
    for room, name in [(handing_in, "add_song"), *((uploads, name) for name in TAKERS if hasattr(uploads, name))]:
        real = getattr(room, name)
        monkeypatch.setattr(room, name, lambda *values, real=real: gate.wait(60) and real(*values))
    settings = AppSettings(data_dir=tmp_path)
    app = create_app(settings)
    reception = app.extensions[handing_in.RECEPTION]
    reception.settings = replace(reception.settings, answer_within_s=0.0)
    listener = listen("127.0.0.1", 0)
    server = make_server(app, listener, settings, False)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield SimpleNamespace(url=f"http://127.0.0.1:{listener.getsockname()[1]}")
    gate.set()
    server.close()
    thread.join(15)


def test_an_upload_waits_and_goes_on_by_itself(visit, busy_server, gate, song):
    wizard = visit(busy_server)
    wizard.page.goto("/music")
    wizard.page.wait_for_load_state()
    wizard.page.locator("input[type=file]").set_input_files(song)
    expect(wizard.page.locator("[data-upload-message]")).to_contain_text("Checking it")
    gate.set()
    expect(wizard.page.locator("audio[src]")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_form_waits_and_goes_on_by_itself(visit, busy_server, gate, song, scripts):
    wizard = visit(busy_server, java_script_enabled=False)
    wizard.page.goto("/music")
    wizard.upload(song)
    expect(wizard.heading("The file is being checked")).to_be_visible()
    if scripts:
        cookies = wizard.page.context.cookies()
        address = wizard.page.url
        wizard.page.close()
        wizard = visit(busy_server)
        wizard.page.context.add_cookies(cookies)
        wizard.page.goto(address)
        expect(wizard.heading("The file is being checked")).to_be_visible()
    gate.set()
    expect(wizard.page.locator("audio[src]")).to_be_visible()
