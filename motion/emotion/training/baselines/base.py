"""What every baseline is: a network beside `Deitalk` that hears the same and tells the same curves, and is taught by the same
losses of position and velocity."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn


@dataclass(frozen=True)
class BaselineShape:
    """Sizes. features: heard values a frame. outputs: curves. styles: of the one-hot vector. width: of all layers. heads: of
    attention. layers: of the decoder. lips: the columns that speech moves, which `one_hot` alone asks for."""

    features: int
    outputs: int
    styles: int = 5
    width: int = 64
    heads: int = 4
    layers: int = 1
    lips: tuple[int, ...] = ()


class Baseline(nn.Module):
    """A network with the scales of what goes in and comes out, as `Deitalk` has them."""

    def __init__(self, shape: BaselineShape) -> None:
        super().__init__()
        import torch

        self.shape = shape
        for name, size in (("feature", shape.features), ("curve", shape.outputs)):
            self.register_buffer(f"{name}_mean", torch.zeros(size))
            self.register_buffer(f"{name}_scale", torch.ones(size))
        self.feature_mean: Tensor
        self.feature_scale: Tensor
        self.curve_mean: Tensor
        self.curve_scale: Tensor

    def told(self, features: Tensor, style: Tensor, mask: Tensor, truth: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """Scaled curves (B, T, outputs), and of a network that hears emotion the logits (B, styles) of the style it hears.

        features: (B, T, features), scaled. style: (B, styles) one-hot. mask: (B, T) False beyond a take's end.
        truth: (B, T, outputs) scaled curves while it is taught.
        """
        raise NotImplementedError

    def scaled(self, features: Tensor) -> Tensor:
        """Features as the network hears them."""
        return (features - self.feature_mean) / self.feature_scale

    def scaled_curves(self, curves: Tensor) -> Tensor:
        """Curves as the network tells them."""
        return (curves - self.curve_mean) / self.curve_scale

    def in_units(self, scaled: Tensor) -> Tensor:
        """Curves in the rig's own units."""
        return scaled * self.curve_scale + self.curve_mean

    def whole(self, features: Tensor, style: Tensor) -> Tensor:
        """Curves (T, outputs) in the rig's units of one whole sound: features (T, features), style (styles,)."""
        import torch

        self.eval()
        with torch.no_grad():
            known = torch.ones(1, len(features), dtype=torch.bool)
            curves, _ = self.told(self.scaled(features[None].float()), style[None], known, None)
            return self.in_units(curves)[0]
