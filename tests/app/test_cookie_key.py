"""The key that signs cookies: one for all machines where it is set, else made here; none that can be guessed."""

from __future__ import annotations

import pytest

from app.settings import AppSettings
from core.errors import InputError

KEY = "0123456789abcdef0123456789abcdef"


def test_two_machines_with_one_key_know_each_other_s_visitors(tmp_path):
    one, other = (
        AppSettings.from_environment({"BELCANTO_DATA_DIR": str(tmp_path / name), "BELCANTO_COOKIE_KEY": KEY}) for name in "ab"
    )
    assert one.secret_key() == other.secret_key() == KEY and KEY not in repr(one)


def test_without_one_each_makes_its_own_and_keeps_it(tmp_path):
    one, other = (AppSettings(data_dir=tmp_path / name) for name in "ab")
    assert one.secret_key() == AppSettings(data_dir=tmp_path / "a").secret_key() != other.secret_key()


def test_a_short_one_is_refused_with_what_is_accepted():
    with pytest.raises(InputError, match=r"BELCANTO_COOKIE_KEY is too short.*32 characters"):
        AppSettings.from_environment({"BELCANTO_COOKIE_KEY": "short"})
