"""A film into another language: what is said, by whom, in step, and what is told where it can't be."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import InputError
from media.media import probe_video, read_audio, read_frames
from pipeline.__main__ import main
from pipeline.dub_settings import DubSettings
from pipeline.translating import film_script
from pipeline.translating import translate_film as recipe
from pipeline.translating.settings import TranslationSettings
from pipeline.translating.table import DubScript, ScriptLine, read_script, write_script
from pipeline.translating.translate_film import translate_film, write_film_script
from speech.hearing.long_sound import HeardSentence
from speech.hearing.whisper import Heard
from tests.pipeline.dubbing import FPS, film, red_lips, stages, tone
from tests.pipeline.translating.test_timed_speech import Speller

FRAMES = 150


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    return film(tmp_path_factory.mktemp("films") / "talk.mp4", FRAMES)


@pytest.fixture(autouse=True)
def speller(monkeypatch):
    voice = Speller()
    monkeypatch.setattr(recipe, "open_voice", lambda settings: voice)
    return voice


def script(tmp_path, *lines):
    write_script(tmp_path / "s.csv", DubScript(lines, "en"))
    return tmp_path / "s.csv"


def test_each_says_their_own_part_of_a_script(talk, tmp_path):
    table = script(tmp_path, ScriptLine(1.0, 2.0, 1, "", "", "a" * 10), ScriptLine(3.0, 4.0, 2, "af_heart", "", "b" * 10))
    made = []
    settings = TranslationSettings(script=table, subtitles="both", music=0.0)
    report = translate_film(talk, tmp_path / "o.mp4", settings, stages=stages(3), engine=red_lips(made))
    assert (report.dubbed, report.sentences, report.faces, report.frames) == ((1, 2), 2, 3, FRAMES)
    assert [task.track.number for task in made] == [1, 2] and len({task.voice for task in made}) == 2
    heard = np.abs(read_audio(tmp_path / "o.mp4", 8000, 1)[:, 0])
    loud = [heard[round(at_s * 8000) : round((at_s + 0.4) * 8000)].mean() > 0.1 for at_s in (0.3, 1.3, 2.3, 3.3, 4.6)]
    assert loud == [False, True, False, True, False]
    assert "00:00:01" in (tmp_path / "o.srt").read_text() and (tmp_path / "o.vtt").read_text().startswith("WEBVTT")
    assert probe_video(tmp_path / "o.mp4").frames == FRAMES


def test_the_films_own_music_stays_under_it(talk, tmp_path):
    table = script(tmp_path, ScriptLine(1.0, 2.0, 1, "", "", "a" * 10))
    translate_film(talk, tmp_path / "o.mp4", TranslationSettings(script=table), stages=stages(), engine=red_lips())
    spectrum = np.abs(np.fft.rfft(read_audio(tmp_path / "o.mp4", 48_000, 1)[-48_000:, 0]))
    assert spectrum[220] > 20 * spectrum[300]


class EarOfTests:
    """Whisper that knows what is said."""

    def in_english(self, sound, language):
        return Heard(f"translated from {language}", "en")


def hears(monkeypatch, *sentences):
    def heard(blocks, report=lambda done_s: None):
        assert sum(len(block) for block in blocks) == FRAMES / FPS * 16_000
        report(1.0)
        yield from sentences

    monkeypatch.setattr(film_script, "heard_sentences", heard)
    monkeypatch.setattr(film_script, "whisper", EarOfTests)


def sentence(text, language, start_s, end_s):
    return HeardSentence(text, language, start_s, end_s, np.zeros(16_000, np.float32))


def test_what_is_heard_is_translated_and_the_table_can_be_edited(talk, tmp_path, monkeypatch):
    hears(monkeypatch, sentence("Hola.", "es", 1.0, 2.0), sentence("Already English.", "en", 3.0, 4.0))
    write_film_script(talk, tmp_path / "s.csv", stages=stages())
    told = read_script(tmp_path / "s.csv", "en")
    assert [(line.original, line.text) for line in told.lines] == [
        ("Hola.", "translated from es"),
        ("Already English.", "Already English."),
    ]
    assert [line.face for line in told.lines] == [1, 1] and all(line.voice for line in told.lines)
    report = translate_film(talk, tmp_path / "o.mp4", TranslationSettings(), stages=stages(), engine=red_lips())
    assert report.sentences == 2 and "listen" in report.cached_stages
    assert len(list(read_frames(tmp_path / "o.mp4"))) == FRAMES


def test_texts_that_nobody_translates_are_left_open_in_the_table_and_the_environment_names_who_does(talk, tmp_path, monkeypatch):
    hears(monkeypatch, sentence("Hola.", "es", 1.0, 2.0), sentence("Bonjour.", "fr", 3.0, 4.0))
    settings = TranslationSettings(translate="fr")
    report = write_film_script(talk, tmp_path / "s.csv", settings, stages=stages())
    assert [line.text for line in read_script(tmp_path / "s.csv", "fr").lines] == ["", "Bonjour."]
    assert report.found.heard == ("es", "fr") and report.faces == (1,) and report.found.left_open == 1
    assert [note.code for note in report.notes] == ["pipeline.translating.texts_left_open"]
    monkeypatch.setenv("BELCANTO_TRANSLATOR", "http://127.0.0.1:1")
    with pytest.raises(InputError, match="BELCANTO_TRANSLATOR_MODEL"):
        write_film_script(talk, tmp_path / "s.csv", settings, stages=stages())
    monkeypatch.setenv("BELCANTO_TRANSLATOR_MODEL", "llama")
    monkeypatch.setattr(film_script.ModelTranslator, "translate", lambda self, texts, source, target: iter(["Salut."]))
    report = write_film_script(talk, tmp_path / "s.csv", settings, stages=stages())
    assert [line.text for line in report.script.lines] == ["Salut.", "Bonjour."] and not report.notes


def test_a_script_is_given_and_what_was_spoken_lies_beside_the_film(talk, tmp_path):
    given = DubScript((ScriptLine(1.0, 2.0, 1, "", "Hola", "a" * 10), ScriptLine(9.0, 9.5, 1, "", "", "after the end")), "en")
    beside = [tmp_path / name for name in ("words.vtt", "lines.srt", "said.csv")]
    settings = TranslationSettings(music=0.0)
    report = translate_film(talk, tmp_path / "o.mp4", settings, stages=stages(), engine=red_lips(), given=given, beside=beside)
    assert report.sentences == 1 and report.subtitles == tuple(map(str, beside[:2]))
    assert read_script(beside[2], "en").lines == given.lines[:1] and all(path.is_file() for path in beside)
    unknown = DubScript((ScriptLine(1.0, 2.0, 1, "nobody", "", "a"),), "en")
    with pytest.raises(InputError, match="nobody"):
        translate_film(talk, tmp_path / "p.mp4", settings, stages=stages(), engine=red_lips(), given=unknown)


def test_what_can_not_be_translated_is_told(talk, tmp_path, monkeypatch):
    hears(monkeypatch, sentence("Hola.", "es", 1.0, 2.0))
    with pytest.raises(InputError, match="translator"):
        translate_film(talk, tmp_path / "o.mp4", TranslationSettings(translate="fr"), stages=stages(), engine=red_lips())
    hears(monkeypatch)
    with pytest.raises(InputError, match="Nobody"):
        translate_film(talk, tmp_path / "o.mp4", TranslationSettings(), stages=stages(), engine=red_lips())
    table = script(tmp_path, ScriptLine(1.0, 2.0, 1, "", "", "..."))
    with pytest.raises(InputError, match="nothing to say"):
        translate_film(talk, tmp_path / "o.mp4", TranslationSettings(script=table), stages=stages(), engine=red_lips())
    assert not list(tmp_path.glob("*.mp4"))


def test_a_speaker_who_is_not_seen_is_heard_and_lips_stay(talk, tmp_path):
    table = script(tmp_path, ScriptLine(1.0, 2.0, 7, "", "", "a" * 10))
    report = translate_film(talk, tmp_path / "o.mp4", TranslationSettings(script=table), stages=stages(), engine=red_lips())
    assert report.dubbed == () and any("seen clearly" in str(note) for note in report.notes)


@pytest.mark.parametrize(
    "given",
    [
        {"translator": "http://127.0.0.1:1"},
        {"voice": "nobody"},
        {"dub": DubSettings(loop="hold")},
        {"dub": DubSettings(sound_start_s=1.0)},
        {"dub": DubSettings(keep_background=0.5)},
        {"translate": "xx"},
    ],
)
def test_options_that_do_not_go_together_are_refused(given):
    with pytest.raises(InputError):
        TranslationSettings(**given)


@pytest.mark.parametrize(
    ("more", "said"),
    [([], "--sound"), (["--sound", "x", "--translate", "en"], "leave one"), (["--voice", "af_heart"], "--voice")],
)
def test_the_command_says_what_lacks(talk, tmp_path, capfd, more, said):
    given = [str(tone(tmp_path / "v.wav", 1.0)) if each == "x" else each for each in more]
    assert main(["dub", "--film", str(talk), "--out", str(tmp_path / "o.mp4"), *given]) == 2
    assert said in capfd.readouterr().err
