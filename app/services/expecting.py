"""Tells the workers that somebody will soon look at a picture that moves, or at a preview, so that a process stands ready for it.

Loading what such work needs takes longer than the work. The word goes by a file's time: workers may be processes of their own.
"""

from __future__ import annotations

import time
from pathlib import Path

from app.settings import AppSettings

#: The word is given at most so often, in seconds; a process stands ready for longer than that (`WorkerSettings.spare_s`).
AGAIN_AFTER_S = 15.0


def expected_file(settings: AppSettings) -> Path:
    """The file whose time says when that was told last."""
    return settings.results_dir / "expected"


def expect_previews(settings: AppSettings) -> None:
    """Somebody is on the way to a picture that moves."""
    file = expected_file(settings)
    try:
        told_s = file.stat().st_mtime
    except FileNotFoundError:
        settings.make_folders()
        told_s = 0.0
    if not 0 <= time.time() - told_s < AGAIN_AFTER_S:
        file.touch()
