"""How a baseline is taught: on the same windows, with the same losses of position and velocity, as many steps as the network it
stands beside."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from motion.emotion.training.baselines.base import Baseline, BaselineShape
from motion.emotion.training.baselines.kinds import made_baseline
from motion.emotion.training.dataset import Batch, Windows, scales_of
from motion.emotion.training.losses import position_loss, velocity_loss
from motion.emotion.training.prepare import Example
from motion.emotion.training.settings import TrainSettings

#: Windows that are checked at once.
CHECKED_AT_ONCE = 32


class BaselineLesson:
    """One training of a baseline, a `neural.training_loop.Lesson`."""

    def __init__(
        self, kind: str, shape: BaselineShape, training: Sequence[Example], validation: Sequence[Example], settings: TrainSettings
    ) -> None:
        """kind: one of `kinds.KINDS`. The examples' widths take the place of those in the shape."""
        torch.manual_seed(settings.seed)
        frames = settings.window_frames
        self.kind, self.settings = kind, settings
        self.windows = Windows(training, frames, settings.stride_frames, settings.batch, settings.seed)
        self._validation = Windows(validation, frames, frames, CHECKED_AT_ONCE, settings.seed)
        widths = {"features": training[0].features.shape[1], "outputs": training[0].curves.shape[1]}
        self.network = made_baseline(kind, replace(shape, **widths))
        for name, value in vars(scales_of(training, settings.one_curve_scale)).items():
            self.network.get_buffer(name).copy_(torch.from_numpy(value))
        self.steps = settings.steps or math.ceil(settings.epochs * self.windows.steps_an_epoch)
        self._optimiser = torch.optim.AdamW(self.network.parameters(), settings.rate, weight_decay=settings.decay)
        self.best = deepcopy(self.network.state_dict())
        self.best_loss, self.best_step, self._checked = math.inf, 0, math.nan

    def step(self, number: int) -> Mapping[str, float]:
        """See `training_loop.Lesson`."""
        self.network.train()
        losses = self.losses(self.windows.batch(number), True)
        self._optimiser.zero_grad()
        losses["loss"].backward()
        for group in self._optimiser.param_groups:
            group["lr"] = self.rate(number)
        if self.settings.clip:
            nn.utils.clip_grad_norm_(self.network.parameters(), self.settings.clip)
        self._optimiser.step()
        if (number + 1) % self.settings.check_steps == 0 or number + 1 == self.steps:
            self._check(number + 1)
        return {**{name: float(value.detach()) for name, value in losses.items()}, "validation": self._checked}

    def rate(self, number: int) -> float:
        """The optimiser's rate at a step: that of the settings, which rises and falls as theirs does."""
        settings = self.settings
        risen = min(1.0, (number + 1) / settings.warm_steps) if settings.warm_steps else 1.0
        fallen = 0.5 + 0.5 * math.cos(math.pi * number / self.steps) if settings.schedule == "cosine" else 1.0
        return settings.rate * risen * fallen

    def losses(self, batch: Batch, taught: bool) -> dict[str, Tensor]:
        """The parts of the loss, and their weighted sum as "loss"."""
        weights, truth = self.settings.loss, self.network.scaled_curves(batch.curves)
        told, logits = self.network.told(self.network.scaled(batch.features), batch.style, batch.mask, truth)
        parts = {"position": position_loss(told, truth, batch.mask), "velocity": velocity_loss(told, truth, batch.mask)}
        total = weights.position * parts["position"] + weights.velocity * parts["velocity"]
        if logits is not None and taught:
            parts["style"] = functional.cross_entropy(logits, batch.labels)
            total = total + weights.style * parts["style"]
        return {"loss": total, **parts}

    def _check(self, step: int) -> None:
        """Keep the network that tells the validation's takes best."""
        self.network.eval()
        places, total = self._validation.places, 0.0
        with torch.no_grad():
            for start in range(0, len(places), CHECKED_AT_ONCE):
                batch = self._validation.of(places[start : start + CHECKED_AT_ONCE])
                total += float(self.losses(batch, False)["loss"]) * len(batch.labels)
        self._checked = total / len(places)
        if self._checked < self.best_loss:
            self.best_loss, self.best_step = self._checked, step
            self.best = deepcopy(self.network.state_dict())

    def state_dict(self) -> dict[str, Any]:
        """See `training_loop.Lesson`."""
        kept = {"network": self.network.state_dict(), "optimiser": self._optimiser.state_dict(), "best": self.best}
        return {**kept, "kind": self.kind, "best_loss": self.best_loss, "best_step": self.best_step, "checked": self._checked}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """See `training_loop.Lesson`. Raises KeyError or RuntimeError where it is another training's."""
        if state["kind"] != self.kind:
            raise KeyError(self.kind)
        self.network.load_state_dict(state["network"])
        self._optimiser.load_state_dict(state["optimiser"])
        self.best, self.best_loss = state["best"], state["best_loss"]
        self.best_step, self._checked = state["best_step"], state["checked"]


def best_network(lesson: BaselineLesson) -> Baseline:
    """The network that told the validation best."""
    lesson.network.load_state_dict(lesson.best)
    return lesson.network
