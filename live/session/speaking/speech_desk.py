"""The speech desk: one for the process, where all sessions have their sentences spoken.

A second of speech may take about a second of one processor core, so as many pieces are spoken at once as there are cores but one.
Next is whose sound would otherwise break off inside a sentence; then those who are silent, in turn; then whose sound runs out
soonest. What was said before in the same voice, if it is short, is kept and costs nothing.
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from functools import cache
from itertools import accumulate

from core.errors import BelcantoError
from live.session.speaking.orders import Customer, SpeechOrder, lasts_until_spoken
from speech.reading import BreathPiece as Piece
from speech.reading import phonemes_of
from speech.remote import RemoteVoiceSettings
from speech.speaker import SpeechSettings, open_voice
from speech.voice import Said

#: Speaking takes so many seconds a phoneme until it was measured; then what it took lately counts so much.
FIRST_GUESS_S, NEWS = 0.05, 0.25
#: The first piece of an answer ends at a pause so that it is spoken in `SOON_S`, if there is one; else it is cut between words so
#: that it is spoken in `LATEST_S`, if it has at least so many phonemes then.
SOON_S, LATEST_S, LEAST_FIRST, MOST_FIRST = 0.5, 0.7, 14, 60
#: A piece has so many phonemes at most: about six seconds.
MOST_PHONEMES = 80
#: Where sessions wait for one another, speaking is taken to last so much longer than it did lately: drawing wants the cores, too.
CAUTION = 1.5
#: A piece is spoken so much before it is due.
MARGIN_S = 0.2
#: The threads end where nothing was to be done for so long; none is left amid its work when the program ends.
IDLE_S = 0.5
#: Short pieces are kept: phonemes of one, and samples of all.
KEPT_PHONEMES, KEPT_SAMPLES = 60, 24_000 * 60 * 6


class SpeechDesk:
    """Speaks for all; all methods may be called from any thread."""

    def __init__(self, workers: int | None = None) -> None:
        """workers: pieces that are spoken at once; None: as many as the processor has cores but one."""
        self._workers = workers or max(1, (os.cpu_count() or 1) - 1)
        self._customers: list[Customer] = []
        self._changed = threading.Condition()
        self._running = 0
        self._kept: OrderedDict[tuple[object, ...], Said] = OrderedDict()
        self.seconds_per_phoneme = FIRST_GUESS_S

    def enter(self) -> Customer:
        """A session comes."""
        customer = Customer()
        with self._changed:
            self._customers = [*self._customers, customer]
        return customer

    def leave(self, customer: Customer) -> None:
        """A session goes; what it ordered is not spoken."""
        self.cancel(customer)
        with self._changed:
            self._customers = [each for each in self._customers if each is not customer]

    def order(self, customer: Customer, text: str, settings: SpeechSettings | RemoteVoiceSettings, first: bool) -> SpeechOrder:
        """Have a sentence spoken. first: it begins an answer, so that its first piece is wanted soon.

        Raises InputError and MissingError like `open_voice` and `PieceVoice.pieces`.
        """
        voice, key = open_voice(settings), settings
        pieces = tuple(voice.pieces(text, MOST_PHONEMES, MOST_PHONEMES))
        if first and pieces and (key, pieces[0]) not in self._kept:
            pieces = tuple(voice.pieces(text, self._phonemes_in(SOON_S), MOST_PHONEMES))
            if (key, pieces[0]) not in self._kept:
                pieces = (*parted(pieces[0], self._phonemes_in(LATEST_S)), *pieces[1:])
        order = SpeechOrder(voice, key, pieces)
        with self._changed:
            customer.orders.append(order)
            if self._running < self._workers:
                self._running += 1
                threading.Thread(target=self._work, name="speech").start()
            self._changed.notify()
        return order

    def cancel(self, customer: Customer) -> None:
        """What the session ordered and is not spoken yet is not wanted any more."""
        with self._changed:
            for order in customer.orders:
                order.cancelled = True
            customer.orders.clear()

    def may_begin(self, order: SpeechOrder) -> bool:
        """Whether the sentence, begun now, will not break off before its end, as far as can be told."""
        if order.failed is not None or len(order.said) == len(order.pieces):
            return True
        with self._changed:
            waiting = sum(customer.next_order() is not None for customer in self._customers)
        share = CAUTION * waiting / self._workers if waiting > self._workers else 1.0
        return lasts_until_spoken(order, share * self.seconds_per_phoneme, MARGIN_S)

    def _phonemes_in(self, seconds: float) -> int:
        """How many phonemes are spoken in that time, within the limits of a first piece."""
        return min(MOST_FIRST, max(LEAST_FIRST, int(seconds / self.seconds_per_phoneme)))

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._next() is not None, IDLE_S)
                customer = self._next()
                order = customer.next_order() if customer else None
                if customer is None or order is None:
                    self._running -= 1
                    return
                customer.busy, customer.served_s = True, time.monotonic()
            self._speak(order)
            with self._changed:
                customer.busy = False
                self._changed.notify_all()

    def _next(self) -> Customer | None:
        """Who is served next: one piece of a session at a time."""
        waiting = [each for each in self._customers if not each.busy and each.next_order() is not None]
        if not waiting:
            return None
        silent = [each for each in waiting if not each.left_s()]
        longest_s = max((self._cost_s(each) for each in silent), default=0.0)
        urgent = [each for each in waiting if each.midway and each.left_s() - self._cost_s(each) - longest_s < MARGIN_S]
        if urgent:
            return min(urgent, key=lambda each: each.runs_out_s)
        if silent:
            return min(silent, key=lambda each: each.served_s)
        return min(waiting, key=lambda each: each.runs_out_s)

    def _cost_s(self, customer: Customer) -> float:
        order = customer.next_order()
        return order.next_cost * self.seconds_per_phoneme if order else 0.0

    def _speak(self, order: SpeechOrder) -> None:
        """The next piece of the order."""
        piece = order.pieces[len(order.said)]
        key = (order.voice_key, piece)
        with self._changed:
            if (said := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
        try:
            if said is None:
                begin_s = time.monotonic()
                said = order.voice.speak(piece)
                took_s = (time.monotonic() - begin_s) / len(piece.phonemes)
                self.seconds_per_phoneme += NEWS * (took_s - self.seconds_per_phoneme)
                self._keep(key, piece, said)
        except BelcantoError as error:
            order.failed = error.message
            return
        order.said.append(said)

    def _keep(self, key: tuple[object, ...], piece: Piece, said: Said) -> None:
        if len(piece.phonemes) > KEPT_PHONEMES:
            return
        with self._changed:
            self._kept[key] = said
            while sum(len(each.sound) for each in self._kept.values()) > KEPT_SAMPLES:
                self._kept.popitem(last=False)


def parted(piece: Piece, most: int) -> tuple[Piece, ...]:
    """The piece, or where it is longer than `most` phonemes by more than a word or two, its words in parts: as many as fit, then
    up to twice as many, and so on, so that each is spoken while the one before it is heard."""
    if len(piece.phonemes) <= most + LEAST_FIRST:
        return (piece,)
    lengths = accumulate(len(each.phonemes) + 1 for each in piece.readings)
    count = max(1, sum(length - 1 <= most for length in lengths))
    first, rest = piece.readings[:count], piece.readings[count:]
    if not phonemes_of(rest):
        return (piece,)
    begin = Piece(first, phonemes_of(first), not first[-1].ends_in_pause)
    return begin, *parted(Piece(rest, phonemes_of(rest), piece.goes_on), 2 * most)


@cache
def speech_desk() -> SpeechDesk:
    """The one of this process."""
    return SpeechDesk()
