"""The whole report of a film whose mouth, head and flaws are known; the command around it; what it says of unusable input."""

from __future__ import annotations

import io
import json
import re
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from core.film_tags import SPOKEN_TEXT
from core.messages import message
from media.media import FilmWriter, read_frames
from metrics.__main__ import main
from metrics.background import BACKGROUND
from metrics.envelope import voice_envelope
from metrics.film_facts import FILM, index_first, sound_match
from metrics.flicker import FLICKER
from metrics.html import html_page, verdict_table
from metrics.likeness import LIKENESS
from metrics.lip_sync import LIP_SYNC
from metrics.mouth_change import LIP_APERTURE, MOUTH
from metrics.report import ReportSettings, make_report, plain
from metrics.sharpness import SHARPNESS
from metrics.silence import SILENCE
from metrics.verdict import Verdict
from metrics.voice import separation_arguments, voice_of
from tests.metrics.films import FPS, write_film, write_wav

pytestmark = pytest.mark.long

RATE, SECONDS = 44100, 6.0
LATE_S = 0.06


def sung(seed: int = 0) -> np.ndarray:
    """1.6 s of silence, notes of different lengths and loudness, 1.4 s of silence; mono at 44.1 kHz."""
    rng = np.random.default_rng(seed)
    voice = np.zeros(round(SECONDS * RATE))
    at = 1.6
    while at < 4.4:
        length = rng.uniform(0.12, 0.3)
        times = np.arange(round(length * RATE)) / RATE
        begin = round(at * RATE)
        voice[begin : begin + len(times)] = rng.uniform(0.15, 0.7) * np.sin(np.pi * times / length) * np.sin(1400 * times)
        at += length + rng.uniform(0.02, 0.15)
    return voice


@pytest.fixture(scope="module")
def voice_path(tmp_path_factory) -> Path:
    return write_wav(tmp_path_factory.mktemp("song") / "voice.wav", sung())


@pytest.fixture(scope="module")
def song_path(voice_path) -> Path:
    times = np.arange(round(SECONDS * RATE)) / RATE
    music = 0.15 * np.sin(2 * np.pi * 110 * times) * (1 + np.sin(2 * np.pi * 2 * times))
    return write_wav(voice_path.with_name("song.wav"), 0.6 * sung() + music)


@pytest.fixture(scope="module")
def film_path(voice_path, song_path, puppet) -> Path:
    """The puppet sings the voice 60 ms late."""
    times = (np.arange(round(SECONDS * FPS)) + 0.5) / FPS
    loudness = voice_envelope(voice_path).loudness_at(times - LATE_S)
    opening = 0.45 * loudness / loudness.max()
    opening[opening < 0.02] = 0.0
    return write_film(voice_path.with_name("film.mp4"), (puppet.frame(float(value)) for value in opening), sound=song_path)


@pytest.fixture(scope="module")
def made(film_path, song_path, voice_path, portrait_path):
    return make_report(film_path, song_path, ReportSettings(voice=voice_path, portrait=portrait_path))


@pytest.mark.slow
def test_the_lag_that_was_put_in_is_found_in_the_rendered_film(made):
    lips = made[0].of(LIP_SYNC)
    assert lips.lag_ms == pytest.approx(1000 * LATE_S, abs=12)
    assert lips.peak_correlation > 0.9
    assert 0.5 < lips.correlation < lips.peak_correlation
    assert lips.shifted_lag_ms - lips.lag_ms == pytest.approx(-200, abs=3)
    assert lips.correlation - lips.shuffled_correlation > 0.5


@pytest.mark.slow
def test_a_photos_landmarks_are_believed(made):
    report, evidence = made
    assert report.of(MOUTH).name == LIP_APERTURE
    assert report.of(MOUTH).agreement > 0.9
    assert np.array_equal(evidence.mouth, evidence.track.aperture)
    assert str(report.of(MOUTH).sentence) in html_page(report, evidence).replace("&#x27;", "'")


@pytest.mark.slow
def test_the_shut_mouth_is_seen(made):
    quiet = made[0].of(SILENCE)
    assert quiet.passages == 2
    assert quiet.shut_share > 0.97
    assert quiet.voice_shut_share < 0.6


@pytest.mark.slow
def test_face_background_and_file(made):
    report = made[0]
    assert report.face_share == 1.0
    assert report.of(LIKENESS).film.mean > 0.85
    assert report.of(LIKENESS).still.mean > 0.97
    assert report.of(BACKGROUND).film.swim_px < 0.3
    assert report.of(BACKGROUND).spoiled.swim_px > 0.5
    assert report.of(FLICKER).film.together < 0.2 * report.of(FLICKER).spoiled.together
    assert report.of(SHARPNESS).spoiled.mean < report.of(SHARPNESS).film.mean
    assert report.of(FILM).exact
    assert report.of(FILM).sound_correlation > 0.99
    assert abs(report.of(FILM).sound_offset_ms) < 0.5
    assert report.of(FILM).faststart
    assert not report.of(FILM).ai_tag


