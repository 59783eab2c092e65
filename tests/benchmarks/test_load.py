"""The load's own arithmetic: the queue's model, fairness, growth. The loads themselves are run by hand."""

from __future__ import annotations

import random

import pytest

from benchmarks.load.model import Arrival, mean_wait_s, waits
from benchmarks.load.queue import Made, held, unfairness
from benchmarks.load.soak import Sample, growth_of


def test_one_worker_serves_people_in_turn():
    arrivals = [Arrival(0.0, "a"), Arrival(0.0, "a"), Arrival(0.0, "b")]
    assert waits(arrivals, [2.0], 1, 0) == [0.0, 4.0, 2.0]


def test_a_worker_that_is_free_lets_nobody_wait():
    assert waits([Arrival(0.0, "a"), Arrival(10.0, "a")], [2.0], 1, 0) == [0.0, 0.0]


def test_the_model_agrees_with_the_theory_of_one_worker():
    """M/D/1 at half load: a mean wait of rho * s / (2 (1 - rho)) (Pollaczek and Khinchine)."""

    chance, at_s, arrivals = random.Random(1), 0.0, []
    for _ in range(20_000):
        at_s += chance.expovariate(0.5)
        arrivals.append(Arrival(at_s, "a"))
    assert mean_wait_s(arrivals, [1.0], 1, runs=1) == pytest.approx(0.5, rel=0.05)


def test_four_workers_empty_a_queue_four_times_as_fast():
    arrivals = [Arrival(0.0, str(number)) for number in range(400)]
    assert mean_wait_s(arrivals, [1.0], 1, 1) == pytest.approx(199.5)
    assert mean_wait_s(arrivals, [1.0], 4, 1) == pytest.approx(49.5)


def test_who_is_served_out_of_turn_is_seen():
    fair = [Made("a", 0, 0, 1), Made("b", 0, 1, 2), Made("a", 0, 2, 3), Made("b", 0, 3, 4)]
    assert unfairness(fair) == 1
    assert unfairness([Made("a", 0, 0, 1), Made("a", 0, 1, 2), Made("a", 0, 2, 3), Made("b", 0, 3, 4)]) == 3


def test_a_worker_is_held_until_the_next_beginning():
    assert held([Made("a", 0, 0, 1.0), Made("a", 0, 1.5, 2.0), Made("a", 0, 3.0, 4.0)], 1) == [1.5, 1.5]


def test_growth_is_the_line_through_what_came_after_warming():
    samples = [Sample(600.0 * step, 300.0 if step < 3 else 100.0 + step, 20) for step in range(12)]
    growth = growth_of("worker", samples)
    assert growth.rss_rise_mb_per_h == pytest.approx(6.0)
    assert growth.handles_rise_per_h == pytest.approx(0.0, abs=1e-6)
