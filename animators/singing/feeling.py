"""How strongly the song is felt, moment by moment, and what the upper face makes of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from animators.singing.articulation import Articulation, held_notes
from animators.singing.chance import drift, steps, stream
from animators.singing.emotions import SongEmotion
from animators.singing.emotions_intensity import mix_energy
from animators.singing.framing import FEATURE_RATE_HZ
from animators.singing.mouth_shapes import strain_of
from animators.singing.settings import SingingSettings
from animators.singing.smoothing import ramp, smooth
from animators.singing.song_analysis import SongAnalysis
from pipeline.contracts import FloatArray

#: Held notes at least this long and this intense may close the eyes.
EYES_CLOSE_NOTE_S = 0.9
EYES_CLOSE_CHANCE = 0.65
#: Tempo at which a loud song starts and ceases to gain cheer, in beats a minute.
CHEERFUL_BPM = (85.0, 130.0)


@dataclass(frozen=True)
class Feeling:
    """Curves (N,) in [0, 1] at `FEATURE_RATE_HZ`.

    energy: of the mix, slow; 0 in rests. sounding: 0 in rests, 1 elsewhere.
    intensity: how strongly the performer feels the moment. stress: stressed and high notes, syllable by syllable.
    eyes_closed: eyes closing in feeling. cheer: how far the song invites a smile.
    """

    energy: FloatArray
    sounding: FloatArray
    intensity: FloatArray
    stress: FloatArray
    eyes_closed: FloatArray
    cheer: FloatArray


def feeling(song: SongAnalysis, voice: Articulation, emotion: SongEmotion, settings: SingingSettings) -> Feeling:
    """The feeling of a whole song; chance decides on which long notes the eyes close."""
    energy, sounding = mix_energy(song.mix.loudness_db)
    intensity = emotion.intensity
    loud = song.activity.loudness
    accent = np.maximum(smooth(loud, 0.08) - smooth(loud, 0.8), 0.0)
    stress = np.clip(1.6 * accent + 0.8 * voice.high * np.minimum(loud, 1.0), 0.0, 1.0)
    fast = float(ramp(np.asarray([song.rhythm.tempo_bpm]), *CHEERFUL_BPM)[0])
    cheer = smooth(fast * ramp(energy, 0.45, 0.95), 0.8)
    return Feeling(
        energy=energy,
        sounding=sounding,
        intensity=intensity.astype(np.float32),
        stress=smooth(stress, 0.09).astype(np.float32),
        eyes_closed=_eyes_closed(voice, intensity, settings),
        cheer=cheer.astype(np.float32),
    )


def _eyes_closed(voice: Articulation, intensity: FloatArray, settings: SingingSettings) -> FloatArray:
    """(N,) closing of the eyes over some of the long intense notes, later than the note's start and ending with it."""
    generator = stream(settings.seed, "eyes closing")
    closed = np.zeros(len(intensity), dtype=np.float32)
    for start, stop in held_notes(voice, EYES_CLOSE_NOTE_S):
        chance, depth, late_s = generator.random(3)
        felt = float(intensity[start:stop].mean())
        if chance < EYES_CLOSE_CHANCE * min(1.0, felt / 0.6) * min(1.0, settings.expressiveness):
            first = start + round((0.15 + 0.25 * late_s) * FEATURE_RATE_HZ)
            closed[first : stop + round(0.1 * FEATURE_RATE_HZ)] = 0.6 + 0.4 * depth
    return smooth(closed, 0.11).astype(np.float32)


def upper_face_shapes(voice: Articulation, felt: Feeling, settings: SingingSettings) -> dict[str, FloatArray]:
    """Curves (N,) in [0, 1] of brows, cheeks, lids and the smile by ARKit name, all but blinks and gaze."""
    count = len(felt.energy)
    strength = settings.expressiveness
    strain = strain_of(voice)
    mood = _mood(voice, settings)
    feel = felt.intensity * smooth(np.maximum(voice.gate, 0.35), 0.3)
    tender, fierce, open_ = (np.clip(part, 0.0, 1.6) for part in (mood[:, 0], -mood[:, 0], mood[:, 1]))
    lift = 0.42 * felt.stress * (0.6 + 0.4 * felt.intensity) + 0.25 * smooth(voice.high, 0.15) + 0.12 * voice.breath
    inner = lift + 0.28 * tender * feel + 0.25 * felt.eyes_closed
    outer = 0.65 * lift + 0.14 * open_ * feel
    down = (0.24 * fierce * feel + 0.20 * strain * felt.intensity + 0.15 * felt.eyes_closed) * (1.0 - 0.5 * felt.stress)
    smile = (felt.cheer * (0.16 + 0.10 * open_) + 0.08 * open_ * feel) * (1.0 - 0.6 * voice.closure)
    cheek = 0.8 * smile + 0.25 * strain + 0.2 * felt.eyes_closed
    squint = 0.45 * smile + 0.22 * strain + 0.25 * felt.eyes_closed + 0.10 * fierce * feel
    wide = 0.12 * felt.stress * felt.intensity * (1.0 - felt.eyes_closed)
    alive = 0.02 * np.abs(drift(stream(settings.seed, "brow life"), count, 0.9)[:, 0])
    tilt = 0.15 * drift(stream(settings.seed, "brow sides"), count, 1.5)[:, 0]
    curves = {
        "browInnerUp": inner + alive,
        "browDownLeft": down * (1.0 - tilt),
        "browDownRight": down * (1.0 + tilt),
        "browOuterUpLeft": outer * (1.0 + tilt) + alive,
        "browOuterUpRight": outer * (1.0 - tilt) + alive,
        "cheekSquintLeft": cheek,
        "cheekSquintRight": cheek,
        "eyeSquintLeft": squint,
        "eyeSquintRight": squint,
        "eyeWideLeft": wide,
        "eyeWideRight": wide,
        "mouthSmileLeft": smile,
        "mouthSmileRight": smile,
    }
    return {name: np.clip(strength * smooth(curve, 0.04), 0.0, 1.0).astype(np.float32) for name, curve in curves.items()}


def _mood(voice: Articulation, settings: SingingSettings) -> FloatArray:
    """(N, 2) of about unit variance: tender (+) to fierce (-), and open; another one every few seconds."""
    generator = stream(settings.seed, "mood")
    count = len(voice.gate)
    changes_s = np.cumsum(np.concatenate([[0.0], generator.uniform(3.0, 9.0, int(count / FEATURE_RATE_HZ / 3.0) + 1)]))
    return steps(count, changes_s, generator.normal(0.0, 0.9, (len(changes_s), 2)), 0.5)
