"""A notice's words, encrypted so that only the visitor's browser reads them (RFC 8291), and who sends it, signed (RFC 8292)."""

from __future__ import annotations

import base64
import binascii
import json
import os
import struct
import time
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import InputError

CURVE = ec.SECP256R1()
#: Of a point on the curve, uncompressed, in bytes; of the browser's secret; of the salt.
POINT_BYTES, SECRET_BYTES, SALT_BYTES = 65, 16, 16
#: RFC 8188's record: one is enough.
RECORD_BYTES = 4096
#: How long a signature holds, in seconds; RFC 8292 allows a day.
SIGNED_S = 12 * 3600


@dataclass(frozen=True)
class BrowserKeys:
    """What a browser gave to encrypt for it. point: its public key, 65 bytes. secret: 16 bytes that only it and we know."""

    point: bytes
    secret: bytes

    @classmethod
    def from_text(cls, p256dh: str, auth: str) -> BrowserKeys:
        """As browsers name and write them, in base64url. Raises InputError for what is no such key."""
        try:
            keys = cls(unwritten(p256dh), unwritten(auth))
            ec.EllipticCurvePublicKey.from_encoded_point(CURVE, keys.point)
        except (ValueError, binascii.Error, InvalidKey) as error:
            raise InputError("app.notice_keys_unreadable") from error
        if len(keys.point) != POINT_BYTES or len(keys.secret) != SECRET_BYTES:
            raise InputError("app.notice_keys_unreadable")
        return keys


def written(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unwritten(text: str) -> bytes:
    """The bytes again. Raises ValueError for what is no base64url."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def encrypted(words: bytes, keys: BrowserKeys) -> bytes:
    """A body of Content-Encoding aes128gcm for that browser: salt, size of a record, our public key, one record."""
    own = ec.generate_private_key(CURVE)
    own_point, salt = point_of(own.public_key()), os.urandom(SALT_BYTES)
    shared = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, keys.point))
    material = derived(keys.secret, shared, b"WebPush: info\0" + keys.point + own_point, 32)
    key = derived(salt, material, b"Content-Encoding: aes128gcm\0", 16)
    nonce = derived(salt, material, b"Content-Encoding: nonce\0", 12)
    record = AESGCM(key).encrypt(nonce, words + b"\x02", None)
    return salt + struct.pack("!IB", RECORD_BYTES, POINT_BYTES) + own_point + record


def derived(salt: bytes, material: bytes, purpose: bytes, length: int) -> bytes:
    """HKDF with SHA-256 (RFC 5869)."""
    return HKDF(hashes.SHA256(), length, salt, purpose).derive(material)


def point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    """The public key as an uncompressed point, 65 bytes."""
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


@dataclass(frozen=True)
class Sender:
    """Who sends: the server's own key, by which a browser let itself be reached, and how its operator is reached."""

    key: ec.EllipticCurvePrivateKey
    contact: str

    @classmethod
    def from_file(cls, path: Path, contact: str) -> Sender:
        """With the key of a PEM file. Raises InputError where the file holds no private key of P-256."""
        try:
            key = serialization.load_pem_private_key(path.read_bytes(), None)
        except (OSError, ValueError, TypeError) as error:
            raise InputError("app.notice_key_file_unreadable", path=str(path)) from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise InputError("app.notice_key_file_unreadable", path=str(path))
        return cls(key, contact)

    @property
    def public_key(self) -> str:
        """What a browser is given (`applicationServerKey`)."""
        return written(point_of(self.key.public_key()))

    def signed(self, audience: str) -> str:
        """The `Authorization` header for the push service at that origin: a token signed by ES256 (RFC 7515)."""
        claims = {"aud": audience, "exp": int(time.time()) + SIGNED_S, "sub": self.contact}
        parts = ({"typ": "JWT", "alg": "ES256"}, claims)
        text = ".".join(written(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
        r, s = decode_dss_signature(self.key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return f"vapid t={text}.{written(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}, k={self.public_key}"
