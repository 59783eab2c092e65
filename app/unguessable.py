"""Texts that nobody guesses: for sessions, codes, links and tokens. Whoever has one has the text; here only its hash is kept."""

from __future__ import annotations

import hashlib
import secrets

#: Of chance in a text: 256 bits (OWASP ASVS 3.2.2 asks for 64).
CHANCE_BYTES = 32


def new_token() -> str:
    """A text that nobody guesses, for addresses, cookies and headers."""
    return secrets.token_urlsafe(CHANCE_BYTES)


def hash_of(token: str) -> str:
    """What is kept of it. Its chance is large enough for a quick hash; looking it up compares hashes, so no time tells of it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
