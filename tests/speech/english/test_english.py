"""English is read as people read it: numbers, short forms, names, and words that are written alike."""

from __future__ import annotations

import pytest

from core.errors import MissingError
from speech.english.front_end import English
from speech.english.numbers import roman
from speech.english.wording import said
from speech.kokoro import known_phonemes

WORDS = [
    ("Dr. Lee lives on Baker St. in St. Louis.", "doctor Lee lives on Baker street in saint Louis ."),
    ("It costs $3.50, £1, €2.01 or $3 million.", "It costs three dollars and fifty cents , one pound , two euros and one cent or "
     "three million dollars ."),
    ("At 5:30 p.m., 5:05, 12:00 and 17:45!", "At five thirty P.M. , five oh five , twelve o'clock and seventeen forty five !"),
    ("On Jan. 5, 2024, in 1905, 1900.", "On january fifth , twenty twenty four , in nineteen oh five , nineteen hundred ."),
    ("the 1990s and the '80s", "the nineteen nineties and the eighties"),
    ("3.14, 1,234 and -5°C", "three point one four , one thousand two hundred thirty four and minus five degrees celsius"),
    ("12% of 20 kg, 1 km, 10-15 km/h", "twelve percent of twenty kilograms , one kilometer , ten to fifteen kilometers per hour"),
    ("the 21st, 3/4 and 1½", "the twenty first , three quarters and one and a half"),
    ("e.g. this, i.e. that, etc.", "for example this , that is that , etcetera ."),
    ("The U.S. and the BBC", "The U.S. and the BBC"),
    ("Henry VIII, World War II, Chapter IV", "Henry the eighth , World War two , Chapter four"),
    ("joe.doe@example.org or https://www.example.com/a-1", "joe dot doe at example dot org or W.W.W. dot example dot com slash a "
     "dash one"),
    ("Call 555-123-4567, room 007.", "Call five five five , one two three , four five six seven , room zero zero seven ."),
    ("Good 😀 morning 👍🏽", "Good morning"),
    ("1500 people in 1500", "fifteen hundred people in fifteen hundred"),
    ("COVID-19, MP3 and 3D", "COVID nineteen , MP three and three D"),
    ("No. 5 is no. No.", "number five is no . No ."),
    ("(see p. 12) — now", "see page twelve , — now"),
    ("10:7", "ten to seven"),
    ("Mr. & Mrs. Lee, J. R. Smith.", "mister and missus Lee , J. R. Smith ."),
    ("He's 6'2\", 1.9m and 180lbs.", "He's six foot two , one point nine meters and one hundred eighty pounds ."),
    ("a 16x9 px v2.0.1, 10^6", "a sixteen by nine px two point zero point one , ten to the power of six"),
    ("$20/month, 100K/yr, 60 km/h", "twenty dollars per month , one hundred thousand per year , sixty kilometers per hour"),
    ("mid-1980s, 9/11, 50/50 and WWII", "mid nineteen eighties , nine eleven , fifty fifty and world war two"),
    ("5 €, 5 USD, US$5, #1 of #music", "five euros , five US dollars , five US dollars , number one of hashtag music"),
    ("12.5.2024, 9:00-17:00", "May twelfth twenty twenty four , nine o'clock to seventeen hundred"),
    ("(555) 123-4567", "five five five , one two three , four five six seven"),
    ("5.30pm, 5.30 a.m. and 5.30", "five thirty P.M. , five thirty A.M. and five point three zero"),
]  # fmt: skip


def spoken(text, british=False):
    return " ".join(word for _, words in said(text, british) for word in words)


@pytest.mark.parametrize(("text", "words"), WORDS, ids=[text for text, _ in WORDS])
def test_it_is_said_in_words(text, words):
    assert spoken(text) == words


def test_british_english_has_its_own_order():
    assert spoken("101 on 3/12/2024", british=True) == "one hundred and one on the third of December twenty twenty four"
    assert spoken("101 on 3/12/2024") == "one hundred one on March twelfth twenty twenty four"


def test_roman_numbers():
    assert [roman(text) for text in ("I", "IV", "XIV", "XLIX", "IIII", "VX", "", "MIX")] == [1, 4, 14, 49, 0, 0, 0, 0]


def test_no_number_is_too_long():
    assert spoken("9" * 5000).split() == ["nine"] * 5000
    assert spoken("$" + "9" * 5000).split()[:2] == ["nine", "nine"]


@pytest.fixture(scope="module")
def english():
    """Both lands' English; where the dictionaries can't be fetched, the test skips and says so."""
    try:
        return {british: English(british) for british in (False, True)}
    except MissingError as error:
        pytest.skip(str(error))


def phonemes(english, text, british=False):
    return [each.phonemes for each in english[british].read(text)]


@pytest.mark.parametrize(
    ("text", "place", "sound"),
    [
        ("I read it yesterday", 1, "ɹˈɛd"),
        ("I will read it", 2, "ɹˈid"),
        ("She has read it", 2, "ɹˈɛd"),
        ("Record the song", 0, "ɹəkˈɔɹd"),
        ("This is a record", 3, "ɹˈɛkəɹd"),
        ("We live here", 1, "lˈɪv"),
        ("A live band", 1, "lˈIv"),
        ("He plays the bass", 3, "bˈAs"),
        ("He caught a bass", 3, "bˈæs"),
        ("I used to sing", 1, "jˈust"),
        ("I used it", 1, "jˈuzd"),
        ("lead pipes", 0, "lˈɛd"),
        ("the apple", 0, "ði"),
        ("the pear", 0, "ðə"),
        ("go to Italy", 1, "tʊ"),
        ("in the US", 2, "jˌuˈɛs"),
        ("tell us", 1, "ˌʌs"),
        ("STOP now", 0, "stˈɑp"),
        ("NASA's CDs", 1, "sˌidˈiz"),
        ("the café", 1, "kæfˈA"),
    ],
)
def test_the_sentence_decides_how_a_word_is_spoken(english, text, place, sound):
    assert phonemes(english, text)[place].rstrip(".") == sound


def test_endings_are_added_by_rule(english):
    told = phonemes(english, "vlogs vlogging emojis' googled unboxing Zoe's soundstage")
    assert told[0][-1] == "z" and told[1].endswith("ɪŋ") and told[3].endswith("d") and told[5].endswith("z")
    assert "ˈ" in told[6] and told[6].count("ˈ") == 1


def test_british_voices_drop_the_r(english):
    assert phonemes(english, "the car", british=True)[1] == "kˈɑː" and phonemes(english, "the car")[1] == "kˈɑɹ"


def test_a_word_that_no_dictionary_has_is_spoken_and_named(english):
    readings = english[False].read("Zuckerberg met Glimpfwick, and the GPTs.")
    assert [each.text for each in readings if each.unsure] == ["Zuckerberg", "Glimpfwick,"]
    assert readings[0].phonemes == "zˈukəɹbəɹɡ" and readings[2].phonemes.count("ˈ") == 1


def test_everything_that_is_read_can_be_spoken(english):
    text = "Ünïcödé ₿5 ∞ ≤ x² ☃日本 C++ R&B 100% #tag @you a/b [x] {y} ~5 °C ½ 5k __init__ 🇩🇪 ... -- ' \" “q” \u200bend"
    for british in (False, True):
        assert not set("".join(phonemes(english, text, british))) - known_phonemes()
