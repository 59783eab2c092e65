"""The key is made once, for its owner alone; an organisation's own takes its place; wrong ones are refused."""

from __future__ import annotations

import multiprocessing
import stat

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from core.errors import InputError
from provenance.identity import (
    CERTIFICATE_VARIABLE,
    KEY_VARIABLE,
    TIMESTAMP_VARIABLE,
    new_key_and_chain,
    own_key_and_chain,
    signing_identity,
)


def first_key(folder, queue):
    import os

    os.environ["BELCANTO_SIGNING_DIR"] = str(folder)
    queue.put(own_key_and_chain())


def test_it_is_made_once_for_its_owner_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("BELCANTO_SIGNING_DIR", str(tmp_path / "signing"))
    first = signing_identity({})
    assert signing_identity({}) == first
    assert stat.S_IMODE((tmp_path / "signing").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "signing" / "identity.pem").stat().st_mode) == 0o600
    assert "PRIVATE" not in repr(first)


def test_two_processes_get_the_same(tmp_path):
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    both = [context.Process(target=first_key, args=(tmp_path / "signing", queue)) for _ in range(2)]
    for each in both:
        each.start()
    keys = [queue.get(timeout=60) for _ in both]
    for each in both:
        each.join()
    assert keys[0] == keys[1]


def test_the_certificates_are_of_the_profile():
    _, chain = new_key_and_chain()
    signer, root = x509.load_pem_x509_certificates(chain.encode())
    signer.verify_directly_issued_by(root)
    assert signer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    assert signer.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature


def written(tmp_path, key, chain):
    (tmp_path / "key.pem").write_text(key)
    (tmp_path / "chain.pem").write_text(chain)
    return {KEY_VARIABLE: str(tmp_path / "key.pem"), CERTIFICATE_VARIABLE: str(tmp_path / "chain.pem")}


def pem_of(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


def test_an_own_one_is_taken(tmp_path):
    key, chain = new_key_and_chain()
    found = signing_identity({**written(tmp_path, key, chain), TIMESTAMP_VARIABLE: "http://127.0.0.1:9/tsa"})
    assert (found.key, found.chain, found.algorithm, found.timestamp_server) == (key, chain, "es256", "http://127.0.0.1:9/tsa")


def test_wrong_ones_are_refused(tmp_path):
    _, chain = new_key_and_chain()
    given = written(tmp_path, new_key_and_chain()[0], chain)
    with pytest.raises(InputError, match="does not belong"):
        signing_identity(given)
    with pytest.raises(InputError, match="belong together"):
        signing_identity({KEY_VARIABLE: given[KEY_VARIABLE]})
    with pytest.raises(InputError, match="can't be read"):
        signing_identity({**given, KEY_VARIABLE: str(tmp_path / "none.pem")})
    with pytest.raises(InputError, match="can't be read"):
        signing_identity(written(tmp_path, "no key", chain))
    with pytest.raises(InputError, match="http"):
        signing_identity({TIMESTAMP_VARIABLE: "ftp://x"})


@pytest.mark.parametrize(
    ("key", "accepted"),
    [(ed25519.Ed25519PrivateKey.generate(), True), (rsa.generate_private_key(65537, 2048), False)],
    ids=["ed25519", "rsa"],
)
def test_kinds_of_keys(tmp_path, key, accepted):
    from datetime import UTC, datetime, timedelta

    name = x509.Name([])
    begin = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 5, begin, begin + timedelta(days=1))
    hashes = None if accepted else __import__("cryptography.hazmat.primitives.hashes", fromlist=["SHA256"]).SHA256()
    chain = builder.sign(key, hashes).public_bytes(serialization.Encoding.PEM).decode()
    given = written(tmp_path, pem_of(key), chain)
    if accepted:
        assert signing_identity(given).algorithm == "ed25519"
    else:
        with pytest.raises(InputError, match="Ed25519"):
            signing_identity(given)
