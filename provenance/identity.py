"""Who signs: a key (ECDSA on P-256, SHA-256) with its chain of certificates, made at the first film or an organisation's own.

The chain is of the form that C2PA asks for (C2PA 2.x, "Certificate profile"): a root of this installation and one certificate
for signing, valid for ten years. An organisation names its own by `BELCANTO_SIGNING_KEY_FILE` and
`BELCANTO_SIGNING_CERTIFICATE_FILE`, both PEM, the chain with the signer's certificate first.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InputError
from core.file_lock import EntryLock
from provenance.places import private_folder, write_private

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate, Name

KEY_VARIABLE, CERTIFICATE_VARIABLE = "BELCANTO_SIGNING_KEY_FILE", "BELCANTO_SIGNING_CERTIFICATE_FILE"
TIMESTAMP_VARIABLE = "BELCANTO_TIMESTAMP_SERVER"
VALID_DAYS = 3650
#: Name of the file that holds key and chain, so that both are there or none.
IDENTITY_NAME, IDENTITY_LOCK = "identity.pem", "identity.lock"
#: Folder of the chains, without keys, by which films were ever signed here.
SIGNERS = "signers"
BEGIN_CERTIFICATE = "-----BEGIN CERTIFICATE-----"
END_OF_KEY = "-----END PRIVATE KEY-----\n"


@dataclass(frozen=True)
class Identity:
    """Who signs. key: PKCS #8 in PEM. chain: certificates in PEM, the signer's first, the root last. algorithm: C2PA's name."""

    key: str = field(repr=False)
    chain: str
    algorithm: str = "es256"
    timestamp_server: str | None = None


def signing_identity(environment: Mapping[str, str] = os.environ) -> Identity:
    """The organisation's own key where the environment names one, else this installation's, made where it lacks.

    Raises `InputError` where one of the files can't be read, or key and certificate don't belong together.
    """
    server = environment.get(TIMESTAMP_VARIABLE) or None
    if server is not None and not server.startswith(("http://", "https://")):
        raise InputError("provenance.no_timestamp_server", address=server)
    key_file, chain_file = environment.get(KEY_VARIABLE, ""), environment.get(CERTIFICATE_VARIABLE, "")
    if bool(key_file) != bool(chain_file):
        raise InputError("provenance.key_without_certificate")
    if not key_file:
        key, chain = own_key_and_chain()
        return Identity(key, chain, timestamp_server=server)
    key, chain = read_pem(Path(key_file)), read_pem(Path(chain_file))
    return Identity(key, chain, algorithm_of(key, chain), server)


def remember_signer(identity: Identity) -> None:
    """Keep the chain, without the key, by which films are known again after another key has taken its place. Raises OSError."""
    folder = private_folder() / SIGNERS
    path = folder / f"{hashlib.sha256(identity.chain.encode()).hexdigest()[:32]}.pem"
    if not path.exists():
        folder.mkdir(exist_ok=True)
        write_private(path, identity.chain.encode("ascii"))


def known_chains() -> list[str]:
    """The chains by which films were ever signed here, PEM. Raises OSError."""
    return [path.read_text(encoding="ascii") for path in sorted((private_folder(make=False) / SIGNERS).glob("*.pem"))]


def known_signers() -> frozenset[str]:
    """The numbers of the certificates by which films were ever signed here. Raises OSError."""
    from cryptography import x509

    return frozenset(str(x509.load_pem_x509_certificate(chain.encode()).serial_number) for chain in known_chains())


def trusted_roots() -> str:
    """The last certificates of those chains, PEM; empty: no film was signed here yet. Raises OSError."""
    return "".join(sorted({chain[chain.rindex(BEGIN_CERTIFICATE) :] for chain in known_chains()}))


def read_pem(path: Path) -> str:
    """The file's text. Raises `InputError`."""
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("provenance.key_unreadable", path=path, reason=error) from error


def algorithm_of(key: str, chain: str) -> str:
    """C2PA's name of the key's algorithm. Raises `InputError` for a key that films can't be signed with."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        private = load_pem_private_key(key.encode(), None)
        signer = x509.load_pem_x509_certificate(chain.encode())
    except (ValueError, TypeError) as error:
        raise InputError("provenance.key_unreadable", path="PEM", reason=error) from error
    if private.public_key() != signer.public_key():
        raise InputError("provenance.key_of_another_certificate")
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return "ed25519"
    names = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
    name = names.get(private.curve.name) if isinstance(private, ec.EllipticCurvePrivateKey) else None
    if name is None:
        raise InputError("provenance.key_of_no_use")
    return name


def own_key_and_chain() -> tuple[str, str]:
    """Key and chain of this installation; two processes that make their first films at the same time get the same.

    Raises `InputError` where the private folder can't be used.
    """
    try:
        path = private_folder() / IDENTITY_NAME
        if not path.exists():
            with EntryLock(path.with_name(IDENTITY_LOCK)) as lock:
                lock.own(lambda: None)
                if not path.exists():
                    write_private(path, "".join(new_key_and_chain()).encode("ascii"))
        key, _, chain = path.read_text(encoding="ascii").partition(END_OF_KEY)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("provenance.key_unreadable", path=private_folder(make=False), reason=error) from error
    return key + END_OF_KEY, chain


def new_key_and_chain() -> tuple[str, str]:
    """A new key, and its chain up to a new root whose own key is forgotten: nobody can sign another certificate by it."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = certificate("Belcanto, this installation", "Belcanto, this installation", root_key, root_key)
    signer = certificate("Belcanto, films", "Belcanto, this installation", key, root_key)
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    chain = signer.public_bytes(pem) + root.public_bytes(pem)
    return private.decode("ascii"), chain.decode("ascii")


def certificate(subject: str, issuer: str, key: EllipticCurvePrivateKey, issued_by: EllipticCurvePrivateKey) -> Certificate:
    """A certificate of C2PA's profile: a root where the key is signed by itself, else one for signing files alone."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID

    root, begin = key is issued_by, datetime.now(UTC) - timedelta(hours=1)
    names = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only")
    uses = {"digital_signature": not root, "key_cert_sign": root, "crl_sign": root, **dict.fromkeys(names, False)}
    builder = (
        x509.CertificateBuilder()
        .subject_name(named(subject))
        .issuer_name(named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=VALID_DAYS))
        .add_extension(x509.BasicConstraints(ca=root, path_length=0 if root else None), critical=True)
        .add_extension(x509.KeyUsage(**uses), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if not root:
        issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(issued_by.public_key())
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])  # the one that every C2PA reader takes
        builder = builder.add_extension(issuer_id, critical=False).add_extension(usage, critical=False)
    return builder.sign(issued_by, hashes.SHA256())


def named(name: str) -> Name:
    """A name in a certificate."""
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    organisation = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Belcanto")
    return x509.Name([organisation, x509.NameAttribute(NameOID.COMMON_NAME, name)])
