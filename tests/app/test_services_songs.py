"""Songs: what is accepted, what is refused and leaves nothing, and what a person can do with those kept."""

from __future__ import annotations

import io
import os
import subprocess
import threading
import wave
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.errors import LimitReached, NotFound, Refused, TooLarge
from app.models import Person, Song, new_id
from app.services.songs import (
    add_song,
    add_song_stream,
    delete_song,
    get_song,
    list_songs,
    rename_song,
    song_file,
)
from core.errors import InputError
from media.ffmpeg_run import ffmpeg_path


def left(settings):
    """Every file under uploads/."""
    return sorted(path.name for path in settings.uploads_dir.rglob("*") if path.is_file())


def silent_wav(duration_s, rate=8000):
    """A WAV without sound, and no two lengths alike."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(bytes(2 * int(duration_s * rate)))
    return buffer.getvalue()


def test_a_song_is_kept_with_its_facts(session, settings, person_id, song, song_path):
    assert (song.title, song.mime, song.size_bytes) == ("My song", "audio/mpeg", song_path.stat().st_size)
    assert song.duration_s == pytest.approx(22.8, abs=0.1)
    assert 400 < len(song.waveform) <= 800 and max(song.waveform) == 1 and min(song.waveform) >= 0
    assert song_file(settings, song).read_bytes() == song_path.read_bytes()
    assert song.file_name.startswith("song-") and song.file_name.endswith(".mp3")
    assert left(settings) == [song.file_name]


def test_the_same_file_twice_is_one_song(session, settings, person_id, song, incoming, song_path):
    again = add_song(session, settings, person_id, incoming(song_path), "Another name.mp3")
    assert (again.id, again.title) == (song.id, "My song")
    assert left(settings) == [song.file_name]


def test_a_song_whose_file_was_lost_is_mended_by_giving_it_again(session, settings, person_id, song, incoming, song_path):
    song_file(settings, song).unlink()
    with pytest.raises(NotFound):
        song_file(settings, song)
    again = add_song(session, settings, person_id, incoming(song_path), "Again.mp3")
    assert again.id == song.id and song_file(settings, again).is_file()


@pytest.mark.slow
def test_the_same_file_twice_at_once_is_one_song(database, settings, person_id):
    content, start = silent_wav(1.5), threading.Barrier(2)

    def add(_):
        start.wait()
        with database.session() as session:
            return add_song_stream(session, settings, person_id, io.BytesIO(content), "one.wav").id

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(add, range(2)))) == 1
    assert len(left(settings)) == 1


@pytest.mark.slow
def test_a_song_is_its_owners_alone(session, settings, person_id, song, incoming, song_path):
    other = new_id()
    for forbidden in (
        get_song,
        lambda *a: delete_song(a[0], settings, *a[1:]),
        lambda *a: rename_song(a[0], settings, *a[1:], "x"),
    ):
        with pytest.raises(NotFound):
            forbidden(session, other, song.id)
    assert list_songs(session, other).items == []
    theirs = add_song(session, settings, other, incoming(song_path), "x.mp3")
    assert theirs.id != song.id


BROKEN = {
    "empty": (b"", "is empty"),
    "noise": (bytes(range(256)) * 40, "damaged, or not a sound file"),
    "text": (b"la la la\n" * 100, "is a text, not a song"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "a PNG picture, not a song"),
    "m3u": (b"#EXTM3U\nfile:///etc/passwd\n", "a playlist, not a song"),
    "hls": (b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n", "a playlist, not a song"),
    "concat": (b"ffconcat version 1.0\nfile '/etc/passwd'\n", "a playlist, not a song"),
    "pls": (b"[playlist]\nFile1=/etc/passwd\n", "a playlist, not a song"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>", "an SVG drawing"),
    "zip": (b"PK\x03\x04" + bytes(100), "a ZIP archive"),
    "pdf": (b"%PDF-1.7\n" + bytes(100), "a PDF document"),
    "program": (b"\x7fELF" + bytes(100), "a program"),
    "head of an mp3": (b"ID3\x04\x00\x00\x00\x00\x00\x00", "damaged, or not a sound file"),
    "head of a flac": (b"fLaC" + bytes(60), "damaged|no sound|can't be read"),
    "head of an m4a": (b"\x00\x00\x00\x18ftypM4A " + bytes(60), "damaged, or not a sound file"),
    "too short": (silent_wav(0.2), "lasts only"),
    "wav without sound": (silent_wav(0), "no sound|lasts only"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("content", "sentence"), BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_song_is_said_and_leaves_nothing(session, settings, person_id, content, sentence):
    with pytest.raises(InputError, match=sentence) as error:
        add_song_stream(session, settings, person_id, io.BytesIO(content), "../My <b>thing</b>.mp3")
    assert ".part" not in str(error.value) and str(settings.uploads_dir) not in str(error.value)
    assert left(settings) == []
    assert list_songs(session, person_id).items == []


def test_a_truncated_song_is_what_can_be_heard_of_it(session, settings, person_id, song_path):
    half = song_path.read_bytes()[:100_000]
    song = add_song_stream(session, settings, person_id, io.BytesIO(half), "half.mp3")
    assert 1 < song.duration_s < 22


def test_a_song_under_another_types_name_is_what_it_is(session, settings, person_id):
    song = add_song_stream(session, settings, person_id, io.BytesIO(silent_wav(1)), "liar.mp3")
    assert (song.mime, song.file_name[-4:], song.title) == ("audio/wav", ".wav", "liar")
    assert set(song.waveform) == {0.0}


def processor_s():
    """Processor time of the processes that this one has started and seen end: a busy machine does not lengthen it."""
    used = os.times()
    return used.children_user + used.children_system


@pytest.mark.slow
def test_a_ten_hour_song_ends_soon(session, settings, person_id, tmp_path):
    path = tmp_path / "minute.mp3"
    silence = ["-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", "60", "-b:a", "8k", "-write_xing", "0"]
    subprocess.run([ffmpeg_path(), "-v", "error", *silence, "-y", str(path)], check=True)
    begin_s = processor_s()
    with pytest.raises(InputError, match="long lasts longer than 15 minutes"):
        add_song_stream(session, settings, person_id, io.BytesIO(path.read_bytes() * 600), "long.mp3")
    assert processor_s() - begin_s < 20
    assert left(settings) == []


def test_a_file_that_takes_too_long_ends_in_a_sentence(session, limited, person_id, song_path):
    settings = limited(inspection_s=0.05)
    with song_path.open("rb") as file, pytest.raises(InputError, match="takes too long"):
        add_song_stream(session, settings, person_id, file, "slow.mp3")
    assert left(settings) == []


def test_too_many_bytes_are_not_even_read(session, limited, person_id):
    settings = limited(song_bytes=100_000)
    endless = io.BytesIO(bytes(10_000_000))
    with pytest.raises(TooLarge, match=r"larger than 0\.1 MB"):
        add_song_stream(session, settings, person_id, endless, "big.wav")
    assert endless.tell() < 3_000_000
    assert left(settings) == []


def test_a_person_may_keep_so_much_and_no_more(session, limited, person_id):
    settings = limited(songs=1)
    add_song_stream(session, settings, person_id, io.BytesIO(silent_wav(1)), "a.wav")
    with pytest.raises(LimitReached, match="1 songs"):
        add_song_stream(session, settings, person_id, io.BytesIO(silent_wav(2)), "b.wav")
    with pytest.raises(LimitReached, match="MB"):
        add_song_stream(session, limited(kept_bytes=20_000), person_id, io.BytesIO(silent_wav(2)), "b.wav")
    assert len(left(settings)) == 1


@pytest.mark.slow
def test_songs_are_listed_searched_and_renamed(session, settings, person_id):
    titles = ["Über den Wolken", "100% Liebe_", "Wolkenbruch", "ΣΊΣΥΦΟΣ"]
    songs = [
        add_song_stream(session, settings, person_id, io.BytesIO(silent_wav(1 + number / 10)), f"{title}.wav")
        for number, title in enumerate(titles)
    ]
    first = list_songs(session, person_id, limit=3)
    second = list_songs(session, person_id, limit=3, cursor=first.next_cursor)
    assert [song.title for song in [*first.items, *second.items]] == titles[::-1]
    assert second.next_cursor is None
    found = {
        text: [song.title for song in list_songs(session, person_id, text).items]
        for text in ("WOLKEN", "über wolken", "%", "_", "σίσυφος")
    }
    assert found == {
        "WOLKEN": ["Wolkenbruch", "Über den Wolken"],
        "über wolken": ["Über den Wolken"],
        "%": ["100% Liebe_"],
        "_": ["100% Liebe_"],
        "σίσυφος": ["ΣΊΣΥΦΟΣ"],
    }
    rename_song(session, settings, person_id, songs[0].id, " Neu\n")
    assert [song.title for song in list_songs(session, person_id, "neu").items] == ["Neu"]
    with pytest.raises(Refused, match="empty"):
        rename_song(session, settings, person_id, songs[0].id, "\u200b ")


@pytest.mark.parametrize("cursor", ["x", "!!!", "AAAA", "é", "a" * 400])
def test_a_cursor_that_was_not_made_here_is_refused(session, person_id, cursor):
    with pytest.raises(Refused, match="list"):
        list_songs(session, person_id, cursor=cursor)


@pytest.mark.slow
def test_a_deleted_song_is_gone_and_can_be_given_again(session, settings, person_id, song, incoming, song_path):
    delete_song(session, settings, person_id, song.id)
    assert left(settings) == [] and session.query(Song).count() == 0
    with pytest.raises(NotFound):
        get_song(session, person_id, song.id)
    again = add_song(session, settings, person_id, incoming(song_path), "Again.mp3")
    assert song_file(settings, again).is_file()
    assert session.query(Person).count() == 1
