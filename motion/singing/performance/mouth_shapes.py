"""From articulation to the mouth's ARKit shapes.

Convention (ARKit's): `mouthClose` undoes `jawOpen` at the lips and never exceeds it; where both are equal, the lips touch.
"""

from __future__ import annotations

import numpy as np

from core.contracts import FloatArray
from motion.singing.analysis.smoothing import ramp, smooth
from motion.singing.performance.articulation import Articulation
from motion.singing.performance.chance import drift, stream
from motion.singing.settings import SingingSettings

#: Jaw of an opening of 1, and the widest it may go.
JAW_OF_OPENING = 0.78
WIDEST_JAW = 0.85
#: Where the opening starts to be compressed toward that.
EASY_JAW = 0.6
#: Part of the opening that a closure takes by the jaw; the lips do the rest.
CLOSURE_JAW_SHARE = 0.8
#: Jaw and lips of a hiss: teeth together, lips a little apart and wide.
HISS_JAW, HISS_LOWER, HISS_UPPER, HISS_STRETCH = 0.04, 0.42, 0.2, 0.22
#: Jaw while breathing in: lips just part.
BREATH_JAW = 0.045
#: Lower lip to the upper teeth, as in f and v: the jaw nearly up, the lower lip drawn in and raised, the upper one off the teeth.
TEETH_JAW, TEETH_ROLL, TEETH_SHRUG, TEETH_UPPER = 0.03, 0.62, 0.22, 0.24
#: How far loud and expressive singing reaches beyond the natural mouth, per unit of expressiveness from 1.
EXPRESSIVE_OPENING = 0.22
#: Life of held notes: share of the jaw that follows vibrato (per semitone) and slow chance.
VIBRATO_JAW, HELD_CHANCE_JAW = 0.05, 0.03
#: Openings under this are no opening: the lips rest on each other.
SHUT_JAW = 0.006
#: How unlike the two halves of a face are.
ASYMMETRY = 0.07


def mouth_shapes(voice: Articulation, settings: SingingSettings) -> dict[str, FloatArray]:
    """Curves (N,) in [0, 1] at `FEATURE_RATE_HZ` of the mouth's shapes, by ARKit name; sided shapes are given for both sides."""
    lips_open = voice.gate * (1.0 - voice.closure)
    opened = _opened(voice, settings)
    jaw = np.maximum(opened, _own_jaw(voice, settings))
    apart = opened * (1.0 - voice.closure)
    wide = np.clip(voice.spread, 0.0, 1.0)
    round_ = np.clip(-voice.spread, 0.0, 1.0)
    closeness = 1.0 - ramp(voice.opening, 0.15, 0.6)
    pressed = voice.closure * voice.gate
    teeth = voice.teeth * lips_open
    hiss = voice.hiss * lips_open * (1.0 - voice.teeth)
    strain = strain_of(voice)
    shapes = {
        "jawOpen": jaw,
        "mouthClose": jaw * pressed + (jaw - opened) * (1.0 - pressed),
        "mouthFunnel": round_ * lips_open * (0.18 + 0.42 * np.minimum(1.0, 1.8 * apart)) + 0.12 * hiss * round_,
        "mouthPucker": round_ * voice.gate * (0.22 + 0.45 * closeness) * (1.0 - 0.4 * voice.closure),
        "mouthRollLower": 0.22 * pressed + TEETH_ROLL * teeth,
        "mouthRollUpper": 0.16 * pressed,
        "mouthShrugLower": 0.12 * pressed + 0.05 * round_ * voice.gate + TEETH_SHRUG * teeth,
        "mouthShrugUpper": 0.04 * pressed,
        "cheekPuff": 0.06 * pressed,
        "jawForward": 0.08 * hiss,
    }
    sided = {
        "mouthStretch": lips_open * (0.30 * wide * (0.5 + 0.5 * voice.effort)) + HISS_STRETCH * hiss + 0.10 * strain * lips_open,
        "mouthSmile": 0.22 * wide * voice.gate * (1.0 - 0.5 * voice.closure),
        "mouthLowerDown": 0.62 * apart + 0.10 * wide * lips_open * np.minimum(1.0, 4.0 * apart) + HISS_LOWER * hiss,
        "mouthUpperUp": 0.34 * apart * (1.0 - 0.5 * round_)
        + 0.14 * wide * np.minimum(1.0, 3.0 * apart)
        + HISS_UPPER * hiss
        + TEETH_UPPER * teeth,
        "mouthPress": 0.30 * pressed,
        "mouthDimple": 0.06 * wide * voice.gate,
        "noseSneer": 0.16 * strain,
    }
    for name, curve in sided.items():
        left, right = _sides(stream(settings.seed, f"asymmetry {name}"), len(jaw))
        shapes[f"{name}Left"], shapes[f"{name}Right"] = curve * left, curve * right
    return {name: np.clip(curve, 0.0, 1.0).astype(np.float32) for name, curve in shapes.items()}


def strain_of(voice: Articulation) -> FloatArray:
    """(N,) in [0, 1]: how much a loud high note costs."""
    return smooth(voice.high * ramp(voice.effort, 0.6, 1.0), 0.12)


def _own_jaw(voice: Articulation, settings: SingingSettings) -> FloatArray:
    """(N,) jawOpen in [0, WIDEST_JAW] where the jaw is known by itself: it may be down behind narrow or shut lips."""
    return np.minimum(JAW_OF_OPENING * _reach(settings) * voice.jaw * voice.gate, WIDEST_JAW).astype(np.float32)


def _reach(settings: SingingSettings) -> float:
    return 1.0 + EXPRESSIVE_OPENING * (settings.expressiveness - 1.0)


def _opened(voice: Articulation, settings: SingingSettings) -> FloatArray:
    """(N,) jawOpen in [0, WIDEST_JAW] that opens the lips as far as they are to be; 0 where the mouth is shut."""
    vibrato = voice.semitones - smooth(voice.semitones, 0.12)
    chance = drift(stream(settings.seed, "held notes"), len(voice.opening), 0.35)[:, 0]
    life = 1.0 + voice.held * (VIBRATO_JAW * np.clip(vibrato, -1.0, 1.0) + HELD_CHANCE_JAW * chance)
    wanted = JAW_OF_OPENING * _reach(settings) * voice.opening * life
    room = WIDEST_JAW - EASY_JAW
    eased = np.where(wanted > EASY_JAW, EASY_JAW + room * np.tanh((wanted - EASY_JAW) / room), wanted)
    jaw = eased * (1.0 - CLOSURE_JAW_SHARE * voice.closure) * voice.gate
    jaw = np.maximum(jaw, np.maximum(HISS_JAW * voice.hiss, TEETH_JAW * voice.teeth * voice.gate))
    jaw = np.maximum(jaw, BREATH_JAW * voice.breath)
    return np.where(jaw < SHUT_JAW, 0.0, jaw).astype(np.float32)


def _sides(generator: np.random.Generator, count: int) -> tuple[FloatArray, FloatArray]:
    """Factors (N,) of the left and the right half: a lasting difference and a slow one."""
    lasting = generator.normal(0.0, 0.6 * ASYMMETRY)
    passing = 0.4 * ASYMMETRY * drift(generator, count, 0.8)[:, 0]
    difference = np.clip(lasting + passing, -2.0 * ASYMMETRY, 2.0 * ASYMMETRY)
    return (1.0 + difference).astype(np.float32), (1.0 - difference).astype(np.float32)
