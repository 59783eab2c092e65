"""How a session listens: the microphone's blocks become turns, partial and final texts.

The end of a turn is guessed early: after a short pause what was said is written down and an answer begun; if the pause turns out
to be the end, both are there already, and if the person goes on, both are forgotten.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import numpy as np

from core.contracts import FloatArray
from core.messages import Message
from live.avatar import MICROPHONE_HZ
from live.session.listening.inbox import SoundInbox
from live.turns import SpeechBegins, TurnTaker
from speech.hearing.transcriber import Transcriber, joined
from speech.hearing.whisper import Heard

#: After such a pause the end is guessed.
GUESS_S = 0.3
#: After this one the person counts as pausing.
PAUSES_S = 0.07
#: Sound before the beginning that is listened to as well, and the longest that waits to be listened to.
BEFORE_S, MOST_WAITING_S = 0.5, 5.0


class Listener(Protocol):
    """Who is told; from the ears' own thread or the recogniser's, and quick."""

    def person_begins(self, late_s: float) -> None:
        """The person has begun to speak, `late_s` ago."""
        ...

    def partial(self, heard: Heard) -> None:
        """As much was said until now."""
        ...

    def perhaps(self, heard: Heard) -> None:
        """This was said, if it was all."""
        ...

    def goes_on(self) -> None:
        """It was not all."""
        ...

    def heard(self, heard: Heard, late_s: float) -> None:
        """This was said; the last word ended `late_s` ago. An empty text: nothing was understood."""
        ...

    def voice(self, block: FloatArray) -> None:
        """Sound of the person who speaks."""
        ...

    def speaks(self) -> bool:
        """Whether the avatar speaks at the moment."""
        ...


class Ears:
    """A thread of its own; `hear` only hands the sound over."""

    def __init__(self, listener: Listener, on_error: Callable[[Message], None], language: str, expected: str) -> None:
        """language, expected: see `Transcriber`. Raises MissingError where the voice detector can't be had."""
        self._listener = listener
        self._turns = TurnTaker()
        self._transcriber = Transcriber(listener.partial, on_error, language, expected)
        self._inbox = SoundInbox(MOST_WAITING_S)
        self._changed = threading.Lock()
        self._closed = False
        self._recent = np.zeros(0, dtype=np.float32)
        self._speaking = False
        self._end = _Guess()
        self._thread = threading.Thread(target=self._run, name="avatar ears", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def hear(self, block: FloatArray) -> None:
        """The microphone's next (n,) samples; where listening is that far behind, the oldest are dropped."""
        self._inbox.put(block)

    def close(self) -> None:
        """Listen no more."""
        with self._changed:
            self._closed = True
        self._inbox.close()
        self._transcriber.drop()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while (blocks := self._inbox.take()) is not None:
            self._block(np.concatenate(blocks))

    def _block(self, block: FloatArray) -> None:
        self._recent = np.concatenate([self._recent, block])[-int((BEFORE_S + MOST_WAITING_S) * MICROPHONE_HZ) :]
        before = self._turns.silence_s
        events = self._turns.push(block, self._listener.speaks())
        if self._speaking:
            self._transcriber.push(block, self._turns.silence_s > PAUSES_S)
            self._listener.voice(block)
        for event in events:
            if isinstance(event, SpeechBegins):
                self._begins(event)
            else:
                self._ends(self._turns.heard_s - event.at_s)
        if self._speaking:
            self._guess(before)

    def _begins(self, event: SpeechBegins) -> None:
        late_s = self._turns.heard_s - event.at_s
        self._speaking, self._end = True, _Guess()
        self._transcriber.begin(self._recent[-int((late_s + BEFORE_S) * MICROPHONE_HZ) :])
        self._listener.person_begins(late_s)

    def _guess(self, before_s: float) -> None:
        """A pause begins to be long, or is over."""
        silence_s = self._turns.silence_s
        if self._end.asked and silence_s < before_s:
            with self._changed:
                self._end = _Guess(self._end.before)
            self._listener.goes_on()
        if not self._end.asked and silence_s >= GUESS_S:
            self._ask()

    def _ask(self) -> None:
        guess = self._end
        guess.asked = True
        self._transcriber.finish(lambda heard: self._told(guess, heard))

    def _told(self, guess: _Guess, heard: Heard) -> None:
        """What was said until the pause is written down; it may be over by now, or the turn may."""
        with self._changed:
            if guess is not self._end or self._closed:
                if guess.ended_s is not None:  # the person has begun anew before this was written down
                    self._end.before = joined(guess.before, heard.text)
                return
            guess.heard = heard = replace(heard, text=joined(guess.before, heard.text))
            ended_s = guess.ended_s
        if ended_s is None:
            self._listener.perhaps(heard)
        else:
            self._tell(guess, ended_s)

    def _ends(self, late_s: float) -> None:
        self._speaking = False
        if not self._end.asked:
            self._ask()
        with self._changed:
            guess = self._end
            guess.ended_s = time.monotonic() - late_s
            known = guess.heard is not None
        if known:
            self._tell(guess, guess.ended_s)

    def _tell(self, guess: _Guess, ended_s: float) -> None:
        assert guess.heard is not None
        self._transcriber.drop()
        self._listener.heard(guess.heard, time.monotonic() - ended_s)


class _Guess:
    """One pause that may be the end. heard: what was said until then. ended_s: when the last word ended, once the turn is over,
    by `time.monotonic`. before: what was said in a turn before this one, which was not answered yet."""

    def __init__(self, before: str = "") -> None:
        self.asked = False
        self.heard: Heard | None = None
        self.ended_s: float | None = None
        self.before = before
