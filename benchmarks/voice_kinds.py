"""Kinds of voice: each of these takes somebody who speaks or sings and gives a whisper, a growl, a child, in step with the first.

A voice is parted by linear prediction (Makhoul, "Linear prediction: a tutorial review", 1975) into what throat and lips do and
what drives them; the drive is changed, and the throat laid over it again. So the lips that belong to the sound stay known. All
take and give mono sound (n,) float32 at `RATE_HZ`, at its usual level, and always give the same for the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_toeplitz
from scipy.signal import butter, lfilter, resample_poly, sosfilt

from core.contracts import FloatArray

RATE_HZ = 16_000
#: Frames of the throat's filter, and its order: two poles for each formant under 8 kHz and some for the tilt.
FRAME, HOP, ORDER = 512, 128, 20
#: Level of the loudest moments of what is made (RMS of 0.4 s), and of the room's noise under it, in dB re full scale.
USUAL_DB, ROOM_DB = -20.0, -68.0
Change = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True)
class VoiceKind:
    """change: what becomes of a voice; speed: how much quicker it then is."""

    change: Change
    speed: float = 1.0


def at_usual_level(sound: FloatArray) -> FloatArray:
    """The sound with its loudest moment at `USUAL_DB`, over a room's noise."""
    size = max(1, min(len(sound), round(0.4 * RATE_HZ)))
    power = np.convolve(np.square(sound, dtype=np.float64), np.ones(size) / size, mode="valid").max()
    noise = np.random.default_rng(7).normal(size=len(sound)) * 10 ** (ROOM_DB / 20)
    return (sound * np.sqrt(10 ** (USUAL_DB / 10) / max(power, 1e-12)) + noise).astype(np.float32)


class Throat:
    """The filter of a voice from frame to frame, and the drive behind it."""

    def __init__(self, sound: FloatArray) -> None:
        self._length = len(sound)
        padded = np.pad(sound.astype(np.float64), (FRAME, 2 * FRAME))
        self._starts = np.arange(0, len(padded) - FRAME, HOP)
        self._window = np.hanning(FRAME + 1)[:-1]
        self._filters = [_prediction(padded[start : start + FRAME] * self._window) for start in self._starts]
        self.drive = self._through(padded, lambda a, part: lfilter(a, [1.0], part))

    def driven(self, drive: FloatArray) -> FloatArray:
        """The sound (n,) of another drive, as long as `drive`."""
        return self._through(drive, lambda a, part: lfilter([1.0], a, part))[FRAME : FRAME + self._length].astype(np.float32)

    def _through(self, padded: FloatArray, run: Callable[[FloatArray, FloatArray], FloatArray]) -> FloatArray:
        whole = np.zeros(len(padded) + FRAME)
        for start, a in zip(self._starts, self._filters, strict=True):
            part = np.pad(padded[start : start + FRAME] * self._window, (0, FRAME))
            whole[start : start + 2 * FRAME] += run(a, part)
        return whole[: len(padded)] * HOP / self._window.sum()

    def level(self) -> FloatArray:
        """(samples of the drive,) RMS of the drive around each moment."""
        size = round(0.02 * RATE_HZ)
        return np.sqrt(np.convolve(np.square(self.drive), np.ones(size) / size, mode="same") + 1e-14)


def _prediction(frame: FloatArray) -> FloatArray:
    lags = np.correlate(frame, frame, "full")[len(frame) - 1 : len(frame) + ORDER]
    lags[0] = lags[0] * 1.0001 + 1e-9
    return np.concatenate([[1.0], -solve_toeplitz(lags[:-1], lags[1:])])


def _noise(count: int) -> FloatArray:
    return np.random.default_rng(3).normal(size=count)


def _highpassed(sound: FloatArray, hz: float) -> FloatArray:
    return sosfilt(butter(2, hz, "highpass", fs=RATE_HZ, output="sos"), sound)


def whispered(sound: FloatArray) -> FloatArray:
    """No tone at all: noise drives the throat, and the low formants, which the open glottis damps, are weak."""
    throat = Throat(sound)
    return _highpassed(throat.driven(_noise(len(throat.drive)) * throat.level()), 500.0)


def breathy(sound: FloatArray) -> FloatArray:
    """More breath than tone."""
    throat = Throat(sound)
    return throat.driven(0.3 * throat.drive + 0.95 * _noise(len(throat.drive)) * throat.level())


