"""The window of Wav2Lip's mel spectrogram that SadTalker's networks see for a frame of film."""

from __future__ import annotations

import numpy as np

from core.contracts import FloatArray
from neural.wav2lip_mel import HOPS_PER_SECOND, windows_at

#: Frames of the spectrogram that the networks see for one frame of film, and how far before that frame they begin.
WINDOW_HOPS = 16
LEAD_S = 2 / 25


def mel_windows(spectrogram: FloatArray, first_frame: int, frames: int, fps: float) -> FloatArray:
    """What the networks see for `frames` frames of film from `first_frame` on: (frames, 1, 80, 16).

    spectrogram: (hops, 80), at least one hop; beyond its ends its first and last hop are repeated.
    """
    number = np.arange(first_frame, first_frame + frames)
    # int() cuts towards zero, as the published program does; at 25 frames a second the windows are the same ones.
    starts = (HOPS_PER_SECOND * ((number - LEAD_S * fps) / fps)).astype(int)
    return windows_at(spectrogram, starts, WINDOW_HOPS)
