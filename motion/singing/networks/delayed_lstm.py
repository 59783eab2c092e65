"""The time-delayed LSTM of the lip-sync literature of 2017 to 2021, to be compared with: from sound to the mouth's landmarks.

Source: Suwajanakorn, Seitz & Kemelmacher-Shlizerman, "Synthesizing Obama: learning lip sync from audio", 2017; Kumar et al.,
"ObamaNet: photo-realistic lip-sync from text", 2017. One layer of 60 cells that runs forward in time alone, whose answer for a
moment is read 20 steps of 10 ms later, so that it has heard that far ahead; it says coefficients of principal components of the
mouth's landmarks.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class DelayedLstmShape:
    """Sizes of a `DelayedLstm`.

    bands: sound values a step of 10 ms. cells: of the layer. delay_steps: how much later than its moment an answer is read.
    both_ways: a second layer runs backward beside it and nothing is delayed: the control. coefficients: principal components.
    points: landmarks of three coordinates each.
    """

    bands: int = 80
    cells: int = 60
    delay_steps: int = 20
    both_ways: bool = False
    coefficients: int = 20
    points: int = 41


class DelayedLstm(nn.Module):
    """(B, 2 T, bands) sound at 100 Hz -> (B, T, coefficients) at 50 Hz on the normal scale; row k belongs to step 2 k."""

    def __init__(self, shape: DelayedLstmShape) -> None:
        super().__init__()
        self.shape = shape
        self.input_mean: Tensor
        self.input_scale: Tensor
        self.mean_points: Tensor
        self.components: Tensor
        self.register_buffer("input_mean", torch.zeros(shape.bands))
        self.register_buffer("input_scale", torch.ones(shape.bands))
        self.register_buffer("mean_points", torch.zeros(3 * shape.points))
        self.register_buffer("components", torch.zeros(shape.coefficients, 3 * shape.points))
        self.cells = nn.LSTM(shape.bands, shape.cells, batch_first=True, bidirectional=shape.both_ways)
        self.head = nn.Linear(shape.cells * (2 if shape.both_ways else 1), shape.coefficients)

    def forward(self, sound: Tensor) -> Tensor:
        """See the class. Beyond the end the network hears what is usual."""
        heard = (sound - self.input_mean) / self.input_scale
        delay = 0 if self.shape.both_ways else self.shape.delay_steps
        heard = torch.cat([heard, heard.new_zeros(heard.shape[0], delay, heard.shape[2])], dim=1)
        told: Tensor = self.head(self.cells(heard)[0][:, delay::2])
        return told

    @torch.no_grad()
    def points(self, sound: Tensor) -> Tensor:
        """(T, points, 3) mm in the face's own coordinates, for sound (2 T, bands) of one voice.

        `components` carry the scale of their coefficients.
        """
        flat = self.eval()(sound[None].float())[0] @ self.components + self.mean_points
        return flat.reshape(-1, self.shape.points, 3)