def hoarse(sound: FloatArray) -> FloatArray:
    """The periods differ in length by some hundredths and in strength by a third; noise rides on them."""
    throat = Throat(sound)
    knots = np.arange(0, len(throat.drive) + 90, 90)
    slow = np.interp(np.arange(len(throat.drive)), knots, _noise(len(knots)))
    place = np.arange(len(throat.drive)) + 7.0 * slow
    jittered = np.interp(place, np.arange(len(throat.drive)), throat.drive) * np.exp(0.5 * np.roll(slow, 45))
    return throat.driven(jittered + 0.6 * _noise(len(jittered)) * throat.level())


def growled(sound: FloatArray) -> FloatArray:
    """The false folds beat at some 70 Hz under the voice, roughly."""
    throat = Throat(sound)
    time_s = np.arange(len(throat.drive)) / RATE_HZ
    beat = 70.0 * time_s + 0.9 * np.cumsum(lfilter([0.02], [1.0, -0.98], _noise(len(time_s)))) / 40.0
    rough = np.clip(np.sin(2 * np.pi * beat), 0.0, None) ** 2 * 2.0
    return throat.driven(rough * (throat.drive + 1.2 * _noise(len(time_s)) * throat.level()))


def screamed(sound: FloatArray) -> FloatArray:
    """An octave higher, a shorter throat, noise, and driven until it clips."""
    high = shifted(sound, 1.7)
    throat = Throat(high)
    rough = throat.driven(throat.drive + 1.0 * _noise(len(throat.drive)) * throat.level())
    return np.tanh(rough / (0.5 * np.sqrt(np.mean(np.square(rough)) + 1e-12))).astype(np.float32)


def hummed_away(sound: FloatArray) -> FloatArray:
    """Consonants alone: what has a tone is cut out, softly."""
    from motion.singing.analysis import pitch
    from motion.singing.analysis.framing import frame_batches

    count = len(sound) * 100 // RATE_HZ + 1
    periodicity = np.concatenate(
        [pitch.pitch(frames)[1] for frames in frame_batches([sound.astype(np.float32)], pitch.WINDOW_SAMPLES, count)]
    )
    noisy = np.convolve(periodicity < 0.5, np.ones(3) / 3, mode="same")
    return (sound * np.interp(np.arange(len(sound)) / RATE_HZ * 100, np.arange(count), noisy)).astype(np.float32)


def stretched(sound: FloatArray, factor: float) -> FloatArray:
    """`factor` times as long at the same pitch: pieces of 40 ms laid where they fit best (WSOLA; Verhelst & Roelands, 1993)."""
    size, step, reach = 640, 320, 200
    window = np.hanning(size + 1)[:-1]
    padded = np.pad(sound.astype(np.float64), (reach, size + 2 * reach + step))
    count = int(len(sound) * factor) // step + 1
    out = np.zeros(count * step + size)
    wanted: FloatArray | None = None
    for k in range(count):
        middle = min(round(k * step / factor), len(sound)) + reach
        best = middle
        if wanted is not None:
            around = padded[middle - reach : middle + reach + size]
            best = middle - reach + int(np.argmax(np.correlate(around, wanted, "valid")))
        out[k * step : k * step + size] += window * padded[best : best + size]
        wanted = padded[best + step : best + step + size]
        if len(wanted) < size:
            wanted = np.pad(wanted, (0, size - len(wanted)))
    return out[: round(len(sound) * factor)].astype(np.float32)


def shifted(sound: FloatArray, ratio: float) -> FloatArray:
    """Pitch and formants at `ratio` times their frequency, in the same time."""
    long = stretched(sound, ratio)
    higher = resample_poly(long, 100, round(100 * ratio)).astype(np.float32)
    return np.pad(higher, (0, max(0, len(sound) - len(higher))))[: len(sound)]


#: By name. The first is the voice itself.
VOICE_KINDS: dict[str, VoiceKind] = {
    "as it is": VoiceKind(lambda sound: sound),
    "whisper": VoiceKind(whispered),
    "breathy": VoiceKind(breathy),
    "hoarse": VoiceKind(hoarse),
    "growl": VoiceKind(growled),
    "scream": VoiceKind(screamed),
    "child": VoiceKind(lambda sound: shifted(sound, 1.45)),
    "rap": VoiceKind(lambda sound: stretched(sound, 1 / 1.6), 1.6),
    "consonants alone": VoiceKind(hummed_away),
}


def as_kind(sound: FloatArray, name: str) -> FloatArray:
    """A voice (n,) as the kind `name`, at its usual level in a quiet room; (n / speed,)."""
    return at_usual_level(VOICE_KINDS[name].change(sound))
