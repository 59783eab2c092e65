"""The network as it was published: sizes, positions of windows, what is salient, what can be left out, blocks of long sounds."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch", reason="the network needs torch: pip install -r requirements-neural.txt")

from motion.emotion.averaging import averaged, gaussian  # noqa: E402
from motion.emotion.networks.convolutions import lasting  # noqa: E402
from motion.emotion.networks.deitalk import Deitalk, motion_encoder  # noqa: E402
from motion.emotion.networks.positional import dynamic_positions  # noqa: E402
from motion.emotion.networks.shape import DeitalkShape, Switches  # noqa: E402

SMALL = DeitalkShape(features=12, outputs=7, style_width=4, intensity_width=6, class_width=5, filters=8, motion_filters=(6,) * 4)


def counted(module):
    return sum(each.numel() for each in module.parameters())


def made(shape=SMALL):
    torch.manual_seed(3)
    return Deitalk(shape).eval()


def told_of(network, frames=40, first=0, total=None, **more):
    torch.manual_seed(5)
    features = torch.randn(2, frames, network.shape.features)
    style = torch.eye(5)[[1, 3]]
    count = torch.tensor([total or frames] * 2)
    return features, style, network(features, style, torch.full((2,), first), count, **more)


def test_the_published_decoder_has_about_8_6_million_parameters():
    network = Deitalk(DeitalkShape())
    # 912 and seven times 656 values of three taps to 512, the linear layer to 185, and the style's
    by_hand = (912 + 7 * 656) * 3 * 512 + 8 * 512 + 512 * 185 + 185 + 5 * 16 + 16
    assert counted(network.decoder) == by_hand and round(by_hand / 1e6, 1) == 8.6
    motion = motion_encoder(DeitalkShape())
    assert [layer.convolution.out_channels for layer in motion.layers] == [384, 384, 768, 768]
    assert [layer.convolution.dilation for layer in motion.layers] == [(1,), (2,), (4,), (8,)]
    assert [layer.convolution.dilation[0] for layer in network.decoder.layers] == [1, 2, 4, 8, 1, 2, 4, 8]


def test_shapes_of_what_is_told():
    network = made()
    features, style, told = told_of(network)
    assert told.curves.shape == (2, 40, 7) and told.intensity.features.shape == (2, 40, 6)
    assert told.intensity.saliency.shape == (2, 40) and told.intensity.pooled.shape == (2, 6)
    assert network.intensity.style_logits(told.intensity.pooled).shape == (2, 5)
    assert motion_encoder(SMALL)(told.curves).shape == (2, 6)
    curves, saliency = network.whole(features[0], style[0])
    torch.testing.assert_close(curves, told.curves[0])  # scales are 0 and 1 before anything is learned
    torch.testing.assert_close(saliency, told.intensity.saliency[0])


def test_positions_are_the_formula():
    positions = dynamic_positions(torch.tensor([10]), torch.tensor([200]), 3, 8)
    for row, frame in enumerate((10, 11, 12)):
        for pair in range(4):
            angle = 20 * math.pi * frame / (200 * 10000 ** (2 * pair / 8))
            assert positions[0, row, 2 * pair] == pytest.approx(math.sin(angle), abs=1e-5)
            assert positions[0, row, 2 * pair + 1] == pytest.approx(math.cos(angle), abs=1e-5)


def test_a_windows_positions_are_those_of_the_whole_sound():
    whole = dynamic_positions(torch.tensor([0]), torch.tensor([300]), 300, 12)
    window = dynamic_positions(torch.tensor([120]), torch.tensor([300]), 64, 12)
    assert torch.equal(window[0], whole[0, 120:184])
    alone = dynamic_positions(torch.tensor([0]), torch.tensor([64]), 64, 12)
    assert not torch.allclose(alone[0], whole[0, 120:184], atol=0.1)
    # a sound twice as long passes the same places
    twice = dynamic_positions(torch.tensor([0]), torch.tensor([600]), 600, 12)
    torch.testing.assert_close(twice[0, ::2], whole[0])


def test_saliency_is_a_cosine_and_weighs_each_frames_vector():
    network = made()
    features, _, told = told_of(network)
    saliency = told.intensity.saliency
    assert saliency.min() >= -1 - 1e-6 and saliency.max() <= 1 + 1e-6 and saliency.std() > 0.05
    steps = network.intensity.projection(features)
    pooled = steps.max(dim=1).values
    torch.testing.assert_close(told.intensity.pooled, pooled)
    by_hand = (steps * pooled[:, None]).sum(-1) / (steps.norm(dim=-1) * pooled.norm(dim=-1)[:, None])
    torch.testing.assert_close(saliency, by_hand)
    torch.testing.assert_close(told.intensity.features, by_hand[..., None] * steps)


def test_an_edited_saliency_takes_the_place_of_the_networks():
    network = made()
    features, style, told = told_of(network)
    again = network(features, style, torch.zeros(2), torch.full((2,), 40), saliency=told.intensity.saliency)
    torch.testing.assert_close(again.curves, told.curves)
    still = network(features, style, torch.zeros(2), torch.full((2,), 40), saliency=torch.zeros(2, 40))
    assert not torch.allclose(still.curves, told.curves, atol=1e-3) and not still.intensity.features.any()
    torch.testing.assert_close(still.intensity.saliency, told.intensity.saliency)  # what it would be is told still


def test_what_is_left_out_is_gone():
    without_intensity = made(replace(SMALL, switches=Switches(intensity=False)))
    without_positions = made(replace(SMALL, switches=Switches(positions=False)))
    assert without_intensity.intensity is None and motion_encoder(without_intensity.shape) is None
    assert counted(without_intensity.decoder) == counted(made().decoder) - 8 * 6 * 3 * 8  # layers, intensity, taps, filters
    assert told_of(without_intensity)[2].intensity is None
    for network, moves in ((made(), True), (without_positions, False)):
        here, there = (told_of(network, first=first, total=400)[2].curves for first in (0, 90))
        assert torch.allclose(here, there) is not moves


def test_the_end_of_a_short_sequence_is_as_if_nothing_followed():
    network, motion = made(), motion_encoder(SMALL)
    features, style, _ = told_of(network)
    mask = torch.arange(40)[None] < torch.tensor([[40], [25]])
    first, total = torch.zeros(2), torch.tensor([40, 25])
    padded = network(features, style, first, total, mask)
    alone = network(features[1:, :25], style[1:], first[1:], total[1:])
    torch.testing.assert_close(padded.curves[1:, :25], alone.curves)
    torch.testing.assert_close(padded.intensity.pooled[1:], alone.intensity.pooled)
    torch.testing.assert_close(motion(padded.curves, mask)[1:], motion(alone.curves))
    assert not torch.allclose(network(features, style, first, total).curves[1:, :25], alone.curves)


def test_a_long_sound_in_blocks_is_the_sound_in_one_piece():
    """The two passes that the module tells of."""
    network = made()
    features, style, told = told_of(network, frames=150)
    features, style = features[:1], style[:1]
    steps = torch.cat([network.intensity.projection(block) for block in features.split(40, dim=1)], dim=1)
    saliency = torch.nn.functional.cosine_similarity(steps, steps.amax(dim=1, keepdim=True), dim=-1)
    reach, pieces = SMALL.reach_frames, []
    assert reach == 30
    for start in range(0, 150, 50):
        first, stop = max(0, start - reach), min(150, start + 50 + reach)
        heard = features[:, first:stop] + dynamic_positions(torch.tensor([first]), torch.tensor([150]), stop - first, 12)
        styles = style[:, None].expand(-1, stop - first, -1)
        curves = network.decoder(heard, styles, (saliency[..., None] * steps)[:, first:stop])
        pieces.append(curves[:, start - first : start - first + 50])
    torch.testing.assert_close(torch.cat(pieces, dim=1), told.curves[:1], atol=1e-5, rtol=1e-5)


def test_averaged_vectors_are_the_same_in_torch_and_numpy_and_forget_what_is_quick():
    torch.manual_seed(1)
    values = torch.randn(2, 50, 3)
    mask = torch.arange(50)[None] < torch.tensor([[50], [20]])
    told = lasting(values, mask, 4)
    torch.testing.assert_close(told[0], torch.from_numpy(averaged(values[0].numpy(), 4)), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(told[1, :20], torch.from_numpy(averaged(values[1, :20].numpy(), 4)), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(lasting(torch.ones(1, 9, 2), None, 4), torch.ones(1, 9, 2))  # nothing fades at the ends
    assert told[0].std() < 0.5 * values[0].std()
    assert torch.equal(lasting(values, mask, 0), values) and averaged(values[0].numpy(), 0) is not None
    weights = gaussian(4)
    assert weights.sum() == pytest.approx(1.0) and weights[8] / weights[4] == pytest.approx(math.exp(0.5), rel=1e-5)


def test_a_network_may_weigh_what_lasts():
    quick, slow = made(), made(replace(SMALL, breadth_frames=5))
    of_quick, of_slow = (told_of(each, frames=80)[2].intensity for each in (quick, slow))
    roughness = [told.saliency.diff(dim=1).std() / told.saliency.std() for told in (of_quick, of_slow)]
    assert roughness[1] < 0.5 * roughness[0]
    features = told_of(slow, frames=80)[0]
    steps = slow.intensity.projection(features)[0].detach()
    weighed = torch.from_numpy(averaged(steps.numpy(), 5))
    torch.testing.assert_close(of_slow.pooled[0], weighed.amax(dim=0), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(of_slow.features[0], of_slow.saliency[0][:, None] * steps)  # its own vector goes on


def test_a_style_may_change_on_the_way():
    network = made()
    features, style, told = told_of(network, frames=100)
    changing = style[:1].repeat(100, 1)
    changing[50:] = style[1]
    curves, _ = network.whole(features[0], changing)
    torch.testing.assert_close(curves[:20], told.curves[0, :20])
    other, _ = network.whole(features[0], style[1])
    torch.testing.assert_close(curves[80:], other[80:])
    assert not torch.allclose(curves[80:], told.curves[0, 80:], atol=1e-3)
