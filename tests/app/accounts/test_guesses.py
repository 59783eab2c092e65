"""Guessing passwords is held; whoever has the right one is not held up for long."""

from __future__ import annotations

import random
import threading
from dataclasses import replace

import limits.storage.memory
import pytest
from limits.storage import MemoryStorage

from app.accounts.guesses import OF_NAME, OF_PAIR, OF_PLACE, Guesses, WaitFirst
from tests.app.accounts.conftest import OTHER, PASSWORD


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self):
        self.now_s = 1_000_000.0

    def time(self):
        return self.now_s


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(limits.storage.memory, "time", made)
    return made


@pytest.fixture
def guesses(clock):
    return Guesses(MemoryStorage(), "key", clock.time)


def tries_within(guesses, clock, span_s, name="anna", place="there"):
    """How many tries somebody gets who comes back as soon as they are let."""
    ends_s, count = clock.now_s + span_s, 0
    while clock.now_s < ends_s:
        try:
            guesses.begin(name, place)
            count += 1
        except WaitFirst as error:
            clock.now_s += error.retry_after_s
    return count


def test_the_waits_grow_up_to_their_longest(guesses, clock):
    waits = []
    for _ in range(20):
        try:
            guesses.begin("anna", "there")
            waits.append(0)
        except WaitFirst as error:
            waits.append(error.retry_after_s)
            clock.now_s += error.retry_after_s
            guesses.begin("anna", "there")
    assert waits[:5] == [0, 0, 0, 0, 0] and waits[5:10] == [1, 2, 4, 8, 16] and max(waits) == OF_PAIR.longest_s


def test_a_seeded_guesser_does_not_get_in_within_a_day(guesses, clock):
    """The right password stands at a random place among the million that are tried first."""
    place = random.Random(7).randrange(1000, 1_000_000)
    assert tries_within(guesses, clock, 86_400) < 130 < place


def test_many_names_from_one_place_are_held_too(guesses, clock):
    counted = 0
    for number in range(500):
        try:
            guesses.begin(f"name {number}", "there")
            counted += 1
        except WaitFirst:
            pass
    assert counted == OF_PLACE.free


def test_one_name_from_many_places_is_held_too(guesses, clock):
    counted = 0
    for number in range(500):
        try:
            guesses.begin("anna", f"place {number}")
            counted += 1
        except WaitFirst:
            pass
    assert counted == OF_NAME.free


def test_the_owner_gets_in_from_elsewhere_while_somebody_guesses(guesses, clock):
    """One guesser for a day: the owner, at an address that is not known, waits a minute at most."""
    longest_s, ends_s = 0, clock.now_s + 86_400
    chance = random.Random(3)
    while clock.now_s < ends_s:
        try:
            guesses.begin("anna", "guesser")
        except WaitFirst as error:
            clock.now_s += error.retry_after_s * chance.random() + 0.01
        try:
            guesses.begin("anna", "elsewhere").was_right()
        except WaitFirst as error:
            longest_s = max(longest_s, error.retry_after_s)
    assert longest_s <= OF_NAME.longest_s
    guesses.begin("anna", "device x", is_known=True)  # and not at all in a browser that is known


def test_what_was_right_is_not_counted(guesses):
    for _ in range(200):
        guesses.begin("anna", "there").was_right()


def test_signing_in_oneself_in_between_is_no_way_around(guesses, clock):
    counted = 0
    for _ in range(200):
        try:
            guesses.begin("anna", "there")
            counted += 1
            guesses.begin("guesser", "there").was_right()
        except WaitFirst:
            pass
    assert counted == OF_PAIR.free


def test_many_at_once_are_no_way_around(clock):
    guesses, counted = Guesses(MemoryStorage(), "key", clock.time), []

    def guess():
        for _ in range(20):
            try:
                guesses.begin("anna", "there")
                counted.append(1)
            except WaitFirst:
                pass

    threads = [threading.Thread(target=guess) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(counted) == OF_PAIR.free


def test_neither_names_nor_addresses_are_kept(guesses):
    storage = guesses._storage
    guesses.begin("anna@example.org", "192.0.2.7")
    assert storage.storage and not any("anna" in key or "192" in key for key in storage.storage)


def test_the_page_says_when_to_come_back(app, sign_up, sign_in, clock):
    app.extensions["belcanto_guesses"]._clock = clock.time
    sign_up()
    answers = [sign_in(password=f"wrong {number}")[1] for number in range(7)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429] * 2
    assert answers[5].headers["Retry-After"] == "1" and "1 s" in answers[5].text
    assert sign_in(password=PASSWORD)[1].status_code == 429  # not even the right one is looked at
    assert [sign_in("Nobody", "x")[1].status_code for _ in range(6)] == [422] * 5 + [429]  # a name that nobody has, alike
    clock.now_s += 1000
    assert sign_in(password=PASSWORD)[1].status_code == 303


def test_a_browser_that_is_known_is_not_held_up(app, sign_up, sign_in, clock):
    app.extensions["belcanto_guesses"]._clock = clock.time
    known = sign_up()
    known.post("/sign-out")
    while sign_in(password="wrong")[1].status_code == 422:
        pass
    assert sign_in(client=known)[1].status_code == 303
    known.post("/account/password", data={"old": PASSWORD, "password": OTHER})
    stolen = app.test_client()
    stolen.set_cookie("belcanto_device", known.get_cookie("belcanto_device").value)
    assert sign_in("Berta", OTHER, client=stolen)[1].status_code != 303  # it is bound to the name


def test_the_counters_lie_in_redis_where_the_queue_does(settings, monkeypatch):
    asked = []
    monkeypatch.setattr("app.accounts.guesses.storage_from_string", lambda where: asked.append(where) or MemoryStorage())
    Guesses.of(settings)
    Guesses.of(replace(settings, queue="redis", redis_url="redis://127.0.0.1:1/3"))
    assert asked == ["memory://", "belcanto+redis://127.0.0.1:1/3"]  # which counts in memory while Redis is gone
