"""When the person begins and ends to speak, told block by block while the microphone runs.

    turns = TurnTaker()
    for event in turns.push(block):            # (n,) float32 at 16 kHz, any length
        ...                                    # SpeechBegins(at_s, told_s) or SpeechEnds(at_s, told_s)

Speech begins where the voice detector is sure for a few frames of 32 ms: fewer while the avatar is silent, more while it speaks,
so that neither a click nor what is left of its own voice interrupts it; both stay far below the 300 ms within which it has to
stop. It ends after a pause. How long that is follows the person: who pauses long within a sentence is waited for longer, by what
was seen of their pauses until now.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from core.contracts import FloatArray
from neural.voice_detector import FRAME_S, VoiceDetector


@dataclass(frozen=True)
class TurnSettings:
    """begin_probability: at which a frame is speech; end_probability: below which it is none, once speech has begun.

    begin_frames: frames of speech, of the last `window_frames`, that make a beginning; interrupt_frames: the same while the
    avatar speaks. first_pause_s: the pause that ends speech before anything is known of the person; shortest_pause_s,
    longest_pause_s: its limits. pause_margin: how much longer than the person's own pauses it is. soon_s: who goes on so soon
    after the end was not done.
    """

    begin_probability: float = 0.6
    end_probability: float = 0.35
    begin_frames: int = 3
    interrupt_frames: int = 5
    window_frames: int = 6
    first_pause_s: float = 0.7
    shortest_pause_s: float = 0.5
    longest_pause_s: float = 1.4
    pause_margin: float = 1.5
    soon_s: float = 1.0


@dataclass(frozen=True)
class SpeechBegins:
    """at_s: when the speech began; told_s: when that was known; both in seconds of the sound that was pushed."""

    at_s: float
    told_s: float


@dataclass(frozen=True)
class SpeechEnds:
    """at_s: when the last word ended; told_s: when the pause was long enough."""

    at_s: float
    told_s: float


class TurnTaker:
    """One person at one microphone."""

    def __init__(self, settings: TurnSettings | None = None, detector: VoiceDetector | None = None) -> None:
        """Raises `MissingError` where the detector's weights can't be had."""
        self._settings = settings or TurnSettings()
        self._detector = detector or VoiceDetector()
        self._frames = 0
        self._recent: deque[bool] = deque(maxlen=self._settings.window_frames)
        self._speaking = False
        self._last_s = -1.0  # when the last frame of speech ended
        self._pauses_s: deque[float] = deque(maxlen=8)

    @property
    def pause_s(self) -> float:
        """The pause that ends speech now: a little longer than all but the longest that the person made in their sentences."""
        settings = self._settings
        if not self._pauses_s:
            return settings.first_pause_s
        known = sorted(self._pauses_s)
        usual_s = known[max(0, len(known) - 2)]
        return min(settings.longest_pause_s, max(settings.shortest_pause_s, settings.pause_margin * usual_s))

    @property
    def silence_s(self) -> float:
        """For how long somebody who speaks has paused now; 0 where nobody speaks or no pause is."""
        return max(0.0, self._frames * FRAME_S - self._last_s) if self._speaking else 0.0

    @property
    def heard_s(self) -> float:
        """How much of the sound was listened to."""
        return self._frames * FRAME_S

    def push(self, block: FloatArray, avatar_speaks: bool = False) -> list[SpeechBegins | SpeechEnds]:
        """What happened in the block. block: (n,) float32 in [-1, 1], mono, 16 kHz."""
        events = [self._frame(float(probability), avatar_speaks) for probability in self._detector.push(block)]
        return [event for event in events if event is not None]

    def _frame(self, probability: float, avatar_speaks: bool) -> SpeechBegins | SpeechEnds | None:
        settings = self._settings
        start_s, self._frames = self._frames * FRAME_S, self._frames + 1
        now_s = start_s + FRAME_S
        if self._speaking:
            if probability >= settings.end_probability:
                self._note_pause(start_s - self._last_s)
                self._last_s = now_s
            elif now_s - self._last_s >= self.pause_s:
                self._speaking = False
                self._recent.clear()
                return SpeechEnds(self._last_s, now_s)
            return None
        self._recent.append(probability >= settings.begin_probability)
        if sum(self._recent) < (settings.interrupt_frames if avatar_speaks else settings.begin_frames):
            return None
        began_s = now_s - (len(self._recent) - self._recent.index(True)) * FRAME_S
        if self._last_s >= 0.0 and began_s - self._last_s < self.pause_s + settings.soon_s:
            self._note_pause(began_s - self._last_s)
        self._speaking, self._last_s = True, now_s
        return SpeechBegins(began_s, now_s)

    def _note_pause(self, pause_s: float) -> None:
        """A pause that did not end the speech; gaps of a few frames are none."""
        if pause_s >= 5 * FRAME_S:
            self._pauses_s.append(pause_s)
