"""Small networks by chance, in the form of trained files: they hear through Whisper's second layer."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.rigs.rig_list import HEAD_CURVES, rig_named
from motion.emotion.model_file import DeitalkModel, Facts, expected_shapes, save_model
from motion.emotion.networks.shape import DeitalkShape, Switches

#: Of the features of Whisper's encoder, which the film's sound is heard through.
WHISPER = 512


def chance_model(
    features: int = WHISPER,
    rig: str = "arkit",
    switches: Switches | None = None,
    head: float = 0.0,
    seed: int = 0,
    breadth_frames: int = 0,
) -> DeitalkModel:
    """A network whose curves lie about 0.3, spread by chance. head: spread of its head's turns in radians; the rest as in
    `DeitalkShape`."""
    curves = rig_named(rig).curves
    shape = DeitalkShape(
        features=features,
        outputs=len(curves),
        style_width=4,
        intensity_width=12,
        class_width=8,
        filters=16,
        dilations=(1, 2, 4, 8),
        motion_filters=(4,) * 4,
        breadth_frames=breadth_frames,
        switches=switches or Switches(),
    )
    generator = np.random.default_rng(seed)
    tensors = {}
    for name, size in expected_shapes(shape).items():
        width = 1.4 / np.sqrt(np.prod(size[1:])) if len(size) > 1 else 0.1
        tensors[name] = generator.normal(0.0, width, size).astype(np.float32)
    turns = np.isin(curves, HEAD_CURVES)
    tensors["curve_mean"] = np.where(turns, 0.0, 0.3).astype(np.float32)
    tensors["curve_scale"] = np.where(turns, head, 0.2).astype(np.float32)
    tensors["feature_mean"] = np.zeros(features, np.float32)
    tensors["feature_scale"] = np.ones(features, np.float32)
    tensors["decoder.style.weight"] *= 3.0
    return DeitalkModel(tensors, Facts("whisper", (2,), rig, curves, shape, training={"source": "chance"}))


def written(path: Path, model: DeitalkModel) -> Path:
    """The model's file."""
    save_model(path, model.tensors, model.facts)
    return path
