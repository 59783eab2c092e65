"""What the engines that paint crops are tried on: the mesh engine's short film, a voice, and frames whose face is covered."""

from __future__ import annotations

import wave
from dataclasses import dataclass, replace

import numpy as np
import pytest

from faces.tracking.tracks import FaceState
from lipsync.card import LipsTask
from tests.lipsync.mesh_lips.conftest import motion_of, talking  # noqa: F401

HIDDEN = slice(8, 12)


@dataclass(frozen=True)
class Given:
    """Settings of a card: a processor, and the options of one engine."""

    options: object = None
    device: str = "cpu"
    seed: int = 0
    expressiveness: float = 1.0

    def own(self, options):
        return self.options if isinstance(self.options, options) else options()


@pytest.fixture
def settings_with():
    """Settings on a processor with one engine's options."""
    return Given


@pytest.fixture(scope="session")
def voice_file(tmp_path_factory):
    """A voice of 2 s: noise that swells and fades."""
    path = tmp_path_factory.mktemp("voice") / "voice.wav"
    swell = 0.5 + 0.5 * np.sin(np.arange(32_000) / 1500)
    samples = np.random.default_rng(3).standard_normal(32_000) * swell * 3000
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1), file.setsampwidth(2), file.setframerate(16_000)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


@pytest.fixture(scope="session")
def painted_task(talking, voice_file):  # noqa: F811
    """The first 24 frames of the film, whose face is covered in `HIDDEN`."""
    count = 24
    track = talking.faces.tracks[0]
    state = np.array(track.state[:count])
    state[HIDDEN] = FaceState.COVERED
    rows = {name: getattr(track, name)[:count] for name in ("landmarks", "blendshapes", "rotation_deg")}
    short = replace(track, **rows, state=state)
    faces = replace(talking.faces, frames=count, tracks=(short,))
    return LipsTask(faces, short, motion_of(talking.jaw[:count]), voice_file, lambda: iter(talking.frames[:count]))


def check_painted(task, drawn):
    """Only the lower face of frames in which it is clear has changed."""
    films = list(task.frames())
    assert len(drawn) == len(films) and all(frame.dtype == np.uint8 for frame in drawn)
    for number, (frame, new) in enumerate(zip(films, drawn, strict=True)):
        changed = (frame != new).any(axis=2)
        if not task.track.clear(number):
            assert not changed.any(), f"frame {number} is not clear"
            continue
        points = task.track.landmarks[number][:, :2]
        rows, columns = np.nonzero(changed)
        assert len(rows) > 50, f"frame {number} has other lips"
        assert rows.min() >= points[168, 1], "the eyes and all above stay"
        assert rows.max() <= points[:, 1].max() + 1 and columns.min() >= points[:, 0].min() - 1
        assert columns.max() <= points[:, 0].max() + 1
        mouth = points[[13, 14]].mean(axis=0).astype(int)
        near = np.s_[mouth[1] - 2 : mouth[1] + 3, mouth[0] - 2 : mouth[0] + 3]
        assert np.abs(frame[near].astype(int) - new[near]).mean() > 0.5
