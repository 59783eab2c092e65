"""Settings from the environment, and the key that signs cookies."""

from __future__ import annotations

import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from app.settings import AppSettings
from core.errors import InputError
from core.places import ROOT
from media.file_kinds import JPEG_FACTOR


def test_nothing_set_gives_the_defaults():
    settings = AppSettings.from_environment({})
    assert settings == replace(AppSettings(), encryption=True)
    assert settings.uploads_dir == ROOT / "uploads"
    assert settings.database == f"sqlite:///{ROOT / 'results' / 'belcanto.sqlite3'}"


def test_the_environment_is_heard(tmp_path):
    settings = AppSettings.from_environment(
        {
            "BELCANTO_DATA_DIR": str(tmp_path),
            "BELCANTO_DATABASE_URL": "postgresql://u@localhost/b",
            "BELCANTO_QUEUE": "redis",
            "BELCANTO_REDIS_URL": "redis://elsewhere/1",
            "BELCANTO_LOCALE": "de",
            "BELCANTO_SECURE_COOKIES": "1",
            "BELCANTO_MAX_SONG_BYTES": "1e6",
            "BELCANTO_MAX_SONG_S": "30.5",
        }
    )
    assert (settings.data_dir, settings.database) == (tmp_path, "postgresql://u@localhost/b")
    assert (settings.queue, settings.redis_url, settings.locale) == ("redis", "redis://elsewhere/1", "de")
    assert settings.secure_cookies is True
    assert (settings.limits.song_bytes, settings.limits.song_s) == (1_000_000, 30.5)
    assert isinstance(settings.limits.song_bytes, int)


def test_a_relative_folder_means_the_one_of_the_start(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert AppSettings.from_environment({"BELCANTO_DATA_DIR": "data"}).data_dir == Path(tmp_path) / "data"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BELCANTO_QUEUE", "rabbit"),
        ("BELCANTO_LOCALE", "xx"),
        ("BELCANTO_SECURE_COOKIES", "yes"),
        ("BELCANTO_MAX_SONG_BYTES", "many"),
        ("BELCANTO_MAX_SONG_BYTES", "0"),
        ("BELCANTO_MAX_SONG_S", "-1"),
        ("BELCANTO_MAX_SONG_S", "inf"),
        ("BELCANTO_MAX_SONG_BYTES", "inf"),
        ("BELCANTO_MAX_SONG_S", "nan"),
    ],
)
def test_what_is_not_accepted_is_said(name, value):
    with pytest.raises(InputError, match=name):
        AppSettings.from_environment({name: value})


def test_the_key_is_made_once_even_by_many_and_is_its_owners_alone(tmp_path):
    settings = AppSettings(data_dir=tmp_path)
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: settings.secret_key(), range(16)))
    assert len(keys) == 1 and len(keys.pop()) == 64
    assert [path.name for path in settings.results_dir.iterdir()] == ["secret_key"]
    if sys.platform != "win32":
        assert stat.S_IMODE((settings.results_dir / "secret_key").stat().st_mode) == 0o600
    assert AppSettings(data_dir=tmp_path / "other").secret_key() != settings.secret_key()


def test_a_phones_largest_picture_is_within_the_limits():
    """200 million pixels of a fine texture are a JPEG of 50 to 80 MB."""
    limits = AppSettings().limits
    assert limits.picture_bytes >= 80_000_000 and limits.picture_pixels * JPEG_FACTOR >= 16320 * 12240
