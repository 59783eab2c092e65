"""A small set of takes on disk, cut from the demo's song, with jaws that follow its loudness."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

pytest.importorskip("torch", reason="training needs torch: pip install -r requirements-neural.txt")

from core.contracts import BLENDSHAPE_NAMES, Motion
from media.sound_reader import read_audio
from motion.emotion.styles import FPS, SAMPLE_RATE_HZ
from motion.emotion.training.checking import loudness
from motion.emotion.training.prepare import Example
from motion.emotion.training.take_set import Take
from motion.files.motion_csv import write_motion_csv
from neural import log_mel

TAKE_S = 3.0


@pytest.fixture(scope="session")
def song(root_dir):
    """(n,) of real singing with its accompaniment at 16 kHz."""
    return read_audio(root_dir / "demo" / "song.mp3", SAMPLE_RATE_HZ, 1, duration_s=30.0)[:, 0]


def motion_of(sound, style="neutral", delay_frames=0):
    """A face whose jaw follows the loudness, and which smiles where it is happy."""
    levels = loudness(sound)
    jaw = np.clip((levels + 50.0) / 50.0, 0.0, 1.0)
    shapes = np.zeros((len(jaw), len(BLENDSHAPE_NAMES)), np.float32)
    shapes[:, BLENDSHAPE_NAMES.index("jawOpen")] = np.roll(jaw, delay_frames)
    shapes[:, BLENDSHAPE_NAMES.index("mouthSmileLeft")] = 0.5 * jaw * (style == "happy")
    still = np.zeros((len(jaw), 3), np.float32)
    return Motion(float(FPS), shapes, still, still, still[:, :2], jaw.astype(np.float32))


def write_take(folder, name, sound, motion=None, saliency=True):
    """Write a take `speaker/style/take` of sound (n,), with its own motion where none is given."""
    style = name.split("/")[1]
    motion = motion or motion_of(sound, style)
    path = folder / f"{name}.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, sound, SAMPLE_RATE_HZ)
    write_motion_csv(path.with_suffix(".csv"), motion)
    if saliency:
        np.savez(folder / f"{name}.truth.npz", saliency=motion.intensity)


@pytest.fixture
def small_set(tmp_path, song):
    """Two speakers, two styles, three takes of 3 s each."""
    folder = tmp_path / "set"
    names = [
        f"{speaker}/{style}/take{number}" for speaker in ("ann", "bob") for style in ("neutral", "happy") for number in "123"
    ]
    for place, name in enumerate(names):
        start = round(place * 0.8 * SAMPLE_RATE_HZ)
        write_take(folder, name, song[start : start + round(TAKE_S * SAMPLE_RATE_HZ)])
    (folder / "set.toml").write_text('licence = "CC BY 3.0"\nsource = "the demo"\n')
    return folder


@pytest.fixture(scope="session")
def examples(song, root_dir):
    """Eight takes of four styles, heard as log-mel at 30 Hz; the last is shorter than a window."""
    made = []
    for number in range(8):
        style = ("neutral", "happy", "angry", "sad")[number % 4]
        length = round((1.0 if number == 7 else TAKE_S) * SAMPLE_RATE_HZ)
        sound = song[number * 40_000 : number * 40_000 + length]
        mel = log_mel.scaled(log_mel.log_power_mel(np.pad(sound, 200)), 0.0).T
        motion = motion_of(sound, style)
        rows = np.linspace(0, len(mel) - 1, len(motion)).round().astype(int)
        place = root_dir / "demo" / "song.mp3"
        take = Take(f"ann/{style}/take{number}", "ann", style, place, place)
        made.append(Example(take, mel[rows].astype(np.float16), motion.blendshapes[:, :30].copy(), motion.intensity))
    return made
