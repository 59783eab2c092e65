"""A model on this machine: what is told where it can't be had, and the real one where the package and a model are there."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from core.errors import InputError, MissingError
from live.conversation.local_mind import LocalMind, LocalSettings
from live.conversation.mind import Turn

#: A model for the last test, for whoever has one: `BELCANTO_TEST_GGUF=model.gguf`.
MODEL = os.environ.get("BELCANTO_TEST_GGUF", "")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF" + bytes(100))
    return path


def test_without_the_package_a_sentence_says_what_brings_it(file, monkeypatch):
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(MissingError) as missing:
        LocalMind(LocalSettings(file))
    assert missing.value.message.code == "live.no_xllamacpp" and "install" in str(missing.value)


def test_files_that_are_no_models(file, tmp_path):
    file.write_bytes(b"PK\x03\x04")
    for path, code in (
        (file, "live.model_is_no_gguf"),
        (tmp_path / "none.gguf", "live.model_unreadable"),
        (tmp_path, "live.model_unreadable"),
    ):
        with pytest.raises(InputError) as refused:
            LocalMind(LocalSettings(path))
        assert refused.value.message.code == code


@pytest.mark.slow
def test_a_damaged_model_is_told(file):
    pytest.importorskip("xllamacpp")
    with pytest.raises(InputError) as refused:
        LocalMind(LocalSettings(file)).reply((Turn("user", "Hello"),))
    assert refused.value.message.code == "live.model_unloadable"


@pytest.mark.slow
def test_a_real_model_answers_as_it_streams():
    pytest.importorskip("xllamacpp")
    if not MODEL:
        pytest.skip("BELCANTO_TEST_GGUF names no model")
    mind = LocalMind(LocalSettings(Path(MODEL), context_tokens=1024, most_tokens=8))
    pieces = list(mind.reply((Turn("system", "You are Aria."), Turn("user", "Hello, who are you?"))))
    assert len(pieces) > 2 and "".join(pieces).strip()
    mind.close()
