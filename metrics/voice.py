"""The voice that a film is measured against: given as a file, or taken out of the song by the product's own separator."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from core.errors import BelcantoError, InputError, MissingError

ROOT = Path(__file__).resolve().parent.parent
VOICE_NAME = "vocals.wav"


def separation_arguments(song: Path, folder: Path, start_s: float, duration_s: float | None) -> list[str]:
    """The command that writes the stems of the song's part into the folder."""
    command = [sys.executable, "-m", "separation", str(song.resolve()), "--out", str(folder), "--start", str(start_s)]
    return command + (["--duration", str(duration_s)] if duration_s is not None else [])


@contextmanager
def voice_of(song: Path, voice: Path | None, start_s: float, duration_s: float | None) -> Iterator[tuple[Path, float]]:
    """Give the voice's file and the second in it at which the film begins; a separated one is removed at the end.

    The separator runs as a program of its own, since no room may import another. Raises `InputError` or `MissingError` with its
    sentence where it fails.
    """
    if voice is not None:
        yield voice, start_s
        return
    with TemporaryDirectory(prefix="belcanto-voice-") as name:
        folder = Path(name)
        done = subprocess.run(
            separation_arguments(song, folder, start_s, duration_s), cwd=ROOT, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise separation_error(done.returncode, done.stderr)
        yield folder / VOICE_NAME, 0.0


def separation_error(code: int, stderr: str) -> BelcantoError:
    """The separator's last line as an error of its kind."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    sentence = lines[-1] if lines else f"it ended with exit code {code}."
    kind = MissingError if code == MissingError.exit_code else InputError
    return kind("metrics.voice_not_taken_out", reason=sentence)
