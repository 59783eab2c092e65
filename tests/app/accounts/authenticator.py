"""A device with passkeys, as far as WebAuthn's answers go: it signs by ES256 and tells whatever a test wants it to tell."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field

from cbor2 import dumps
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One passkey."""

    origin: str = "http://localhost"
    rp_id: str = "localhost"
    verifies: bool = True
    count: int = 1
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user: bytes = b""

    def client_data(self, kind, challenge):
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def data(self, more=b"", flags=0):
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big") + more

    def make(self, options):
        """The credential for the server's options."""
        self.user = base64url_to_bytes(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        public = dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        attestation = dumps({"fmt": "none", "attStmt": {}, "authData": self.data(attested, ATTESTED)})
        return self.answer(
            {
                "clientDataJSON": self.client_data("webauthn.create", options["challenge"]),
                "attestationObject": attestation,
            }
        )

    def sign(self, options, kind="webauthn.get"):
        """The assertion for the server's options."""
        self.count += 1
        client, data = self.client_data(kind, options["challenge"]), self.data()
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        told = {"clientDataJSON": client, "authenticatorData": data, "signature": signature, "userHandle": self.user}
        return self.answer(told)

    def answer(self, response):
        text = bytes_to_base64url(self.id)
        told = {name: bytes_to_base64url(value) for name, value in response.items()}
        return {"id": text, "rawId": text, "type": "public-key", "response": told}
