"""Notices: encrypted for one browser, signed, sent when a film is kept, and given up where the browser is gone."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app import create_app
from app.context import PERSON_COOKIE
from app.notices.encryption import CURVE, POINT_BYTES, BrowserKeys, Sender, derived, encrypted, point_of, unwritten, written
from app.notices.sending import Notices, service_at
from app.services.notices import MOST, add_address, addresses_of, remove_address
from app.settings import AppSettings
from app.worker import make_worker
from core.errors import InputError
from core.server_address import REACH_VARIABLE


class Browser:
    """A browser's side: its keys, and how it reads what came."""

    def __init__(self):
        self.key, self.secret = ec.generate_private_key(CURVE), b"sixteen secret b"

    @property
    def keys(self):
        return written(point_of(self.key.public_key())), written(self.secret)

    def read(self, body):
        """RFC 8291, section 3.4, from the receiver's end."""
        salt, length = body[:16], body[20]
        theirs, record = body[21 : 21 + length], body[21 + length :]
        assert length == POINT_BYTES and int.from_bytes(body[16:20], "big") > len(record)
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, theirs))
        material = derived(self.secret, shared, b"WebPush: info\0" + point_of(self.key.public_key()) + theirs, 32)
        nonce = derived(salt, material, b"Content-Encoding: nonce\0", 12)
        padded = AESGCM(derived(salt, material, b"Content-Encoding: aes128gcm\0", 16)).decrypt(nonce, record, None)
        words, mark, padding = padded.rpartition(b"\x02")
        assert mark and not padding.strip(b"\0")
        return json.loads(words)


@contextmanager
def push_service(status=201):
    """A push service on this machine: its address, and what it was given."""
    given = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            given.append((self.path, dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", given
    server.shutdown()
    server.server_close()


@pytest.fixture
def key_file(tmp_path):
    path, kind = tmp_path / "notices.pem", serialization.PrivateFormat.TraditionalOpenSSL
    key = ec.generate_private_key(CURVE)
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption()))
    return path


@pytest.fixture
def notified(settings, key_file, monkeypatch):
    """Settings of a server that sends notices, also to this machine."""
    monkeypatch.setenv(REACH_VARIABLE, "any")
    return replace(settings, notice_key_file=str(key_file), notice_contact="mailto:somebody@example.org")


@pytest.fixture
def sender(key_file):
    return Sender.from_file(key_file, "mailto:somebody@example.org")


