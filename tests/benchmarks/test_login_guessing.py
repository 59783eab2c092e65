"""The guesser of the benchmark, for an hour of its clock."""

from __future__ import annotations

from benchmarks.login_guessing import attack


def test_an_hour_of_guessing():
    alone, many = attack(1, 1 / 24, owner_every_s=600.0), attack(20, 1 / 24, owner_every_s=600.0)
    assert alone.tries < 20 and 50 < many.tries < 120  # the table tells two different things
    assert max(alone.owner_s) == 0 and 0 < max(many.owner_s) <= 60
