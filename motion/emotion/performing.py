"""From what a trained network heard and felt, and the song's plan, to one performance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.ndimage import uniform_filter1d

from core.blendshapes import BLENDSHAPE_NAMES
from core.contracts import Emotion, FloatArray, Performance, StyledSection
from core.rigs.metahuman_table import metahuman_to_arkit
from core.rigs.rig_list import ARKIT, HEAD_CURVES, rig_named
from core.timebase import frame_times_s
from motion.emotion.blending import laid_over, with_head
from motion.emotion.runner import DeitalkNetwork, Felt
from motion.emotion.strength import StrengthScale
from motion.emotion.styles import FPS, STYLES
from motion.intensity import value_at
from motion.singing.settings import SingingSettings

#: One style goes over to the next over this long.
CHANGE_S = 0.5
#: A head whose turns spread less than this over the whole voice, in radians, is one that the network never saw move.
LEAST_HEAD = 0.01


def told_performance(
    network: DeitalkNetwork,
    heard: FloatArray,
    felt: Felt,
    planned: Performance,
    emotion: Emotion,
    settings: SingingSettings,
) -> Performance:
    """The performance of a voice: the network's face over the planned one.

    heard: (T, features) at the network's frame rate, felt: what pass one gave of it. emotion: as it is reported; its sections say
    the style, its points the intensity where somebody gave it.
    """
    frames = len(heard)
    scale = StrengthScale.of(felt.saliency) if len(felt.saliency) else None
    points = value_at(emotion.points, frame_times_s(frames, FPS)) if emotion.points else None
    edited = scale.saliency(points) if scale is not None and points is not None else None
    styles = style_weights(emotion.sections, frames)
    rows = np.concatenate([as_arkit(network, block) for block in network.curve_blocks(heard, felt, styles, edited)])
    motion = planned.motion
    count = len(motion)
    told = at_film(rows, motion.fps, count)
    sung = planned.sung if planned.sung is not None else np.ones(count, np.float32)
    own_lips = settings.lips == "learned"
    made = laid_over(motion, told[:, : len(BLENDSHAPE_NAMES)], sung, settings.expressiveness, own_lips)
    head = told[:, len(BLENDSHAPE_NAMES) :]
    if head.std(axis=0).max() >= LEAST_HEAD:
        made = with_head(made, head, settings.head_motion)
    strength = points if points is not None or scale is None else scale.shown(felt.saliency)
    if strength is not None:
        made = replace(made, intensity=at_film(strength[:, np.newaxis], motion.fps, count)[:, 0])
    return Performance(made, emotion, planned.notes, planned.sung)


def as_arkit(network: DeitalkNetwork, curves: FloatArray) -> FloatArray:
    """(T, 55): ARKit's shapes and the head's turns, out of the curves of the network's own rig."""
    if rig_named(network.facts.rig) == ARKIT:
        return curves
    shapes = metahuman_to_arkit(curves)
    return np.concatenate([shapes, np.zeros((len(shapes), len(HEAD_CURVES)), np.float32)], axis=1)


def at_film(rows: FloatArray, fps: float, count: int) -> FloatArray:
    """(count, C) at a film's frames, out of rows (T, C) at the network's, along straight lines; the ends are held."""
    places = np.clip(frame_times_s(count, fps) * FPS - 0.5, 0.0, len(rows) - 1.0)
    low = np.floor(places).astype(np.int64)
    share = (places - low).astype(np.float32)[:, np.newaxis]
    high = np.minimum(low + 1, len(rows) - 1)
    read: FloatArray = ((1.0 - share) * rows[low] + share * rows[high]).astype(np.float32)
    return read


def style_weights(sections: Sequence[StyledSection], frames: int) -> FloatArray:
    """(frames, 5) of sum 1: the style of every frame, and around a change straight from one to the next. A style before the first
    section is its own, one after the last goes on."""
    times_s = frame_times_s(frames, FPS)
    weights = np.zeros((frames, len(STYLES)), dtype=np.float32)
    starts_s = np.asarray([part.start_s for part in sections[1:]])
    columns = np.asarray([STYLES.index(part.style) for part in sections] or [0])
    weights[np.arange(frames), columns[np.searchsorted(starts_s, times_s, side="right")]] = 1.0
    blended: FloatArray = uniform_filter1d(weights, round(CHANGE_S * FPS), axis=0, mode="nearest")
    return blended
