"""Other languages are read where what reads them is installed; where not, one sentence says what to install."""

from __future__ import annotations

import shutil
from unicodedata import normalize

import pytest

from core.errors import MissingError
from speech.kokoro import known_phonemes
from speech.languages import espeak, japanese
from speech.languages.chinese import Chinese, counted
from speech.languages.espeak import Espeak, by_words, paired
from speech.languages.hindi import Hindi
from speech.languages.hinglish import devanagari
from speech.languages.japanese import Japanese

needs_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="the program espeak-ng is not installed")


@pytest.fixture(autouse=True)
def vocabulary():
    try:
        known_phonemes()
    except MissingError as error:
        pytest.skip(str(error))


@needs_espeak
@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("es", "¿Qué tal? Voy a la casa de la playa, con 25 amigos 😀.", {2: "bˈoɪ", 5: "kˈasa", 10: "bˌAntiθˈinko", 12: "."}),
        ("es", "El Sr. López pagó $5, o 3 €.", {1: "seɲˈoɾ", 2: "lˈopeθ", 4: "θˈinko ðˈolaɾes,", 7: "ˈeʊɾos."}),
        ("fr", "Les amis, ça va?", {0: "lez", 1: "amˈi,"}),
        ("fr", "M. Dupont chante.", {0: "məsjˈø"}),
        ("it", "Ciao, gli amici sono qui!", {0: "ʧˈao,", 2: "amˈiʧɪ"}),
        ("pt-BR", "São 3 horas da tarde.", {1: "trˈez", 2: "ˈɔɾɐz", 4: "tˈaɾəʤi."}),
        ("hi", "मैं 25 साल का हूँ।", {1: "pˈʌcːis", 4: normalize("NFD", "hũ.")}),
    ],
)
def test_espeak_reads_with_every_word_its_own(language, text, wanted):
    readings = (Hindi() if language == "hi" else Espeak(language)).read(text)
    assert [each.text for each in readings] == text.split()
    assert {place: readings[place].phonemes for place in wanted} == wanted
    assert not set("".join(each.phonemes for each in readings)) - known_phonemes()


def test_joined_words_are_parted_again():
    assert paired("ðelakasa", ["de", "la", "kasa"]) == [0, 2, 4, 8]
    assert paired("abc", ["", "abc", ""]) == [0, 0, 3, 3]
    assert paired("", ["ab"]) == [0, 0]


@needs_espeak
def test_joined_words_keep_their_stress():
    assert by_words("ðelakˈasa", ["de", "la", "casa"], "es") == ["ðe", "la", "kˈasa"]


@needs_espeak
def test_hindi_in_latin_letters_says_where_it_guessed():
    readings = Hindi().read("Main theek hoon, kal meeting hai. Mujhe sundari mili.")
    plain = Hindi().read("मैं ठीक हूँ, कल")
    assert [each.phonemes for each in readings[:4]] == [each.phonemes for each in plain]
    assert [each.text for each in readings if each.unsure] == ["sundari", "mili."]
    assert Hindi().read("This is the main road.")[3].phonemes.startswith("mˈA")


def test_hindi_is_written_back_by_rule():
    assert devanagari("Namaste") == ("नमस्ते", True)
    assert devanagari("sundari") == ("सुंदरी", False) and devanagari("khel") == ("खेल", False)


def test_what_is_missing_is_said_in_one_sentence(monkeypatch):
    monkeypatch.setattr(espeak.shutil, "which", lambda name: None)
    monkeypatch.setattr(japanese, "package", lambda: None)
    for read, code in ((lambda: Espeak("fr"), "speech.no_espeak"), (lambda: Japanese().read("東京"), "speech.no_japanese")):
        with pytest.raises(MissingError) as caught:
            read()
        assert caught.value.message.code == code and "install" in str(caught.value) and "\n" not in str(caught.value)


def test_an_espeak_that_fails_is_an_error_and_not_silence(monkeypatch):
    monkeypatch.setattr(espeak, "PROGRAM", "false")
    with pytest.raises(MissingError) as caught:
        espeak.phonemes_of("niemals gelesen", "es")
    assert caught.value.message.code == "speech.espeak_failed"


def test_kana_are_read_without_any_package(monkeypatch):
    monkeypatch.setattr(japanese, "package", lambda: None)
    readings = Japanese().read("きょうは フィルム、ちょっと！ とうきょう")
    assert [each.phonemes for each in readings] == ["kʲoːβa", "ɸiɾɯmɯ,", "ʨoʔto!", "toːkʲoː"]
    assert "".join(each.text for each in readings) == "きょうはフィルム、ちょっと!とうきょう"


def test_japanese_with_kanji():
    pytest.importorskip("pyopenjtalk", reason="pyopenjtalk-plus (350 MB) is not installed")
    readings = Japanese().read("私は25時に東京へ行きます。")
    assert "".join(each.text for each in readings) == "私は25時に東京へ行きます。"
    assert readings[0].phonemes == "βataɕi" and readings[-1].phonemes == "ikʲimasɨ."
    assert next(each.phonemes for each in readings if each.text == "25") == "ɲi ʥɨː ɡo"


def test_chinese_has_its_tones():
    readings = Chinese().read("你好，我们2024年去北京！")
    assert [each.text for each in readings] == ["你好,", "我们", "2024", "年", "去", "北京!"]
    assert readings[0].phonemes == "ni↓xau↓," and readings[-1].phonemes == "pei↓ʨi→ŋ!"
    assert readings[2].phonemes == "ɚ↘li↗ŋɚ↘sɨ↘"
    assert not set("".join(each.phonemes for each in readings)) - known_phonemes()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "零"),
        (10, "十"),
        (11, "十一"),
        (105, "一百零五"),
        (1050, "一千零五十"),
        (12005, "一万二千零五"),
        (100000001, "一亿零一"),
        (110, "一百一十"),
    ],
)
def test_chinese_numbers(value, words):
    assert counted(value) == words
