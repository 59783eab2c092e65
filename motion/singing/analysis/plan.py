"""The plan of a performance: what the performer knows of the whole song before the first frame is made.

`planner.plan_song` makes it from a `SongAnalysis`; head, eyes and face read it. It holds no chance and no taste: the same song
has one plan, whatever the seed and the settings are. Times are seconds from the film's start; curves are (N,) float32 at
`FEATURE_RATE_HZ`, value k at the time k / FEATURE_RATE_HZ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from core.contracts import FloatArray
from motion.singing.analysis.framing import FEATURE_RATE_HZ
from motion.singing.analysis.rhythm import Rhythm


class Span(NamedTuple):
    """A stretch of time in seconds."""

    start_s: float
    end_s: float


@dataclass(frozen=True)
class Phrase:
    """What is sung in one breath. peak_s: where it is strongest, by loudness and height. energy: of that peak, in [0, 1].

    rest_before_s: silence of the voice before it; for the first phrase, from the film's start.
    """

    start_s: float
    end_s: float
    peak_s: float
    energy: float
    rest_before_s: float


@dataclass(frozen=True)
class Breath:
    """Breathing in before a phrase, ending where the phrase starts. depth in [0, 1]: deep before long phrases."""

    start_s: float
    end_s: float
    depth: float


@dataclass(frozen=True)
class HeldNote:
    """A sung note that stays on its pitch, vibrato included. midi_note: its mean, 69 is 440 Hz, with fraction.

    height in [0, 1]: its place in the singer's range in this song. loudness in [0, 1.2]: for this singer, here.
    """

    start_s: float
    end_s: float
    midi_note: float
    height: float
    loudness: float


@dataclass(frozen=True)
class Section:
    """A part of the song that keeps together, as verse or chorus do; sections follow each other without gaps.

    label: 0 for the first kind of music heard, 1 for the next; parts that are alike share it. occurrence: 0 where the label is
    heard first, 1 where it returns, and so on. energy in [0, 1]: mean. sung_share in [0, 1]: part of its time that is sung.
    """

    start_s: float
    end_s: float
    label: int
    occurrence: int
    energy: float
    sung_share: float


@dataclass(frozen=True)
class Mood:
    """What the music itself says of mood.

    mode, tonic (0 is C ... 11 is B): of the key whose profile fits best. mode_confidence in [0, 1]: 0 where major and minor fit
    alike or there is no tone. valence in [-1, 1]: sad to happy, by mode and tempo; arousal in [0, 1]: calm to excited, by
    tempo and onsets; both are guesses from what listeners link with them (Juslin & Laukka 2004), and go to the middle in doubt.
    """

    mode: Literal["major", "minor"]
    mode_confidence: float
    tonic: int
    valence: float
    arousal: float


@dataclass(frozen=True)
class SongPlan:
    """A whole song, understood.

    rhythm: tempo, beats, down-beats and bar length. phrases, breaths, held_notes, sections: in order of time.
    rests: stretches in which the music itself stops. instrumentals: music without singing, of at least
    `INSTRUMENTAL_S` (intro, solo, end). pitch_range_midi: low and high end of the sung notes; None where nobody sings.

    Curves (N,): energy in [0, 1], of the mix, slow, 0 in rests. sounding in [0, 1]: 0 in rests, 1 elsewhere. sung in [0, 1]: 1
    within phrases, soft at their ends. midi_note: sung pitch, NaN where there is none. height in [0, 1]: place of the
    sung note in the singer's range, slow enough to ignore vibrato, 0 where nobody sings. breath in [0, 1]: of `breaths`.
    accent in [0, 1]: stressed syllables and onsets of the voice.
    """

    rhythm: Rhythm
    phrases: tuple[Phrase, ...]
    breaths: tuple[Breath, ...]
    rests: tuple[Span, ...]
    instrumentals: tuple[Span, ...]
    held_notes: tuple[HeldNote, ...]
    sections: tuple[Section, ...]
    mood: Mood
    pitch_range_midi: tuple[float, float] | None
    energy: FloatArray
    sounding: FloatArray
    sung: FloatArray
    midi_note: FloatArray
    height: FloatArray
    breath: FloatArray
    accent: FloatArray

    @property
    def count(self) -> int:
        """Number of values of every curve."""
        return len(self.energy)

    @property
    def duration_s(self) -> float:
        """Length of the curves in seconds."""
        return self.count / FEATURE_RATE_HZ


#: Music without singing for at least this long is an instrumental passage.
INSTRUMENTAL_S = 2.0
