"""Lips for a voice as it comes: blocks of sound in, frames of the mouth out, 50 a second and less than 200 ms late.

    live = LiveLips()                       # loads weights/trained/lips_live.safetensors; no speech encoder
    curves = live.feed(block)               # (n,) float32 mono 16 kHz of any length -> (m, 16) curves, columns CURVE_NAMES
    shapes = live_shapes(curves)            # (m, 52) ARKit
    curves = live.finish()                  # the frames of the last 200 ms; the next sound starts anew

Frame k of a sound belongs to its time k / 50 s and comes out once the sound up to `LOOK_AHEAD_S` later is there. A causal network
listens to the log-mel spectrogram: the speech encoder, which hears better, would have to hear windows of a second anew for every
few frames. That takes seventeen times the processor's time, and cut so short it hears little better.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.contracts import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES, FloatArray
from core.errors import InputError
from motion.singing.analysis.framing import ANALYSIS_RATE_HZ
from motion.singing.lips.learned_lips import LipNetwork, RowStream, mel_rows
from motion.singing.lips.lip_curves import CURVE_NAMES, LIP_RATE_HZ, SHAPE_NAMES
from motion.singing.lips.lip_graph import read_lip_model
from neural import log_mel

LIVE_PATH = Path(__file__).parents[3] / "weights" / "trained" / "lips_live.safetensors"
ROW_SAMPLES = ANALYSIS_RATE_HZ // LIP_RATE_HZ
_MEL_FRAMES = ROW_SAMPLES // log_mel.HOP_SAMPLES
#: The network hears this many rows ahead; each row's log-mel sees half a window beyond its last frame.
LOOK_AHEAD_ROWS = 8
LOOK_AHEAD_S = LOOK_AHEAD_ROWS / LIP_RATE_HZ + (log_mel.HOP_SAMPLES + log_mel.WINDOW_SAMPLES / 2) / ANALYSIS_RATE_HZ
#: A follower of the loud places sets the level: the one that the network knows, how far it may be turned up or down, and how
#: quickly the follower rises and forgets.
KNOWN_LEVEL_DB = 16.0
GAIN_LIMITS_DB = (-24.0, 18.0)
RISE_SHARE, FORGET_DB_PER_S = 0.2, 1.5


class LiveLips:
    """The live network with its state; one voice at a time."""

    def __init__(self, path: Path = LIVE_PATH, threads: int = 1) -> None:
        """Raises MissingError where the trained file is missing, InputError where it is another or hears further ahead."""
        model = read_lip_model(path)
        if model.shape["encoder_channels"] or not model.shape["causal"] or model.reach_rows[1] > LOOK_AHEAD_ROWS:
            raise InputError("motion.lips_not_live", path=path, rows=LOOK_AHEAD_ROWS)
        self._network = LipNetwork(model, threads)
        self._begin()

    def _begin(self) -> None:
        self._held = np.zeros(log_mel.WINDOW_SAMPLES // 2, dtype=np.float32)
        self._samples = self._given = 0
        self._level_db = KNOWN_LEVEL_DB
        self._rows = RowStream(self._network)

    def feed(self, block: FloatArray) -> FloatArray:
        """(m, len(CURVE_NAMES)) the frames that `block` (n,) float32 in [-1, 1] makes known, in order; m may be 0.

        Raises InputError where the sound holds values that are not finite; nothing is taken in then.
        """
        if block.ndim != 1 or not np.isfinite(block).all():
            raise InputError("motion.sound_not_one_row")
        self._samples += len(block)
        return self._hear(block.astype(np.float32, copy=False))

    def finish(self) -> FloatArray:
        """The frames that are still owed, as if silence followed; afterwards a new sound may begin."""
        owed = -(-self._samples // ROW_SAMPLES) - self._given
        silence = np.zeros(ROW_SAMPLES * (owed + LOOK_AHEAD_ROWS + 2), dtype=np.float32)
        curves = self._hear(silence)[:owed]
        self._begin()
        return curves

    def _hear(self, sound: FloatArray) -> FloatArray:
        self._held = np.concatenate([self._held, sound])
        rows = (len(self._held) - log_mel.WINDOW_SAMPLES - log_mel.HOP_SAMPLES) // ROW_SAMPLES + 1
        if rows < 1:
            return np.zeros((0, len(CURVE_NAMES)), dtype=np.float32)
        heard = self._held[: (_MEL_FRAMES * rows - 1) * log_mel.HOP_SAMPLES + log_mel.WINDOW_SAMPLES]
        self._held = self._held[rows * ROW_SAMPLES :]
        curves = self._rows.push(mel_rows(self._levelled(log_mel.log_power_mel(heard))))
        self._given += len(curves)
        return curves

    def _levelled(self, log_power: FloatArray) -> FloatArray:
        """(80, 2 T) turned up or down row by row, by what was heard up to it."""
        power = np.power(10.0, log_power.astype(np.float64)).sum(axis=0).reshape(-1, _MEL_FRAMES).mean(axis=1)
        gains = np.empty(len(power))
        for row, level_db in enumerate(10.0 * np.log10(power)):
            if level_db > self._level_db:
                self._level_db += RISE_SHARE * (level_db - self._level_db)
            else:
                self._level_db = max(self._level_db - FORGET_DB_PER_S / LIP_RATE_HZ, KNOWN_LEVEL_DB - GAIN_LIMITS_DB[1])
            gains[row] = np.clip(KNOWN_LEVEL_DB - self._level_db, *GAIN_LIMITS_DB)
        return (log_power + np.repeat(gains / 10.0, _MEL_FRAMES)).astype(np.float32)


def live_shapes(curves: FloatArray) -> FloatArray:
    """(m, 52) ARKit shapes in [0, 1] of live curves (m, len(CURVE_NAMES)): the mouth's; all others are 0.

    `mouthClose` undoes `jawOpen` at the lips, so both are equal where the lips are surely closed.
    """
    shapes = np.zeros((len(curves), len(BLENDSHAPE_NAMES)), dtype=np.float32)
    for name in SHAPE_NAMES:
        for full in (name, f"{name}Left", f"{name}Right"):
            if full in BLENDSHAPE_INDEX:
                shapes[:, BLENDSHAPE_INDEX[full]] = np.clip(curves[:, CURVE_NAMES.index(name)], 0.0, 1.0)
    jaw, close = shapes[:, BLENDSHAPE_INDEX["jawOpen"]], BLENDSHAPE_INDEX["mouthClose"]
    closed = np.clip(2.0 * curves[:, CURVE_NAMES.index("closure")] - 0.5, 0.0, 1.0)
    shapes[:, close] = np.maximum(np.minimum(shapes[:, close], jaw), jaw * closed)
    return shapes
