"""Evaluation can fail: what tells nothing gets what it must, and the truth itself gets all there is."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from core.blendshapes import BLENDSHAPE_NAMES
from core.errors import InputError
from core.rigs.rig_list import rig_named
from motion.emotion.training import compare, evaluate
from motion.emotion.training.comparison import comparison_tables, over_seeds
from motion.emotion.training.evaluation import LIPS, OPENING, SALIENCY, STYLE, UPPER, SetFigures, figures_of
from motion.emotion.training.measures import learned_reader
from motion.emotion.training.predictors import Told, open_network
from motion.emotion.training.prepare import Example, Hearing
from motion.emotion.training.report import lost_on_long, verdict
from motion.emotion.training.take_set import Take
from motion.emotion.training.train import main as train

STYLES = ("neutral", "happy", "sad")


class Always:
    """Tells by a function of the example."""

    rig, hearing = rig_named("arkit"), Hearing()

    def __init__(self, tell):
        self._tell = tell

    def tell(self, example):
        return self._tell(example)


@pytest.fixture(scope="module")
def examples():
    """Nine faces of 90 frames whose mouths move, smiling or frowning with a strength that changes."""
    generator, made = np.random.default_rng(0), []
    for number in range(9):
        style = STYLES[number % 3]
        saliency = (0.5 + 0.4 * np.sin(np.linspace(number, number + 5.0, 90))).astype(np.float32)
        curves = np.zeros((90, 55), np.float32)
        curves[:, BLENDSHAPE_NAMES.index("jawOpen")] = 0.4 * generator.random(90)
        felt = {"happy": "mouthSmileLeft", "sad": "browInnerUp"}.get(style)
        if felt:
            curves[:, BLENDSHAPE_NAMES.index(felt)] = 0.8 * saliency
        take = Take(f"ann/{style}/{number}", "ann", style, None, None)
        made.append(Example(take, np.zeros((90, 4), np.float16), curves, saliency))
    return made


@pytest.fixture(scope="module")
def reader(examples):
    return learned_reader([each.curves for each in examples], [each.take.style for each in examples])


def test_the_truth_gets_all_there_is(examples, reader):
    figures = figures_of(Always(lambda example: Told(example.curves, example.saliency)), examples, reader).means()
    assert (figures[LIPS], figures[UPPER], figures[STYLE]) == (0.0, 0.0, 1.0)
    assert figures[SALIENCY] == pytest.approx(1.0) and figures[OPENING] == pytest.approx(1.0)
    assert figures[f"{SALIENCY}, backwards"] < 0.9 and figures[f"{SALIENCY}, another take's"] < 0.9


def test_a_face_of_zeros_gets_what_it_must(examples, reader):
    figures = figures_of(Always(lambda example: Told(np.zeros_like(example.curves))), examples, reader)
    jaw_or_smile = [np.square(example.curves[:, rig_named("arkit").lips]).max(axis=1).mean() for example in examples]
    np.testing.assert_allclose(figures.rows[LIPS], jaw_or_smile, rtol=1e-5)
    assert figures.means()[STYLE] <= 0.4  # one style of three
    assert np.isnan(figures.rows[OPENING]).all() and OPENING not in figures.estimates()
    assert SALIENCY not in figures.rows


def test_takes_without_a_truth_are_left_out_of_its_agreement(examples, reader):
    known = [replace(each, saliency=None) if place in (2, 5) else each for place, each in enumerate(examples)]
    rows = figures_of(Always(lambda example: Told(example.curves, examples[0].saliency)), known, reader).rows[SALIENCY]
    assert list(np.flatnonzero(np.isnan(rows))) == [2, 5] and rows[0] == pytest.approx(1.0)


def test_intervals_hold_the_mean(examples, reader):
    generator = np.random.default_rng(1)

    def noisy(example):
        return Told(example.curves + 0.1 * generator.normal(size=example.curves.shape).astype(np.float32))

    estimate = figures_of(Always(noisy), examples, reader).estimates()[LIPS]
    assert 0.0 < estimate.low < estimate.value < estimate.high


def figures(lips, upper=0.002, opening=0.7, saliency=0.8, takes=20):
    spread = np.linspace(-0.1, 0.1, takes)
    rows = {LIPS: lips * (1 + spread), UPPER: upper * (1 + spread), OPENING: opening + spread, SALIENCY: saliency + spread}
    return SetFigures(tuple(f"a/happy/{take}" for take in range(takes)), rows)


def test_the_rule_of_shipping():
    plan = {"test": figures(0.01, 0.01), "real": figures(0.02, opening=0.6)}
    assert verdict({"test": figures(0.005), "real": figures(0.018)}, plan).startswith("may ship")
    assert "LPE on real" in verdict({"test": figures(0.005), "real": figures(0.03)}, plan)
    assert "opening r on real" in verdict({"test": figures(0.005), "real": figures(0.018, opening=0.3)}, plan)
    assert "EPE on known truth" in verdict({"test": figures(0.005, 0.02), "real": figures(0.018)}, plan)
    assert "can't be told" in verdict({"test": figures(0.005)}, plan)


def test_what_long_takes_lose():
    lost = lost_on_long({"test": figures(0.010, saliency=0.8), "long": figures(0.012, saliency=0.6)})
    assert lost[LIPS] == pytest.approx(0.2) and lost[UPPER] == pytest.approx(0.0) and lost[SALIENCY] == pytest.approx(0.25)


def test_seeds_and_gaps():
    assert over_seeds([1.0]).low == 1.0
    estimate = over_seeds([1.0, 2.0, 3.0])
    assert estimate.value == 2.0 and estimate.high == pytest.approx(2.0 + 4.303 / np.sqrt(3))
    known = {
        "plan": {0: {"test": figures(0.02, 0.02), "long": figures(0.02)}},
        "whole": {seed: {"test": figures(0.01 + 1e-4 * seed), "long": figures(0.0105)} for seed in range(3)},
        "without dei": {0: {"test": figures(0.03, 0.03), "long": figures(0.05)}},
    }
    tables, values = comparison_tables(known)
    gap = values["worse than whole by"]["without dei"][LIPS]
    assert gap["value"] == pytest.approx(0.0199) and gap["low"] > 0.0
    assert values["lost on long takes"]["without dei"][LIPS] == pytest.approx(2 / 3)
    assert "0.00220, 0.00247" in tables  # the paper's


def test_one_command_measures_and_one_compares(small_set, tmp_path, capsys):
    """From takes on disk to the report: a toy network and, through `compare`, an ablation and a baseline beside it."""
    (small_set / "set.toml").write_text('licence = "CC BY 3.0"\n[split]\nvalidation = ["ann/happy/take1"]\ntest = ["bob"]\n')
    model = tmp_path / "toy.safetensors"
    assert train([str(small_set), "--work", str(tmp_path), "--out", str(model), "--config", "toy"]) == 0
    assert open_network(model).hearing.layers == (1,)
    report = tmp_path / "report"
    assert evaluate.main([str(small_set), str(model), "--work", str(tmp_path), "--report", str(report)]) == 0
    told = json.loads(report.with_suffix(".json").read_text())["toy"]["test"]
    assert len(told["takes"]) == 6 and told["figures"][LIPS]["value"] > 0.0
    assert "## test: 6 takes" in report.with_suffix(".md").read_text()

    asked = [str(small_set), "--work", str(tmp_path), "--seeds", "1", "--config", "toy"]
    asked += ["--only", "whole", "without dei", "one_hot"]
    assert compare.main(asked) == 0
    record = tmp_path / "runs" / "one_hot-0.json"
    first = record.stat().st_mtime_ns
    assert json.loads(record.read_text())["training"]["steps"] == 2
    assert compare.main(asked) == 0 and record.stat().st_mtime_ns == first  # nothing is made again
    assert "| without dei |" in (tmp_path / "comparison.md").read_text()


def test_what_is_no_network_is_told(tmp_path, small_set, capsys):
    with pytest.raises(InputError, match="no file of a trained network"):
        open_network(tmp_path / "missing.safetensors")
    asked = [str(small_set), str(tmp_path / "no.safetensors"), "--work", str(tmp_path), "--report", str(tmp_path / "out")]
    assert evaluate.main(asked) != 0
    assert "no file of a trained network" in capsys.readouterr().err
