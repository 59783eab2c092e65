"""Frames that are kept: the same frames, as often as they are read, and nothing left."""

from __future__ import annotations

import os
from itertools import islice

import numpy as np
import pytest

from core.errors import InputError
from core.output_files import left_parts, new_part
from media.kept_frames import KeptFrames

FPS = 25.0


def noise(count):
    chance = np.random.default_rng(3)
    return [chance.integers(0, 256, (48, 64, 3), np.uint8) for _ in range(count)]


def test_frames_come_back_as_they_were_as_often_as_they_are_asked_for(tmp_path):
    frames = noise(30)
    with KeptFrames(tmp_path / "film.mp4", (64, 48), FPS) as kept:
        for frame in frames:
            kept.add(frame)
        kept.end()
        assert len(kept) == 30 and len(list(left_parts(tmp_path / "film.mp4"))) == 1
        for _ in range(2):
            assert all((one == other).all() for one, other in zip(kept.frames(), frames, strict=True))
        begun = kept.frames()
        assert all((one == other).all() for one, other in zip(islice(begun, 3), frames[:3], strict=True))
        begun.close()
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_after_an_error_and_nothing_of_a_killed_run(tmp_path):
    held, part = new_part(tmp_path / "film.mp4")
    part.write_bytes(b"of a run that was killed")
    os.close(held)
    with pytest.raises(ZeroDivisionError), KeptFrames(tmp_path / "film.mp4", (64, 48), FPS) as kept:
        assert not part.exists()
        kept.add(noise(1)[0])
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_frame_of_another_size_is_a_mistake(tmp_path):
    with KeptFrames(tmp_path / "film.mp4", (64, 48), FPS) as kept, pytest.raises(ValueError, match="64"):
        kept.add(np.zeros((64, 48, 3), np.uint8))


def test_a_folder_that_is_gone_is_said(tmp_path):
    with pytest.raises(InputError) as said, KeptFrames(tmp_path / "gone" / "film.mp4", (64, 48), FPS):
        pass
    assert said.value.message.code == "media.film_unwritable"
