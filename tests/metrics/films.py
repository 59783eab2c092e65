"""Films of known truth: a portrait whose mouth opens as told, whose head moves as told, with flaws put in on purpose."""

from __future__ import annotations

import subprocess
import wave
from collections.abc import Iterable
from pathlib import Path

import cv2
import imageio_ffmpeg
import numpy as np

FPS = 25.0


def write_film(path: Path, frames: Iterable[np.ndarray], fps: float = FPS, sound: Path | None = None, crf: int = 16) -> Path:
    """Encode frames (H, W, 3) uint8 with H.264 High yuv420p, and the sound with AAC where given."""
    frames = iter(frames)
    first = next(frames)
    height, width = first.shape[:2]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24"]
    command += ["-s", f"{width}x{height}", "-r", str(fps), "-i", "-"]
    command += ["-i", str(sound), "-c:a", "aac", "-ar", "48000", "-ac", "2"] if sound else []
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-profile:v", "high", "-bf", "2", "-pix_fmt", "yuv420p"]
    command += ["-crf", str(crf), "-movflags", "+faststart", str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        process.stdin.write(np.ascontiguousarray(first).tobytes())
        for frame in frames:
            process.stdin.write(np.ascontiguousarray(frame).tobytes())
        process.stdin.close()
    assert process.returncode == 0
    return path


def write_wav(path: Path, samples: np.ndarray, sample_rate_hz: int = 44100) -> Path:
    """Write mono samples in [-1, 1] as 16-bit WAV."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate_hz)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return path


class MouthPuppet:
    """A portrait cut along its inner lips: everything below slides down, the gap is dark. Crude, but its aperture is known."""

    def __init__(self, image: np.ndarray, landmarks: np.ndarray) -> None:
        self.image = image
        left, right = landmarks[78, :2], landmarks[308, :2]
        self.mouth_width = float(np.linalg.norm(right - left))
        self.centre = (left + right) / 2
        self.line_y = float((landmarks[13, 1] + landmarks[14, 1]) / 2)
        height, width = image.shape[:2]
        self.y, self.x = np.mgrid[0:height, 0:width].astype(np.float32)

    def frame(self, opening: float, shift_px: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
        """The picture with the mouth open by `opening` mouth widths, the head (a soft disc) moved by `shift_px`."""
        across = (self.x - self.centre[0]) / (0.5 * self.mouth_width)
        arch = np.sqrt(np.clip(1 - across**2, 0, 1)) * opening * self.mouth_width
        below = self.y - self.line_y
        wide = np.exp(-((np.abs(across) / 2.2) ** 4)) * opening * self.mouth_width
        fade = np.exp(-((np.clip(below, 0, None) / (2.0 * self.mouth_width)) ** 4))
        slide = np.where(below >= 0, np.maximum(arch, 0.6 * wide) * fade, 0).astype(np.float32)
        radius = np.hypot(self.x - self.centre[0], self.y - self.centre[1] + self.mouth_width)
        soft = np.exp(-((radius / (3.6 * self.mouth_width)) ** 6)).astype(np.float32)
        map_x = self.x - soft * np.float32(shift_px[0])
        map_y = self.y - soft * np.float32(shift_px[1])
        open_picture = cv2.remap(self.image, self.x, self.y - slide, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        if opening > 0:
            gap = (
                np.clip(np.minimum(below, arch - below) + 0.5, 0, 1)[..., None]
                * ((below >= -1) & (np.abs(across) < 1))[..., None]
            )
            open_picture = (open_picture * (1 - gap) + np.array([40, 12, 12]) * gap).astype(np.uint8)
        if shift_px == (0.0, 0.0):
            return open_picture
        return cv2.remap(open_picture, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
