"""The linear base under the lips' network, for people it never met: a strongly regularised ridge on a lower layer of the encoder.

The network has learned one speaker to the last detail, and carries over to other people what is his alone; the lower layer of the
encoder, read by as plain a rule as there is, says less of him and more of them. The mean of both does better on either than one.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

import numpy as np
import torch

from motion.singing.networks.lip_network import LipNetwork
from motion.singing.training.baselines import View, solve_ridge
from motion.singing.training.prepare import Example


@torch.no_grad()
def with_base(network: LipNetwork, examples: Sequence[Example], share: float, strength: float) -> None:
    """Give `network` its base, in place: every curve becomes `share` of the ridge's and the rest of the network's own.

    examples: what the ridge is learned from. strength: of its regularisation, see `baselines.ridge`. The closure stays the
    network's, which knows it better.
    """
    shape = network.shape
    reach = shape.base_kernel // 2
    view = View(0, shape.base_channels, tuple(range(-reach, reach + 1)))
    solved = solve_ridge(examples, view, strength)
    curves = shape.outputs - 1
    taps = (solved.weights[:, :curves] / solved.scale[:, None]).reshape(shape.base_kernel, shape.base_channels, curves)
    mean, scale = (each[: shape.base_channels].numpy() for each in (network.input_mean, network.input_scale))
    unseen = np.tile(mean, shape.base_kernel) - solved.mean
    level = solved.level[:curves] + (unseen / solved.scale) @ solved.weights[:, :curves]
    curve_mean, curve_scale = network.curve_mean.numpy(), network.curve_scale.numpy()
    weight = share * (taps * scale[None, :, None] / curve_scale).transpose(2, 1, 0)
    network.base_weight[:curves] = torch.from_numpy(np.ascontiguousarray(weight, dtype=np.float32))
    network.base_bias[:curves] = torch.from_numpy((share * (level - curve_mean) / curve_scale).astype(np.float32))
    _scale_head(network, 1.0 - share)


@torch.no_grad()
def without_base(network: LipNetwork, share: float) -> LipNetwork:
    """A copy of `network` as it was before `with_base` gave it its base with this share."""
    alone = deepcopy(network)
    alone.base_weight.zero_()
    alone.base_bias.zero_()
    _scale_head(alone, 1.0 / (1.0 - share))
    return alone


def _scale_head(network: LipNetwork, factor: float) -> None:
    """All rows of the last layer but the closure's."""
    factors = torch.full((network.shape.outputs,), factor)
    factors[-1] = 1.0
    network.head.weight.mul_(factors[:, None, None])
    if network.head.bias is not None:
        network.head.bias.mul_(factors)
