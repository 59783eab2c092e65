"""What the feeling does to the performer: bearing, gaze and lids, and the curves that the acting face is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.contracts import FloatArray
from motion.singing.analysis.framing import FEATURE_RATE_HZ
from motion.singing.analysis.smoothing import ramp, smooth
from motion.singing.performance.chance import steps, stream
from motion.singing.performance.emotions import FELT_STYLES, SongEmotion
from motion.singing.performance.emotions_faces import STYLES
from motion.singing.settings import SingingSettings
from motion.singing.song_analysis import SongAnalysis

#: What is left of a style at intensity 0, so that it is never gone while it is in effect.
FAINT = 0.15
#: Held notes at least this long may close the eyes, this often where they are long or high and felt strongly.
EYES_CLOSE_NOTE_S, EYES_CLOSE_LONG_S = 0.9, 2.2
EYES_CLOSE_CHANCE = 0.75
#: Least time from one closing to the next.
EYES_CLOSE_REST_S = 5.0
#: Intensity from which on a long note closes the eyes as often as it ever does.
EYES_CLOSE_INTENSITY = 0.55
#: From this height in the singer's range on a note is high, and fully so from the second.
HIGH = (0.55, 0.95)
#: Loudness of the voice, without its syllables, from which on a high note strains.
STRAIN_EFFORT = (0.6, 1.0)
#: Rests in seconds between changes of the side to which the head tilts.
TILT_CHANGE_S = (7.0, 18.0)


@dataclass(frozen=True)
class Feeling:
    """Curves (N,) at `FEATURE_RATE_HZ`, in [0, 1] unless said otherwise.

    energy: of the mix, slow; 0 in rests. sounding: 0 in rests, 1 elsewhere.
    intensity: how strongly the performer feels the moment. strength in [0, 2]: how strongly the face shows it.
    stress: stressed syllables. high: high notes. strain: what a loud high note costs. breath: breathing in.
    eyes_closed: eyes closing in feeling. droop: how far the lids hang.
    posture_deg (N, 3): bias of yaw, pitch, roll in degrees. lean: toward the viewer, in face widths.
    gaze_up_deg: bias of the gaze. blink_rate, blink_length, away: factors around 1, see `emotions_faces.Style`.
    """

    energy: FloatArray
    sounding: FloatArray
    intensity: FloatArray
    strength: FloatArray
    stress: FloatArray
    high: FloatArray
    strain: FloatArray
    breath: FloatArray
    eyes_closed: FloatArray
    droop: FloatArray
    posture_deg: FloatArray
    lean: FloatArray
    gaze_up_deg: FloatArray
    blink_rate: FloatArray
    blink_length: FloatArray
    away: FloatArray


def feeling(song: SongAnalysis, emotion: SongEmotion, settings: SingingSettings) -> Feeling:
    """The feeling of a whole song; chance decides on which long notes the eyes close and to which side the head tilts."""
    plan = song.plan
    shown = FAINT + (1.0 - FAINT) * emotion.intensity
    high = smooth(ramp(plan.height, *HIGH), 0.12)
    effort = smooth(song.activity.loudness, 0.25)
    # Beyond 1, expressiveness makes the face act more, not the head hang lower.
    presence = shown * min(1.0, settings.expressiveness)

    def bias(name: str, usual: float) -> FloatArray:
        values = np.asarray([getattr(STYLES[style], name) for style in FELT_STYLES])
        return (usual + presence * (emotion.weights @ (values - usual))).astype(np.float32)

    tilt = bias("roll_deg", 0.0) * _tilt_side(song.count, settings)
    return Feeling(
        energy=plan.energy,
        sounding=plan.sounding,
        intensity=emotion.intensity,
        strength=(settings.expressiveness * shown).astype(np.float32),
        stress=np.clip(smooth(plan.accent, 0.05) + 0.35 * high * smooth(plan.accent, 0.2), 0.0, 1.0).astype(np.float32),
        high=high.astype(np.float32),
        strain=smooth(high * ramp(effort, *STRAIN_EFFORT), 0.12).astype(np.float32),
        breath=plan.breath,
        eyes_closed=_eyes_closed(song, emotion, settings),
        droop=bias("droop", 0.0),
        posture_deg=np.stack([np.zeros_like(tilt), bias("pitch_deg", 0.0), tilt], axis=1),
        lean=bias("lean", 0.0),
        gaze_up_deg=bias("gaze_up_deg", 0.0),
        blink_rate=bias("blink_rate", 1.0),
        blink_length=bias("blink_length", 1.0),
        away=bias("away", 1.0),
    )


def _tilt_side(count: int, settings: SingingSettings) -> FloatArray:
    """(N,) in about [-1, 1]: to which side a tilted head leans; it changes now and then."""
    generator = stream(settings.seed, "tilt")
    changes_s = np.concatenate([[0.0], np.cumsum(generator.uniform(*TILT_CHANGE_S, int(count / FEATURE_RATE_HZ / 7.0) + 1))])
    sides = generator.choice([-1.0, 1.0], len(changes_s)) * generator.uniform(0.5, 1.0, len(changes_s))
    return steps(count, changes_s, sides[:, None], 0.7)[:, 0]


def _eyes_closed(song: SongAnalysis, emotion: SongEmotion, settings: SingingSettings) -> FloatArray:
    """(N,) closing of the eyes over some of the long intense notes, later than the note's start and ending with it."""
    generator = stream(settings.seed, "eyes closing")
    closing = emotion.weights @ np.asarray([STYLES[style].closing for style in FELT_STYLES])
    closed = np.zeros(song.count, dtype=np.float32)
    open_again_s = 0.0
    for note in song.plan.held_notes:
        length_s = note.end_s - note.start_s
        if length_s < EYES_CLOSE_NOTE_S or note.start_s < open_again_s:
            continue
        chance, depth, late_s = generator.random(3)
        start, stop = round(note.start_s * FEATURE_RATE_HZ), min(song.count, round(note.end_s * FEATURE_RATE_HZ))
        felt = min(1.0, float(emotion.intensity[start:stop].mean()) / EYES_CLOSE_INTENSITY)
        moving = max(note.height, float(ramp(np.asarray([length_s]), EYES_CLOSE_NOTE_S, EYES_CLOSE_LONG_S)[0]))
        likely = EYES_CLOSE_CHANCE * felt * moving * float(closing[start:stop].mean())
        if chance < likely * min(1.0, settings.expressiveness):
            open_again_s = note.end_s + EYES_CLOSE_REST_S
            first = start + round((0.15 + 0.25 * late_s) * FEATURE_RATE_HZ)
            closed[first : stop + round(0.1 * FEATURE_RATE_HZ)] = 0.6 + 0.4 * depth
    return smooth(closed, 0.11).astype(np.float32)
