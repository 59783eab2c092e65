"""Has a dialogue's sentences spoken, and puts each on the stage when it can be heard without a break.

A step of a few milliseconds, over and over: order what is next at the speech desk, let begin what may, let go on what has begun,
tell the dialogue how much was heard.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from core.errors import BelcantoError
from core.messages import Message
from live.dialogue import Dialogue, Sentence
from live.session.actor import Actor
from live.session.figures import Figures
from live.session.showing.sound_line import SoundLine
from live.session.speaking.speech_desk import SpeechDesk
from live.session.speaking.utterance import Utterance
from speech.remote import RemoteVoiceSettings
from speech.speaker import SpeechSettings

STEP_S = 0.02
#: Sentences that are ordered ahead of the one that sounds, and how long before its turn a sentence is put on the stage.
ORDERED_AHEAD, PUT_AHEAD_S = 2, 1.0


class Audience(Protocol):
    """Who is told what is heard; quick."""

    def part_begins(self, utterance: Utterance, part: int) -> None:
        """A part of a sentence begins to be heard."""
        ...


class Teller:
    """A thread of its own."""

    def __init__(
        self,
        dialogue: Dialogue,
        desk: SpeechDesk,
        settings: SpeechSettings | RemoteVoiceSettings,
        actor: Actor,
        sound: SoundLine,
        audience: Audience,
        figures: Figures,
        on_error: Callable[[Message], None],
    ) -> None:
        """settings: whose voice it is. on_error: told why a sentence is not spoken."""
        self._dialogue, self._desk, self._settings = dialogue, desk, settings
        self._actor, self._sound, self._audience = actor, sound, audience
        self._figures, self._on_error = figures, on_error
        self._customer = desk.enter()
        self._ordered: deque[Utterance] = deque()
        self._sounding: deque[Utterance] = deque()
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._ends_s = 0.0
        self._asked_s: float | None = None
        self._fresh = True
        self._thread = threading.Thread(target=self._run, name="avatar teller", daemon=True)

    def start(self) -> None:
        """Begin to take sentences."""
        self._thread.start()

    def close(self) -> None:
        """Speak no more."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._desk.leave(self._customer)

    @property
    def sounds(self) -> bool:
        """Whether something is heard, or about to be."""
        return self._sound.now_s < self._ends_s

    def asked(self, late_s: float) -> None:
        """The person has asked, `late_s` ago: the next sound answers."""
        with self._lock:
            self._asked_s = time.monotonic() - late_s

    def break_off(self, change: Callable[[], None]) -> None:
        """Stop at once, and have the dialogue go over to what is next."""
        with self._lock:
            change()
            self._desk.cancel(self._customer)
            self._customer.runs_out_s = 0.0
            self._ordered.clear()
            self._sounding.clear()
            self._ends_s, self._fresh = 0.0, True
            self._sound.hush()
            self._actor.hush()

    def _run(self) -> None:
        while not self._stop.wait(STEP_S):
            with self._lock:
                self._order()
                self._drop_unwanted()
                self._go_on()
                self._begin()
                self._report()

    def _order(self) -> None:
        """Take what the dialogue has to say next, and have it spoken."""
        while len(self._ordered) < ORDERED_AHEAD and (sentence := self._dialogue.next_sentence()) is not None:
            first = not self._ordered and not self.sounds
            try:
                order = self._desk.order(self._customer, sentence.text, self._settings, first)
            except BelcantoError as error:
                self._on_error(error.message)
                self._dialogue.heard(sentence, sentence.text)
                continue
            self._ordered.append(Utterance(sentence, order))

    def _drop_unwanted(self) -> None:
        """Sentences of an answer that was forgotten; one that was broken off is dropped by `break_off`."""
        for utterance in tuple(self._ordered):
            if not self._is_wanted(utterance.sentence) and not self._dialogue.supposed(utterance.sentence):
                utterance.order.cancelled = True
                self._ordered.remove(utterance)

    def _is_wanted(self, sentence: Sentence) -> bool:
        return self._dialogue.wanted(sentence)

    def _begin(self) -> None:
        """Put the next sentence on the stage, where it will not break off."""
        now_s = self._sound.now_s
        if self._ends_s > now_s + PUT_AHEAD_S or (self._sounding and not self._sounding[-1].whole):
            return
        if (
            not self._ordered
            or not self._is_wanted(self._ordered[0].sentence)
            or not self._desk.may_begin(self._ordered[0].order)
        ):
            return
        utterance = self._ordered.popleft()
        at_s = max(self._ends_s, self._actor.now_s, now_s)
        if self._sounding or not self._fresh:
            self._figures.pauses_s.append(max(0.0, at_s - self._ends_s))
        self._fresh = False
        felt = utterance.sentence.feeling
        self._actor.feel(at_s, felt.style, felt.strength)
        self._sounding.append(utterance)
        if self._asked_s is not None:
            self._figures.first_sound_s.append(time.monotonic() - self._asked_s + max(0.0, at_s - now_s))
            self._asked_s = None
        self._put_parts(utterance, at_s)

    def _go_on(self) -> None:
        """The next parts of the sentence that sounds."""
        if self._sounding and not self._sounding[-1].whole and self._is_wanted(self._sounding[-1].sentence):
            self._put_parts(self._sounding[-1], self._ends_s)

    def _put_parts(self, utterance: Utterance, at_s: float) -> None:
        for said in utterance.unplaced():
            begins_s = self._actor.say(max(at_s, self._sound.now_s), said)
            if utterance.placed and begins_s > at_s + 1e-3:
                self._figures.breaks_s.append(begins_s - at_s)
            at_s = self._ends_s = self._sound.put(begins_s, said.sound, said.rate_hz)
            utterance.place(said, begins_s, at_s)
        if utterance.order.failed is not None and not utterance.failure_told:
            utterance.failure_told = True
            self._on_error(utterance.order.failed)
        self._customer.runs_out_s = time.monotonic() + max(0.0, self._ends_s - self._sound.now_s)
        self._customer.midway = not utterance.whole

    def _report(self) -> None:
        """Tell what is heard by now."""
        now_s = self._sound.now_s
        for utterance in tuple(self._sounding):
            while (part := utterance.next_begun(now_s)) is not None:
                self._audience.part_begins(utterance, part)
            text = utterance.heard(now_s)
            if text != utterance.told:
                utterance.told = text
                self._dialogue.heard(utterance.sentence, text)
            if utterance.over(now_s):
                self._sounding.remove(utterance)
        if not self._sounding and not self._ordered and not self.sounds:
            self._fresh = True
