"""What was made of a model file: taken only as it was written."""

from __future__ import annotations

import pytest

from core.errors import MissingError
from weights import checking
from weights.converted import has_converted, note_of, write_converted

CONTENT = b"a graph" * 1000


@pytest.fixture
def converted(tmp_path, monkeypatch):
    path = tmp_path / "network.onnx"
    write_converted(path, CONTENT, "network")
    monkeypatch.setattr(checking, "_right", {})  # as another process finds it
    return path


def test_what_was_written_is_taken(converted, tmp_path):
    assert has_converted(converted) and converted.read_bytes() == CONTENT
    assert {path.name for path in tmp_path.iterdir()} == {converted.name, note_of(converted).name}


@pytest.mark.parametrize("damage", [lambda content: content[:-1], lambda content: b"A" + content[1:], lambda content: b""])
def test_what_was_changed_since_is_not(converted, damage):
    assert has_converted(converted)
    converted.write_bytes(damage(CONTENT))
    assert not has_converted(converted)


@pytest.mark.parametrize("note", ["", "0" * 64, "\xff"])
def test_a_note_that_does_not_fit_or_lacks(converted, note):
    note_of(converted).write_text(note, encoding="latin-1")
    assert not has_converted(converted)
    note_of(converted).unlink()
    assert not has_converted(converted)


def test_none_is_there(tmp_path):
    assert not has_converted(tmp_path / "network.onnx")


def test_a_folder_that_takes_no_file_is_said(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(MissingError):
        write_converted(tmp_path / "file" / "network.onnx", CONTENT, "network")
