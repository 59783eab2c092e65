"""The speech desk: who is served next, what may begin, what is kept; and the lines that sound and pictures go out by."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from live.feed import BLOCK_SAMPLES, RATE_HZ
from live.session.showing.picture_line import PictureLine
from live.session.showing.quality import Quality, QualityKeeper, QualitySettings, qualities
from live.session.showing.sound_line import SoundLine
from live.session.speaking.orders import SpeechOrder, lasts_until_spoken
from live.session.speaking.speech_desk import SpeechDesk, parted
from speech.reading import BreathPiece, Reading
from speech.speaker import KokoroVoice, SpeechSettings
from tests.live.session.conftest import tone
from tests.live.session.standins import until

SETTINGS = SpeechSettings()


@pytest.fixture
def slowly(monkeypatch):
    """Speaking takes 20 ms a piece; what was spoken is written down."""
    spoken = []

    def speak(self, piece, speed=1.0):
        spoken.append(" ".join(reading.text for reading in piece.readings))
        time.sleep(0.02)
        return tone(piece)

    monkeypatch.setattr(KokoroVoice, "speak", speak)
    return spoken


def test_sessions_are_served_in_turn_and_who_would_break_off_first(slowly):
    desk = SpeechDesk(1)
    one, other, midway = desk.enter(), desk.enter(), desk.enter()
    first = desk.order(one, "This one comes first of all.", SETTINGS, True)
    until(lambda: slowly)
    orders = [desk.order(one, f"One more, number {number}.", SETTINGS, False) for number in range(2)]
    orders.append(desk.order(other, "The other one.", SETTINGS, True))
    midway.runs_out_s, midway.midway = time.monotonic() + 0.05, True
    orders.append(desk.order(midway, "The rest of what sounds.", SETTINGS, False))
    until(lambda: all(not order.open for order in [first, *orders]))
    assert slowly.index("The rest of what sounds.") < slowly.index("The other one.") < slowly.index("One more, number 1.")


def test_what_is_cancelled_is_not_spoken_and_short_pieces_are_kept(slowly):
    desk = SpeechDesk(1)
    customer = desk.enter()
    kept = desk.order(customer, "Well then!", SETTINGS, True)
    until(lambda: not kept.open)
    again = desk.order(customer, "Well then!", SETTINGS, True)
    until(lambda: not again.open)
    assert slowly == ["Well then!"] and again.said[0] is kept.said[0]
    orders = [desk.order(customer, f"Sentence number {number} of many.", SETTINGS, False) for number in range(9)]
    desk.cancel(customer)
    time.sleep(0.1)
    assert len(slowly) <= 3 and all(order.cancelled for order in orders[2:])
    desk.leave(customer)
    until(lambda: "speech" not in [thread.name for thread in threading.enumerate()], 20)


def piece(words, phonemes=6):
    return BreathPiece(tuple(Reading(f"w{place}", "a" * phonemes) for place in range(words)), "a" * words * (phonemes + 1))


def test_a_sentence_begins_when_its_pieces_will_be_in_time():
    pieces = (piece(3), piece(6), piece(12))
    order = SpeechOrder(None, ("", "", 1.0), pieces)
    assert not lasts_until_spoken(order, 0.001, 0.0), "the first piece is not there"
    order.said.append(tone(pieces[0]))
    assert lasts_until_spoken(order, 0.02, 0.1) and not lasts_until_spoken(order, 0.2, 0.1)
    order.said.append(tone(pieces[1]))
    assert lasts_until_spoken(order, 0.03, 0.1)


def test_a_long_first_piece_is_parted_between_words():
    whole = BreathPiece(tuple(Reading(str(place), "aaaa") for place in range(8)), " ".join(["aaaa"] * 8))
    first, rest = parted(whole, 15)
    assert (first.phonemes, rest.phonemes) == ("aaaa aaaa aaaa", " ".join(["aaaa"] * 5)) and first.goes_on and not rest.goes_on
    assert parted(whole, 30) == (whole,), "a word alone is not left behind"


def test_sound_goes_out_at_its_time_and_fades_where_it_is_broken_off():
    line = SoundLine()
    end_s = line.put(0.03, np.ones(RATE_HZ // 2, dtype=np.float32), RATE_HZ)
    assert end_s == pytest.approx(0.53)
    heard = np.concatenate([line.take() for _ in range(5)])
    assert (heard[: int(0.03 * RATE_HZ)] == 0).all() and (heard[int(0.03 * RATE_HZ) :] == 32767).all()
    line.hush()
    fading = np.concatenate([line.take() for _ in range(3)])
    assert (np.diff(fading[: int(0.04 * RATE_HZ)].astype(int)) <= 0).all() and (fading[int(0.04 * RATE_HZ) :] == 0).all()
    assert line.now_s == pytest.approx(8 * BLOCK_SAMPLES / RATE_HZ)


def test_a_late_picture_is_replaced_by_the_last_one():
    line = PictureLine(4)
    frames = [np.full((2, 2, 3), light, dtype=np.uint8) for light in range(4)]
    line.put(0, frames[0])
    line.put(1, None)
    taken = [line.take(), line.take(), line.take()]
    line.put(2, frames[2])
    line.put(3, frames[3])
    taken.append(line.take())
    assert [int(frame[0, 0, 0]) for frame, _ in taken] == [0, 0, 0, 3]
    assert [in_time for _, in_time in taken] == [True, True, False, True]
    line.close()
    assert not line.wait_for_room(99)


def test_quality_goes_down_where_pictures_are_late_and_up_after_a_calm_time():
    assert qualities(512) == (Quality(512), Quality(384), Quality(256), Quality(256, 2))
    keeper = QualityKeeper(512, 25.0, QualitySettings(calm_s=4.0))
    assert [keeper.picture(number % 10 == 0, 1.0) for number in range(100)] == [None] * 100, "one in ten is borne"
    assert [keeper.picture(number % 2 == 0, 0.1) for number in range(100)] == [None] * 100, "drawing is not what takes time"
    down = [keeper.picture(number % 2 == 0, 1.0) for number in range(100)]
    assert Quality(384) in down and Quality(256) in down
    up = [keeper.picture(False, 1.0) for _ in range(4000)]
    steps = [each for each in up if each]
    assert steps[-2:] == [Quality(384), Quality(512)]
    assert up.index(Quality(512)) - up.index(Quality(384)) >= 2 * 4.0 * 25, "the longer, the more often it was too much"