@pytest.mark.slow
def test_verdicts_say_what_passed(made):
    passed = {str(verdict.name): verdict.passed for verdict in made[0].verdicts}
    assert passed["aperture follows the voice (correlation)"]
    assert not passed["lag of the mouth in ms"]
    assert passed["mouth shut in music-only passages (share)"]
    assert passed["length against the song in frames"]
    assert not passed["marked as AI-generated"]


@pytest.mark.slow
def test_page_is_whole_and_needs_no_other_file(made):
    page = html_page(*made)
    assert page.count("<svg") >= 6
    assert page.count("data:image/jpeg;base64,") >= 18
    assert not re.search(r'(src|href)="(?!data:|#)', page)
    assert "can&#x27;t be judged" not in page
    assert "nan" not in re.sub(r"base64,[^\"]*", "", page).replace("nance", "").split("<svg")[0]


@pytest.mark.slow
def test_the_pages_plots_keep_their_words(made):
    """Not as drawn outlines: they can be read out, searched, and said in other languages."""
    page = html_page(*made)
    assert ">voice (loudness, scaled)</text>" in page and ">this film</text>" in page
    assert "nn</text>" not in page  # what only kept room for longer words


@pytest.fixture(scope="module")
def commanded(film_path, song_path, voice_path, tmp_path_factory):
    """What the command gave that got titles and no portrait: (the object that it printed, its page)."""
    page = tmp_path_factory.mktemp("commanded") / "report.html"
    titles = ["--title=-My <film>", "--song-title=AC/DC", "--portrait-title=Mona"]
    command = ["report", str(film_path), "--song", str(song_path), "--voice", str(voice_path), "--json", "--html", str(page)]
    with redirect_stdout(io.StringIO()) as printed:
        assert main([*command, *titles]) == 0
    return json.loads(printed.getvalue().strip().splitlines()[-1]), page


@pytest.mark.slow
def test_a_page_speaks_of_titles_where_it_is_given_some(commanded, film_path, song_path):
    _, page = commanded
    text = re.sub(r"base64,[^\"]*", "", page.read_text())
    assert text.count(">How good is -My &lt;film&gt;?<") == 2 and "AC/DC" in text and "source picture: Mona" in text
    assert film_path.name not in text and song_path.name not in text


@pytest.mark.slow
def test_json_is_strict(made):
    text = json.dumps(made[0].as_json(), allow_nan=False)
    assert json.loads(text)["lip_sync"]["correlation"] == pytest.approx(made[0].of(LIP_SYNC).correlation, abs=1e-4)
    assert plain({"a": np.float32(np.nan), "b": (np.int64(3), True), "c": Path("x")}) == {"a": None, "b": [3, True], "c": "x"}


@pytest.mark.slow
def test_command_without_portrait(commanded):
    found, page = commanded
    assert found["likeness"]["film"]["reference"] == "first frame"
    assert found["lip_sync"]["lag_ms"] == pytest.approx(1000 * LATE_S, abs=12)
    assert page.read_text().startswith("<!doctype html>")
    assert [path.name for path in page.parent.iterdir()] == ["report.html"]


@pytest.mark.slow
def test_unusable_input_is_one_sentence(film_path, song_path, portrait_path, tmp_path, capsys):
    cases = [
        ["report", str(tmp_path / "none.mp4"), "--song", str(song_path)],
        ["report", str(film_path), "--song", str(tmp_path / "none.wav")],
        ["report", str(film_path), "--song", str(song_path), "--html", str(tmp_path / "no" / "r.html")],
        ["report", str(film_path), "--song", str(song_path), "--html", str(tmp_path / "r.png")],
        ["report", str(film_path), "--song", str(song_path), "--start", "-1"],
        ["report", str(film_path), "--song", str(song_path), "--portrait", str(song_path)],
    ]
    for case in cases:
        assert main(case) == 2
        error = capsys.readouterr().err.strip()
        assert error.endswith(".")
        assert "Traceback" not in error
    assert list(tmp_path.iterdir()) == []


