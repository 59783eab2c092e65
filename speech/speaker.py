"""Text to speech by settings: which voice, which language, how fast.

    voice = open_voice(SpeechSettings(voice="af_heart"))
    for said in voice.say("Hello! It is 5 o'clock."):
        said.sound, said.words

The sentences come as they are spoken; the first piece of a long first sentence is short, so that the sound begins early.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from core.errors import InputError
from speech.english.front_end import English
from speech.kokoro import MOST_PHONEMES, RATE_HZ, SOUNDLESS, Kokoro, Spoken, checked_speed
from speech.languages.chinese import Chinese
from speech.languages.espeak import ESPEAK_VOICES, Espeak
from speech.languages.german import German
from speech.languages.hindi import Hindi
from speech.languages.japanese import Japanese
from speech.reading import PAUSES, BreathPiece, FrontEnd, Reading, phonemes_of
from speech.remote import RemoteVoiceSettings, open_remote_voice
from speech.sentences import breaths, sentences
from speech.voice import Phoneme, PieceVoice, Said, Word
from speech.voices import LANGUAGES, SAMPLE_TEXTS, language_of

DEFAULT_VOICE = "af_heart"
#: Phonemes of the first piece, about two seconds, where a pause allows it; each further one may be twice as long as the last, so
#: that it is spoken while those before it are heard.
FIRST_PIECE = 30
AROUND_WORDS = "\"'“”‘’«»()[]" + PAUSES
#: Silence that is left before the first phoneme and after the last one.
LEAD_S, TRAIL_S = 0.05, 0.25
#: The same where a breath was cut between two words.
GOING_ON_S = 0.03


@dataclass(frozen=True)
class SpeechSettings:
    """voice: a name or a mixture (`speech.voices`). language: one of `LANGUAGES`; empty for the voice's own. speed: 0.5 to 2.

    early: whether the first sentence is begun with a short piece, so that the sound begins early; where nobody waits for it, a
    sentence sounds better whole.
    """

    voice: str = DEFAULT_VOICE
    language: str = ""
    speed: float = 1.0
    early: bool = True

    def __post_init__(self) -> None:
        """Raises InputError for values that are not accepted."""
        language_of(self.voice)
        if self.language and self.language not in LANGUAGES:
            raise InputError("speech.no_such_language", name=self.language, list=LANGUAGES)
        checked_speed(self.speed)


def open_voice(settings: SpeechSettings | RemoteVoiceSettings) -> PieceVoice:
    """The voice that speaks by these settings; Kokoro's network is shared by all that are open.

    Raises MissingError where a part is missing: the weights, or what reads the language.
    """
    return open_remote_voice(settings) if isinstance(settings, RemoteVoiceSettings) else KokoroVoice(settings)


def sample(voice: str) -> Iterator[Said]:
    """What a voice, or a mixture, says for somebody to get to know it. Raises InputError and MissingError like `open_voice`."""
    return open_voice(SpeechSettings(voice=voice)).say(SAMPLE_TEXTS[language_of(voice)])


@cache
def _kokoro() -> Kokoro:
    return Kokoro()


@cache
def front_end(language: str) -> FrontEnd:
    """What reads a language. Raises MissingError where it is missing."""
    if language == "hi":
        return Hindi()
    if language == "de":
        return German()
    if language in ESPEAK_VOICES:
        return Espeak(language)
    if language == "ja":
        return Japanese()
    if language == "zh":
        return Chinese()
    return English(british=language == "en-GB")


class KokoroVoice:
    """A voice of Kokoro, or a mixture."""

    def __init__(self, settings: SpeechSettings) -> None:
        """Raises MissingError where a part is missing."""
        self._settings = settings
        self._front_end = front_end(settings.language or language_of(settings.voice))
        self._kokoro = _kokoro()

    def say(self, text: str, speed: float = 1.0) -> Iterator[Said]:
        """As `Voice.say`; `speed` and that of the settings are multiplied."""
        return self._say(text, checked_speed(checked_speed(speed) * self._settings.speed))

    def pieces(self, text: str, first: int = MOST_PHONEMES, most: int = MOST_PHONEMES) -> Iterator[BreathPiece]:
        """What is said in one breath each, in order; read, but not yet spoken.

        first: phonemes of the first piece, where a pause allows it; each further one may have twice as many. most: of any piece;
        longer ones are cut between words. Raises MissingError where what reads the language fails.
        """
        for sentence in sentences(text):
            readings = self._front_end.read(sentence)
            left = len(readings)
            for piece in breaths(readings, most, first):
                phonemes, left = phonemes_of(piece), left - len(piece)
                if phonemes.strip(PAUSES + SOUNDLESS):
                    yield BreathPiece(piece, phonemes, left > 0 and not piece[-1].ends_in_pause)
                    first = 2 * first

    def speak(self, piece: BreathPiece, speed: float = 1.0) -> Said:
        """Say one of the `pieces`; `speed` and that of the settings are multiplied. Raises InputError like `say`."""
        return self._spoken(piece, checked_speed(checked_speed(speed) * self._settings.speed))

    def _say(self, text: str, speed: float) -> Iterator[Said]:
        nothing = True
        for piece in self.pieces(text, FIRST_PIECE if self._settings.early else MOST_PHONEMES):
            yield self._spoken(piece, speed)
            nothing = False
        if nothing:
            raise InputError("speech.nothing_to_say")

    def _spoken(self, piece: BreathPiece, speed: float) -> Said:
        trail_s = GOING_ON_S if piece.goes_on else TRAIL_S
        spoken = trimmed(self._kokoro.speak(piece.phonemes, self._settings.voice, speed), trail_s)
        text = self._front_end.between.join(each.text for each in piece.readings if each.text)
        unsure = tuple(each.text.strip(AROUND_WORDS) for each in piece.readings if each.unsure)
        return Said(text, spoken.sound, RATE_HZ, spoken.phonemes, words_of(piece.readings, spoken.phonemes), unsure)


def words_of(readings: tuple[Reading, ...], phonemes: tuple[Phoneme, ...]) -> tuple[Word, ...]:
    """The words with the times of their phonemes, without the pauses after them; what is not spoken has no word."""
    words, at = [], 0
    for reading in readings:
        count = sum(symbol not in SOUNDLESS for symbol in reading.phonemes)
        mine = [each for each in phonemes[at : at + count] if each.symbol not in PAUSES]
        at += count
        if mine and reading.text:
            words.append(Word(reading.text, mine[0].start_s, mine[-1].end_s))
    return tuple(words)


def trimmed(spoken: Spoken, trail_s: float = TRAIL_S) -> Spoken:
    """Without the silence before the first phoneme and after the last, but for `LEAD_S` and `trail_s`."""
    heard = [each for each in spoken.phonemes if each.symbol not in PAUSES]
    begin = max(0, round((heard[0].start_s - LEAD_S) * RATE_HZ))
    end = min(len(spoken.sound), round((heard[-1].end_s + trail_s) * RATE_HZ))
    last_s = (end - begin) / RATE_HZ
    moved = (
        Phoneme(each.symbol, max(0.0, each.start_s - begin / RATE_HZ), min(last_s, each.end_s - begin / RATE_HZ))
        for each in spoken.phonemes
    )
    return Spoken(
        np.ascontiguousarray(spoken.sound[begin:end]),
        tuple(each for each in moved if each.start_s < each.end_s or each.symbol not in PAUSES),
    )
