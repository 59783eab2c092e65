"""Passwords: how they are kept, and which are not taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from argon2 import PasswordHasher, extract_parameters

from app.accounts import passwords
from app.accounts.passwords import check_new, fits, hashed, is_outdated
from app.accounts.service import by_password
from app.errors import Refused
from tests.app.accounts.conftest import NAME, PASSWORD


@pytest.fixture
def real_hasher(monkeypatch):
    """As the program keeps them."""
    made = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
    monkeypatch.setattr(passwords, "HASHER", made)
    return made


def test_they_are_kept_by_argon2id_as_owasp_asks(real_hasher):
    kept = hashed(PASSWORD)
    found = extract_parameters(kept)
    assert (found.type.name, found.memory_cost, found.time_cost, found.parallelism) == ("ID", 19_456, 2, 1)
    assert fits(kept, PASSWORD) and not fits(kept, PASSWORD + " ") and not fits(None, PASSWORD) and kept != hashed(PASSWORD)


def test_the_program_has_those_parameters():
    source = Path(passwords.__file__).read_text(encoding="utf-8")
    assert "PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)" in source


def test_what_was_kept_by_less_is_kept_anew(session, sign_up, account_of, monkeypatch):
    sign_up()
    before = account_of().password_hash
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    assert is_outdated(before) and by_password(session, NAME, PASSWORD) is not None
    after = account_of().password_hash
    assert after != before and not is_outdated(after) and by_password(session, NAME, PASSWORD) is not None


def test_signs_are_the_same_however_they_were_typed():
    assert fits(hashed("fju\u0308r immer neu"), "fj\u00fcr immer neu")


@pytest.mark.parametrize(
    "password",
    [
        *("passwordpassword", "Password1234!", "P@ssw0rd2024!!", "letmein12345", "iloveyou1234", "belcanto2026!", "sunshine2024"),
        *("123456789012", "qwertyuiop12", "aaaaaaaaaaaa", "abcabcabcabc", "19841203 19841203", "anna.schmidt1", "geheim!!!!!!!"),
    ],
)
def test_what_guessers_try_first_is_refused(password):
    with pytest.raises(Refused, match="Guessers try"):
        check_new(password, "anna.schmidt@example.org")


@pytest.mark.parametrize(
    "password", ["correct horse battery", "tusche wiegt ohne korb", "zebrawolkeneun", "kJ8#mVq2Lx0p", "ねこはしろいかべでねむる"]
)
def test_long_ones_without_rules_are_taken(password):
    check_new(password, "anna")


@pytest.mark.parametrize("password", ["elevensigns", "x y z " * 50])
def test_the_length_has_bounds(password):
    with pytest.raises(Refused):
        check_new(password)


def test_a_name_that_is_not_there_takes_as_long(session, sign_up, monkeypatch):
    """The same work is done for it: a hash is made either way."""
    sign_up()
    tried = []
    verify = PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda self, kept, given: tried.append(kept[:20]) or verify(self, kept, given))
    assert by_password(session, NAME, "wrong") is None and by_password(session, "Nobody", "wrong") is None
    assert len(tried) == 2 and tried[0] == tried[1]
