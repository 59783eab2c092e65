"""What every voice is: text in, sound out sentence by sentence, with the times of phonemes and words.

    for said in voice.say("Hello! It is 5 o'clock."):
        said.sound, said.rate_hz            # (n,) float32, mono
        said.words, said.phonemes           # with times from the beginning of this sound

Kinds of voices differ in what they know: a remote one may give neither phonemes nor words (empty tuples); whoever needs them
asks a recogniser.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from core.contracts import FloatArray
from core.messages import NOTHING, Message, message
from speech.reading import BreathPiece


@dataclass(frozen=True)
class Phoneme:
    """One symbol as it was spoken; stress marks and the blanks between words have no time of their own."""

    symbol: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Word:
    """One word as it stands in the text, with the punctuation that belongs to it."""

    text: str
    start_s: float
    end_s: float


Timed = TypeVar("Timed", Phoneme, Word)


def later(timed: Iterable[Timed], by_s: float) -> tuple[Timed, ...]:
    """The same phonemes or words, `by_s` later."""
    return tuple(replace(each, start_s=each.start_s + by_s, end_s=each.end_s + by_s) for each in timed)


@dataclass(frozen=True)
class Said:
    """One sentence, or as much of a long one as is said in one breath.

    text: as it was given. sound: (n,) float32 in [-1, 1] at `rate_hz`, mono. phonemes, words: in order, times in seconds from the
    beginning of `sound`; empty where the voice does not tell. unsure: words whose pronunciation is a guess by rule.
    """

    text: str
    sound: FloatArray
    rate_hz: int
    phonemes: tuple[Phoneme, ...] = ()
    words: tuple[Word, ...] = ()
    unsure: tuple[str, ...] = ()

    @property
    def note(self) -> Message:
        """Names the words that were guessed; an empty sentence where none was."""
        return message("speech.words_guessed", words=self.unsure) if self.unsure else NOTHING


class Voice(Protocol):
    """Says text."""

    def say(self, text: str, speed: float = 1.0) -> Iterator[Said]:
        """The sentences of `text`, each as soon as it is spoken; speed: 0.5 (slow) to 2 (fast).

        Raises `InputError` for a text that can't be said or a speed out of range, `MissingError` where a part is missing.
        """
        ...


class PieceVoice(Voice, Protocol):
    """A voice that can be asked for a text piece by piece, by whoever decides what is said first."""

    def pieces(self, text: str, first: int, most: int) -> Iterator[BreathPiece]:
        """What is said in one breath each, in order; nothing is spoken yet.

        first: phonemes (of a voice that does not tell them, letters) of the first piece, where a pause allows it; each further
        one may have twice as many. most: of any piece. Raises `MissingError` where what reads the language fails.
        """
        ...

    def speak(self, piece: BreathPiece, speed: float = 1.0) -> Said:
        """Say one of the pieces. Raises like `say`."""
        ...
