"""Whoever opens the wizard will soon see a picture move: workers are told, now and then."""

from __future__ import annotations

import os

import pytest

from app.services.expecting import AGAIN_AFTER_S, expect_previews, expected_file
from app.worker import worker_settings


@pytest.mark.parametrize("page", ["/music", "/image"])
def test_the_wizards_pages_tell_it(client, settings, page):
    assert not expected_file(settings).exists()
    client.get("/guide")
    assert not expected_file(settings).exists()
    client.get(page)
    assert expected_file(settings).exists()


def test_it_is_told_no_more_often_than_needed(settings):
    expect_previews(settings)
    file = expected_file(settings)
    assert worker_settings(settings, settings.results_dir).expected == file
    told_s = file.stat().st_mtime
    expect_previews(settings)
    assert file.stat().st_mtime == told_s
    os.utime(file, (told_s - AGAIN_AFTER_S - 1,) * 2)
    expect_previews(settings)
    assert file.stat().st_mtime >= told_s
