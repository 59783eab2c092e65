"""Lips of crops by small networks: in batches, in order, with flat memory; and what a processor can't do."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from core.errors import InputError  # noqa: E402
from lipsync.musetalk.runner import MuseTalk, as_bytes, lower_half_black  # noqa: E402
from lipsync.musetalk.settings import MuseTalkSettings  # noqa: E402

FRAMES = 5


@pytest.fixture
def crops():
    return np.random.default_rng(0).integers(0, 256, (FRAMES, 256, 256, 3), np.uint8)


@pytest.fixture
def features():
    return np.random.default_rng(1).standard_normal((FRAMES, 50, 384)).astype(np.float32)


def musetalk(networks, batch_frames=None):
    return MuseTalk(networks, MuseTalkSettings(device="cpu", batch_frames=batch_frames))


def test_batches_draw_what_single_frames_do(small_networks, crops, features):
    singly = np.stack(list(musetalk(small_networks).lips(crops, features)))
    batched = np.stack(list(musetalk(small_networks, 3).lips(crops, features)))
    assert singly.shape == (FRAMES, 256, 256, 3) and singly.dtype == np.uint8
    assert np.abs(singly.astype(int) - batched).max() <= 1
    assert np.abs(singly[0].astype(int) - singly[1]).mean() > 1, "the frames are not all the same one"


def test_lips_of_a_picture_are_those_of_its_numbers(small_networks, crops, features):
    """`lips` takes bytes and gives bytes: what the networks make of the same picture as numbers, rounded."""
    network = musetalk(small_networks)
    (drawn,) = network.lips(crops[:1], features[:1])
    with torch.inference_mode():
        numbers = torch.from_numpy(crops[0]).permute(2, 0, 1)[None].contiguous() / 255 * 2 - 1
        made = network.decoded(network.encoded(numbers), torch.from_numpy(features[:1]))[0]
    expected = (made / 2 + 0.5).clamp(0, 1) * 255
    assert np.abs(drawn - expected.permute(1, 2, 0).numpy()).max() < 0.6
    assert drawn.std() > 10


def test_lips_follow_crop_and_sound(small_networks, crops, features):
    network = musetalk(small_networks)

    def drawn(crop, sound):
        return next(network.lips([crop], [sound])).astype(int)

    first = drawn(crops[0], features[0])
    assert np.array_equal(first, drawn(crops[0], features[0])), "nothing is left to chance"
    assert np.abs(first - drawn(crops[1], features[0])).max() > 0
    assert np.abs(first - drawn(crops[0], features[1])).max() > 0
    assert np.abs(first - drawn(crops[0], features[0][::-1].copy())).max() > 0, "the order of the rows counts"


def test_the_first_four_latents_know_nothing_of_the_lower_half(small_networks, crops):
    changed = crops[:1].copy()
    changed[:, 128:] = 255 - changed[:, 128:]
    before, after = (musetalk(small_networks).latents(each) for each in (crops[:1], changed))
    assert before.shape == (1, 8, 32, 32)
    assert torch.equal(before[:, :4], after[:, :4]) and not torch.equal(before[:, 4:], after[:, 4:])
    face = torch.rand(1, 3, 256, 256)
    masked = lower_half_black(face)
    assert torch.equal(masked[:, :, :128], face[:, :, :128]) and float(masked[:, :, 128:].max()) == -1


def test_no_more_than_a_batch_is_taken_ahead(small_networks, crops, features):
    taken = []
    frames = musetalk(small_networks, 2).lips((taken.append(0) or crop for crop in crops), iter(features))
    assert not taken
    next(frames)
    assert len(taken) == 2
    assert not torch.is_inference_mode_enabled()
    next(frames), next(frames)
    assert len(taken) == 4


def test_wrong_sizes_and_numbers(small_networks, crops, features):
    network = musetalk(small_networks)
    for wrong_crops, wrong_features in [
        (crops[:, :128], features),
        (crops.astype(np.float32), features),
        (crops, features[:, :10]),
        (crops, features.astype(np.int64)),
        (crops[:2], features),
        (crops, features[:2]),
    ]:
        with pytest.raises(ValueError):
            list(network.lips(wrong_crops, wrong_features))
    assert list(network.lips([], [])) == []


def test_hearing_nothing_and_more_than_a_window(small_networks):
    network = musetalk(small_networks)
    assert network.hear(np.zeros(0, np.float32)).shape == (0, 5, 384)
    sound = np.random.default_rng(2).standard_normal(16_000 * 31).astype(np.float32) * 0.1
    heard = network.hear(sound)
    assert heard.shape == (1550, 5, 384) and heard.dtype == np.float32
    assert np.allclose(heard[1500:], network.hear(sound[30 * 16_000 :]), atol=1e-4)


def test_bytes():
    values = torch.tensor([-2.0, -1.0, 0.0, 0.5, 1.0, 3.0])
    assert as_bytes(values).tolist() == [0, 0, 128, 191, 255, 255]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"batch_frames": 0}, "from 1 to 64"),
        ({"batch_frames": 65}, "from 1 to 64"),
        ({"device": "tpu"}, "auto, cpu, cuda"),
        ({"precision": "float64"}, "auto, float32, half"),
    ],
)
def test_settings_out_of_range(settings, said):
    with pytest.raises(InputError, match=said):
        MuseTalkSettings(**settings)


def test_half_precision_needs_a_card(small_networks):
    with pytest.raises(InputError, match="Half precision needs an NVIDIA card"):
        MuseTalk(small_networks, MuseTalkSettings(device="cpu", precision="half"))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA card")
def test_half_precision_on_a_card_draws_what_the_processor_does(small_networks, crops, features):
    exact = np.stack(list(musetalk(small_networks).lips(crops, features))).astype(int)
    halved = np.stack(list(MuseTalk(small_networks, MuseTalkSettings(device="cuda")).lips(crops, features)))
    assert np.abs(exact - halved).mean() < 2
