"""Songs that are louder than a film's sound can hold: float files know no ceiling, players clip at full scale."""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.messages import Message, message
from media.sound_reader import AudioInfo

#: Lossy codecs overshoot a little where the original was at full scale; that much is left as it is.
OVERSHOOT = 1.26
#: The highest sample of a song that was made softer: the film's encoder needs a little room, too.
CEILING = 0.95
#: A song is made softer by no more than this; what is louder still is a spike, and limited.
LEAST_GAIN = 0.25
#: Codecs that hold floats as they are.
FLOAT_CODECS = ("pcm_f", "wavpack")


@dataclass(frozen=True)
class Headroom:
    """What is done to a song so that nothing of it is clipped: the factor of its loudness, and whether its peaks are limited."""

    gain: float = 1.0
    limited: bool = False


def headroom_of(song: AudioInfo) -> Headroom:
    """Nothing for all songs but those that go beyond full scale."""
    if song.peak <= (1.0 if song.codec.startswith(FLOAT_CODECS) else OVERSHOOT):
        return Headroom()
    return Headroom(max(CEILING / song.peak, LEAST_GAIN), song.peak * LEAST_GAIN > 1.0)


def headroom_notes(song: AudioInfo) -> tuple[Message, ...]:
    """The note where something is done."""
    headroom = headroom_of(song)
    if headroom == Headroom():
        return ()
    softer_db = -20 * math.log10(headroom.gain)
    code = "media.softer_film_with_limited_peaks" if headroom.limited else "media.softer_film"
    return (message(code, peak=song.peak, softer=softer_db),)
