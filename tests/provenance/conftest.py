"""A short film as a recipe would make it: marked, signed, with sound; made once."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from media.film_writer import FilmWriter
from media.pictures import load_picture
from provenance.making import accounted

ROOT = Path(__file__).resolve().parent.parent.parent
PORTRAIT, SONG = ROOT / "demo" / "portrait.jpg", ROOT / "demo" / "song.mp3"
WIDTH, HEIGHT, FPS, SECONDS = 480, 480, 25.0, 2.0


def moving_frames(count: int = round(FPS * SECONDS), width: int = WIDTH, height: int = HEIGHT):
    """The demo's portrait, moved a little from frame to frame: (count, H, W, 3) uint8."""
    still = cv2.resize(load_picture(PORTRAIT).image, (width, height), interpolation=cv2.INTER_AREA)
    for index in range(count):
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), 2 * np.sin(index / 6), 1.02)
        yield cv2.warpAffine(still, turn, (width, height), borderMode=cv2.BORDER_REFLECT)


@accounted("sing", "portrait", "song")
def small_film(portrait: Path, song: Path, video: Path, settings: object = None) -> Path:
    """A film of the moved portrait with the song's sound."""
    with FilmWriter(video, (WIDTH, HEIGHT), FPS, song, 0.0, SECONDS, tags={"belcanto_engines": "mesh"}) as writer:
        for frame in moving_frames():
            writer.write(frame)
    return video


@pytest.fixture(scope="session")
def film(tmp_path_factory) -> Path:
    """The signed and marked film."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BELCANTO_MARK", "on")
        return small_film(PORTRAIT, SONG, tmp_path_factory.mktemp("film") / "film.mp4")
