"""The words of a song as a kind of work: options, stages, and files of words that need no ear."""

from __future__ import annotations

import pytest

from core.errors import InputError
from core.places import ROOT
from core.work import WorkInput, WorkOrder
from pipeline.works import song_to_lyrics
from pipeline.works.song_to_lyrics import SONG_TO_LYRICS

LRC = "[00:03.00]<00:03.00>Happy <00:04.00>birthday <00:05.00>\n"


def test_options_are_read_and_refused():
    assert SONG_TO_LYRICS.settled({})["words"] == "auto"
    assert SONG_TO_LYRICS.settled({"words": LRC, "start_s": "2"})["start_s"] == 2.0
    for wrong in ({"words": "[Chorus]"}, {"start_s": -1}, {"voice": "x"}):
        with pytest.raises(InputError):
            SONG_TO_LYRICS.settled(wrong)


def test_what_lacks_is_told(monkeypatch):
    monkeypatch.setattr(song_to_lyrics, "find_spec", lambda name: None)
    assert SONG_TO_LYRICS.lacking({}).code == "speech.hearing.no_ctranslate2"


def test_given_words_are_written_in_every_form_with_the_songs_times(tmp_path, monkeypatch):
    monkeypatch.setenv("BELCANTO_CACHE_DIR", str(tmp_path / "cache"))
    outputs = {role: tmp_path / f"words{suffix}" for role, suffix in SONG_TO_LYRICS.outputs.items()}
    options = SONG_TO_LYRICS.settled({"words": LRC, "start_s": 2, "duration_s": 10})
    song = WorkInput(ROOT / "demo" / "song.mp3", "Song", {"duration_s": 20.0})
    order = WorkOrder("job", SONG_TO_LYRICS.name, {"song": song}, options, outputs)
    figures = SONG_TO_LYRICS.run(order, lambda *_: None)
    assert figures["words"]["lines"] == [[["Happy", 3.0, 4.0], ["birthday", 4.0, 5.0]]]
    assert outputs["lyrics"].read_text() == "[00:03.00]<00:03.00>Happy <00:04.00>birthday <00:05.00>\n"
    assert "00:00:03,000 --> 00:00:05,600" in outputs["srt"].read_text()
    assert outputs["subtitles"].read_text().startswith("WEBVTT")
    plan = SONG_TO_LYRICS.plan(order, None)
    assert [stage.name for stage in plan.stages] == list(SONG_TO_LYRICS.stages) and plan.length_s == 10.0
