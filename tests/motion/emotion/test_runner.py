"""A trained network without torch: the same numbers as the module that was trained, in blocks as in one piece."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.errors import InputError, MissingError
from motion.emotion import runner
from motion.emotion.networks.shape import Switches
from motion.emotion.positions import dynamic_positions
from motion.emotion.runner import DeitalkNetwork, agreement, hear, read_heard, sound_of
from motion.emotion.styles import one_hot
from neural.hearing.encoders import at_rate, open_encoder
from tests.motion.emotion.models import chance_model

FRAMES = 140


def features(frames=FRAMES, channels=24, seed=3):
    return np.random.default_rng(seed).normal(size=(frames, channels)).astype(np.float16)


def styles(frames=FRAMES):
    """Angry, then more and more sad."""
    share = np.linspace(0.0, 1.0, frames, dtype=np.float32)[:, None]
    return (1 - share) * one_hot(["angry"]) + share * one_hot(["sad"])


def told(model, heard, styles, saliency=None):
    network = DeitalkNetwork(model, threads=1)
    felt = network.felt(heard)
    return felt, np.concatenate(list(network.curve_blocks(heard, felt, styles, saliency)))


@pytest.mark.parametrize("switches", [Switches(), Switches(intensity=False), Switches(positions=False)])
@pytest.mark.parametrize(("rig", "breadth"), [("arkit", 0), ("metahuman", 0), ("arkit", 9)])
def test_the_graph_is_the_trained_module(switches, rig, breadth):
    torch = pytest.importorskip("torch", reason="the torch module is what the graph is compared with")
    from motion.emotion.networks.deitalk import Deitalk

    model = chance_model(24, rig, switches, head=0.1, breadth_frames=breadth)
    module = Deitalk(model.facts.shape)
    module.load_state_dict({name: torch.from_numpy(value) for name, value in model.tensors.items()})
    heard, edited = features(), np.linspace(0.0, 1.0, FRAMES, dtype=np.float32)
    for saliency in (None, edited):
        own = None if saliency is None else torch.from_numpy(saliency)
        expected, salient = module.whole(torch.from_numpy(heard), torch.from_numpy(styles()), own)
        felt, curves = told(model, heard, styles(), saliency)
        assert expected.numpy().std() > 0.05
        np.testing.assert_allclose(curves, expected.numpy(), atol=1e-4)
        if switches.intensity:
            np.testing.assert_allclose(felt.saliency, salient.numpy(), atol=1e-5)
        else:
            assert salient is None and len(felt.saliency) == 0


def test_positions_are_the_networks():
    torch = pytest.importorskip("torch", reason="the torch module is what is compared")
    from motion.emotion.networks import positional

    expected = positional.dynamic_positions(torch.tensor([7]), torch.tensor([90]), 20, 11)[0].numpy()
    np.testing.assert_allclose(dynamic_positions(7, 27, 90, 11), expected, atol=1e-6)
    assert dynamic_positions(0, 1, 90, 4).tolist() == [[0.0, 1.0, 0.0, 1.0]]


@pytest.mark.parametrize("size", [1, 17, 40, 139])
def test_blocks_equal_one_piece(monkeypatch, size):
    model, heard = chance_model(24), features()
    felt, whole = told(model, heard, styles())
    monkeypatch.setattr(runner, "BLOCK_FRAMES", size)
    felt_again, pieces = told(model, heard, styles())
    np.testing.assert_allclose(felt_again.saliency, felt.saliency, atol=1e-6)
    np.testing.assert_allclose(pieces, whole, atol=1e-5)
    assert np.abs(np.diff(whole, axis=0)).max() > 0.01


def test_saliency_is_agreement_with_the_whole():
    steps = np.array([[1.0, 0.0], [0.0, 2.0], [-1.0, -2.0], [0.5, 1.0]], np.float32)
    np.testing.assert_allclose(agreement(steps), [1 / 5**0.5, 2 / 5**0.5, -1.0, 1.0], atol=1e-6)
    assert agreement(np.zeros((0, 2), np.float32)).shape == (0,)
    assert agreement(np.zeros((3, 2), np.float32)).tolist() == [0.0, 0.0, 0.0]


def test_what_is_heard_is_what_the_training_hears(tmp_path, root_dir):
    """The encoder's vectors at 30 Hz, to the end of the film; a film that ends before its voice hears no more."""
    facts = replace(chance_model().facts, layers=(1,))
    try:
        encoder = open_encoder("whisper", (1,))
    except MissingError as error:
        pytest.skip(f"Whisper's weights are not at hand: {error}")
    sound = np.concatenate(list(sound_of(root_dir / "demo" / "song.mp3", 16.0)))
    assert len(sound) == 256_000
    done = []
    for frames in (300, 480):
        hear([sound[:100_000], sound[100_000:]], frames, facts, tmp_path, done.append)
        heard = read_heard(tmp_path)
        assert heard.dtype == np.float16 and isinstance(heard, np.memmap) and done[-1] == frames
        np.testing.assert_array_equal(heard, at_rate(encoder.features(sound), 30, frames).astype(np.float16))


def test_encoders_that_are_not_there(tmp_path):
    with pytest.raises(InputError, match="no encoder 'ear'"):
        hear([np.zeros(100, np.float32)], 3, replace(chance_model().facts, encoder="ear"), tmp_path)
