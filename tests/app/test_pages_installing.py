"""The pages as an installed program: manifest, service worker, the page without a network, files that other programs share."""

from __future__ import annotations

import gzip
import io
import json
import re

import pytest
from PIL import Image
from sqlalchemy import select

from app.models import Picture
from app.pages.installing import BAR, GROUND
from app.static_files import static_version
from core.places import ROOT

OWN_SYSTEM = {"Sec-Fetch-Site": "none", "Accept-Language": "en"}


def share(client, *files, headers=OWN_SYSTEM):
    return client.post("/share", data={"files": list(files)}, headers=headers)


@pytest.fixture
def portrait(root_dir):
    return (root_dir / "demo" / "portrait.jpg").read_bytes()


def test_the_manifest_speaks_the_language_of_its_address(client):
    english, german = (json.loads(client.get(f"/manifest.webmanifest?lang={code}").text) for code in ("en", "de"))
    assert (english["lang"], german["lang"]) == ("en", "de")
    assert english["shortcuts"][0]["name"] == "New film" and german["shortcuts"][0]["name"] == "Neuer Film"
    assert client.get("/manifest.webmanifest?lang=xx", headers={"Accept-Language": "de"}).json["lang"] == "de"


def test_the_manifests_icons_are_of_the_sizes_that_it_tells(client):
    icons = client.get("/manifest.webmanifest").json["icons"]
    assert {icon["purpose"] for icon in icons} == {"any", "maskable"}
    for icon in icons:
        with Image.open(io.BytesIO(client.get(icon["src"]).data)) as picture:
            assert f"{picture.width}x{picture.height}" == icon["sizes"] and picture.format == "PNG"


def test_the_manifests_colours_are_those_of_the_tokens():
    tokens = (ROOT / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
    assert f"--ground: {GROUND};" in tokens and f"--sunk: {BAR};" in tokens


def test_the_pages_lead_to_the_manifest_and_the_service_worker(client):
    page = client.get("/", headers={"Accept-Language": "de"}).text
    assert 'rel="manifest" href="/manifest.webmanifest?lang=de"' in page and 'data-worker="/service-worker.js?lang=de"' in page


def test_all_addresses_lie_below_where_the_application_is_mounted(app):
    below = app.test_client()
    told = below.get("/manifest.webmanifest", base_url="http://localhost/songs/").json
    assert told["start_url"] == told["scope"] == "/songs/" and told["share_target"]["action"] == "/songs/share"
    assert '"offline": "/songs/offline' in below.get("/service-worker.js", base_url="http://localhost/songs/").text


def test_the_service_worker_keeps_files_that_are_there_and_nothing_else(client):
    answer = client.get("/service-worker.js?lang=en")
    assert answer.mimetype == "text/javascript" and answer.headers["Cache-Control"] == "no-cache"
    told = json.loads(re.match(r"const told = (\{.*\});", answer.text)[1])
    assert all(client.get(path).status_code == 200 for path in (told["offline"], *told["files"]))
    assert all(any(path.startswith(folder) for folder in told["folders"]) for path in told["files"])


def test_what_is_kept_changes_with_any_file(tmp_path):
    (tmp_path / "a.css").write_text("a { }")
    before = static_version(tmp_path)
    static_version.cache_clear()
    (tmp_path / "a.css").write_text("b { }")
    assert static_version(tmp_path) != before
    static_version.cache_clear()


def test_nothing_of_the_visitor_stands_on_the_page_without_a_network(client):
    page = client.get("/offline?lang=de").text
    assert "Keine Verbindung" in page and "csrf" not in page and "<form" not in page


def test_files_are_sent_compressed_to_who_takes_that(client):
    packed = client.get("/static/css/belcanto.css", headers={"Accept-Encoding": "gzip"})
    plain = client.get("/static/css/belcanto.css", headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in packed.headers["Vary"]
    assert gzip.decompress(packed.data) == plain.data and "Content-Encoding" not in plain.headers
    again = client.get("/static/css/belcanto.css", headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]})
    assert again.status_code == 304 and packed.headers["ETag"] != plain.headers["ETag"]
    bootstrap = client.get("/bootstrap/static/css/bootstrap.min.css", headers={"Accept-Encoding": "gzip"})
    assert len(bootstrap.data) < 40_000
    assert "Content-Encoding" not in client.get("/static/img/icon-512.png", headers={"Accept-Encoding": "gzip"}).headers


def test_a_song_and_a_picture_that_are_shared_are_chosen(client, song_path, portrait):
    answer = share(client, (io.BytesIO(song_path.read_bytes()), "tune.mp3"), (io.BytesIO(portrait), "face.jpg", "image/jpeg"))
    assert answer.status_code == 303
    assert re.fullmatch(r"/image\?song=[0-9a-f]{32}&picture=[0-9a-f]{32}", answer.location)
    assert client.get(answer.location).status_code == 200


def test_what_can_not_be_used_is_told_on_the_step_where_it_belongs(client):
    answer = share(client, (io.BytesIO(b"no picture"), "face.jpg", "image/jpeg"))
    assert answer.location == "/image"
    assert 'role="alert"' in client.get("/image").text
    assert share(client, (io.BytesIO(b"text"), "a.txt", "text/plain")).location == "/"


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}])
def test_another_sites_form_shares_nothing(app, client, portrait, database, headers):
    app.config["WTF_CSRF_ENABLED"] = True
    answer = share(client, (io.BytesIO(portrait), "face.jpg", "image/jpeg"), headers={"Accept-Language": "en", **headers})
    assert answer.status_code == 422 and "own device" in answer.text
    with database.session() as session:
        assert session.scalar(select(Picture.id)) is None


def test_the_visitors_system_needs_no_mark(app, client, portrait):
    app.config["WTF_CSRF_ENABLED"] = True
    assert share(client, (io.BytesIO(portrait), "face.jpg", "image/jpeg")).location.startswith("/image?picture=")
