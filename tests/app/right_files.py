"""Sounds and pictures of every accepted kind that are right: to be taken, or to be spoilt."""

from __future__ import annotations

import io
import subprocess
from functools import cache

import imageio_ffmpeg
import numpy as np
import pillow_heif
from PIL import Image


def ffmpeg(*arguments, data=b""):
    """What ffmpeg writes to its stdout."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-nostdin", *arguments]
    return subprocess.run(command, input=data, capture_output=True, check=True, timeout=60).stdout


@cache
def sounds(folder):
    """Two seconds of a tone in every format that is accepted: ending -> bytes."""
    coders = {
        "mp3": ["-c:a", "libmp3lame"],
        "wav": [],
        "flac": [],
        "ogg": ["-c:a", "libvorbis"],
        "opus": ["-c:a", "libopus"],
        "m4a": ["-c:a", "aac"],
        "aac": ["-c:a", "aac"],
        "webm": ["-c:a", "libopus"],
        "aiff": [],
    }
    made = {}
    for ending, coder in coders.items():
        path = folder / f"tone.{ending}"
        ffmpeg("-f", "lavfi", "-i", "sine=440:duration=2", *coder, "-y", str(path))
        made[ending] = path.read_bytes()
    path = folder / "silent.mp4"
    ffmpeg(
        "-f", "lavfi", "-i", "color=gray:size=64x64:duration=1:rate=5", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-y", str(path)
    )
    made["mp4 without sound"] = path.read_bytes()
    return made


@cache
def pictures():
    """A noisy picture without a face in every format that is accepted: ending -> bytes."""
    pillow_heif.register_heif_opener()
    noise = Image.fromarray(np.random.default_rng(5).integers(0, 255, (200, 240, 3), np.uint8))
    made = {}
    for ending, name in (
        ("png", "PNG"),
        ("jpg", "JPEG"),
        ("webp", "WEBP"),
        ("heic", "HEIF"),
        ("avif", "AVIF"),
        ("gif", "GIF"),
        ("tif", "TIFF"),
        ("bmp", "BMP"),
    ):
        file = io.BytesIO()
        noise.save(file, name)
        made[ending] = file.getvalue()
    return made
