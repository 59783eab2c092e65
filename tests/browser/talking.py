"""The real application with a stand-in for the live process, and a browser that has a microphone of its own."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

from app import create_app
from app.handing_in import RECEPTION
from app.live.client import KEY
from app.serving.settings import ServerSettings
from app.settings import AppSettings
from tests.app.live.stand_in import standing_in
from tests.app.serving_client import serving

#: A microphone that beeps, and is given without a question; sound plays without a click.
MICROPHONE = [
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]


@contextmanager
def talking_server(folder, language="en"):
    """Gives its `url`, and `live`, the stand-in."""
    settings = AppSettings(data_dir=folder, locale=language)
    app = create_app(settings)
    reception = app.extensions[RECEPTION]
    reception.settings = replace(reception.settings, answer_within_s=120.0)  # the machine may be busy
    with standing_in() as live, serving(app, settings, ServerSettings()) as server:
        app.extensions[KEY] = live.client
        yield SimpleNamespace(url=f"http://127.0.0.1:{server.port}", live=live, app=app)
    app.extensions["belcanto"].database.close()


def add_picture(page, server, path):
    """The picture becomes one of the visitor's; its id."""
    data = {"name": path.name, "mimeType": "application/octet-stream", "buffer": path.read_bytes()}
    return page.request.post(f"{server.url}/api/v1/pictures", multipart={"file": data}).json()["id"]
