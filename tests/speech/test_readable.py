"""Languages that can't be read here are known before anybody orders something in them."""

from __future__ import annotations

import pytest

from core.errors import InputError, MissingError
from speech import readable
from speech.languages.espeak import ESPEAK_VOICES, Espeak


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A machine on which nothing is installed that reads."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(readable, "find_spec", lambda name: None)


def test_what_is_missing_is_what_the_voice_would_miss(bare):
    missing = readable.unreadable_languages()
    assert set(missing) == {*ESPEAK_VOICES, "zh"} & set(readable.LANGUAGES)
    with pytest.raises(MissingError) as later:
        Espeak("es")
    assert missing["es"].as_json() == later.value.message.as_json()


def test_where_all_is_there_nothing_is_missing(monkeypatch):
    monkeypatch.setattr(readable, "find_spec", lambda name: object())
    monkeypatch.setattr(readable.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert readable.unreadable_languages() == {}


def test_a_voice_reads_its_own_language_where_none_is_named(bare):
    assert readable.unreadable_for("ef_dora", None) is not None
    assert readable.unreadable_for("ef_dora", "en-US") is None
    assert readable.unreadable_for("af_heart", "fr").values["language"] == "fr"
    with pytest.raises(InputError):
        readable.unreadable_for("xf_nobody", None)
