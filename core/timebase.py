"""All arithmetic between frames, samples and seconds lives here, so that no other module rounds in its own way."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def frame_count(duration_s: float, fps: float) -> int:
    """Number of film frames that cover `duration_s` seconds: the nearest whole number, at least one."""
    return max(1, round(duration_s * fps))


def frames_to_seconds(frames: int, fps: float) -> float:
    """Length in seconds of `frames` film frames."""
    return frames / fps


def samples_to_seconds(samples: int, sample_rate_hz: int) -> float:
    """Length in seconds of `samples` audio samples."""
    return samples / sample_rate_hz


def seconds_to_samples(duration_s: float, sample_rate_hz: int) -> int:
    """Nearest whole number of audio samples in `duration_s` seconds."""
    return round(duration_s * sample_rate_hz)


def frame_times_s(frames: int, fps: float) -> npt.NDArray[np.float64]:
    """Times in seconds at the middle of each of `frames` frames, shape (frames,)."""
    return (np.arange(frames, dtype=np.float64) + 0.5) / fps


def timecode(frame: int, fps: float) -> str:
    """SMPTE-like time code `HH:MM:SS:FF.000` of a frame, as Live Link Face writes it (non drop-frame, fps rounded up for FF)."""
    whole_fps = max(1, round(fps))
    seconds, rest = divmod(frame, whole_fps)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{rest:02d}.000"
