"""A model's text taken apart as it streams: feelings, sentences, and nothing that isn't speech."""

from __future__ import annotations

import random

import pytest

from speech.emotion.feeling import EKMAN
from speech.emotion.tagged_text import MOST_CHARACTERS, TaggedText
from speech.emotion.word_lists import TAGS


def read(text, sizes=None):
    """(feeling, sentence) of every piece, the text given in chunks of these sizes, one by one where there are none."""
    reader, pieces, place = TaggedText(), [], 0
    for size in sizes or [1] * len(text):
        pieces += reader.push(text[place : place + size])
        place += size
    return [(piece.feeling, piece.text) for piece in [*pieces, *reader.push(text[place:]), *reader.finish()]]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("*joy* What a day! *sad* But now...", [("joy", "What a day!"), ("sadness", "But now...")]),
        ("*Angry* Leave! Now.", [("anger", "Leave!"), (None, "Now.")]),
        ("*joy* what a day", [("joy", "what a day")]),
        ("*joy*\nWhat a day!\nIndeed.", [("joy", "What a day!"), (None, "Indeed.")]),
        ("*sad* *fear* Who is there?", [("fear", "Who is there?")]),
        ("*überrascht* Ach! *Freude* Du bist es.", [("surprise", "Ach!"), ("joy", "Du bist es.")]),
        # asterisks that are no tags
        ("2 * 3 * 4 is 24. And 2*3*4 too.", [(None, "2 * 3 * 4 is 24."), (None, "And 2*3*4 too.")]),
        ("This is **very** good and *really* new.", [(None, "This is very good and really new.")]),
        ("*Joy* is a feeling. I feel *joy* today.", [(None, "Joy is a feeling."), (None, "I feel joy today.")]),
        ("**joy** What a day!", [(None, "joy What a day!")]),
        ("*wobble* Hello there.", [(None, "wobble Hello there.")]),
        ("*Wow! Great.* Next", [(None, "Wow!"), (None, "Great."), (None, "Next")]),
        ("* first\n* second\n- **third**\n", [(None, "first"), (None, "second"), (None, "third")]),
        ("A star* and a_b_c and __init__.", [(None, "A star and a_b_c and init.")]),
        # what isn't speech
        ("Look:\n```python\nprint('a. b')\n```\nDone.", [(None, "Look:"), (None, "Done.")]),
        ("<think>Hm. What now? *joy*</think>Hello.", [(None, "Hello.")]),
        ("Type `a. b` now. Fine", [(None, "Type a. b now."), (None, "Fine")]),
        (
            "See [the guide](https://a.b/c.d) or https://www.example.org/x?y=1 today.",
            [(None, "See the guide or example.org today.")],
        ),
        ("Great 😀👍🏽! ❤️\n🎉\nOn", [(None, "Great!"), (None, "On")]),
        ("## Title\n> said **he**\n---\nOn", [(None, "Title"), (None, "said he"), (None, "On")]),
        ("a < b and c > d, 20 °C, I <3 it<br>.", [(None, "a < b and c > d, 20 °C, I <3 it.")]),
        # where no sentence ends
        ("Dr. Smith paid 3.50 to J. R. today. Ok.", [(None, "Dr. Smith paid 3.50 to J. R. today."), (None, "Ok.")]),
        ("z.B. heute. 1. Erstens. ", [(None, "z.B. heute."), (None, "1. Erstens.")]),
        ("So am I. You too.", [(None, "So am I."), (None, "You too.")]),
        ('He said "Stop!" Then he left.', [(None, 'He said "Stop!"'), (None, "Then he left.")]),
        ("こんにちは。元気?はい", [(None, "こんにちは。"), (None, "元気?はい")]),
        ("```\nnever closed. ", []),
        ("*joy*", []),
        ("", []),
    ],
)
def test_the_pieces_of_a_text_however_it_is_cut(text, pieces):
    assert read(text) == pieces
    assert read(text, [len(text)]) == pieces
    chance = random.Random(text)
    for _ in range(5):
        assert read(text, [chance.randint(1, 7) for _ in range(len(text))]) == pieces


def test_a_sentence_is_told_as_soon_as_it_is_whole():
    reader = TaggedText()
    assert reader.push("*jo") == [] and reader.push("y* What a day!") == []
    (piece,) = reader.push(" *s")
    assert (piece.text, piece.feeling, piece.written) == ("What a day!", "joy", "What a day!")
    assert reader.push("ad* But") == []
    (piece,) = reader.finish()
    assert (piece.text, piece.feeling) == ("But", "sadness")
    assert reader.push("Again. ")[0].feeling is None


def test_a_text_without_an_end_is_told_in_parts():
    words = "word " * 1000
    pieces = [text for _, text in read(words, [50] * 100)]
    assert " ".join(pieces).split() == words.split()
    assert max(map(len, pieces)) <= MOST_CHARACTERS
    reader = TaggedText()
    assert len(reader.push("word " * 20_000)) > 200
    reader = TaggedText()
    reader.push("```" + "x" * 100_000)
    assert len(reader._held) < 10


def test_every_tag_means_one_of_the_seven_and_each_of_them_has_its_own_name():
    assert set(TAGS.values()) == set(EKMAN)
    assert all(TAGS[name] == name for name in EKMAN)
    assert all(word == word.lower() and word.isalpha() for word in TAGS)


def test_the_first_clause_comes_early_where_it_is_wanted():
    reader = TaggedText(first_clause=12)
    assert reader.push("*joy* Well, this is") == [], "too short to be said alone"
    (first,) = reader.push(" wonderful, and I")
    assert (first.text, first.feeling) == ("Well, this is wonderful,", "joy")
    second, third = reader.push(" like it, too. Once more, with feeling, please. ")
    assert (second.text, second.feeling) == ("and I like it, too.", "joy"), "the sentence's tag holds to its end"
    assert (third.text, third.feeling) == ("Once more, with feeling, please.", None), "only the first sentence is parted"
