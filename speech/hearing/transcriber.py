"""What somebody says, written down while they speak: partial results about every 0.6 s, and a final one when it is asked for.

    transcriber = Transcriber(on_partial)       # from a thread of its own, never two at once
    transcriber.begin(sound_before)             # somebody begins
    transcriber.push(block)                     # (n,) float32, 16 kHz
    transcriber.finish(on_final)                # all until now; whoever goes on speaking is listened to further

What two partial results agree on stays as it was told. Of a long speech what lies before a pause is written down for good and its
sound forgotten, so that the work and the memory stay the same however long somebody speaks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from core.contracts import FloatArray
from core.errors import BelcantoError
from core.messages import Message
from neural.log_mel import RATE_HZ
from speech.hearing.desk import HearingDesk, hearing_desk
from speech.hearing.whisper import Heard, Whisper, whisper

#: New sound for a partial result.
PARTIAL_S = 0.6
#: A longer sound is cut at its quietest place after `CUT_FROM_S`; where the machine is that far behind, the oldest is dropped.
CUT_BEYOND_S, CUT_FROM_S, QUIET_S, MOST_S = 16.0, 8.0, 0.25, 60.0


@dataclass(eq=False)
class _Speech:
    """What is being said. text: of what was forgotten of the sound. told: words of the last partial result; agreed: so many of
    them stay. fresh: samples since the last partial result was begun."""

    sound: FloatArray
    text: str = ""
    told: list[str] = field(default_factory=list)
    agreed: int = 0
    fresh: int = 0
    asked: bool = False


class Transcriber:
    """One person's ear."""

    def __init__(
        self,
        on_partial: Callable[[Heard], None],
        on_error: Callable[[Message], None],
        language: str = "",
        expected: str = "",
        ear: Callable[[], Whisper] = whisper,
        desk: HearingDesk | None = None,
    ) -> None:
        """on_partial: told of each partial result, the text of all that is said; on_error: why nothing is understood, told once.
        language: two letters; empty: found with the first words, `expected` where that is unsure. ear: loaded at the first need.
        """
        self._on_partial, self._on_error, self._ear = on_partial, on_error, ear
        self._language, self._expected = language, expected
        self._desk = desk or hearing_desk()
        self._lock = threading.Lock()
        self._speech: _Speech | None = None
        self._broken = False

    def begin(self, before: FloatArray) -> None:
        """Somebody begins to speak. before: sound from shortly before that."""
        with self._lock:
            self._speech = _Speech(before.astype(np.float32, copy=True))

    def push(self, block: FloatArray, pausing: bool = False) -> None:
        """What is heard further; nothing where nobody has begun. pausing: the person is silent at the moment, so that no partial
        result is begun which the final one would have to wait for."""
        with self._lock:
            speech = self._speech
            if speech is None:
                return
            speech.sound = np.concatenate([speech.sound, block])[-int(MOST_S * RATE_HZ) :]
            speech.fresh += len(block)
            if pausing or speech.asked or speech.fresh < PARTIAL_S * RATE_HZ:
                return
            speech.asked = True
        self._desk.ask(lambda: self._partial(speech))

    def finish(self, then: Callable[[Heard], None]) -> None:
        """Tell all that was said until now, from another thread; an empty text where nothing was understood."""
        with self._lock:
            speech = self._speech
            sound = None if speech is None else speech.sound
        if speech is None or sound is None:
            then(Heard("", self._language))
            return
        self._desk.ask(lambda: then(self._final(speech)), urgent=True)

    def drop(self) -> None:
        """Nothing more is wanted of what was said."""
        with self._lock:
            self._speech = None

    def _partial(self, speech: _Speech) -> None:
        with self._lock:
            wanted = self._speech is speech
            speech.fresh = 0
        if wanted:
            heard = self._listen(speech)
            words = heard.text.split()
            with self._lock:
                wanted = self._speech is speech
                words = kept(speech.told[: speech.agreed], words)
                speech.agreed = max(speech.agreed, agreeing(speech.told, words))
                speech.told = words
            if wanted and words:
                self._on_partial(replace(heard, text=" ".join(words)))
        with self._lock:
            speech.asked = False

    def _final(self, speech: _Speech) -> Heard:
        heard = self._listen(speech)
        if heard.text and not self._language:
            self._language = heard.language
        return heard

    def _listen(self, speech: _Speech) -> Heard:
        """All of the speech until now; in the desk's thread, which alone cuts its sound."""
        try:
            while len(speech.sound) > CUT_BEYOND_S * RATE_HZ:
                self._cut(speech)
            heard = self._hear(speech.sound)
        except BelcantoError as error:
            if not self._broken:
                self._broken = True
                self._on_error(error.message)
            return Heard("", self._language)
        return replace(heard, text=joined(speech.text, heard.text), language=heard.language or self._language)

    def _cut(self, speech: _Speech) -> None:
        """Write the beginning down for good."""
        with self._lock:
            place = quietest(speech.sound[: int(CUT_BEYOND_S * RATE_HZ)])
            begin = speech.sound[:place]
        text = joined(speech.text, self._hear(begin).text)
        with self._lock:
            speech.text, speech.sound = text, speech.sound[place:]

    def _hear(self, sound: FloatArray) -> Heard:
        return self._ear().hear(sound, self._language, self._expected)


def quietest(sound: FloatArray) -> int:
    """Where in the sound, after `CUT_FROM_S`, it is quietest for `QUIET_S`."""
    begin, length = int(CUT_FROM_S * RATE_HZ), int(QUIET_S * RATE_HZ)
    power = np.cumsum(np.square(sound[begin:], dtype=np.float64))
    return begin + int(np.argmin(power[length:] - power[:-length])) + length // 2


def joined(before: str, after: str) -> str:
    """Two texts with a blank between them."""
    return f"{before} {after}".strip()


def agreeing(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words two texts have in common from the beginning."""
    return next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def kept(stable: Sequence[str], words: Sequence[str]) -> list[str]:
    """The words, with those that stay at their beginning."""
    return [*stable, *words[len(stable) :]]