def test_sound_out_of_time_is_measured(tmp_path):
    rng = np.random.default_rng(0)
    sound = 0.2 * rng.normal(size=4 * RATE)
    early = write_wav(tmp_path / "early.wav", sound)
    late = write_wav(tmp_path / "late.wav", np.concatenate([np.zeros(round(0.05 * RATE)), sound])[: len(sound)])
    height, offset_ms = sound_match(late, early, 0.0)
    assert offset_ms == pytest.approx(50, abs=0.2)
    assert height > 0.95
    assert sound_match(early, early, 0.0) == (pytest.approx(1.0), pytest.approx(0.0, abs=1e-6))
    assert sound_match(early, write_wav(tmp_path / "silence.wav", np.zeros(RATE)), 0.0) == (None, None)


def test_index_first_reads_the_boxes(tmp_path):
    def box(name: bytes, size: int) -> bytes:
        return (size + 8).to_bytes(4, "big") + name + bytes(size)

    (tmp_path / "first.mp4").write_bytes(box(b"ftyp", 16) + box(b"moov", 40) + box(b"mdat", 90))
    (tmp_path / "last.mp4").write_bytes(box(b"ftyp", 16) + box(b"mdat", 90) + box(b"moov", 40))
    assert index_first(tmp_path / "first.mp4")
    assert not index_first(tmp_path / "last.mp4")


def test_separator_is_called_with_the_films_part_of_the_song():
    command = separation_arguments(Path("a.mp3"), Path("/tmp/x"), 3.0, 10.0)
    assert command[1:3] == ["-m", "separation"]
    assert command[-4:] == ["--start", "3.0", "--duration", "10.0"]


@pytest.mark.slow
def test_separators_sentence_is_handed_on(tmp_path):
    refused = pytest.raises(InputError, match=r"can't be taken out of the song: .*does not exist")
    with refused, voice_of(tmp_path / "none.mp3", None, 0.0, None):
        pass


def test_given_voice_is_used_as_it_is(voice_path, song_path):
    with voice_of(song_path, voice_path, 2.0, None) as (path, begin_s):
        assert (path, begin_s) == (voice_path, 2.0)


@pytest.mark.slow
def test_voice_is_separated_where_none_is_given(shared_dir):
    song = shared_dir / "songs" / "song_10_mix.flac"
    truth = voice_envelope(shared_dir / "songs" / "song_10_voice.flac", 2.0, 6.0)
    with voice_of(song, None, 2.0, 6.0) as (path, begin_s):
        found = voice_envelope(path, begin_s)
        folder = path.parent
    length = min(len(found.rms), len(truth.rms))
    assert np.corrcoef(found.loudness[:length], truth.loudness[:length])[0, 1] > 0.95
    assert not folder.exists()


@pytest.mark.slow
def test_film_without_a_face(song_path, voice_path, portrait_path, tmp_path, capsys):
    film = write_film(tmp_path / "grey.mp4", (np.full((128, 128, 3), 90, np.uint8) for _ in range(150)), sound=song_path)
    base = ["report", str(film), "--song", str(song_path), "--voice", str(voice_path), "--json"]
    assert main(base) == 2
    assert "No face is found" in capsys.readouterr().err
    page = tmp_path / "r.html"
    assert main([*base, "--portrait", str(portrait_path), "--html", str(page)]) == 0
    found = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert found["face_share"] == 0.0
    assert found["lip_sync"]["correlation"] is None
    assert "A face was found in 0 frames" in found["lip_sync"]["reason"]
    assert "can&#x27;t be judged" in page.read_text()


def test_the_page_says_why_something_is_not_told():
    lag, wanted = message("metrics.lag"), message("metrics.within", value=40.0)
    rows = [Verdict(lag, -447.0, wanted, None, message("metrics.sung_throughout")), Verdict(lag, 90.0, wanted, False)]
    table = verdict_table(rows)
    assert ">can&#x27;t be judged. The film is sung nearly throughout;" in table
    assert table.count('class="no"') == 1


@pytest.mark.slow
def test_the_film_of_a_text_is_measured_by_its_own_sound_and_no_other_film_is(film_path, voice_path, tmp_path):
    frames = list(read_frames(film_path))
    height, width = frames[0].shape[:2]
    with FilmWriter(tmp_path / "spoken.mp4", (width, height), FPS, voice_path, tags={SPOKEN_TEXT: "La la."}) as writer:
        for frame in frames:
            writer.write(frame)
    report, evidence = make_report(tmp_path / "spoken.mp4", None)
    assert evidence.spoken and report.voice == report.song == report.video
    lips = report.of(LIP_SYNC)
    assert lips.lag_ms == pytest.approx(1000 * LATE_S, abs=15)
    assert "0.25" in str(report.verdicts[0].wanted) and report.verdicts[0].passed
    with pytest.raises(InputError, match="no film of a text"):
        make_report(film_path, None)
