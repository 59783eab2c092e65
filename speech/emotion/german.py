"""The emotion of a German sentence, by words that tell one: there is no such data as for English to learn from."""

from __future__ import annotations

from collections import Counter

from speech.emotion.features import with_negations, words_of
from speech.emotion.word_lists import GERMAN_ENDS, GERMAN_NEGATIONS, GERMAN_STEMS, GERMAN_WORDS

#: What a negated emotion becomes: who is not glad is rather sad; who is not sad need not be anything.
NEGATED = {"joy": "sadness"}
#: One word tells this much, several tell more.
ONE_WORD, MORE_WORDS = 0.65, 0.15


def german_emotion(text: str) -> tuple[str, float]:
    """The emotion, one of Ekman's, and how sure it is, 0 to 1; neutral where no word tells."""
    told: Counter[str] = Counter()
    for word, negated in with_negations(words_of(text), GERMAN_NEGATIONS, GERMAN_ENDS):
        if emotion := emotion_of_word(word):
            if not negated:
                told[emotion] += 1
            elif emotion in NEGATED:
                told[NEGATED[emotion]] += 1
    if not told:
        return "neutral", 1.0
    emotion, count = max(told.items(), key=lambda each: (each[1], each[0]))
    return emotion, min(1.0, ONE_WORD + MORE_WORDS * (count - 1))


def emotion_of_word(word: str) -> str:
    """The emotion that a German word tells, in whatever ending; empty where it tells none."""
    if word in GERMAN_WORDS:
        return GERMAN_WORDS[word]
    return next((GERMAN_STEMS[word[:end]] for end in range(len(word), 2, -1) if word[:end] in GERMAN_STEMS), "")
