"""Trains the time-delayed LSTM (`networks/delayed_lstm.py`) on the clips of the lips' network as they are, without its rooms
and other voices, and reads lips from the landmarks that it says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.contracts import FloatArray
from core.errors import InputError
from core.messages import as_written
from motion.singing.networks.delayed_lstm import DelayedLstm, DelayedLstmShape
from motion.singing.training.baselines import Predictor
from motion.singing.training.checkpoint import load_strictly
from motion.singing.training.dataset import Tracks, at_times
from motion.singing.training.inputs import MEL_CHANNELS
from motion.singing.training.prepare import Example
from motion.singing.training.targets import CHIN, in_face_coordinates, lip_geometry

#: The Face Mesh's outer and inner lips, and the chin.
MOUTH_POINTS = (
    *(61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185),
    *(78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191),
    CHIN,
)


@dataclass(frozen=True)
class LstmSettings:
    """How the LSTM is trained: steps of Adam (Kingma & Ba, 2015), crops a step, rows a crop (50 a second), the rate, the seed."""

    steps: int = 1500
    batch: int = 16
    crop_rows: int = 200
    learning_rate: float = 4e-3
    seed: int = 0


def mouth_points(tracks: Tracks) -> list[FloatArray]:
    """For every clip (T, 3 * len(MOUTH_POINTS)) mm, freed of the head's pose."""
    place = {number: row for row, number in enumerate(tracks.index)}
    points = in_face_coordinates(tracks.landmarks, tracks.index, tracks.pose)
    chosen = points[:, [place[number] for number in MOUTH_POINTS]].reshape(len(points), -1)
    return np.split(chosen, np.cumsum(tracks.frames)[:-1])


def fit_lstm(
    examples: Sequence[Example],
    points: Sequence[FloatArray],
    shape: DelayedLstmShape,
    settings: LstmSettings,
    report: Callable[[int, int, float], None] | None = None,
) -> DelayedLstm:
    """An LSTM of `shape`. points: as `mouth_points` gives them, by the clips' numbers in the examples.

    Raises InputError where every example is shorter than a crop.
    """
    torch.manual_seed(settings.seed)
    generator = np.random.default_rng([settings.seed, 4])
    usable = [example for example in examples if len(example.curves) > settings.crop_rows]
    if not usable:
        raise InputError(as_written(f"No stretch of the data is longer than {settings.crop_rows} rows; train on more clips."))
    network = DelayedLstm(shape)
    trained_on = {int(clip) for example in usable for clip in np.unique(example.clip) if clip >= 0}
    set_components(network, np.concatenate([points[clip] for clip in sorted(trained_on)]))
    sound, _, _ = _crops(usable, points, network, 64, settings, generator)
    network.input_mean.copy_(sound.mean(dim=(0, 1)))
    network.input_scale.copy_(sound.std(dim=(0, 1)) + 1e-3)
    optimiser = torch.optim.Adam(network.parameters(), lr=settings.learning_rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, settings.learning_rate, total_steps=settings.steps, pct_start=0.1)
    for step in range(settings.steps):
        sound, wanted, known = _crops(usable, points, network, settings.batch, settings, generator)
        loss = ((network(sound) - wanted).square() * known[..., None]).mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if report:
            report(step + 1, settings.steps, float(loss.detach()))
    return network.eval()


def set_components(network: DelayedLstm, points: FloatArray) -> None:
    """Give `network` the principal components of `points` (T, 3 * P).

    All coefficients share one scale, so that a step of each counts as much as it moves the mouth.
    """
    mean = points.mean(axis=0)
    _, values, axes = np.linalg.svd((points - mean)[:: max(1, len(points) // 20000)], full_matrices=False)
    count = network.shape.coefficients
    scale = values[0] / np.sqrt(max(1, len(points[:: max(1, len(points) // 20000)])))
    network.mean_points.copy_(torch.from_numpy(mean))
    network.components.copy_(torch.from_numpy(axes[:count] * scale))


def _crops(
    examples: Sequence[Example],
    points: Sequence[FloatArray],
    network: DelayedLstm,
    count: int,
    settings: LstmSettings,
    generator: np.random.Generator,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Sound (B, 2 L, bands), coefficients (B, L, K), and (B, L) 0 where nobody speaks and no landmarks are known."""
    sound, wanted, known = [], [], []
    axes, mean = network.components.numpy(), network.mean_points.numpy()
    inverse = axes.T / np.square(axes).sum(axis=1)
    for number in generator.integers(len(examples), size=count):
        example = examples[number]
        start = int(generator.integers(len(example.curves) - settings.crop_rows))
        crop = slice(start, start + settings.crop_rows)
        rows = np.asarray(example.rows[crop], dtype=np.float32)[:, -MEL_CHANNELS:]
        sound.append(rows.reshape(2 * settings.crop_rows, network.shape.bands))
        coefficients = np.zeros((settings.crop_rows, network.shape.coefficients), dtype=np.float32)
        clips = example.clip[crop]
        edges = np.concatenate([[0], np.flatnonzero(np.diff(clips)) + 1, [len(clips)]])
        for first, stop in pairwise(edges):
            if clips[first] >= 0:
                truth = at_times(points[clips[first]], example.time_s[crop][first:stop])
                coefficients[first:stop] = (truth - mean) @ inverse
        wanted.append(coefficients)
        known.append((clips >= 0).astype(np.float32))
    stacked = (torch.from_numpy(np.stack(each)) for each in (sound, wanted, known))
    return tuple(stacked)  # type: ignore[return-value]


def lstm_predictor(network: DelayedLstm, neutral: FloatArray) -> Predictor:
    """Rows (T, C) -> (T, 5) the geometry of the lips in mm, less `neutral` (5,), read from the landmarks that the LSTM says."""

    def predict(rows: FloatArray) -> FloatArray:
        sound = np.asarray(rows[:, -MEL_CHANNELS:], dtype=np.float32).reshape(-1, network.shape.bands)
        points = network.points(torch.from_numpy(sound)).numpy()
        return lip_geometry(points, MOUTH_POINTS) - neutral

    return predict


def load_lstm(path: Path) -> tuple[DelayedLstm, dict[str, Any]]:
    """The LSTM and its facts, strictly. Raises InputError for any other file."""
    return load_strictly(path, "the LSTM", lambda shape: DelayedLstm(DelayedLstmShape(**shape)))
