"""The avatar that sings along: lips and head by what the microphone hears, which is sent on with the pictures that belong to it.

The singer's time is the session's: what comes from the microphone now is heard and seen `delay_s` later, by as much as the lips
and the drawing need. Where the microphone pauses, silence stands in; where it is too quick, some of it is left out.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from core.contracts import FloatArray, Motion
from core.errors import BelcantoError, InputError
from core.messages import message
from live.avatar import MICROPHONE_HZ, AvatarOrder
from live.feed import RATE_HZ
from live.session.figures import Figures
from live.session.listening.inbox import SoundInbox
from live.session.parts import Singer
from live.session.showing.painter import Moves
from live.session.showing.picture_line import Ahead
from live.session.showing.sound_line import Stretched
from live.session.showing.stage import FPS, Stage
from live.session.staged import StagedAvatar

#: One picture is drawn ahead: the less, the nearer the lips are to the voice.
AHEAD = Ahead(pictures=1, at_once=1)
#: What a microphone's block takes on its way, and how far it may be ahead of its time before some of it is left out.
BLOCK_S, MOST_AHEAD_S = 0.02, 0.2
#: Of what was heard so much waits at most.
MOST_WAITING_S = 2.0


class SingingAvatar(StagedAvatar):
    """See `live.avatar.Avatar`; what it can't do, since it only sings, is refused with a sentence."""

    def __init__(self, order: AvatarOrder, make_singer: Callable[[], Singer], late_s: float) -> None:
        """late_s: how much later than the sound the singer's lips are known."""
        self.delay_s = late_s + AHEAD.pictures / FPS + BLOCK_S
        self._make_singer = make_singer
        self._singer: Singer | None = None
        self._figures = Figures()
        self._stretched = Stretched()
        self._fed = 0  # samples of the microphone's rate that the singer has heard
        self._inbox = SoundInbox(MOST_WAITING_S)
        self._turn = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="avatar ears", daemon=True)
        self._stage = Stage(order, self._figures, self._prepare, self._begin, self._end, AHEAD)
        self._stage.start()

    def said(self, text: str) -> None:
        """Raises InputError."""
        raise InputError("live.session.only_sings")

    def hear(self, block: FloatArray) -> None:
        """See `Avatar`: what it sings along with."""
        self._inbox.put(block)

    def interrupt(self) -> None:
        """It says nothing, so nothing ends."""

    def transcript(self) -> list[dict[str, Any]]:
        """Empty."""
        return []

    def timeline(self) -> dict[str, Any]:
        """Empty."""
        return {"sentences": []}

    def figures(self) -> dict[str, Any]:
        """See `Avatar`, and how much later than the microphone it is heard and seen."""
        return {**self._figures.as_json(), "delay_s": round(self.delay_s, 3)}

    def close(self) -> None:
        """See `Avatar`."""
        self._stage.close(str(message("live.session.song_ended")))

    def _end(self) -> None:
        """Of the stage: it is over."""
        self._inbox.close()
        if self._thread.ident is not None:
            self._thread.join()

    def _prepare(self) -> Moves:
        self._singer = self._make_singer()
        return self._move

    def _begin(self) -> None:
        self._thread.start()
        self._stage.events.tell("state", state="singing")

    def _move(self, frames: int) -> Motion:
        assert self._singer is not None
        with self._turn:
            return self._singer.block(frames)

    def _run(self) -> None:
        while (blocks := self._inbox.take()) is not None:
            try:
                for block in blocks:
                    self._sing(block)
            except BelcantoError as error:
                self._stage.fail(error.message)
                return

    def _sing(self, block: FloatArray) -> None:
        """The singer and those who listen get the block, at its place in the session's time."""
        assert self._singer is not None
        now_s, place_s = self._stage.sound.now_s, self._fed / MICROPHONE_HZ
        if place_s > now_s + self.delay_s + MOST_AHEAD_S:
            return
        if place_s < now_s + BLOCK_S:
            self._feed(np.zeros(int((now_s + self.delay_s - place_s) * MICROPHONE_HZ), dtype=np.float32))
        place_s = self._fed / MICROPHONE_HZ
        self._feed(block)
        self._stage.sound.put(place_s, self._stretched.push(block), RATE_HZ)

    def _feed(self, sound: FloatArray) -> None:
        assert self._singer is not None
        for start in range(0, len(sound), MICROPHONE_HZ):
            with self._turn:
                self._singer.hear(sound[start : start + MICROPHONE_HZ])
        self._fed += len(sound)
