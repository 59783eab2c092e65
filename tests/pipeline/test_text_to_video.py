"""A text becomes a film: with a made-up voice and a plain renderer where the way is tried, and once with all that is real."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import ClassVar

import numpy as np
import pytest

from core.errors import Cancelled, InputError
from media.media import probe_video, read_audio
from motion.singing.source import SungMotion
from pipeline.__main__ import main
from pipeline.film_settings import SongToVideoSettings
from pipeline.spoken_text import SpokenText
from pipeline.stages import Stages, make_motion_source
from pipeline.text_settings import TextToVideoSettings, text_options
from pipeline.text_to_video import MOST_TAGGED, read_text, style_of_plain, text_to_video
from tests.pipeline.spoken import VowelVoice
from tests.pipeline.test_song_to_video import PlainRenderer, names
from tests.speech import test_remote
from tests.speech.test_kokoro import speaker
from tests.speech.test_remote import SECRET

speech_server = test_remote.server
TEXT = "*joy* What a day! Now sing.\n[pause 0.6]\n*sad* It ends."
SMALL = TextToVideoSettings(style="neutral", film=SongToVideoSettings(height=96, lips="features"), subtitles="both")


class Heard(SungMotion):
    """The usual source, which remembers what it was given."""

    given: ClassVar[list] = []

    def perform(self, sound, keep, progress=None):
        Heard.given.append(sound)
        return super().perform(sound, keep)


def plain(voice=None):
    voice = voice or VowelVoice()
    source = lambda settings: Heard(make_motion_source(settings).settings)  # noqa: E731
    return Stages(renderer=PlainRenderer, voice=lambda settings: voice, motion_source=source)


@pytest.fixture
def portrait(root_dir):
    return root_dir / "demo" / "portrait.jpg"


@pytest.mark.slow
def test_a_text_becomes_a_film_with_its_sound_feelings_and_subtitles(portrait, tmp_path, own_cache):
    told, voice = [], VowelVoice()
    report = text_to_video(portrait, TEXT, tmp_path / "a.mp4", SMALL, lambda *each: told.append(each), plain(voice))
    assert [text for text, _ in voice.asked] == ["What a day!", "Now sing.", "It ends."]
    assert list(dict.fromkeys(stage for stage, _, _ in told)) == ["portrait", "speak", "motion", "frames", "mux"]
    assert ("speak", 11, 28) in told and list(report.seconds) == ["total", "portrait", "speak", "motion", "frames", "mux"]
    assert [part.style for part in report.emotion.sections] == ["happy", "neutral", "sad"] and report.sentences == 3
    (folder,) = (own_cache / "speak").iterdir()
    spoken = SpokenText.load(folder)
    film = probe_video(tmp_path / "a.mp4")
    assert film.frames == report.frames == round(25 * spoken.duration_s) and film.height == 96
    tags = film.metadata
    assert tags["title"] == tags["spoken_text"] == "What a day! Now sing. It ends." and tags["voice"] == "af_heart"
    assert "AI-generated" in tags["comment"] and json.loads(tags["emotion"])["sections"][0][2] == "happy"
    heard, said = read_audio(tmp_path / "a.mp4", 24_000, 1)[:, 0], read_audio(spoken.sound, 24_000, 1)[:, 0]
    length = min(len(heard), len(said))
    assert np.corrcoef(heard[:length], said[:length])[0, 1] > 0.98
    sound = Heard.given.pop()
    assert sound.alone and sound.phonemes == spoken.phonemes and [part.style for part in sound.feelings][2] == "sad"
    assert names(tmp_path) == ["a.mp4", "a.srt", "a.vtt"]
    assert "It ends." in (tmp_path / "a.srt").read_text() and (tmp_path / "a.vtt").read_text().startswith("WEBVTT")

    again = text_to_video(
        portrait, TEXT, tmp_path / "b.mp4", dataclasses.replace(SMALL, style="angry", subtitles="none"), stages=plain()
    )
    assert {"speak", "motion"} <= set(again.cached_stages), "what the face feels changes neither what is said nor what is heard"
    assert [part.style for part in again.emotion.sections] == ["happy", "angry", "sad"] and not list(tmp_path.glob("b.[sv]*"))


@pytest.mark.slow
def test_the_engine_hears_what_is_said(portrait, tmp_path, own_cache, monkeypatch):
    heard = []

    def made(engine, settings, sound, note):
        heard.append(sound)
        return PlainRenderer(settings)

    monkeypatch.setattr("pipeline.text_to_video.make_film_renderer", made)
    text_to_video(portrait, "Now sing.", tmp_path / "a.mp4", dataclasses.replace(SMALL, subtitles="none"), stages=plain())
    (folder,) = (own_cache / "speak").iterdir()
    spoken = SpokenText.load(folder)
    assert [(sound.voice, sound.phonemes) for sound in heard] == [(spoken.sound, spoken.phonemes)] and spoken.phonemes


@pytest.mark.slow
def test_what_fails_or_is_cancelled_leaves_nothing(portrait, tmp_path, own_cache):
    class Broken(VowelVoice):
        def say(self, text, speed=1.0):
            if text == "Now sing.":
                raise InputError("speech.nothing_to_say")
            yield from super().say(text, speed)

    def stop(stage, done, total):
        if stage == "speak" and done:
            raise Cancelled("stop")

    for stages, progress, error in ((plain(Broken()), lambda *told: None, InputError), (plain(), stop, Cancelled)):
        with pytest.raises(error):
            text_to_video(portrait, TEXT, tmp_path / "a.mp4", SMALL, progress, stages)
        assert not list(tmp_path.glob("a.*")) and not list((own_cache / "speak").glob("*"))


@pytest.mark.slow
def test_a_server_speaks_where_it_is_named(portrait, tmp_path, speech_server, monkeypatch):
    """It tells neither words nor phonemes; the film and its subtitles are there all the same, and the key stays out of both."""
    monkeypatch.setenv("BELCANTO_SPEECH_KEY", SECRET)
    settings = dataclasses.replace(SMALL, voice="nova", voice_server=speech_server.address)
    report = text_to_video(portrait, "Hello. You!", tmp_path / "a.mp4", settings, stages=Stages(renderer=PlainRenderer))
    assert report.sentences == 2 and [json.loads(body)["input"] for _, _, body in speech_server.asked] == ["Hello.", "You!"]
    assert {headers["Authorization"] for _, headers, _ in speech_server.asked} == {f"Bearer {SECRET}"}
    assert "Hello." in (tmp_path / "a.vtt").read_text() and probe_video(tmp_path / "a.mp4").metadata["voice"] == "nova"
    assert not [path for path in tmp_path.glob("a.*") if SECRET.encode() in path.read_bytes()]


class Guessing(VowelVoice):
    def say(self, text, speed=1.0):
        yield from (dataclasses.replace(said, unsure=("Brillig",)) for said in super().say(text, speed))


@pytest.mark.slow
def test_words_that_were_guessed_are_told(portrait, tmp_path):
    settings = dataclasses.replace(SMALL, subtitles="none")
    for _ in range(2):  # the second time out of the cache
        report = text_to_video(portrait, "Brillig it was.", tmp_path / "a.mp4", settings, stages=plain(Guessing()))
        assert any("is a guess: Brillig." in str(note) for note in report.notes)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ([], "One of the arguments --text --text-file is required"),
        (["--text", "Hi.", "--text-file", "T"], "not allowed with argument"),
        (["--text", " "], "nothing to say"),
        (["--text", "*sparkly* Hi."], "no feeling *sparkly*"),
        (["--text", "Hi.", "--voice", "af_nobody"], "no voice 'af_nobody'"),
        (["--text", "Hi.", "--voice-server", "ftp://a"], "no address of a server"),
        (["--text", "Hi.", "--voice-like", "x.wav"], "name the checkpoint with --voice-file"),
        (["--text", "Hi.", "--voice-file", "none.pth"], "voice file none.pth does not exist"),
        (["--text", "Hi.", "--language", "xx"], "--language is xx; choose one of en-US"),
        (["--text", "Hi.", "--speed", "9"], "0.5 to 2"),
        (["--text", "Hi.", "--subtitles", "pdf"], "choose one of none, srt"),
        (["--text-file", "none.txt"], "text file none.txt does not exist"),
        (["--text", "Hi.", "--size", "512"], "belong to the engine sadtalker"),
        (["--text", "Hi.", "--start", "3"], "--start"),
    ],
)
def test_bad_arguments_are_one_sentence(portrait, tmp_path, capfd, words, problem):
    assert main(["speak", "--portrait", str(portrait), "--out", str(tmp_path / "a.mp4"), *words]) == 2
    out, err = capfd.readouterr()
    assert out == "" and len(err.splitlines()) == 1 and problem in err
    assert not list(tmp_path.iterdir())


def test_outputs_are_tried_before_the_work(portrait, tmp_path):
    (tmp_path / "a.srt").mkdir()
    for video, problem in ((tmp_path / "a.avi", ".mp4"), (tmp_path / "a.mp4", "a.srt"), (tmp_path / "no" / "a.mp4", "folder")):
        with pytest.raises(InputError, match=problem):
            text_to_video(portrait, "Hi.", video, SMALL, stages=plain())


def test_text_files_are_read_as_people_write_them(tmp_path):
    path = tmp_path / "text.txt"
    path.write_bytes(b"\xef\xbb\xbf" + "Grüße.".encode())
    assert read_text(path) == "Grüße."
    for content, code in (
        ("Grüße".encode("latin-1"), "text_file_no_text"),
        (b"a" * 400_001, "text_file_too_large"),
        (b"", "file_is_empty"),
    ):
        path.write_bytes(content)
        with pytest.raises(InputError) as caught:
            read_text(path)
        assert caught.value.message.code == f"pipeline.{code}"


def test_where_no_feeling_is_named_the_words_tell_it_or_the_option():
    sad, plain = "My grandfather died, and I miss him.", "The museum is open from half past two."
    told = style_of_plain(TextToVideoSettings())
    assert (told(sad), told("What a beautiful morning!"), told(plain)) == ("sad", "happy", "neutral")
    assert style_of_plain(TextToVideoSettings(style="angry"))(sad) == "angry"
    assert style_of_plain(TextToVideoSettings(style="neutral"))(sad) == "neutral"
    assert style_of_plain(TextToVideoSettings(voice="ef_dora"))(sad) == "neutral", "the words were learned in English"


def test_options_are_those_of_a_songs_film_but_for_what_only_songs_have():
    named = {each.name for each in text_options()}
    assert named >= {"voice", "language", "speed", "style", "subtitles", "engine", "height", "fps", "label", "restore", "size"}
    assert not named & {"start_s", "duration_s", "preview", "motion"}
    settings = TextToVideoSettings.from_json({"voice": "bm_george", "speed": "1.2", "style": "sad", "height": 512, "label": True})
    assert (settings.film.style, settings.film.height, settings.spoken_language) == ("sad", 512, "en-GB")
    assert TextToVideoSettings.from_json(settings.as_json()) == settings
    assert "title" in settings.as_json() and "title" not in settings.as_json(pages=True)
    for wrong in ({"start_s": 1}, {"voice": "x"}, {"language": "xx"}, {"speed": 3}):
        with pytest.raises(InputError):
            TextToVideoSettings.from_json(wrong)
    with pytest.raises(ValueError, match="preview"):
        TextToVideoSettings(film=SongToVideoSettings(preview=True))
    assert MOST_TAGGED < 100_000 // 4, "what one argument of a program may hold"


@pytest.mark.slow
def test_lips_of_the_real_voice_shut_where_it_says_so(portrait, tmp_path, own_cache, capfd):
    """All that is real, by the command: the two closures of "mama" are seen in the film's frames."""
    from benchmarks.speak import closures_of, film_opening

    speaker(["af_heart"])
    words = ["speak", "--portrait", str(portrait), "--text", "*joy* Papa bought a map.", "--out", str(tmp_path / "a.mp4")]
    assert main([*words, "--height", "256", "--json"]) == 0
    report = json.loads(capfd.readouterr().out)
    assert report["sentences"] == 1 and report["emotion"]["sections"][0]["style"] == "happy"
    (folder,) = (own_cache / "speak").iterdir()
    spoken = SpokenText.load(folder)
    shares = closures_of(spoken.phonemes, film_opening(tmp_path / "a.mp4"), 25.0)
    assert len(shares) == 5 and sum(share < 0.15 for share in shares) >= 4


@pytest.mark.slow
def test_a_checkpoint_speaks_where_it_is_named(portrait, tmp_path):
    torch = pytest.importorskip("torch")
    from tests.speech.styletts2.test_parity import published

    checkpoint = tmp_path / "own.pth"
    torch.save({"net": published("ljspeech")}, checkpoint)
    settings = dataclasses.replace(SMALL, voice_file=checkpoint, subtitles="none")
    report = text_to_video(portrait, "Hello.", tmp_path / "a.mp4", settings, stages=Stages(renderer=PlainRenderer))
    told = probe_video(tmp_path / "a.mp4").metadata["voice"]
    assert report.sentences == 1 and told == f"StyleTTS 2, sha256 {hashlib.sha256(checkpoint.read_bytes()).hexdigest()}"
