"""How the head is carried: lifted where a phrase begins, settled where it ends, turned where a section begins."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.contracts import FloatArray
from motion.singing.analysis.framing import FEATURE_RATE_HZ
from motion.singing.analysis.plan import Phrase, Section, SongPlan
from motion.singing.analysis.smoothing import smooth
from motion.singing.performance.chance import drift
from motion.singing.performance.keyframes import in_order, through

#: Spread of the pose that a phrase takes, in degrees of yaw, pitch, roll; clipped at `POSE_REACH` of it.
POSE_DEG, POSE_REACH = (3.0, 1.2, 1.7), 1.8
#: The chin goes up with a phrase's start and down at its end, by this much in degrees for the strongest phrase.
LIFT_DEG, SETTLE_DEG = 1.5, 1.7
#: The chin's rise on the highest notes, and before a phrase with the breath.
HEIGHT_DEG, BREATH_DEG = 2.4, 1.2
#: How unevenly the chin answers the notes, over this long: the same tune is not carried the same way twice.
ANSWER_SPREAD, ANSWER_SIGMA_S = 0.45, 2.5
#: How long the head takes to another pose, in seconds.
CHANGE_S = (0.45, 1.4)
#: How long settling takes; shorter phrases than this do without.
SETTLE_S, SHORTEST_SETTLED_S = (0.6, 1.0), 0.9
#: The axes do not set out together: each is so much earlier or later, at most.
AXIS_LAG_S = 0.22
#: Within long phrases and without singing the pose changes after so many seconds.
STAY_SUNG_S, STAY_BAND_S = (1.8, 4.2), (1.6, 3.6)
#: Turn at a new section, in degrees of yaw, to the other side.
SECTION_TURN_DEG = (2.8, 5.0)
#: Share of a pose that is left when a phrase has ended.
SETTLED = 0.45
#: Two changes are never nearer than this.
APART_S = 0.25
#: Poses are smaller in soft music: what is left of them in the faintest.
QUIET_POSE = 0.55


@dataclass
class _Track:
    """Poses reached and left at their times; a pose is held until the next one is begun."""

    times_s: list[float] = field(default_factory=lambda: [0.0])
    poses: list[np.ndarray] = field(default_factory=lambda: [np.zeros(3)])

    def go(self, start_s: float, pose: np.ndarray, change_s: float) -> None:
        """Leave the pose at `start_s` and be in the next one `change_s` later; what was to come after `start_s` is dropped."""
        while len(self.times_s) > 1 and self.times_s[-1] > start_s - 1e-6:
            self.times_s.pop()
            self.poses.pop()
        if start_s - self.times_s[-1] >= APART_S:
            self.times_s.append(start_s)
            self.poses.append(self.poses[-1])
        self.times_s.append(max(start_s + change_s, self.times_s[-1] + APART_S))
        self.poses.append(pose)

    @property
    def last(self) -> np.ndarray:
        return self.poses[-1]


def posture(plan: SongPlan, generator: np.random.Generator) -> FloatArray:
    """(N, 3) degrees of yaw, pitch, roll, slow; what phrases, rests, sections and high notes do."""
    track = _Track()
    events: list[tuple[float, str, Phrase | Section | None]] = []
    events += [(phrase.start_s, "sing", phrase) for phrase in plan.phrases]
    events += [(phrase.end_s, "settle", phrase) for phrase in plan.phrases if phrase.end_s - phrase.start_s > SHORTEST_SETTLED_S]
    events += [(section.start_s, "turn", section) for section in plan.sections[1:]]
    events += [(time_s, "change", None) for time_s in _wanders(plan, generator)]
    for time_s, kind, event in sorted(events, key=lambda item: item[0]):
        if isinstance(event, Phrase):
            (_sing if kind == "sing" else _settle)(track, event, plan, generator)
        elif kind == "turn":
            _turn(track, time_s, plan, generator)
        elif not _resting(plan, time_s):
            _change(track, time_s, plan, generator)
    times_s, poses = in_order(np.asarray(track.times_s), np.asarray(track.poses), 0.02)
    lags_s = generator.uniform(-AXIS_LAG_S, AXIS_LAG_S, poses.shape)
    lags_s[:, 1] = 0.0
    moments = np.maximum.accumulate(np.maximum(times_s[:, None] + lags_s, 0.0), axis=0)
    slow = np.concatenate([through(moments[:, axis], poses[:, axis : axis + 1], plan.count) for axis in range(3)], axis=1)
    rise = HEIGHT_DEG * smooth(np.maximum(plan.height - 0.45, 0.0) / 0.55, 0.25) + BREATH_DEG * smooth(plan.breath, 0.1)
    rise = rise * (0.5 + 0.5 * smooth(plan.energy, 0.4))
    slow[:, 1] += rise * (1.0 + ANSWER_SPREAD * drift(generator, plan.count, ANSWER_SIGMA_S)[:, 0])
    return slow


def _wanders(plan: SongPlan, generator: np.random.Generator) -> list[float]:
    """Moments at which the pose may change on its own, on down-beats where there are some."""
    downbeats_s = plan.rhythm.beats_s[plan.rhythm.downbeat]
    moments: list[float] = []
    now_s = float(generator.uniform(0.8, 2.0))
    while now_s < plan.duration_s - 0.5:
        sung = plan.sung[int(now_s * FEATURE_RATE_HZ)] > 0.5
        near = downbeats_s[np.abs(downbeats_s - now_s) < 0.7]
        moments.append(float(near[0]) - 0.3 if len(near) else now_s)
        now_s += float(generator.uniform(*(STAY_SUNG_S if sung else STAY_BAND_S)))
    return [moment for moment in moments if moment > 0.0]


def _resting(plan: SongPlan, time_s: float) -> bool:
    return any(rest.start_s - 0.2 <= time_s < rest.end_s for rest in plan.rests)


def _scale(plan: SongPlan, time_s: float) -> float:
    at = min(plan.count - 1, int(time_s * FEATURE_RATE_HZ))
    return QUIET_POSE + (1.0 - QUIET_POSE) * float(plan.energy[at])


def _pose(plan: SongPlan, time_s: float, generator: np.random.Generator) -> np.ndarray:
    drawn = np.clip(generator.standard_normal(3), -POSE_REACH, POSE_REACH) * np.asarray(POSE_DEG)
    # A head that turns also tilts a little: towards the shoulder it turns from.
    drawn[2] -= 0.18 * drawn[0]
    return drawn * _scale(plan, time_s)


def _sing(track: _Track, phrase: Phrase, plan: SongPlan, generator: np.random.Generator) -> None:
    """Lift with the breath into a new pose."""
    change_s = float(generator.uniform(*CHANGE_S))
    pose = _pose(plan, phrase.start_s, generator)
    pose[1] += LIFT_DEG * (0.5 + 0.5 * phrase.energy)
    track.go(max(0.0, phrase.start_s - 0.55 * change_s), pose, change_s)


def _settle(track: _Track, phrase: Phrase, plan: SongPlan, generator: np.random.Generator) -> None:
    """Towards the middle and down, with the phrase's last sound."""
    settle_s = float(generator.uniform(*SETTLE_S))
    settled = SETTLED * track.last
    settled[1] = -SETTLE_DEG * float(generator.uniform(0.6, 1.2)) * _scale(plan, phrase.end_s)
    track.go(phrase.end_s - 0.45 * settle_s, settled, settle_s)


def _turn(track: _Track, time_s: float, plan: SongPlan, generator: np.random.Generator) -> None:
    """To the other side, so as to arrive on the section's first beat."""
    before = track.last
    away = -np.sign(before[0]) if abs(before[0]) > 0.8 else float(generator.choice([-1.0, 1.0]))
    size_deg = float(generator.uniform(*SECTION_TURN_DEG))
    change_s = float(generator.uniform(*CHANGE_S))
    if _resting(plan, time_s - change_s):
        # The rest stays still up to a last upbeat.
        change_s = CHANGE_S[0]
    pose = np.asarray([away * size_deg, 0.5 * before[1], -0.2 * away * size_deg])
    track.go(max(0.0, time_s - change_s), pose, change_s)


def _change(track: _Track, time_s: float, plan: SongPlan, generator: np.random.Generator) -> None:
    """Another pose on its own account, unless one was begun or planned just now."""
    pose = _pose(plan, time_s, generator)
    change_s = float(generator.uniform(*CHANGE_S))
    if time_s - track.times_s[-1] > 0.5:
        track.go(time_s, pose, change_s)
