"""A time stamp by a local authority (RFC 3161, `openssl ts`): it is in the signature, and told; without one, nothing is asked."""

from __future__ import annotations

import shutil
import subprocess
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from core.errors import InputError
from provenance.account import Account
from provenance.identity import Identity, new_key_and_chain
from provenance.reading import read_manifest
from provenance.signing import sign_film
from tests.provenance.test_reading import without_manifest

SETTINGS = """
[tsa]
default_tsa = tsa1
[tsa1]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
certs = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
clock_precision_digits = 0
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


EXTENSIONS = """
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


def openssl(*arguments, **more):
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, **more).stdout


@pytest.fixture
def authority(tmp_path):
    """The address of a time-stamp authority on this machine, and what it was asked."""
    (tmp_path / "serial").write_text("01")
    (tmp_path / "tsa.cnf").write_text(SETTINGS.format(folder=tmp_path))
    ca = ("-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/O=Belcanto tests/CN=root", "-keyout", tmp_path / "ca.key")
    openssl("req", "-x509", *ca, "-out", tmp_path / "ca.pem", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    wish = ("-newkey", "rsa:2048", "-nodes", "-subj", "/O=Belcanto tests/CN=time", "-keyout", tmp_path / "tsa.key")
    openssl("req", "-new", *wish, "-out", tmp_path / "tsa.csr")
    (tmp_path / "tsa.ext").write_text(EXTENSIONS)
    signed_by = ("-CA", tmp_path / "ca.pem", "-CAkey", tmp_path / "ca.key", "-CAcreateserial", "-days", "2", "-sha256")
    openssl(
        "x509", "-req", "-in", tmp_path / "tsa.csr", *signed_by, "-extfile", tmp_path / "tsa.ext", "-out", tmp_path / "tsa.pem"
    )
    asked = []

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self):
            (tmp_path / "query").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(self.path)
            answer = openssl("ts", "-reply", "-config", tmp_path / "tsa.cnf", "-queryfile", tmp_path / "query")
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/tsa", asked
    server.shutdown()
    server.server_close()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the authority is made by openssl")
def test_it_is_asked_for_and_told(film, tmp_path, authority):
    address, asked = authority
    plain = Identity(*new_key_and_chain())
    for stamped in (False, True):
        path = tmp_path / "film.mp4"
        path.write_bytes(without_manifest(bytearray(film.read_bytes())))
        sign_film(path, ".mp4", Account("sing", number="0" * 12), replace(plain, timestamp_server=address) if stamped else plain)
        found = read_manifest(path)
        assert found.state == "unchanged", found.codes
        assert bool(asked) is stamped
        assert bool(found.signed_at) is stamped


def test_where_none_answers_the_film_is_not_kept(film, tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(without_manifest(bytearray(film.read_bytes())))
    nobody = replace(Identity(*new_key_and_chain()), timestamp_server="http://127.0.0.1:9/tsa")
    with pytest.raises(InputError, match="could not be signed"):
        sign_film(path, ".mp4", Account("sing"), nobody)
    assert [each.name for each in tmp_path.iterdir()] == ["film.mp4"]
