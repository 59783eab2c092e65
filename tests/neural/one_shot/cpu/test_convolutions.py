"""The CPU's convolutions against PyTorch's own."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import torch.nn.functional as F  # noqa: E402

from neural.one_shot.cpu import convolutions  # noqa: E402
from neural.one_shot.cpu.convolutions import StretchedConvolution, TiledConvolution, Workspace  # noqa: E402
from neural.one_shot.cpu.fourier_convolution import MaskAndOcclusion  # noqa: E402
from neural.one_shot.cpu.moments import mean_and_scale  # noqa: E402
from neural.one_shot.cpu.warp_kernels import warp_volume  # noqa: E402


@pytest.fixture(autouse=True)
def same_numbers():
    torch.manual_seed(0)


def assert_close(ours, theirs, tolerance=3e-5):
    assert ours.shape == theirs.shape
    assert (ours - theirs).abs().max() <= tolerance * theirs.abs().max()


def plain(pictures, weight, bias, stretch=1):
    """What PyTorch makes of pictures (N, H, W, C), a volume where the kernel is one: (N, H', W', O)."""
    if weight.ndim == 4:
        x = F.interpolate(pictures.permute(0, 3, 1, 2), scale_factor=stretch)
        return F.conv2d(x, weight, bias, padding=1).permute(0, 2, 3, 1)
    x = F.interpolate(pictures.permute(3, 0, 1, 2)[None], scale_factor=(1, stretch, stretch))
    return F.conv3d(x, weight, bias, padding=1)[0].permute(1, 2, 3, 0)


def kernel(depth, channels, outputs):
    taps = [3] * depth
    return torch.randn(outputs, channels, *taps) / channels, torch.randn(outputs)


@pytest.mark.slow
@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize(("height", "width"), [(8, 8), (6, 10), (2, 2)])
@pytest.mark.parametrize("strip", [1, 10**9])
def test_tiled(dimensions, height, width, strip, monkeypatch):
    monkeypatch.setattr(convolutions, "STRIP_VALUES", strip)
    pictures, (weight, bias) = torch.randn(3, height, width, 70), kernel(dimensions, 70, 66)
    convolution = TiledConvolution(weight, bias, Workspace())
    expected = plain(pictures, weight, bias)
    assert_close(convolution(pictures), expected)
    assert_close(convolution(pictures, slope=0.2), F.leaky_relu(expected, 0.2))
    halved = F.avg_pool2d(expected.relu().permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)
    assert_close(convolution.halved(pictures), halved)


def test_tiled_takes_the_channels_it_is_told():
    pictures, (weight, bias) = torch.randn(1, 8, 8, 30), kernel(2, 10, 4)
    ours = TiledConvolution(weight, bias, Workspace())(pictures, first_channel=20)
    assert_close(ours, plain(pictures[..., 20:], weight, bias))
    assert (ours - plain(pictures[..., :10], weight, bias)).abs().max() > 0.1


@pytest.mark.slow
@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("stretch", [2, 4])
def test_stretched(dimensions, stretch):
    pictures, (weight, bias) = torch.randn(3, 5, 6, 12), kernel(dimensions, 12, 9)
    ours = StretchedConvolution(weight, bias, Workspace())(pictures, stretch, 0.0)
    assert_close(ours, plain(pictures, weight, bias, stretch).relu())


@pytest.mark.parametrize("size", [16, 64])
def test_mask_and_occlusion(size):
    """64 pixels are four tiles, whose borders must not show."""
    volume = torch.randn(4, size, size, 6)
    mask, mask_bias = torch.randn(3, 6, 7, 7, 7) / 100, torch.randn(3)
    hidden, hidden_bias = torch.randn(1, 24, 7, 7) / 100, torch.randn(1)
    ours, occlusion = MaskAndOcclusion(mask, mask_bias, hidden, hidden_bias)(volume)
    x = volume.permute(3, 0, 1, 2)[None]
    assert_close(ours, F.conv3d(x, mask, mask_bias, padding=3)[0].permute(1, 2, 3, 0))
    assert_close(occlusion, F.conv2d(x.flatten(1, 2), hidden, hidden_bias, padding=3)[0, 0])


@pytest.mark.slow
def test_moments_where_the_mean_is_large():
    picture = torch.randn(9, 7, 5) * torch.tensor([1, 2, 3, 0.01, 5]) + torch.tensor([0, 1000, -50, 1, 2])
    mean, scale = mean_and_scale(picture.numpy())
    ours = (picture - torch.from_numpy(mean)) * torch.from_numpy(scale)
    assert_close(ours, F.instance_norm(picture.permute(2, 0, 1)[None].double())[0].permute(1, 2, 0).float(), 1e-3)


@pytest.mark.slow
def test_warp_with_places_outside():
    volume, flow = torch.randn(4, 6, 8, 3), torch.rand(4, 6, 8, 3) * 3 - 1.5
    ours = np.empty((6, 8, 4, 3), np.float32)
    warp_volume(volume.numpy(), flow.numpy(), ours)
    theirs = F.grid_sample(volume.permute(3, 0, 1, 2)[None], flow[None], align_corners=False)[0]
    assert_close(torch.from_numpy(ours), theirs.permute(2, 3, 1, 0))
