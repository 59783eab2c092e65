"""German: what stands in a text in the words in which it is said, and in symbols that Kokoro knows."""

from __future__ import annotations

import pytest

from core.errors import MissingError
from speech.kokoro import known_phonemes
from speech.languages.german import German, in_words
from speech.sentences import sentences
from speech.voices import voice_for


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Um 14:30 Uhr, um 1:00 Uhr.", "Um vierzehn Uhr dreißig um ein Uhr"),
        ("Das kostet 3,50 €, 5€ oder 1 Euro.", "Das kostet drei Euro fünfzig fünf Euro oder ein Euro"),
        ("am 3. Mai 1998, der 2. Mann", "am dritten Mai neunzehnhundertachtundneunzig der zweite Mann"),
        ("2,5 Mio. Menschen, ca. 10-15 km weit", "zwei Komma fünf Millionen Menschen circa zehn bis fünfzehn Kilometer weit"),
        ("z. B. 12 % oder z.B. -4 °C usw.", "zum Beispiel zwölf Prozent oder zum Beispiel minus vier Grad Celsius und so weiter"),
        ("„Ja!“ sagte 007.", "Ja sagte null null sieben"),
        ("1.250 Stühle", "eintausendzweihundertfünfzig Stühle"),
    ],
)
def test_numbers_times_and_short_forms_are_said_as_people_say_them(text, said):
    pieces = in_words(text.split())
    assert " ".join(words for _, words, _ in pieces if words) == said
    assert [written for written, _, _ in pieces] == text.split(), "each piece of the text stands for itself in captions"


def test_no_sentence_ends_in_a_date_or_a_short_form():
    assert len(list(sentences("Am 3. Mai war es so, z. B. abends. Das war schön."))) == 2


def test_it_is_read_in_symbols_that_are_known():
    try:
        german = German()
    except MissingError as error:
        pytest.skip(str(error))
    readings = german.read("Schöne Grüße aus Köln, Frau Müller!")
    assert [reading.text for reading in readings] == ["Schöne", "Grüße", "aus", "Köln,", "Frau", "Müller!"]
    assert all(reading.phonemes and set(reading.phonemes) <= known_phonemes() for reading in readings)
    assert "ø" in readings[0].phonemes and readings[3].phonemes.endswith(",") and readings[5].phonemes.endswith("ə!")


def test_a_voice_for_a_language():
    assert voice_for("en", "bf_emma") == "bf_emma" and voice_for("fr", "af_heart").startswith("ff_")
    assert (voice_for("de", "af_heart"), voice_for("de", "am_puck")) == ("pf_dora", "pm_alex")
    assert voice_for("xx", "am_puck") == "am_puck"
