"""The words of a film: in its pictures, as a track in its file, and where they come from."""

from __future__ import annotations

import subprocess
from contextlib import ExitStack

import numpy as np
import pytest

from core.errors import InputError
from media.ffmpeg_run import ffmpeg_path
from media.film_writer import FilmWriter
from pipeline.film_settings import SongToVideoSettings
from pipeline.lyrics.aligning import HeardVoice
from pipeline.lyrics.finding import SoundPart, find_lyrics
from pipeline.lyrics.lines import Lyrics, TimedLine
from pipeline.lyrics.showing import track_of, with_words
from pipeline.run import Run
from speech.voice import Word

LYRICS = Lyrics((TimedLine((Word("Grüße", 0.2, 0.5), Word("an", 0.5, 0.8))),))
LRC = "[00:01.00]<00:01.00>one <00:02.00>two <00:03.00>\n[00:11.00]<00:11.00>three <00:12.00>\n"


@pytest.fixture
def run():
    with ExitStack() as release:
        yield Run(None, lambda *_: None, release)


def not_heard():
    pytest.fail("nothing needs to be heard")


def test_the_options_say_what_is_shown():
    assert not SongToVideoSettings().shows_words
    assert SongToVideoSettings(lyrics="auto").burns_words == "plain"
    assert SongToVideoSettings(lyrics_style="karaoke").shows_words
    track = SongToVideoSettings(lyrics="la la", lyrics_track=True)
    assert track.shows_words and track.burns_words == "none"
    again = SongToVideoSettings.from_json(SongToVideoSettings(lyrics=LRC, lyrics_style="box").as_json())
    assert again.lyrics == LRC and again.burns_words == "box"
    with pytest.raises(InputError):
        SongToVideoSettings(lyrics="\n")


def test_words_with_all_their_times_need_no_ear_and_move_with_the_part(run):
    whole = find_lyrics(run, LRC, SoundPart("song", 0.0, 20.0, True), not_heard)
    assert [line.start_s for line in whole.lines] == [1.0, 11.0]
    part = find_lyrics(run, LRC, SoundPart("song", 10.0, 5.0, False), not_heard)
    assert [(line.text, line.start_s) for line in part.lines] == [("three", 1.0)]
    with pytest.raises(InputError):
        find_lyrics(run, LRC, SoundPart("song", 15.0, 5.0, False), not_heard)


def test_of_a_part_only_the_lines_that_are_heard_are_kept_and_doubts_are_told(run):
    heard = HeardVoice((Word("three", 1.0, 2.0),), ((1.0, 2.0),), 5.0)
    found = find_lyrics(run, "one two\nthree", SoundPart("song", 10.0, 5.0, False), lambda: heard)
    assert [line.text for line in found.lines] == ["three"] and not run.notes
    find_lyrics(run, "one two\nthree four", SoundPart("song", 0.0, 5.0, True), lambda: heard)
    assert [note.code for note in run.notes] == ["pipeline.lyrics.few_heard"]
    with pytest.raises(InputError):
        find_lyrics(run, "auto", SoundPart("song", 0.0, 5.0, True), lambda: HeardVoice((), (), 5.0))


def test_a_film_has_the_words_in_its_pictures_and_as_a_track(run, tmp_path):
    settings = SongToVideoSettings(lyrics="auto", lyrics_style="plain", lyrics_track=True)
    frames = [np.full((128, 128, 3), 60, np.uint8)] * 25
    shown = list(with_words(run, iter(frames), LYRICS, settings, 25.0))
    assert (shown[0] == 60).all() and not (shown[10] == 60).all()
    film = tmp_path / "film.mp4"
    with ExitStack() as stack:
        track = track_of(LYRICS, settings, stack)
        with FilmWriter(film, (128, 128), 25.0, None, duration_s=1.0, subtitles=track) as writer:
            for frame in shown:
                writer.write(frame)
    command = [ffmpeg_path(), "-v", "error", "-i", str(film), "-map", "0:s:0", "-f", "srt", "-"]
    told = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    assert "Grüße an" in told and "00:00:00,200" in told
