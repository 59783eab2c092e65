"""A person in front of an avatar, for measuring: speaks into its microphone in real time, and looks and listens to its feed."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Any

import numpy as np
from scipy.signal import resample_poly

from core.contracts import FloatArray
from live.avatar import MICROPHONE_HZ, Avatar, Event
from live.feed import Picture, SoundBlock
from speech.reading import PAUSES
from speech.speaker import SpeechSettings, open_voice

BLOCK = MICROPHONE_HZ // 50
#: Noise of a quiet room, and the level from which on the avatar counts as heard (-46 dB).
ROOM_NOISE, HEARD_LEVEL = 5e-4, 160


def spoken(text: str, voice: str = "bm_george") -> FloatArray:
    """(n,) the text as another voice says it, at the microphone's rate, without silence at its end."""
    parts = []
    for said in open_voice(SpeechSettings(voice, early=False)).say(text):
        end_s = max(each.end_s for each in said.phonemes if each.symbol not in PAUSES)
        parts.append(resample_poly(said.sound[: int(end_s * said.rate_hz)], MICROPHONE_HZ, said.rate_hz).astype(np.float32))
    return np.concatenate(parts)


class Person:
    """Speaks and listens until `leave`. ended_s: when the last word that was spoken ended, began_s: when it began, by
    `time.monotonic`."""

    def __init__(self, avatar: Avatar) -> None:
        """avatar: one that is ready."""
        self._avatar = avatar
        self._speech: deque[FloatArray] = deque()
        self._chance = np.random.default_rng(0)
        self._stop = threading.Event()
        self.began_s = self.ended_s = 0.0
        self.events: list[tuple[float, Event]] = []
        self.loud: list[tuple[float, int]] = []
        self.pictures = 0
        self._leave = [avatar.feed.listen(self._take), avatar.listen(self._told)]
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def say(self, sound: FloatArray) -> None:
        """Speak, and wait until it is spoken."""
        self.ended_s = 0.0
        self._speech.append(sound)
        while not self.ended_s:
            time.sleep(0.01)

    def heard_after(self, moment_s: float, limit_s: float = 30.0) -> float | None:
        """When the avatar was first heard after that moment; None where it was not in `limit_s`."""
        end_s = time.monotonic() + limit_s
        while time.monotonic() < end_s:
            for at_s, level in tuple(self.loud):
                if at_s > moment_s and level > HEARD_LEVEL:
                    return at_s
            time.sleep(0.01)
        return None

    def silent_after(self, moment_s: float) -> float:
        """When the avatar was last heard in the second after that moment."""
        loud = [at_s for at_s, level in tuple(self.loud) if moment_s < at_s < moment_s + 1.0 and level > HEARD_LEVEL]
        return max(loud, default=moment_s)

    def wait_for(self, kind: str, since_s: float, limit_s: float = 60.0, **values: Any) -> bool:
        """Wait for such an event after that moment; whether it came."""
        end_s = time.monotonic() + limit_s
        while time.monotonic() < end_s:
            for came_s, event in tuple(self.events):
                if came_s > since_s and event.kind == kind and all(event.values.get(name) == v for name, v in values.items()):
                    return True
            time.sleep(0.02)
        return False

    def told(self, kind: str, since_s: float = 0.0) -> list[Event]:
        """The events of a kind after that moment."""
        return [event for came_s, event in tuple(self.events) if event.kind == kind and came_s > since_s]

    def leave(self) -> None:
        """Go."""
        self._stop.set()
        self._thread.join()
        for leave in self._leave:
            leave()

    def _run(self) -> None:
        begin_s, count = time.monotonic(), 0
        speech, at = np.zeros(0, dtype=np.float32), 0
        while not self._stop.wait(max(0.0, begin_s + count * BLOCK / MICROPHONE_HZ - time.monotonic())):
            if at >= len(speech) and self._speech:
                speech, at, self.began_s = self._speech.popleft(), 0, time.monotonic()
            block = (ROOM_NOISE * self._chance.normal(size=BLOCK)).astype(np.float32)
            part = speech[at : at + BLOCK]
            block[: len(part)] += part
            if len(part) and at + len(part) >= len(speech):
                self.ended_s = time.monotonic()
            at, count = at + len(part), count + 1
            self._avatar.hear(block)

    def _take(self, item: SoundBlock | Picture) -> None:
        if isinstance(item, SoundBlock):
            self.loud.append((time.monotonic(), int(np.abs(item.samples.astype(np.int32)).max())))
        else:
            self.pictures += 1

    def _told(self, event: Event) -> None:
        self.events.append((time.monotonic(), event))
