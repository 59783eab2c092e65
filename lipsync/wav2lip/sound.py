"""What Wav2Lip's and LipGAN's networks hear for a frame of film."""

from __future__ import annotations

import numpy as np

from core.contracts import FloatArray
from neural.wav2lip_mel import HOPS_PER_SECOND, windows_at


def mel_windows(spectrogram: FloatArray, first_frame: int, frames: int, fps: float, hops: int) -> FloatArray:
    """The windows (frames, 1, 80, hops) for `frames` frames of film from `first_frame` on, as the published programs take them.

    spectrogram: (at least one hop, 80), of `neural.wav2lip_mel`. hops: 16 for Wav2Lip and its expert, 27 for LipGAN.
    A frame's window begins at its own time. Where that would reach beyond the sound's end it is the last whole one; a sound
    shorter than a window is lengthened by its last hop.
    """
    # Multiplied, then cut, in the published order, so that no window is another one by a rounding.
    starts = (np.arange(first_frame, first_frame + frames) * (HOPS_PER_SECOND / fps)).astype(int)
    return windows_at(spectrogram, np.clip(starts, 0, max(0, len(spectrogram) - hops)), hops)
