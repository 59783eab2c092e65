"""The benchmark of speaking counts right: closures that are seen, and feelings that are read, against truths made up here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.emotions import ALL_SIGNS, FaceOverTime
from benchmarks.languages import CLOSING, OTHERS
from benchmarks.speak import LANGUAGES, closures_of, feelings_read, shut_share
from pipeline.script import Line, read_script
from pipeline.spoken_text import SpokenSentence, SpokenText
from speech.voice import Phoneme

FPS = 25.0
#: A mouth that is open but for two frames, in the first of two b and beside a d.
OPENING = np.where(np.isin(np.arange(100), (25, 75)), 0.01, 0.1).astype(np.float32)
PHONEMES = (Phoneme("b", 1.0, 1.04), Phoneme("b", 2.0, 2.04), Phoneme("d", 3.0, 3.04), Phoneme("ɑ", 3.04, 3.4))


def spoken(*styles):
    """A second for each sentence, which names that feeling."""
    sentences = (SpokenSentence("Hi.", style, float(k), k + 1.0, phonemes=PHONEMES) for k, style in enumerate(styles))
    return SpokenText(Path("voice.wav"), float(len(styles)), tuple(sentences))


def test_closures_are_counted_where_they_are_seen():
    assert closures_of(PHONEMES, OPENING, FPS) == pytest.approx([0.1, 1.0])
    told = SpokenText(Path("voice.wav"), 4.0, (SpokenSentence("Hi.", None, 0.0, 4.0, phonemes=PHONEMES),))
    assert shut_share(told, OPENING, FPS, CLOSING) == 0.5 and shut_share(told, OPENING, FPS, OTHERS) == 1.0
    without = np.where(np.arange(100) > 40, np.nan, OPENING)
    assert shut_share(told, without, FPS, CLOSING) == 0.5, "a frame without a face shows no closure"


def test_feelings_are_read_against_the_sentences_without():
    signs = np.zeros((100, len(ALL_SIGNS)), np.float32) + 0.3
    signs[25:50, ALL_SIGNS.index("smile")] = 0.7
    signs[75:, ALL_SIGNS.index("brow down")] = 0.7
    face = FaceOverTime(signs, OPENING)
    assert list(feelings_read(spoken(None, "happy", "sad", "angry"), face, FPS)) == [
        ("happy", "happy"),
        ("sad", "neutral"),
        ("angry", "angry"),
    ]


@pytest.mark.parametrize("name", LANGUAGES)
def test_texts_are_full_of_closures_and_feelings(name):
    script = read_script(LANGUAGES[name].text)
    lines = [part for part in script if isinstance(part, Line)]
    assert {line.style for line in lines} == {None, "happy", "sad", "angry", "surprised"}
    text = " ".join(line.text for line in lines).lower()
    assert sum(text.count(letter) for letter in "mbp") > 150 and 1300 < len(text) < 2400
