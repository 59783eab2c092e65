"""Temporary files that nobody can read on the disk."""

from __future__ import annotations

import io
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.hidden_file import HiddenFile, hidden_file


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 200), st.binary(max_size=100), st.integers(0, 250), st.integers(0, 120)), max_size=12))
def test_it_reads_and_writes_as_any_file_does(steps):
    with hidden_file() as file:
        like = io.BytesIO()
        for at, data, begin, length in steps:
            at = min(at, len(like.getvalue()))  # a hole would be no zeros
            for each in (file, like):
                each.seek(at)
                each.write(data)
                each.seek(begin)
            assert file.read(length) == like.read(length)
            assert file.tell() == like.tell()


def test_what_was_written_does_not_stand_on_the_disk(tmp_path):
    canary = b"the face of a person" * 500
    with HiddenFile(tmp_path) as file:
        file.write(canary)
        raw = os.pread(file._file.fileno(), len(canary), 0)
        assert len(raw) == len(canary) and canary[:8] not in raw
        assert list(tmp_path.iterdir()) == []  # it has no name
    with pytest.raises(ValueError):
        file.read(1)
