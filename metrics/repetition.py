"""Does the head do the same thing twice? The highest likeness of any piece of its motion with any other piece."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from core.messages import NOTHING, Message, message

#: Length of the pieces that are held against each other; a longer piece that returns brings shorter ones with it.
PIECE_S = 4.0
#: Pieces begin so often; and two are different pieces where they lie further apart than their length.
STEP_S = 0.08
#: So many pieces are held against all others at once; bounds the memory.
BLOCK_PIECES = 512
#: Noise of the motion's own spectrum is drawn so often.
DRAWS = 20
#: What of the spectrum is finer than this is blurred in the noise.
BLUR_HZ = 0.1
#: A loop of this length is the control that must be found out.
LOOP_S = 8.0
#: A piece in which the head hardly moves (standard deviation over all axes, in degrees) repeats nothing that could be seen.
STILL_DEG = 0.4
#: Above this likeness two pieces look the same.
VISIBLE = 0.95


@dataclass(frozen=True)
class Repetition:
    """How far the head's motion repeats itself; None where the motion is too short or too still to tell.

    highest: the likeness, in [-1, 1], of the two most alike pieces, which begin at first_s and again_s. noise_mean, noise_p95:
    of noise with the motion's own spectrum, which keeps its rhythm and repeats nothing but by chance. loop: of the motion's
    beginning in a loop. visible: highest is above `VISIBLE`.
    """

    highest: float | None
    first_s: float | None = None
    again_s: float | None = None
    noise_mean: float | None = None
    noise_p95: float | None = None
    loop: float | None = None
    visible: bool = False
    reason: Message = NOTHING


def repetition(rotation_deg: np.ndarray, fps: float, draws: int = DRAWS, seed: int = 0) -> Repetition:
    """Hold every piece of `PIECE_S` of a motion (T, 3), in degrees, against every other one.

    The likeness is the correlation of all axes together, each freed of its mean in the piece and measured by its spread over the
    motion, so that a wide turn does not hide different nods: the same shape, larger or smaller.
    """
    found = highest_likeness(rotation_deg, fps)
    if found is None:
        return Repetition(None, reason=message("metrics.motion_too_short"))
    highest, first_s, again_s = found
    generator = np.random.default_rng(seed)
    noise = [highest_likeness(phase_noise(rotation_deg, fps, generator), fps) for _ in range(draws)]
    levels = np.asarray([level[0] for level in noise if level is not None])
    loop = highest_likeness(looped(rotation_deg, fps), fps)
    return Repetition(
        highest=highest,
        first_s=first_s,
        again_s=again_s,
        noise_mean=float(levels.mean()) if len(levels) else None,
        noise_p95=float(np.percentile(levels, 95)) if len(levels) else None,
        loop=None if loop is None else loop[0],
        visible=highest > VISIBLE,
    )


def highest_likeness(rotation_deg: np.ndarray, fps: float) -> tuple[float, float, float] | None:
    """(likeness, begin, begin) in seconds of the two most alike pieces; None where there are no two that move."""
    spread = np.maximum(rotation_deg.std(axis=0), 1e-3)
    piece, step = round(PIECE_S * fps), max(1, round(STEP_S * fps))
    starts = np.arange(0, len(rotation_deg) - piece + 1, step)
    if len(starts) < 2 or starts[-1] - starts[0] < piece:
        return None
    rows = np.stack([rotation_deg[start : start + piece] for start in starts]).astype(np.float32)
    rows -= rows.mean(axis=1, keepdims=True)
    moves = np.sqrt(np.square(rows).mean(axis=(1, 2))) > STILL_DEG
    if moves.sum() < 2:
        return None
    starts, rows = starts[moves], (rows / spread)[moves].reshape(int(moves.sum()), -1)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    best: tuple[float, float, float] | None = None
    for begin in range(0, len(starts), BLOCK_PIECES):
        here = starts[begin : begin + BLOCK_PIECES]
        likeness = rows[begin : begin + BLOCK_PIECES] @ rows.T
        likeness[starts[None] < here[:, None] + piece] = -2.0
        row, column = np.unravel_index(int(np.argmax(likeness)), likeness.shape)
        if likeness[row, column] > max(-1.5, best[0] if best else -1.5):
            best = (float(likeness[row, column]), float(here[row] / fps), float(starts[column] / fps))
    return best


def phase_noise(rotation_deg: np.ndarray, fps: float, generator: np.random.Generator) -> np.ndarray:
    """A motion (T, 3) with the same spectrum in each axis and random phases (Theiler et al., "Surrogate data", 1992).

    The spectrum is blurred by `BLUR_HZ`: the lines of a motion that repeats itself would make noise that does so too.
    """
    spectrum = np.fft.rfft(rotation_deg, axis=0)
    power = np.square(np.abs(spectrum))
    power[1:] = gaussian_filter1d(power[1:], BLUR_HZ * len(rotation_deg) / fps, axis=0, mode="nearest")
    turned = np.sqrt(power) * np.exp(2j * np.pi * generator.random(spectrum.shape))
    turned[0] = spectrum[0]
    return np.fft.irfft(turned, len(rotation_deg), axis=0)


def looped(rotation_deg: np.ndarray, fps: float) -> np.ndarray:
    """A motion (T, 3) that does its first `LOOP_S` again and again."""
    return rotation_deg[np.arange(len(rotation_deg)) % max(1, round(LOOP_S * fps))]
