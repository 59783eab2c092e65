"""The emotion of sentences, as somebody who reads them would name it."""

from __future__ import annotations

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from core.errors import InputError, MissingError
from motion.singing.performance.emotions import FELT_STYLES
from speech.emotion.classifier import FILE, EmotionClassifier, classifier, feeling_of
from speech.emotion.features import counts_of, marked, words_of
from speech.emotion.feeling import EKMAN, EKMAN_OF, GOEMOTIONS, STYLE_OF, feeling
from speech.emotion.training.plain import plain_sentences

CLEAR = {
    "joy": [
        "What a wonderful day!",
        "I'm so happy for you!",
        "Thank you so much, I love it!",
        "We won, this is amazing!",
        "I love you.",
        "Congratulations, I'm proud of you!",
        "That's hilarious, haha!",
        "How good to see you!",
    ],
    "sadness": [
        "I'm so sad that she died.",
        "I miss him so much.",
        "I feel so lonely and depressed.",
        "I'm sorry for your loss.",
        "It breaks my heart.",
        "Unfortunately I failed, I'm so disappointed.",
        "I cried all night.",
    ],
    "anger": [
        "I hate you!",
        "This makes me so angry!",
        "Shut up, you idiot!",
        "How dare you!",
        "I'm sick of your lies, get out!",
        "You are the worst, I am furious!",
    ],
    "fear": [
        "I'm scared to death.",
        "I'm terrified of the dark.",
        "I am afraid of what will happen.",
        "This is terrifying!",
        "I'm really nervous about tomorrow.",
    ],
    "disgust": [
        "That's disgusting, take it away!",
        "Eww, gross!",
        "That smell is revolting, it makes me sick.",
    ],
    "surprise": [
        "Wow, I did not expect that!",
        "I'm shocked, I had no idea!",
        "What? Are you serious?",
        "Oh my god, really?",
        "I wonder how that works?",
    ],
    "neutral": [
        "The train leaves at eight.",
        "The box is on the table.",
        "He works in an office in the city.",
        "First step: choose a file.",
        "The meeting was moved to Tuesday.",
    ],
}
NEGATED = [
    ("I am not happy about the result.", "joy"),
    ("I don't like it.", "joy"),
    ("That joke was not so funny.", "joy"),
    ("I'm not afraid of ghosts.", "fear"),
]


def plain(text):
    """The words alone."""
    return [word for word in words_of(text) if word[0].isalpha() and word != "CAPITALS"]


@pytest.mark.parametrize("emotion", EKMAN)
def test_clear_sentences_are_read_as_people_read_them(emotion):
    wrong = [(text, feeling_of(text)) for text in CLEAR[emotion] if feeling_of(text).emotion != emotion]
    assert wrong == []


def test_none_of_these_sentences_was_learned():
    learned = {" ".join(plain(text)) for text in plain_sentences().texts}
    shown = [text for texts in CLEAR.values() for text in texts] + [text for text, _ in NEGATED]
    assert [text for text in shown if " ".join(plain(text)) in learned] == []
    assert len(learned) > 1000 and " ".join(plain("I'm so furious!")) in learned


@pytest.mark.parametrize(("text", "emotion"), NEGATED)
def test_what_is_denied_is_not_felt(text, emotion):
    assert feeling_of(text).emotion != emotion


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Thank you so much!", "gratitude"),
        ("I love you.", "love"),
        ("Haha, that's so funny!", "amusement"),
        ("I'm so sorry, please forgive me.", "remorse"),
        ("I am so proud of you!", "pride"),
        ("Why is that?", "curiosity"),
        ("I agree, you are right.", "approval"),
    ],
)
def test_the_fine_classes(text, found):
    assert found in classifier().scores(text).found


def test_scores_are_probabilities():
    scores = classifier().scores("I'm so happy, thank you!")
    assert tuple(scores.goemotions) == GOEMOTIONS and tuple(scores.ekman) == EKMAN
    assert all(0.0 <= value <= 1.0 for value in scores.goemotions.values())
    assert sum(scores.ekman.values()) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize(
    "text", ["", "   ", "…", "12", "\x00\ud800 odd".encode("utf-8", "replace").decode(), "😀" * 5000, "word " * 100_000]
)
def test_any_text_has_a_feeling(text):
    assert feeling_of(text).emotion in EKMAN


def test_nothing_said_is_neutral():
    assert feeling_of("") == feeling("neutral") and classifier().scores("").found == ("neutral",)


def test_styles_are_those_of_the_performance_and_every_class_has_one():
    assert {style for style, _ in STYLE_OF.values()} == set(FELT_STYLES)
    assert set(EKMAN_OF) == set(GOEMOTIONS) and set(EKMAN_OF.values()) == set(EKMAN) == set(STYLE_OF)
    assert feeling_of("I'm so happy for you!").style == "happy"


@pytest.mark.parametrize(
    ("text", "emotion"),
    [
        ("Ich freue mich so für dich!", "joy"),
        ("Das ist ja wunderbar!", "joy"),
        ("Ich bin so traurig, mein Hund ist gestorben.", "sadness"),
        ("Ich bin wütend auf dich!", "anger"),
        ("Ich habe solche Angst.", "fear"),
        ("Igitt, wie eklig!", "disgust"),
        ("Wow, das ist ja unglaublich!", "surprise"),
        ("Der Zug fährt um acht.", "neutral"),
        ("Ich bin nicht glücklich.", "sadness"),
        ("Ich bin nicht traurig.", "neutral"),
    ],
)
def test_german_is_read_by_its_words(text, emotion):
    assert feeling_of(text, "de").emotion == emotion


def test_other_languages_are_neutral():
    assert feeling_of("Je suis si triste, I love you", "fr") == feeling("neutral")


def test_words_keep_signs_and_what_turns_them_round():
    assert words_of("SOOO happy!!! :) isn’t it...") == ["soo", "happy", "!!!", ":)", "isn't", "it", "...", "CAPITALS"]
    assert marked(["not", "so", "happy", ".", "happy"]) == ["not", "not:so", "not:happy", ".", "happy"]
    words, pieces = counts_of("good day")
    assert len(words) == 3 and len(pieces) > 10


def test_a_file_that_is_none_is_refused(tmp_path):
    with pytest.raises(MissingError) as missing:
        EmotionClassifier(tmp_path / "none.safetensors")
    assert missing.value.message.code == "speech.emotion.missing"
    odd = tmp_path / "odd.safetensors"
    odd.write_bytes(b"no such file")
    tensors = load_file(FILE)
    other = tmp_path / "other.safetensors"
    save_file({**tensors, "slope": np.zeros(3, np.float32)}, other)
    for path in (odd, other):
        with pytest.raises(InputError) as damaged:
            EmotionClassifier(path)
        assert damaged.value.message.code == "speech.emotion.damaged"


def test_the_file_is_small_and_holds_nothing_that_runs():
    assert FILE.stat().st_size < 5_000_000
    assert {str(tensor.dtype) for tensor in load_file(FILE).values()} == {"uint32", "int8", "float16", "float32"}
