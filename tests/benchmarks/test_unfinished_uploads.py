"""The load of unfinished uploads: that it is one, and that it is bounded."""

from __future__ import annotations

import json

import pytest

from app.settings import Limits
from benchmarks.unfinished_uploads import SONG_BYTES, main


@pytest.mark.slow
def test_more_cookies_take_no_more_of_the_disk(capsys):
    assert main(["--cookies", "3", "--seconds", "3", "--json"]) == 0
    taken = json.loads(capsys.readouterr().out)
    limit = Limits().address_unfinished_bytes
    assert taken["begun"] == limit // SONG_BYTES and taken["refused"] == 3 * 25 - taken["begun"]
    assert 0 < taken["on_disk_mb"] <= taken["announced_mb"] <= limit / 1e6
    assert 0 < taken["page_median_ms"] <= taken["page_p95_ms"]


def test_nothing_to_do_is_said(capsys):
    assert main(["--cookies", "0"]) == 2
    assert "At least one cookie" in capsys.readouterr().err
