"""What is evaluated: each tells the curves of a take, and where it has one, the saliency.

A trained network and a baseline hear the take's features; the plan-based performance is given its sound and its style, as
`sing --style` is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch

from core.contracts import FloatArray, Motion
from core.errors import InputError
from core.messages import as_written
from core.output_files import whole_file
from core.rigs.rig import Rig
from core.rigs.rig_list import HEAD_SIGNS, rig_named
from motion.emotion.model_file import load_model
from motion.emotion.networks.deitalk import Deitalk
from motion.emotion.styles import FPS, style_index
from motion.emotion.training.baselines.base import Baseline
from motion.emotion.training.baselines.kinds import is_baseline, load_baseline
from motion.emotion.training.prepare import Example, Hearing

#: The word that stands for the plan-based performance where files of networks are named.
PLAN = "plan"


@dataclass(frozen=True)
class Told:
    """curves: (T, R) in the rig's units at `FPS`. saliency: (T,), None where there is none."""

    curves: FloatArray
    saliency: FloatArray | None = None


class Predictor(Protocol):
    """Tells a take's face. hearing: through what the features were heard; rig: whose curves it tells."""

    @property
    def hearing(self) -> Hearing: ...

    @property
    def rig(self) -> Rig: ...

    def tell(self, example: Example) -> Told:
        """Curves as many as the example's own."""
        ...


@dataclass(frozen=True)
class DeitalkPredictor:
    """A trained network."""

    network: Deitalk
    hearing: Hearing
    rig: Rig

    def tell(self, example: Example) -> Told:
        """See `Predictor`."""
        style = torch.eye(self.network.shape.styles)[style_index(example.take.style)]
        curves, saliency = self.network.whole(torch.from_numpy(example.features), style)
        return Told(curves.numpy(), None if saliency is None else saliency.numpy())


@dataclass(frozen=True)
class BaselinePredictor:
    """A trained baseline."""

    network: Baseline
    hearing: Hearing
    rig: Rig

    def tell(self, example: Example) -> Told:
        """See `Predictor`."""
        style = torch.eye(self.network.shape.styles)[style_index(example.take.style)]
        return Told(self.network.whole(torch.from_numpy(example.features), style).numpy())


@dataclass(frozen=True)
class PlanPredictor:
    """The plan-based performance, on ARKit's rig. work: a folder where what it performed is kept; seed: which performance."""

    work: Path
    hearing: Hearing
    seed: int = 0

    @property
    def rig(self) -> Rig:
        """ARKit's."""
        return rig_named("arkit")

    def tell(self, example: Example) -> Told:
        """See `Predictor`; its intensity stands for the saliency."""
        kept = self.work / f"plan-{_digest(example.take.sound, example.take.style, self.seed)}.npz"
        if not kept.is_file():
            motion = self._performed(example.take.sound, example.take.style, len(example.curves))
            head = np.radians(motion.rotation_deg) * HEAD_SIGNS
            curves = np.column_stack([motion.blendshapes, head]).astype(np.float32)
            with whole_file(kept, "The performance") as file:
                np.savez_compressed(file, curves=curves, intensity=motion.intensity)
        with np.load(kept) as data:
            frames = len(example.curves)
            return Told(data["curves"][:frames], data["intensity"][:frames])

    def _performed(self, sound: Path, style: str, frames: int) -> Motion:
        from motion.emotion.training.true_faces import listened
        from motion.singing.runner import perform
        from motion.singing.settings import SingingSettings

        return perform(listened(sound, frames), SingingSettings(seed=self.seed, style=style))  # type: ignore[arg-type]


def _digest(sound: Path, *of: object) -> str:
    import hashlib

    return hashlib.sha256(sound.read_bytes() + json.dumps([FPS, *of]).encode()).hexdigest()[:24]


def open_network(path: Path) -> Predictor:
    """A trained network or baseline from its file. Raises InputError where it is none."""
    if not path.is_file():
        raise InputError(as_written(f"{path} is no file of a trained network."))
    if is_baseline(path):
        baseline, hearing, rig = load_baseline(path)
        return BaselinePredictor(baseline, hearing, rig_named(rig))
    model = load_model(path)
    network = Deitalk(model.facts.shape)
    network.load_state_dict({name: torch.from_numpy(tensor) for name, tensor in model.tensors.items()})
    network.eval()
    return DeitalkPredictor(network, Hearing(model.facts.encoder, model.facts.layers), rig_named(model.facts.rig))
