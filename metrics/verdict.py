"""The figures that a good film must reach, each with its own."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.messages import NOTHING, Message, as_written, message
from metrics.film_facts import FilmFacts
from metrics.likeness import Likeness
from metrics.lip_sync import LipSync
from metrics.mouth_change import MeasureName
from metrics.silence import Silence

MIN_CORRELATION = 0.5
MAX_LAG_MS = 40.0
MIN_ABOVE_SHUFFLED = 0.3
MIN_SHUT_SHARE = 0.95
MIN_LIKENESS = 0.8
#: What the demands on the mouth are called, by what it was measured.
APERTURE_NAMES = message("metrics.follows_by_aperture"), message("metrics.shut_by_aperture")
PIXEL_NAMES = message("metrics.follows_by_pixels"), message("metrics.shut_by_pixels")


@dataclass(frozen=True)
class Verdict:
    """One demand on a film. value: what was measured; None where it could not be. passed: None where it could not be told.

    reason: why it could not be told.
    """

    name: Message
    value: float | None
    wanted: Message
    passed: bool | None
    reason: Message = NOTHING


def verdicts(
    facts: FilmFacts, lips: LipSync, silence: Silence, likeness: Likeness, measure: MeasureName = "lip aperture"
) -> list[Verdict]:
    """All demands, in the order in which they are read. measure: by what the mouth was measured."""
    by_pixels = measure == "mouth's changed pixels"
    follows, shut = PIXEL_NAMES if by_pixels else APERTURE_NAMES
    above = None if lips.correlation is None else lips.correlation - (lips.shuffled_correlation or 0.0)
    standard = facts.video_codec == "h264" and facts.profile == "High" and facts.pixel_format == "yuv420p"
    sound = facts.audio_codec == "aac" and facts.audio_sample_rate_hz == 48000 and facts.audio_layout == "stereo"
    unsure = lips.reason or lips.doubt
    lag = Verdict(
        message("metrics.lag"), lips.lag_ms, message("metrics.within", value=MAX_LAG_MS), within(lips.lag_ms, MAX_LAG_MS)
    )
    return [
        told(at_least(follows, lips.correlation, MIN_CORRELATION), unsure),
        told(at_least(message("metrics.follows_this_voice"), above, MIN_ABOVE_SHUFFLED), unsure),
        told(lag, unsure or (NOTHING if lag.passed else lips.lag_doubt)),
        told(at_least(shut, silence.shut_share, MIN_SHUT_SHARE), silence.reason),
        at_least(message("metrics.likeness_to_picture"), likeness.mean, MIN_LIKENESS),
        Verdict(message("metrics.length"), facts.excess_frames, message("metrics.within_with_sound", value=1.0), facts.exact),
        Verdict(message("metrics.frame_rate"), facts.fps, message("metrics.constant"), facts.constant_rate),
        Verdict(message("metrics.video_codec"), None, message("metrics.yes"), standard and facts.faststart),
        Verdict(message("metrics.audio_codec"), facts.audio_sample_rate_hz or None, as_written("48000"), sound),
        Verdict(message("metrics.marked"), None, message("metrics.yes"), facts.ai_tag),
    ]


def told(verdict: Verdict, reason: Message) -> Verdict:
    """The verdict; where there is a reason against it, its value alone."""
    return replace(verdict, passed=None, reason=reason) if reason else verdict


def at_least(name: Message, value: float | None, limit: float) -> Verdict:
    """A demand for a value of at least `limit`."""
    return Verdict(name, value, message("metrics.at_least", value=limit), None if value is None else value >= limit)


def within(value: float | None, limit: float) -> bool | None:
    """Whether the value lies between minus and plus the limit; None where there is none."""
    return None if value is None else abs(value) <= limit
