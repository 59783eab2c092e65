"""The model against what can be reckoned by hand."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from benchmarks.capacity.model import FilmCost, Site, poisson, simulate
from benchmarks.capacity.plan import FIGURES, Figures, Price, plan, row, sized
from core.errors import InputError

#: A film that takes ten seconds of a core and next to nothing of all else.
COST = FilmCost((10.0,), 1e-6, 1e-6, 1e-6, 1e-6, 1.0, 1.0, 1.0)
SITE = Site(1, 4.0, 1e9)


def test_one_worker_makes_one_film_after_the_other():
    served = simulate(COST, SITE, [0.0, 0.0, 0.0])
    assert served.done == 3 and served.span_s == pytest.approx(30.0, abs=0.01)
    assert served.waits_s == pytest.approx([0.0, 10.0, 20.0], abs=0.01)
    assert served.films_per_hour == pytest.approx(360.0, abs=1.0)
    assert served.loads["workers"] == pytest.approx(1.0, abs=0.01) and served.fullest == "workers"


def test_two_workers_take_half_the_time():
    assert simulate(COST, replace(SITE, workers=2), [0.0] * 4).span_s == pytest.approx(20.0, abs=0.01)


def test_the_wait_is_the_one_of_queueing_theory():
    """M/D/1 (Pollaczek and Khinchine): the mean wait is load x work / (2 (1 - load))."""
    load, waits = 0.7, []
    for seed in range(4):
        waits += simulate(COST, SITE, poisson(load * 8640.0, 60.0, seed), seed).waits_s
    assert sum(waits) / len(waits) == pytest.approx(load * 10.0 / (2 * (1 - load)), rel=0.1)


def test_orders_come_as_often_as_is_said():
    assert len(poisson(24_000.0, 10.0)) == pytest.approx(10_000, rel=0.05)


def test_claims_are_one_at_a_time_however_many_workers_there_are():
    slow = replace(COST, claim_s=1.0)
    served = simulate(slow, replace(SITE, workers=100), [0.0] * 50)
    assert served.span_s == pytest.approx(50.0 + 10.0, abs=0.1)
    assert served.loads["queue's order"] == pytest.approx(50.0 / 60.0, abs=0.02)


def test_the_store_s_line_is_shared():
    large = replace(COST, fetched_bytes=1e9)
    assert simulate(large, replace(SITE, workers=10), [0.0] * 10).span_s == pytest.approx(10.0 + 10.0, abs=0.1)


def test_signs_of_life_slow_the_transactions_of_all():
    chatty = replace(COST, signs_hz=100.0, sign_s=0.01, finish_s=1.0)
    site = Site(2, 4.0, 1e9)
    lonely = simulate(replace(chatty, signs_hz=0.0), site, [0.0, 0.0]).span_s
    assert simulate(chatty, site, [0.0, 0.0]).span_s > lonely + 0.1


def test_what_is_written_down_can_be_planned_by(tmp_path):
    figures = Figures.read(FIGURES)
    found = plan(figures, 2_000.0, 10.0, 0.2, 10.0, Price(0.04))
    assert {each.database for each in found} == set(figures.databases)
    assert all(each.films_per_hour > 0 and each.sentence() for each in found)
    best = next(each for each in found if each.cost_per_minute is not None)
    work_s = figures.start_s + 10.0 * figures.per_second
    assert best.workers >= math.floor(2_000.0 / 86_400.0 * work_s)
    assert best.cost_per_minute == pytest.approx(best.workers * 0.04 / (2_000.0 / 24.0 * 10.0 / 60.0))
    (tmp_path / "none.json").write_text(json.dumps({"start_s": 1}))
    with pytest.raises(InputError):
        Figures.read(tmp_path / "none.json")


def test_a_site_that_no_number_of_workers_helps_is_not_sized():
    blocked = replace(COST, claim_s=5.0)
    assert sized("slow", blocked, SITE, 50_000.0, 0.5) is None
    assert row("slow", blocked, replace(SITE, workers=50), 50_000.0, 0.5).loads["queue's order"] > 0.9
