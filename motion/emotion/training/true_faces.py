"""The faces of made takes: learned lips, the style's shapes by the saliency, and noise.

    curves = joined(lips, saliency x style's shapes) + smooth noise + white noise

Lips: the learned lips as the singing performer maps them (`articulate`, `mouth_shapes`), at its natural size. Style's shapes: the
prototypes of `emotions_faces`, at most as strong as written there; joined as the performer joins them, so that a smile gives way
to rounded lips and nothing felt opens or shuts the mouth. The head tips by the style's pitch and roll times the saliency.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter1d

from core.blendshapes import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES
from core.contracts import FloatArray, Motion
from core.timebase import frame_times_s
from motion.emotion.styles import FPS
from motion.emotion.training.saliency import true_saliency
from motion.singing.analysis.smoothing import at_frames
from motion.singing.performance.articulation import articulate
from motion.singing.performance.emotions_faces import STYLES as FACES
from motion.singing.performance.emotions_faces import shape_names, stems
from motion.singing.performance.emotions_performance import blended
from motion.singing.performance.mouth_shapes import mouth_shapes
from motion.singing.settings import SingingSettings
from motion.singing.song_analysis import SongAnalysis, analyse

#: Deviation and breadth of the smooth noise, deviation of the white noise, both of every shape and clipped at 0; the same of the
#: head's angles in degrees.
SMOOTH_NOISE, SMOOTH_NOISE_S, WHITE_NOISE = 0.012, 0.25, 0.004
HEAD_NOISE_DEG, HEAD_NOISE_S = 0.5, 0.6


@dataclass(frozen=True)
class MadeFace:
    """A take's truth at `FPS`: the face's motion, whose `intensity` is the saliency."""

    motion: Motion

    @property
    def saliency(self) -> FloatArray:
        """(T,) float32 in [0, 1]."""
        return self.motion.intensity


def listened(sound: Path, frames: int) -> SongAnalysis:
    """What the performer hears in a take, the learned lips too. Raises like `analyse`."""
    return analyse(sound, sound, float(FPS), frames, lips="learned", alone=True)


def made_face(song: SongAnalysis, style: str, generator: np.random.Generator) -> MadeFace:
    """The face of a take that was heard, in a style; the noise is the generator's."""
    saliency = np.clip(true_saliency(song), 0.0, 1.0).astype(np.float32)
    times_s = frame_times_s(song.frames, song.fps)
    slow = np.interp(np.arange(song.count) / 100.0, times_s, saliency)
    felt = {name: (slow * FACES[style].face.get(stem, 0.0)).astype(np.float32) for stem in stems() for name in shape_names(stem)}
    lips = mouth_shapes(articulate(song), SingingSettings())
    shapes = np.zeros((song.frames, len(BLENDSHAPE_NAMES)), np.float32)
    for name, curve in blended(lips, felt).items():
        shapes[:, BLENDSHAPE_INDEX[name]] = at_frames(np.clip(curve, 0.0, 1.0), times_s, song.fps)
    bearing = np.array([0.0, FACES[style].pitch_deg, FACES[style].roll_deg])
    head = saliency[:, None] * bearing + HEAD_NOISE_DEG * drifting(song.frames, 3, HEAD_NOISE_S, generator)
    still = np.zeros((song.frames, 3), np.float32)
    motion = Motion(float(FPS), shapes, head.astype(np.float32), still, still[:, :2], saliency)
    return MadeFace(replace(motion, blendshapes=noisy(shapes, generator)))


def noisy(shapes: FloatArray, generator: np.random.Generator) -> FloatArray:
    """Shapes (T, 52) with noise on all that move in the take, within [0, 1]; what never moves, as the tongue, stays at 0."""
    moves = shapes.max(axis=0) > 0.0
    noise = SMOOTH_NOISE * drifting(len(shapes), shapes.shape[1], SMOOTH_NOISE_S, generator)
    noise += WHITE_NOISE * generator.standard_normal(shapes.shape)
    return np.clip(shapes + noise * moves, 0.0, 1.0).astype(np.float32)


def drifting(frames: int, columns: int, sigma_s: float, generator: np.random.Generator) -> FloatArray:
    """(frames, columns) smooth chance of deviation 1."""
    sigma = sigma_s * FPS
    white = generator.standard_normal((frames + 2 * round(3 * sigma), columns))
    smooth = gaussian_filter1d(white, sigma, axis=0)[round(3 * sigma) :][:frames]
    return np.asarray(smooth * np.sqrt(2.0 * np.sqrt(np.pi) * sigma))
