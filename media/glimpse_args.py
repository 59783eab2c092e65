"""Argument list for ffmpeg that makes a glimpse of a film: a few seconds, small and silent, to play in a list."""

from __future__ import annotations

from pathlib import Path

from media.ffmpeg_args import FILM_PIXELS, file_url, global_arguments, input_arguments

#: Seconds of a glimpse, where in its film it begins, as a part of that, and its pictures a second.
GLIMPSE_S, BEGIN, FPS = 3.0, 0.25, 15
#: Its height in pixels at most, and the constant quality of its H.264: small files come before fine ones.
HEIGHT, CRF = 240, 30


def glimpse_start_s(duration_s: float) -> float:
    """Where the glimpse of a film of that length begins, in seconds: some way in, where that leaves enough behind it."""
    return max(0.0, min(BEGIN * duration_s, duration_s - GLIMPSE_S))


def glimpse_arguments(ffmpeg: str, film: Path, out: Path, start_s: float) -> list[str]:
    """The whole command. What the film tells of itself, that it is generated among it, is kept."""
    return [
        *global_arguments(ffmpeg),
        *("-ss", f"{start_s:.3f}", "-t", f"{GLIMPSE_S:g}"),
        *input_arguments(film),
        *("-map", "0:v:0", "-an", "-sn", "-dn"),
        *("-vf", f"fps={FPS},scale=w=-2:h='2*trunc(min({HEIGHT},ih)/2)':flags=bilinear,setsar=1"),
        *("-c:v", "libx264", "-crf", str(CRF), "-preset", "veryfast", "-threads", "1", "-pix_fmt", FILM_PIXELS),
        *("-movflags", "+faststart", "-f", "mp4", "-y", file_url(out)),
    ]
