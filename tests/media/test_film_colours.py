"""A film's colours against ffmpeg's own conversion of the same frames."""

from __future__ import annotations

import subprocess
from fractions import Fraction

import numpy as np
import pytest

from media.ffmpeg_args import FilmSettings, global_arguments, raw_frames_arguments, video_arguments
from media.ffmpeg_run import ffmpeg_path
from media.film_colours import planes_of, to_film_colours


def by_ffmpeg(frame: np.ndarray) -> np.ndarray:
    """The same frame as ffmpeg's scaler converts it, (3/2 H W,)."""
    height, width = frame.shape[:2]
    arguments = video_arguments(Fraction(25), FilmSettings())
    source = raw_frames_arguments(width, height, Fraction(25), "pipe:0")
    command = [*global_arguments(ffmpeg_path()), *source, *arguments[:2], "-f", "rawvideo", "pipe:1"]
    done = subprocess.run(command, input=frame.tobytes(), capture_output=True, check=True)
    return np.frombuffer(done.stdout, np.uint8)


@pytest.mark.parametrize(("height", "width"), [(64, 96), (16, 130), (130, 16)])
def test_colours_are_ffmpegs_own_to_a_level(height, width):
    frame = np.random.default_rng(4).integers(0, 256, (height, width, 3)).astype(np.uint8)
    frame[: height // 2, : width // 2] = (255, 0, 0)  # an edge between colours tells where the differences lie
    frame[height // 2 :, : width // 2] = (255, 255, 255)
    planes = planes_of(height, width)
    to_film_colours(frame, planes)
    missed = planes.astype(int) - by_ffmpeg(frame)
    assert np.abs(missed).max() <= 2 and np.abs(missed).mean() < 0.1 and abs(missed.mean()) < 0.05


def test_frames_that_must_not_be_written_to_are_taken_as_well():
    frame = np.zeros((4, 4, 3), np.uint8)
    frame.flags.writeable = False
    planes = planes_of(4, 4)
    to_film_colours(frame, planes)
    assert planes.tolist() == [16] * 16 + [128] * 8


def test_the_smallest_frame_is_converted_too():
    frame = np.full((2, 2, 3), 255, np.uint8)
    planes = planes_of(2, 2)
    to_film_colours(frame, planes)
    assert planes.tolist() == [235] * 4 + [128] * 2
