"""Networks with their optimisers, by name: what a lesson of `training_loop` keeps, and how it takes a step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Optimising:
    """Adam, as it is told. rate: at most. betas: of the means. decay: of the weights, apart from the slope (AdamW). warm_steps:
    in which the rate rises to its height. clip: the slope's length is cut to that, 0 leaves it."""

    rate: float
    betas: tuple[float, float] = (0.9, 0.999)
    decay: float = 0.0
    warm_steps: int = 0
    clip: float = 0.0


class Learning:
    """Networks that learn, each by an optimiser of its own."""

    def __init__(self, parts: Mapping[str, nn.Module], optimising: Optimising) -> None:
        self._parts, self._how = parts, optimising
        self._steps = {
            name: torch.optim.AdamW(part.parameters(), optimising.rate, optimising.betas, weight_decay=optimising.decay)
            for name, part in parts.items()
        }

    def learn(self, name: str, loss: Tensor, number: int = 0) -> None:
        """One step of the part down the slope of its loss; `number` is the lesson's, for the rise of the rate."""
        self.forget(name)
        loss.backward()
        self.move(name, number)

    def forget(self, name: str) -> None:
        """Begin a step whose slope comes in several parts."""
        self._steps[name].zero_grad()

    def move(self, name: str, number: int) -> None:
        """End it: go down the slope that was gathered."""
        how = self._how
        for group in self._steps[name].param_groups:
            group["lr"] = how.rate * min(1.0, (number + 1) / how.warm_steps) if how.warm_steps else how.rate
        if how.clip:
            nn.utils.clip_grad_norm_(self._parts[name].parameters(), how.clip)
        self._steps[name].step()

    def state_dict(self) -> dict[str, Any]:
        """See `training_loop.Lesson`."""
        return {name: [part.state_dict(), self._steps[name].state_dict()] for name, part in self._parts.items()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """See `training_loop.Lesson`. Raises KeyError where it is of other parts."""
        if state.keys() != self._parts.keys():
            raise KeyError(", ".join(state))
        for name, part in self._parts.items():
            part.load_state_dict(state[name][0])
            self._steps[name].load_state_dict(state[name][1])
