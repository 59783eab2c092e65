"""When somebody who listens nods: in the speaker's pauses, and now and then to one who speaks long."""

from __future__ import annotations

from motion.live.state import Moment
from motion.singing.performance.chance import stream

#: Loudness of the person from which on they speak, and under which they pause.
SPEAKS, PAUSES = 0.25, 0.12
#: A pause of so long after speech of so long is nodded to, so often, and not sooner after the last nod.
PAUSE_S, SPOKE_S, CHANCE, APART_S = 0.22, 0.5, 0.8, 1.3
#: Speech that goes on longer is nodded to as well, less.
LONG_S, LONG_SIZE = 4.0, 0.55


class Attention:
    """Follows how the person speaks."""

    def __init__(self, fps: float, seed: int) -> None:
        self._fps = fps
        self._chance = stream(seed, "live nods")
        self._spoke_s = self._paused_s = self._since_nod_s = 0.0

    def nod(self, moment: Moment, loudness: float) -> float:
        """How large a nod begins now; 0: none. loudness: of the person."""
        frame_s = 1.0 / self._fps
        self._since_nod_s += frame_s
        if moment.of("listening") < 0.5:
            self._spoke_s = self._paused_s = 0.0
            return 0.0
        if loudness > SPEAKS:
            self._spoke_s, self._paused_s = self._spoke_s + frame_s, 0.0
        elif loudness < PAUSES:
            self._paused_s += frame_s
        if self._since_nod_s < APART_S:
            return 0.0
        if self._paused_s >= PAUSE_S and self._spoke_s >= SPOKE_S:
            self._spoke_s = 0.0
            return self._made(1.0)
        if self._spoke_s >= LONG_S and self._since_nod_s >= LONG_S:
            return self._made(LONG_SIZE)
        return 0.0

    def _made(self, size: float) -> float:
        """The nod, or none by chance."""
        if self._chance.random() >= CHANCE:
            return 0.0
        self._since_nod_s = 0.0
        return size
