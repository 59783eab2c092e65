"""A call that froze: its missing pictures are made by its own sound, and everything else stays."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.errors import Cancelled, InputError
from media.media import FILLED_COMMENT, FilmWriter, probe_video, read_audio, read_frames
from pipeline import film_fill
from pipeline.__main__ import main
from pipeline.fill_film import fill_film
from tests.media.sounds import ffmpeg
from tests.pipeline.dubbing import FPS, HEIGHT, RATE_HZ, WIDTH, grey, stages, tone
from tests.pipeline.test_film_fill import face_at, speaking

FRAMES, FROZEN = 75, slice(30, 55)
MADE = 250


def call(path, frozen=FROZEN):
    """A film that stands still for a second; told by the level of its frames."""
    sound = tone(path.with_suffix(".wav"), FRAMES / FPS)
    with FilmWriter(path, (WIDTH, HEIGHT), FPS, sound) as writer:
        for index in range(FRAMES):
            shown = frozen.start - 1 if frozen.start <= index < frozen.stop else index
            writer.write(np.full((HEIGHT, WIDTH, 3), grey(shown), np.uint8))
    return path


@pytest.fixture
def drawn(monkeypatch):
    """What was asked to be drawn, in the place of the engine's work."""
    asked = []

    def draw(frame, face, motion):
        asked.append((frame, motion))
        yield from (np.full_like(frame, MADE) for _ in range(len(motion.blendshapes)))

    monkeypatch.setattr(film_fill, "drawn_by_mesh", draw)
    monkeypatch.setattr(film_fill, "largest_face", lambda frame: face_at(20.0, 0.0, 0.1))
    return asked


def levels(path):
    return np.array([frame.mean() for frame in read_frames(path)])


def test_only_what_is_missing_is_made(tmp_path, drawn):
    film, seen = call(tmp_path / "call.mp4"), []
    report = fill_film(film, tmp_path / "o.mp4", lambda stage, *_: seen.append(stage), stages(), title="A call")
    assert report.video == str(tmp_path / "o.mp4") and report.gaps == ((1.2, 2.2),)
    assert [note.code for note in report.notes] == ["pipeline.gaps_filled"]
    assert list(dict.fromkeys(seen)) == ["decode", "separate", "motion", "frames", "mux"]
    before, after = levels(film), levels(tmp_path / "o.mp4")
    good = np.ones(FRAMES, bool)
    good[FROZEN] = False
    assert len(after) == FRAMES and np.abs(before - after)[good].max() < 4
    assert after[36:45].min() > 200 and len(drawn) == 1 and len(drawn[0][1].blendshapes) == 25
    info = probe_video(tmp_path / "o.mp4")
    assert info.metadata["comment"] == FILLED_COMMENT and info.metadata["title"] == "A call" and info.frames == FRAMES
    one, other = (read_audio(path, RATE_HZ, 1)[:, 0] for path in (film, tmp_path / "o.mp4"))
    length = min(len(one), len(other)) - 4096
    assert np.corrcoef(one[4096:length], other[4096:length])[0, 1] > 0.99, "its own sound, in step"


def test_where_nothing_is_missing_no_film_is_written(tmp_path, drawn, capsys):
    film = call(tmp_path / "whole.mp4", slice(10, 10))
    report = fill_film(film, tmp_path / "o.mp4", stages=stages())
    assert (report.video, report.gaps) == ("", ()) and [note.code for note in report.notes] == ["pipeline.no_gaps"]
    assert main(["fill", "--film", str(film), "--out", str(tmp_path / "o.mp4"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["gaps"] == []
    assert not (tmp_path / "o.mp4").exists() and not drawn


def test_a_pause_is_no_gap(tmp_path, drawn):
    """The film stands still where nobody says anything."""

    class Shut:
        hears, room = True, "motion.singing"

        def perform(self, sound, keep, progress=None):
            performance = stages().motion_source(None).perform(sound, keep)
            still = speaking(sound.frames)
            still.blendshapes[:] = 0
            return type(performance)(still)

    quiet = stages()
    object.__setattr__(quiet, "motion_source", lambda settings: Shut())
    report = fill_film(call(tmp_path / "call.mp4"), tmp_path / "o.mp4", stages=quiet)
    assert report.gaps == () and report.video == "" and not drawn


def test_what_can_not_be_filled_is_told_and_a_cancelled_film_leaves_nothing(tmp_path, drawn):
    film, silent = call(tmp_path / "call.mp4"), tmp_path / "silent.mp4"
    ffmpeg("-i", film, "-an", "-c", "copy", silent)
    with pytest.raises(InputError, match="no sound"):
        fill_film(silent, tmp_path / "o.mp4", stages=stages())
    with pytest.raises(InputError, match="input"):
        fill_film(film, film, stages=stages())

    def stop(stage, done, total):
        if stage == "frames" and done > 40:
            raise Cancelled("core.cancelled")

    with pytest.raises(Cancelled):
        fill_film(film, tmp_path / "o.mp4", stop, stages())
    assert sorted(path.name for path in tmp_path.glob("*.mp4*")) == ["call.mp4", "silent.mp4"] and not list(tmp_path.glob(".*"))
