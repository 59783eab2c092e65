"""Words under a finished film: in its pictures, as a track, or both; heard in its sound or given."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.errors import InputError
from core.work import WorkInput, WorkOrder
from media.film_reader import probe_video, read_frames
from media.film_writer import AI_COMMENT, DIGITAL_SOURCE_TYPE_KEY, EDITED_SOURCE_TYPE, FilmWriter
from media.sound_reader import probe_audio
from pipeline.__main__ import main
from pipeline.caption_film import caption_film
from pipeline.lyrics.settings import CaptionSettings
from pipeline.works.caption_film import CAPTION_FILM
from tests.pipeline.dubbing import film

#: Words with all their times: nothing has to be heard.
WORDS = "[00:00.20]<00:00.20>Hello <00:00.60>world <00:01.00>"
CUES = "1\n00:00:00,200 --> 00:00:01,000\nHello world\n"


@pytest.fixture(scope="module")
def grey(tmp_path_factory):
    """A second of grey, with sound and without."""
    folder = tmp_path_factory.mktemp("films")
    film(folder / "talk.mp4", 25)
    paths = []
    for name, sound in (("talking.mp4", folder / "talk.wav"), ("silent.mp4", None)):
        paths.append(folder / name)
        with FilmWriter(paths[-1], (320, 180), 25.0, sound, duration_s=1.0, comment="A film.") as writer:
            for _ in range(25):
                writer.write(np.full((180, 320, 3), 90, np.uint8))
    return paths


def changed(path):
    """The shares of pixels that are not the film's grey, by frame."""
    return [float(np.mean(np.abs(frame.astype(int) - 90).max(axis=2) > 40)) for frame in read_frames(path)]


def test_the_words_stand_under_the_film_while_they_are_said(grey, tmp_path):
    out = tmp_path / "o.mp4"
    report = caption_film(grey[0], out, CaptionSettings(words=WORDS, style="plain"))
    shares = changed(out)
    assert (report.frames, len(shares)) == (25, 25)
    assert max(shares[:4]) < 0.001 < 0.005 < min(shares[8:24])
    lower = [frame[:90] for frame in read_frames(out)]
    assert all(np.abs(frame.astype(int) - 90).max() < 40 for frame in lower), "the upper half stays as it was"
    assert probe_audio(out).duration_s == pytest.approx(1.0, abs=0.05)


def test_the_film_says_of_itself_what_it_said_before(grey, tmp_path):
    ours, out = tmp_path / "ours.mp4", tmp_path / "o.mp4"
    with FilmWriter(ours, (64, 64), 25.0, None, duration_s=0.4) as writer:
        for _ in range(10):
            writer.write(np.full((64, 64, 3), 90, np.uint8))
    caption_film(ours, out, CaptionSettings(words=CUES, style="box"))
    assert probe_video(out).metadata["comment"] == AI_COMMENT
    plain = tmp_path / "p.mp4"
    caption_film(grey[1], plain, CaptionSettings(words=CUES))
    told = probe_video(plain).metadata
    assert (
        told["comment"] == "A film." and told[DIGITAL_SOURCE_TYPE_KEY] == probe_video(grey[1]).metadata[DIGITAL_SOURCE_TYPE_KEY]
    )
    assert EDITED_SOURCE_TYPE.endswith("humanEdits")


def test_a_track_alone_leaves_the_pictures(grey, tmp_path, capfd):
    words, out = tmp_path / "words.srt", tmp_path / "o.mp4"
    words.write_text(CUES)
    given = ["--film", str(grey[1]), "--words", str(words), "--style", "none", "--track", "--out", str(out)]
    assert main(["caption", *given, "--json"]) == 0
    assert json.loads(capfd.readouterr().out.splitlines()[-1])["frames"] == 25
    assert max(changed(out)) < 0.001
    assert b"Hello world" in out.read_bytes()


@pytest.mark.parametrize("words", ["auto", "Hello world"])
def test_a_film_without_sound_wants_words_with_times(grey, tmp_path, words):
    with pytest.raises(InputError, match="has no sound to write words down from"):
        caption_film(grey[1], tmp_path / "o.mp4", CaptionSettings(words=words))


def test_words_beyond_the_part_and_words_that_nobody_would_see(grey, tmp_path):
    with pytest.raises(InputError, match="None of the given words"):
        caption_film(grey[1], tmp_path / "o.mp4", CaptionSettings(words=CUES.replace("00:00:0", "00:00:3")))
    with pytest.raises(InputError, match="shown nowhere"):
        CaptionSettings(style="none")


def test_the_kind_of_work_makes_it_and_foresees_its_stages(grey, tmp_path):
    out = tmp_path / "film.mp4"
    kept = CAPTION_FILM.settled({"words": CUES, "style": "box"})
    facts = {"duration_s": 1.0, "width": 320, "height": 180}
    order = WorkOrder("j", CAPTION_FILM.name, {"film": WorkInput(grey[1], "Grey", facts)}, kept, {"film": out}, "Grey")
    assert [stage.name for stage in CAPTION_FILM.plan(order, None).stages] == list(CAPTION_FILM.stages)
    assert CAPTION_FILM.run(order, lambda *_: None)["video"] == "film.mp4" and probe_video(out).frames == 25
    assert CAPTION_FILM.lacking({"words": CUES}) is None
