"""The sound and the films of the live process' stand-in, made by the real ffmpeg."""

from __future__ import annotations

import io
import subprocess
import wave
from contextlib import contextmanager

from media.ffmpeg_run import ffmpeg_path


def silence():
    """A tenth of a second, as a WAV file."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(24_000)
        file.writeframes(bytes(4800))
    return made.getvalue()


@contextmanager
def stream(duration_s, realtime=True):
    """A fragmented MP4 of a test picture and a tone, as it is being made."""
    sources = ["-f", "lavfi", "-i", "testsrc=size=256x256:rate=25", "-f", "lavfi", "-i", "sine=frequency=220:sample_rate=48000"]
    codecs = [
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-profile:v",
        "baseline",
        "-pix_fmt",
        "yuv420p",
        "-g",
        "25",
        "-c:a",
        "aac",
    ]
    form = [
        "-c:a",
        "aac",
        "-movflags",
        "frag_keyframe+empty_moov+default_base_moof",
        "-frag_duration",
        "200000",
        "-f",
        "mp4",
        "pipe:1",
    ]
    command = [ffmpeg_path(), "-v", "error", *(["-re"] if realtime else []), *sources[:4]]
    command += [*(["-re"] if realtime else []), *sources[4:], "-t", str(duration_s), *codecs, *form]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        try:
            yield process.stdout
        finally:
            process.kill()


def film_of(duration_s):
    """A short film, whole."""
    with stream(duration_s, realtime=False) as piped:
        return piped.read()
