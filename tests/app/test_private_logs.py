"""What a person does leaves no word of it in logs, figures and names of files: titles, texts, names of files, addresses."""

from __future__ import annotations

import io
import logging

import pytest
from PIL import Image

from app.context import EXTENSION, PERSON_COOKIE
from app.job_wiring import make_queue
from app.models import new_id
from app.worker import make_worker
from tests.app.api_client import ApiClient
from tests.app.test_erasure import wait_for

pytestmark = pytest.mark.long

TITLE, FILE, TEXT, ALBUM, SEARCH = "Zebrafinkenlied", "Quastenflosser", "Okapitraum spricht", "Schuppentiere", "Wombatwort"
ADDRESS = "203.0.113.77"


@pytest.fixture
def logged():
    """All that any logger says, as it would be written."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    quiet = {name: logging.getLogger(name).level for name in ("sqlalchemy", "PIL", "matplotlib", "numba", "huey", "alembic")}
    for name in quiet:  # what their makers log for themselves is off in every way of serving
        logging.getLogger(name).setLevel(logging.WARNING)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)
    for name, before in quiet.items():
        logging.getLogger(name).setLevel(before)


@pytest.mark.slow
def test_a_whole_way_leaves_no_word(app, settings, database, session, person_id, song_path, picture_path, logged, capfd):
    database.announce = app.extensions[EXTENSION].database.announce = make_queue(settings).announce
    api = ApiClient(app, person_id)
    api.http.environ_base["REMOTE_ADDR"] = ADDRESS
    song = api.post("/songs", data={"file": (song_path.open("rb"), f"{TITLE}.mp3")}).json
    picture = api.post("/pictures", data={"file": (picture_path.open("rb"), f"{FILE}.jpg")}).json
    blank = io.BytesIO()
    Image.new("RGB", (300, 300), (200, 30, 30)).save(blank, "PNG")
    refused = api.post("/pictures", data={"file": (io.BytesIO(blank.getvalue()), f"{FILE}.png")})
    broken = api.post("/songs", data={"file": (io.BytesIO(b"RIFF" + bytes(400)), f"{TITLE}.wav")})
    assert broken.status_code in (415, 422) and refused.status_code in (201, 422)
    order = {"song_id": song["id"], "picture_id": picture["id"], "options": {"height": 128, "start_s": 4.0, "duration_s": 1.0}}
    film = api.post("/films", {**order, "title": TITLE}).json["film"]
    spoken = api.post("/works", {"kind": "text_to_film", "inputs": {"portrait": picture["id"]}, "options": {"text": TEXT}})
    assert spoken.status_code == 202
    album = api.post("/albums", {"title": ALBUM}).json
    api.post(f"/albums/{album['id']}/add", {"works": [film["id"]]})
    assert api.get(f"/songs?q={SEARCH}").status_code == 200
    api.get(f"/films/{new_id()}")
    worker = make_worker(settings, database, make_queue(settings))
    worker.start()
    try:
        wait_for(lambda: api.get(f"/films/{film['id']}").json["job"]["state"] in ("done", "failed"))
    finally:
        worker.stop()
    assert api.get(f"/films/{film['id']}").json["job"]["state"] == "done"
    client = app.test_client()
    client.set_cookie(PERSON_COOKIE, app.extensions[EXTENSION].people.dumps(person_id))
    figures = client.get("/metrics").text
    names = "\n".join(str(path.relative_to(settings.data_dir)) for path in settings.data_dir.rglob("*"))
    printed = capfd.readouterr()
    said = logged.getvalue()
    assert "begins" in said and film["id"] in names and "belcanto" in figures
    for place, content in (("log", said), ("figures", figures), ("names", names), ("out", printed.out), ("err", printed.err)):
        for word in (TITLE, FILE, TEXT, ALBUM, SEARCH, ADDRESS, person_id):
            assert word.casefold() not in content.casefold(), f"{word} stands in the {place}"
