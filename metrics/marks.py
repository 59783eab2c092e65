"""Three words about a film that everybody understands: its lips, its likeness, and whether the head keeps the beat.

Each is good, fair or weak; or the film is too short to tell, or there is another reason why it can't be told. Where the lines
are drawn stands here alone; `benchmarks/cuts.py` and docs/RESULTS.md say on which films they were found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from core.messages import NOTHING, Message, message
from metrics.head_beat import HEAD_BEAT, HeadBeat
from metrics.likeness import LIKENESS, MIN_LIKENESS, Likeness
from metrics.lip_sync import LIP_SYNC, LipSync, lip_sync_verdicts

Level = Literal["good", "fair", "weak", "short", "untold"]
#: Lips are fair while they go with this voice more than with a shuffled one by chance alone, and are not so far from it that
#: viewers mind: the narrower side of what ITU-R BT.1359 calls acceptable.
FAIR_P, FAIR_LAG_MS = 0.05, 90.0
#: A face is fair down to what films of real people reach against their own first frame, whose heads turn: see docs/RESULTS.md.
FAIR_LIKENESS = 0.65
#: The head keeps the beat where no more than this part of other tempi fits it as well; for fair, and for good.
GOOD_BEAT_P, FAIR_BEAT_P = 0.05, 0.25
#: So many beats a film must have, and so long must it be in seconds: in shorter ones a tempo that is none fits by chance.
JUDGED_BEATS, JUDGED_BEAT_S = 8, 10.0
#: A film of so many seconds lasts one frame less from the middle of the first to that of the last.
FRAME_S = 0.1
#: A head whose height varies by less, in hundredths of the eye span, keeps still, as it may have been told to.
STILL_HEAD = 0.4
#: Why there is no word: the film is too short. All other reasons are told as they are.
SHORT = (
    *("metrics.film_too_short_to_judge", "metrics.voice_too_short_to_judge", "metrics.too_few_beats"),
    *("metrics.too_few_faces", "metrics.film_too_short_for_beat"),
)


@dataclass(frozen=True)
class Mark:
    """One word. name: lips, likeness or beat. reason: why there is none, where it is `short` or `untold`."""

    name: str
    level: Level
    reason: Message = NOTHING

    def as_json(self) -> dict[str, Any]:
        """The fields, the reason in English, and under `message` with its code and values."""
        return {"name": self.name, "level": self.level, "reason": str(self.reason), "message": self.reason.as_json()}


def marks_of(figures: Mapping[str, Any], by: Message, spoken: bool) -> list[Mark]:
    """The words about a film. figures: by their metrics' names. by: what the mouth was measured by. spoken: nobody sings, so that
    there is no beat to keep."""
    marks = [lips_mark(figures[LIP_SYNC.name], by, spoken), likeness_mark(figures[LIKENESS.name].film)]
    return marks if spoken else [*marks, beat_mark(figures[HEAD_BEAT.name])]


def without_word(name: str, reason: Message) -> Mark:
    """That it can't be told, and why."""
    return Mark(name, "short" if reason.code in SHORT else "untold", reason)


def lips_mark(lips: LipSync, by: Message, spoken: bool) -> Mark:
    """Do the lips go with the voice? Good where every demand on them is reached; a lag that can't be told counts as none."""
    if reason := lips.reason or lips.doubt:
        return without_word("lips", reason)
    if all(verdict.passed is not False for verdict in lip_sync_verdicts(lips, by, spoken)):
        return Mark("lips", "good")
    in_time = bool(lips.lag_doubt) or abs(lips.lag_ms or 0.0) <= FAIR_LAG_MS
    return Mark("lips", "fair" if in_time and (lips.p_value or 1.0) <= FAIR_P else "weak")


def likeness_mark(likeness: Likeness) -> Mark:
    """Is it still the same person?"""
    if likeness.doubt or likeness.mean is None:
        return without_word("likeness", likeness.doubt or message("metrics.likeness_without_face"))
    return Mark("likeness", likeness_level(likeness.mean))


def likeness_level(cosine: float) -> Level:
    """The word for a mean cosine."""
    return level_of(cosine, MIN_LIKENESS, FAIR_LIKENESS)


def beat_mark(beat: HeadBeat) -> Mark:
    """Does the head move with the beat?"""
    if beat.reason or beat.p_value is None or beat.beats < JUDGED_BEATS:
        return without_word("beat", beat.reason or message("metrics.too_few_beats"))
    if beat.seconds < JUDGED_BEAT_S - FRAME_S:
        return without_word("beat", message("metrics.film_too_short_for_beat", length=beat.seconds, least=JUDGED_BEAT_S))
    if (beat.travel or 0.0) < STILL_HEAD:
        return without_word("beat", message("metrics.head_still"))
    return Mark("beat", beat_level(beat.p_value))


def beat_level(p_value: float) -> Level:
    """The word for how few other tempi fit the head as well."""
    return level_of(-p_value, -GOOD_BEAT_P, -FAIR_BEAT_P)


def level_of(value: float, good: float, fair: float) -> Level:
    """The word for a value of which more is better."""
    return "good" if value >= good else "fair" if value >= fair else "weak"
