"""A voice for tests: every word a vowel of its own length, with the times of words and phonemes; a second of it costs nothing."""

from __future__ import annotations

import numpy as np

from speech.voice import Phoneme, Said, Word

RATE_HZ = 24_000
WORD_S, GAP_S, SILENCE_S = 0.25, 0.05, 0.3


class VowelVoice:
    """Says each word as "ba", with silence around every sentence, and remembers what it was asked for."""

    def __init__(self, tells=True):
        self.tells, self.asked = tells, []

    def say(self, text, speed=1.0):
        self.asked.append((text, speed))
        words = text.split()
        length_s = 2 * SILENCE_S + len(words) * (WORD_S + GAP_S) / speed
        time_s = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
        sound = np.zeros(len(time_s), np.float32)
        told, phonemes, now_s = [], [], SILENCE_S
        for word in words:
            end_s = now_s + WORD_S / speed
            within = (time_s >= now_s) & (time_s < end_s)
            pitch_hz = 180.0 - 60.0 * (time_s[within] - now_s)
            buzz = np.sign(np.sin(2 * np.pi * pitch_hz * time_s[within])) * np.hanning(within.sum())
            sound[within] = 0.3 * buzz
            told.append(Word(word, now_s, end_s))
            phonemes += [Phoneme("b", now_s, now_s + 0.04), Phoneme("ɑ", now_s + 0.04, end_s)]
            now_s = end_s + GAP_S / speed
        told, phonemes = (tuple(told), tuple(phonemes)) if self.tells else ((), ())
        yield Said(text, sound, RATE_HZ, phonemes, told)