def test_the_published_example_is_read(monkeypatch):
    """RFC 8291, appendix A: what the standard's authors encrypted."""
    browser = Browser()
    browser.key = ec.derive_private_key(int.from_bytes(unwritten("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"), "big"), CURVE)
    browser.secret = unwritten("BTBZMqHH6r4Tts7J_aSIgg")
    body = unwritten(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQp"
        "u6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )
    monkeypatch.setattr(json, "loads", bytes.decode)
    assert browser.read(body) == "When I grow up, I want to be a watermelon"


def test_only_that_browser_reads_it():
    browser, words = Browser(), json.dumps({"body": "Fertig: ä"}).encode()
    body = encrypted(words, BrowserKeys.from_text(*browser.keys))
    assert browser.read(body) == {"body": "Fertig: ä"}
    assert body != encrypted(words, BrowserKeys.from_text(*browser.keys))
    with pytest.raises(InvalidTag):
        Browser().read(body)


@pytest.mark.parametrize(("p256dh", "auth"), [("", ""), ("AAAA", "c2l4dGVlbiBzZWNyZXQgYg"), ("%%", "$$")])
def test_what_is_no_key_is_refused(p256dh, auth):
    with pytest.raises(InputError):
        BrowserKeys.from_text(p256dh, auth)


def test_the_signature_tells_who_sends_and_to_whom(sender):
    scheme, token, key = sender.signed("https://push.example").replace(",", "").split()
    head, claims, signature = (unwritten(part) for part in token.removeprefix("t=").split("."))
    assert scheme == "vapid" and key == f"k={sender.public_key}" and json.loads(head)["alg"] == "ES256"
    told = json.loads(claims)
    assert (told["aud"], told["sub"]) == ("https://push.example", "mailto:somebody@example.org")
    pair = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    public = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, unwritten(sender.public_key))
    public.verify(pair, token.removeprefix("t=").rpartition(".")[0].encode(), ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize("content", [b"no key", b""])
def test_a_file_without_a_key_is_told_at_the_start(settings, tmp_path, content):
    (tmp_path / "x.pem").write_bytes(content)
    with pytest.raises(InputError, match=r"x\.pem"):
        create_app(replace(settings, notice_key_file=str(tmp_path / "x.pem"), notice_contact="mailto:a@b"))


def test_a_key_without_a_contact_is_refused(tmp_path):
    with pytest.raises(InputError, match="mailto:"):
        AppSettings.from_environment({"BELCANTO_DATA_DIR": str(tmp_path), "BELCANTO_NOTICE_KEY_FILE": "x.pem"})


@pytest.mark.parametrize(
    ("endpoint", "fits"),
    [
        ("https://push.example/send/1?token=a", True),
        ("http://push.example/send/1", False),
        ("https://me:secret@push.example/1", False),
        ("https:///1", False),
        ("file:///etc/passwd", False),
        ("https://push.example:99999/1", False),
        ("https://push.example/a b", False),
    ],
)
def test_only_push_services_of_the_open_internet_are_called(endpoint, fits, monkeypatch):
    monkeypatch.delenv(REACH_VARIABLE, raising=False)
    if fits:
        assert service_at(endpoint).path == "/send/1?token=a" and service_at(endpoint).origin == "https://push.example"
    else:
        with pytest.raises(InputError):
            service_at(endpoint)


def test_a_server_of_the_own_network_is_not_called(database, settings, sender, session, film, finish_job, person_id, monkeypatch):
    finish_job(film)
    with push_service() as (url, given):
        add_address(session, person_id, url.replace("http:", "https:") + "/1", Browser().keys, "en")
        monkeypatch.delenv(REACH_VARIABLE, raising=False)
        assert Notices(database, settings, sender).tell(film.id) == 0 and given == []


@pytest.mark.parametrize(("language", "said"), [("en", "Your film is ready."), ("de", "Ihr Film ist fertig.")])
def test_the_end_of_a_film_is_told_in_the_visitors_language(database, notified, session, film, person_id, language, said):
    browser = Browser()
    store = make_worker(notified, database).store
    threads = []
    tell = store.on_ready
    store.on_ready = lambda work_id: threads.append(tell(work_id))
    with push_service() as (url, given):
        add_address(session, person_id, f"{url}/send/1?token=2", browser.keys, language)
        order = store.claim("a@x", "fair")
        order.outputs["film"].write_bytes(b"film")
        store.finish(order.job_id, "a@x", {"notes": []}, {"film": order.outputs["film"].name})
        threads[0].join(20)
    ((path, headers, body),) = given
    assert path == "/send/1?token=2" and headers["Content-Encoding"] == "aes128gcm" and int(headers["TTL"]) > 0
    assert headers["Authorization"].startswith("vapid t=")
    assert browser.read(body) == {"title": "Belcanto", "body": said, "url": f"films/{film.id}", "tag": film.id}


@pytest.mark.parametrize(("status", "left"), [(201, 1), (404, 0), (410, 0), (500, 1)])
def test_a_browser_that_is_gone_is_forgotten(database, notified, sender, session, film, finish_job, person_id, status, left):
    finish_job(film)
    with push_service(status) as (url, given):
        add_address(session, person_id, f"{url}/1", Browser().keys, "en")
        told = Notices(database, notified, sender).tell(film.id)
    session.rollback()
    assert (told, len(given), len(addresses_of(session, person_id))) == (int(status == 201), 1, left)


def test_a_person_has_so_many_browsers_and_no_more(session, person_id):
    for number in range(MOST + 2):
        add_address(session, person_id, f"https://push.example/{number}", Browser().keys, "en")
    add_address(session, person_id, f"https://push.example/{MOST + 1}", Browser().keys, "de")
    kept = addresses_of(session, person_id)
    assert len(kept) == MOST and kept[0].language == "de"
    remove_address(session, "0" * 32, kept[0].endpoint)
    assert len(addresses_of(session, person_id)) == MOST
    remove_address(session, person_id, kept[0].endpoint)
    assert len(addresses_of(session, person_id)) == MOST - 1


def test_without_a_key_there_is_neither_a_button_nor_a_door(api, film):
    page = api.http.get(f"/films/{film.id}").text
    assert "data-tell-me" in page and "data-notices" not in page
    assert api.http.post("/notices", data={"endpoint": "https://push.example/1"}).status_code == 404


def test_with_a_key_a_browser_is_told_from_then_on(notified, film, person_id, session):
    app = create_app(notified)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    client = app.test_client()
    client.set_cookie(PERSON_COOKIE, app.extensions["belcanto"].people.dumps(person_id))
    assert "data-notices" in client.get(f"/films/{film.id}").text
    p256dh, auth = Browser().keys
    fields = {"endpoint": "https://push.example/1", "p256dh": p256dh, "auth": auth}
    assert client.post("/notices", data=fields, headers={"Accept-Language": "de"}).status_code == 204
    (kept,) = addresses_of(session, person_id)
    assert (kept.endpoint, kept.language) == ("https://push.example/1", "de")
    assert client.post("/notices", data={**fields, "auth": "x"}).status_code == 422
    assert client.post("/notices/end", data=fields).status_code == 204
    session.rollback()
    assert addresses_of(session, person_id) == []
    app.extensions["belcanto"].database.close()
