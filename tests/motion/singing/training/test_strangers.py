"""Speakers never heard: who is who, one lag a speaker, and the base and the LSTM that are compared on them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.errors import InputError
from motion.singing.networks.delayed_lstm import DelayedLstm, DelayedLstmShape
from motion.singing.networks.lip_network import LipNetwork, LipNetworkShape
from motion.singing.training import baselines
from motion.singing.training.base import with_base, without_base
from motion.singing.training.checkpoint import save_network
from motion.singing.training.dataset import CHANNEL_NAMES, plain_streams
from motion.singing.training.inputs import MEL_CHANNELS, network_input
from motion.singing.training.lstm import MOUTH_POINTS, LstmSettings, fit_lstm, load_lstm, lstm_predictor
from motion.singing.training.measures import ClipCurves, correlations, lag_s
from motion.singing.training.predictions import by_closure
from motion.singing.training.prepare import Example
from motion.singing.training.strangers import (
    FOR_SELECTION,
    FURTHEST_LAG_S,
    Stranger,
    halves_tables,
    in_step,
    load_strangers,
    speaker_of,
)

BASE_CHANNELS, STRENGTH = 24, 0.01


@pytest.fixture(scope="module")
def examples(toy_corpus):
    """The toy corpus with an encoder whose values are noise around the level of each row."""
    generator = np.random.default_rng(3)
    mixing = generator.normal(size=(MEL_CHANNELS, BASE_CHANNELS)).astype(np.float32) / 12.0

    def heard(stream):
        mel = network_input(stream.sound, None)
        return np.concatenate([mel.astype(np.float32) @ mixing, mel], axis=1).astype(np.float16)

    return [
        Example(heard(each), each.curves, each.closure, each.clip, each.time_s, "plain")
        for each in plain_streams(toy_corpus, range(12), clips_each=4)
    ]


def test_one_speaker_is_never_in_both_halves():
    same_take = ("missing_would_you_like_chips_with_that", "sentences_would_you_like_chips_with_that")
    assert speaker_of(same_take[0]) == speaker_of(same_take[1]) == "third"
    drinks = ("missing_would_you_like_something_to_drink", "sentences_would_you_like_something_to_drink_n")
    assert speaker_of(drinks[0]) == speaker_of(drinks[1]) == "fourth"
    assert speaker_of("sentences_would_you_like_something_to_drink") == "third"
    assert speaker_of("vr_3") == "vr_3" and speaker_of("GRID_lwbsza") == "GRID_lwbsza"
    assert {speaker_of("sentences_are_you_well"), speaker_of("s26_bgbsza")} < FOR_SELECTION
    assert not {speaker_of("s31_bgiq6p"), speaker_of("vr_2"), speaker_of("missing_happy_birthday")} & FOR_SELECTION


def test_every_clip_has_one_speaker(shared_dir):
    if not (shared_dir / "talking" / "others.npz").is_file():
        pytest.skip("the talking tracks are not there")
    nothing = lambda sound: np.zeros((-(-len(sound) // 320), 2), dtype=np.float32)  # noqa: E731
    strangers = load_strangers(shared_dir / "talking", nothing, -14.0)
    assert {each.file for each in strangers} == {"others", "grid_others"}
    clips = [name for each in strangers for name in each.corpus.names]
    assert len(clips) == len(set(clips)) == 38 + 31 - 1 and "GRID_bbaf2n" not in clips  # that one is the speaker learned from
    halves = [[each.name for each in strangers if each.for_selection is half] for half in (True, False)]
    assert not set(halves[0]) & set(halves[1]) and min(map(len, halves)) >= 7


def test_one_lag_a_speaker_is_taken_out(toy_corpus):
    def late(clip, lag_s_):
        times_s = np.arange(140) / 50.0
        truth = toy_corpus.curves[clip]
        frames_s = np.arange(len(truth)) / 25.0 - 0.02
        predicted = np.interp(times_s - lag_s_, frames_s, truth[:, 0])[:, None].astype(np.float32)
        return ClipCurves(times_s, predicted, -predicted[:, 0], truth[:, :1])

    clips = [late(0, 0.1), late(1, 0.1), late(2, 0.1)]
    assert np.mean([correlations(clip)[0] for clip in clips]) < 0.95
    moved = in_step(clips)
    assert all(abs(lag_s(clip)) < 0.01 and correlations(clip)[0] > 0.99 for clip in moved)
    further = in_step([late(0, 0.3)])
    assert lag_s(further[0]) == pytest.approx(0.3 - FURTHEST_LAG_S, abs=0.03)  # further than that is no lag of a recording


def test_the_held_out_half_stays_shut_until_it_is_asked_for(toy_corpus, examples):
    parts = {"one": (True, "others"), "two": (False, "others")}
    strangers = [Stranger(name, half, file, toy_corpus, examples) for name, (half, file) in parts.items()]
    perfect = {id(each.rows): np.concatenate([each.curves, each.closure[:, None]], axis=1) for each in examples}
    asked = {"true lips": (lambda rows: perfect[id(rows)], by_closure, 0.5)}
    met: list[int] = []

    def counted(rows):
        met.append(len(rows))
        return perfect[id(rows)]

    (half,) = halves_tables(strangers, {"counted": (counted, by_closure, 0.5)}, ("aperture",), False)
    assert "selection" in half and len(met) == len(examples)  # one of the two speakers alone was heard
    tables = halves_tables(strangers, asked, ("aperture",), True)
    assert len(tables) == 2
    for table in tables.values():
        assert table["true lips, free sentences"]["aperture correlation"].value > 0.98


def test_the_base_is_the_ridge_and_leaves_the_closure_alone(examples):
    torch.manual_seed(0)
    shape = LipNetworkShape(
        encoder_channels=BASE_CHANNELS, outputs=len(CHANNEL_NAMES) + 1, width=8, dilations=(1, 2), base_channels=BASE_CHANNELS
    )
    network = LipNetwork(shape)
    generator = torch.Generator().manual_seed(1)
    network.input_mean.copy_(torch.rand(BASE_CHANNELS + MEL_CHANNELS, generator=generator))
    network.input_scale.copy_(0.5 + torch.rand(BASE_CHANNELS + MEL_CHANNELS, generator=generator))
    network.curve_mean.copy_(torch.rand(len(CHANNEL_NAMES), generator=generator))
    network.curve_scale.copy_(0.5 + torch.rand(len(CHANNEL_NAMES), generator=generator))
    rows = torch.from_numpy(np.asarray(examples[0].rows, dtype=np.float32))
    own = network.curves(rows).numpy()
    with_base(network, examples, 0.7, STRENGTH)
    view = baselines.View(0, BASE_CHANNELS, (-2, -1, 0, 1, 2))
    ridge = baselines.ridge(examples, view, STRENGTH)(examples[0].rows)
    both = network.curves(rows).numpy()
    inside = slice(2, -2)  # at the ends the ridge repeats the last row, the network hears what is usual
    np.testing.assert_allclose(both[inside, :-1], (0.3 * own + 0.7 * ridge)[inside, :-1], atol=2e-3)
    np.testing.assert_allclose(both[:, -1], own[:, -1], atol=1e-6)
    np.testing.assert_allclose(without_base(network, 0.7).curves(rows).numpy(), own, atol=1e-4)
    np.testing.assert_allclose(network.curves(rows).numpy(), both, atol=1e-6)
    assert np.corrcoef(ridge[:, 0], examples[0].curves[:, 0])[0, 1] > 0.8


def test_the_lstm_hears_200_ms_ahead_and_no_further():
    torch.manual_seed(0)
    one_way, both_ways = DelayedLstm(DelayedLstmShape()), DelayedLstm(DelayedLstmShape(both_ways=True))
    sound = torch.randn(1, 240, 80)
    changed = sound.clone()
    changed[:, 160:] += 1.0
    before, after = one_way(sound), one_way(changed)
    assert before.shape == (1, 120, 20)
    first = 160 // 2 - 10
    assert torch.allclose(before[:, :first], after[:, :first]) and not torch.allclose(before[:, first], after[:, first])
    assert not torch.allclose(both_ways(sound)[:, :first], both_ways(changed)[:, :first])
    assert one_way.shape.cells == 60 and one_way.cells.hidden_size == 60


@pytest.mark.slow
def test_the_lstm_learns_landmarks_and_its_lips_are_read_from_them(toy_corpus, examples, tmp_path):
    """The mouth of the toy corpus: two lips that part by the aperture, and nothing else moves."""
    rest = np.random.default_rng(0).normal(0.0, 20.0, (len(MOUTH_POINTS), 3)).astype(np.float32)
    upper, lower = MOUTH_POINTS.index(13), MOUTH_POINTS.index(14)
    rest[lower] = rest[upper]
    points = []
    for curves in toy_corpus.curves:
        moving = np.repeat(rest[None], len(curves), axis=0)
        moving[:, lower, 1] -= curves[:, 0]
        points.append(moving.reshape(len(curves), -1))
    losses: list[float] = []
    settings = LstmSettings(steps=120, batch=4, crop_rows=64)
    shape = DelayedLstmShape(coefficients=2)
    network = fit_lstm(examples, points, shape, settings, lambda done, total, loss: losses.append(loss))
    assert np.mean(losses[-10:]) < 0.5 * np.mean(losses[:10])
    save_network(network, tmp_path / "lstm.safetensors", {"steps": 120})
    again, facts = load_lstm(tmp_path / "lstm.safetensors")
    predict = lstm_predictor(again, np.zeros(5, dtype=np.float32))
    geometry = predict(examples[0].rows)
    assert facts["steps"] == 120 and geometry.shape == (len(examples[0].rows), 5)
    assert np.corrcoef(geometry[:, 0], examples[0].curves[:, 0])[0, 1] > 0.7
    with pytest.raises(InputError, match="make train-lips"):
        load_lstm(tmp_path / "none.safetensors")
    with pytest.raises(InputError, match="longer than"):
        fit_lstm(examples, points, shape, replace(settings, crop_rows=5000))
