"""Passwords: kept by argon2id, accepted by what NIST SP 800-63B asks for: length, and none of those that everybody takes.

Parameters: OWASP's "Password Storage Cheat Sheet", argon2id with 19 MiB, two passes, one lane. What was kept by others is kept
anew when its owner signs in. There are no rules of composition and no expiry, as NIST asks.
"""

from __future__ import annotations

import re
import secrets
import threading
import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.errors import Refused

#: In characters; longer ones than the most would only let a stranger keep the processor busy.
SHORTEST, LONGEST = 12, 256
#: How many are worked on at the same time: each takes 19 MiB and a core.
AT_ONCE = 4
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
COMMON = Path(__file__).with_name("common_passwords.txt")
#: Rows of keys and signs that people run their fingers along.
RUNS = (
    *("abcdefghijklmnopqrstuvwxyz", "0123456789", "1234567890"),
    *(
        "qwertyuiop",
        "qwertzuiop",
        "azertyuiop",
        "asdfghjkl",
        "zxcvbnm",
        "yxcvbnm",
        "1q2w3e4r5t6z7u8i9o0p",
        "1q2w3e4r5t6y7u8i9o0p",
    ),
)
#: Signs that are put at a word's ends to make it longer.
TRIMMINGS = re.compile(r"^[\W\d_]+|[\W\d_]+$")
#: Digits and signs that stand for letters.
LETTERS = str.maketrans("013457@$!", "oieastasi")

_turns = threading.BoundedSemaphore(AT_ONCE)


def normal(password: str) -> str:
    """The password however the keyboard composed its signs (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def check_new(password: str, *names: str) -> None:
    """Raises Refused for a password that is too short or long, or that guessers try first. names: what they know of the owner."""
    password = normal(password)
    if len(password) < SHORTEST:
        raise Refused("app.password_too_short", least=SHORTEST)
    if len(password) > LONGEST:
        raise Refused("app.password_too_long", most=LONGEST)
    if is_common(password, *names):
        raise Refused("app.password_common")


def is_common(password: str, *names: str) -> bool:
    """Whether it is among those that everybody takes, also with signs about it, repeated, or made of a run of keys."""
    folded = normal(password).casefold()
    known = common() | {part for name in names for part in {name.casefold(), name.casefold().partition("@")[0]} if len(part) > 3}
    plain = TRIMMINGS.sub("", folded)
    tried = {folded, plain, unit_of(folded), unit_of(plain), folded.translate(LETTERS), unit_of(plain.translate(LETTERS))}
    tried |= {TRIMMINGS.sub("", each) for each in tried}
    if len(set(folded)) < 4 or tried & known or is_run(folded) or is_run(plain):
        return True
    return not plain and is_date(folded)


def unit_of(text: str) -> str:
    """What the text repeats; itself where it repeats nothing."""
    found = re.fullmatch(r"(.+?)\1+", text, re.DOTALL)
    return found[1] if found else text


def is_run(text: str) -> bool:
    """Whether the text is nothing but rows of keys, forwards or back, each of three signs at least, but for the last."""
    rows = [row for run in RUNS for row in (run * 3, run[::-1] * 3)]
    if len(text) < 3:
        return False
    while text:
        length = max((size for row in rows for size in range(min(3, len(text)), len(text) + 1) if text[:size] in row), default=0)
        if not length:
            return False
        text = text[length:]
    return not text


def is_date(text: str) -> bool:
    """Whether the text is one date or two, with what stands between their numbers."""
    return re.fullmatch(r"(\d{1,4}[\W_]?\d{1,2}[\W_]?\d{2,4}[\W_]*){1,2}", text) is not None


@cache
def common() -> frozenset[str]:
    """Passwords and words that guessers try first, folded."""
    lines = COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def hashed(password: str) -> str:
    """What is kept of it."""
    with _turns:
        return HASHER.hash(normal(password))


@cache
def nobodys(hasher: PasswordHasher) -> str:
    """A hash that no password has, for names that are not there: looking takes that hasher as long for them."""
    return hasher.hash(secrets.token_hex(32))


def fits(kept: str | None, password: str) -> bool:
    """Whether the password is the one that was kept. It takes as long where nothing was; compared in constant time."""
    with _turns:
        try:
            return HASHER.verify(kept or nobodys(HASHER), normal(password)[: LONGEST + 1]) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(kept: str) -> bool:
    """Whether it was kept by other parameters than today's."""
    return HASHER.check_needs_rehash(kept)
