"""What is learned: the network beside its motion encoder, and the best weights so far by the validation's takes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from motion.emotion.networks.deitalk import Deitalk, Told, motion_encoder
from motion.emotion.training.dataset import Batch, Scales, Windows, scales_of
from motion.emotion.training.losses import contrast_loss, position_loss, velocity_loss
from motion.emotion.training.prepare import Example
from motion.emotion.training.settings import TrainSettings
from motion.emotion.training.strength import strength_direction

#: Windows a pass of the validation, which is over takes without overlap.
CHECKED_AT_ONCE = 32


class DeitalkLesson:
    """One training, a `neural.training_loop.Lesson`."""

    def __init__(self, training: Sequence[Example], validation: Sequence[Example], settings: TrainSettings) -> None:
        """The examples' widths take the place of those in the settings' shape. Raises InputError where there are none."""
        torch.manual_seed(settings.seed)
        self.windows = Windows(training, settings.window_frames, settings.stride_frames, settings.batch, settings.seed)
        frames = settings.window_frames
        self._validation = Windows(validation, frames, frames, CHECKED_AT_ONCE, settings.seed)
        widths = {"features": training[0].features.shape[1], "outputs": training[0].curves.shape[1]}
        self.settings = replace(settings, shape=replace(settings.shape, **widths))
        self.steps = settings.steps or math.ceil(settings.epochs * self.windows.steps_an_epoch)
        self.network = Deitalk(self.settings.shape, settings.dropout)
        scales = scales_of(training, settings.one_curve_scale)
        set_scales(self.network, scales)
        if settings.heard_strength and self.network.intensity is not None:
            direction = torch.from_numpy(strength_direction(training, scales))
            self.network.intensity.begin_with(settings.heard_strength * direction)
        self.motion = motion_encoder(self.settings.shape)
        self._mean = deepcopy(self.network) if settings.ema else None
        self._learned = [*self.network.parameters(), *(self.motion.parameters() if self.motion else ())]
        self._optimiser = torch.optim.AdamW(self._groups(), settings.rate, weight_decay=settings.decay)
        self.best = deepcopy(self.network.state_dict())
        self.best_loss, self.best_step = math.inf, 0
        self._checked = math.nan

    def _groups(self) -> list[dict[str, Any]]:
        """All that is learned; the projection of the intensity at its share of the rate."""
        own = list(self.network.intensity.projection.parameters()) if self.network.intensity else []
        known = {id(each) for each in own}
        rest = [each for each in self._learned if id(each) not in known]
        groups = [{"params": rest, "share": 1.0}, {"params": own, "share": self.settings.projection_share}]
        return [group for group in groups if group["params"]]

    def step(self, number: int) -> Mapping[str, float]:
        """See `training_loop.Lesson`; "validation" is that of the last check, not a number before the first."""
        torch.manual_seed(self.settings.seed * 1_000_003 + number)
        self.network.train()
        losses = self.losses(self.windows.batch(number))
        self._optimiser.zero_grad()
        losses["loss"].backward()
        for group in self._optimiser.param_groups:
            group["lr"] = self.rate(number) * group["share"]
        if self.settings.clip:
            nn.utils.clip_grad_norm_(self._learned, self.settings.clip)
        self._optimiser.step()
        self._follow(number)
        if (number + 1) % self.settings.check_steps == 0 or number + 1 == self.steps:
            self._check(number + 1)
        return {**{name: float(value.detach()) for name, value in losses.items()}, "validation": self._checked}

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """The parts of the loss, and their weighted sum as "loss"."""
        weights = self.settings.loss
        features = functional.dropout(batch.features, self.settings.feature_dropout, self.network.training)
        told = self.network(features, batch.style, batch.first_frame, batch.total_frames, batch.mask)
        truth = self.network.scaled_curves(batch.curves)
        parts = {
            "position": position_loss(told.curves, truth, batch.mask),
            "velocity": velocity_loss(told.curves, truth, batch.mask),
        }
        total = weights.position * parts["position"] + weights.velocity * parts["velocity"]
        if told.intensity is not None and self.network.intensity is not None and self.motion is not None:
            pooled = told.intensity.pooled
            parts["contrast"] = contrast_loss(pooled, self.motion(truth, batch.mask))
            parts["style"] = functional.cross_entropy(self.network.intensity.style_logits(pooled), batch.labels)
            total = total + weights.contrast * parts["contrast"] + weights.style * parts["style"]
        return {"loss": total, **parts}

    def rate(self, number: int) -> float:
        """The optimiser's rate at a step."""
        settings = self.settings
        risen = min(1.0, (number + 1) / settings.warm_steps) if settings.warm_steps else 1.0
        fallen = 0.5 + 0.5 * math.cos(math.pi * number / self.steps) if settings.schedule == "cosine" else 1.0
        return settings.rate * risen * fallen

    def _follow(self, number: int) -> None:
        """Let the mean of the weights follow them, quicker at the beginning, when they are far from anything."""
        if self._mean is None:
            return
        slowness = min(self.settings.ema, (1 + number) / (10 + number))
        with torch.no_grad():
            for mean, own in zip(self._mean.parameters(), self.network.parameters(), strict=True):
                mean.lerp_(own, 1.0 - slowness)

    def _check(self, step: int) -> None:
        """Compare with the best so far."""
        judged = self._mean or self.network
        self._checked = self.validation_loss(judged)
        if self._checked < self.best_loss:
            self.best_loss, self.best_step = self._checked, step
            self.best = deepcopy(judged.state_dict())

    @torch.no_grad()
    def validation_loss(self, network: Deitalk) -> float:
        """The weighted loss of position and velocity over the validation's takes, scaled as in training."""
        network.eval()
        weights, total = self.settings.loss, 0.0
        places = self._validation.places
        for start in range(0, len(places), CHECKED_AT_ONCE):
            batch = self._validation.of(places[start : start + CHECKED_AT_ONCE])
            told: Told = network(batch.features, batch.style, batch.first_frame, batch.total_frames, batch.mask)
            truth = network.scaled_curves(batch.curves)
            loss = weights.position * position_loss(told.curves, truth, batch.mask)
            loss += weights.velocity * velocity_loss(told.curves, truth, batch.mask)
            total += float(loss) * len(batch.labels)
        return total / len(places)

    def state_dict(self) -> dict[str, Any]:
        """See `training_loop.Lesson`."""
        return {
            "network": self.network.state_dict(),
            "motion": None if self.motion is None else self.motion.state_dict(),
            "mean": None if self._mean is None else self._mean.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "best": self.best,
            "best_loss": self.best_loss,
            "best_step": self.best_step,
            "checked": self._checked,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """See `training_loop.Lesson`. Raises KeyError or RuntimeError where it is another training's."""
        for name, part in (("network", self.network), ("motion", self.motion), ("mean", self._mean)):
            if (part is None) != (state[name] is None):
                raise KeyError(name)
            if part is not None:
                part.load_state_dict(state[name])
        self._optimiser.load_state_dict(state["optimiser"])
        self.best, self.best_loss, self.best_step = state["best"], state["best_loss"], state["best_step"]
        self._checked = state["checked"]


def set_scales(network: Deitalk, scales: Scales) -> None:
    """Give a network the scales of what it hears and tells."""
    state = network.state_dict()
    for name, value in vars(scales).items():
        state[name].copy_(torch.from_numpy(value))
