"""What becomes of a feed on its way: coded once for all, pictures dropped where they are too many, sound never."""

from __future__ import annotations

import io
import threading
import time

import av
import numpy as np
import pytest

from live.feed import BLOCK_SAMPLES, RATE_HZ, Feed, Picture, SoundBlock
from live.streaming import coded_feed
from live.streaming.boxes import picture_data, units_of
from live.streaming.coded_feed import CodedFeed
from live.streaming.coders import CodingSettings, PictureCoder, SoundCoder
from live.streaming.fragments import Fragments
from live.streaming.mjpeg import MotionJpeg

PATIENCE_S = 60.0
SIZE = 64


def picture(number):
    """A picture that tells its number by its shade."""
    return Picture(number / 25, np.full((SIZE, SIZE, 3), 40 + number % 160, np.uint8))


def block(number):
    return SoundBlock(number * 0.02, np.full(BLOCK_SAMPLES, 1000 * (number % 7), np.int16))


def give(feed, begin_s, end_s):
    """All that belongs to that time, in order, at once."""
    for number in range(round(begin_s * 50), round(end_s * 50)):
        feed.give(block(number))
        if number % 2 == 0:
            feed.give(picture(number // 2))


def wait_until(holds):
    latest_s = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < latest_s
        time.sleep(0.01)


@pytest.fixture
def feed():
    made = Feed(SIZE, SIZE, 25.0)
    yield made
    assert made.listeners == 0
    wait_until(lambda: not [thread for thread in threading.enumerate() if thread.name in ("coding", "mjpeg")])


@pytest.mark.parametrize("kind", ["h264", "vp8"])
def test_a_picture_that_is_asked_for_can_be_begun_with_and_times_are_the_feeds(kind):
    coder = PictureCoder(kind, (SIZE, SIZE), 25.0, CodingSettings())
    keys = []
    for number in range(100, 130):
        if number == 110:
            coder.want_key()
        (packet,) = coder.code(picture(number))
        assert packet.at_s == pytest.approx(number / 25)
        keys += [number] * packet.key
    assert keys == [100, 110]


@pytest.mark.parametrize("kind", ["aac", "opus"])
def test_sound_keeps_its_place(kind):
    """A click comes out where it went in, by the packets' times."""
    coder, decoder = SoundCoder(kind, CodingSettings()), av.CodecContext.create("aac" if kind == "aac" else "libopus", "r")
    if kind == "aac":
        decoder.extradata = bytes(coder.context.extradata)
    decoder.sample_rate, decoder.layout = RATE_HZ, "mono"
    found = []
    for number in range(500, 560):
        sound = np.zeros(BLOCK_SAMPLES, np.int16)
        if number == 530:
            sound[480:520] = 20_000
        for packet in coder.code(SoundBlock(number * 0.02, sound)):
            for frame in decoder.decode(av.Packet(packet.data)):
                values = np.abs(frame.to_ndarray().reshape(-1).astype(np.float64))
                if frame.format.name == "s16":
                    values /= 32_768
                found.append((values.max(), packet.at_s + values.argmax() / RATE_HZ))
    assert max(found)[1] == pytest.approx(530 * 0.02 + 500 / RATE_HZ, abs=0.003)


def test_pictures_are_dropped_where_they_are_too_many_and_sound_never(feed, monkeypatch):
    held, code = threading.Event(), PictureCoder.code

    def slow(coder, item):
        held.wait(PATIENCE_S)
        return code(coder, item)

    monkeypatch.setattr(PictureCoder, "code", slow)
    coded, packets = CodedFeed(feed), []
    leave = coded.listen(("h264", "opus"), packets.append)
    wait_until(lambda: feed.listeners)
    give(feed, 0.0, 2.0)
    assert coded.figures["pictures"] == 50 and coded.figures["late_pictures"] >= 50 - coded_feed.MOST_PICTURES - 1
    held.set()
    wait_until(lambda: sum(each.kind == "opus" for each in packets) == 100)
    leave()
    pictures = [each for each in packets if each.kind == "h264"]
    assert pictures[-1].at_s == pytest.approx(49 / 25), "the newest are kept"
    assert pictures[0].key and len(pictures) <= coded_feed.MOST_PICTURES + 1
    assert coded.figures["lost_blocks"] == 0


def test_memory_is_bounded_where_the_thread_stands_still(feed, monkeypatch):
    held = threading.Event()
    monkeypatch.setattr(SoundCoder, "code", lambda coder, item: held.wait(PATIENCE_S) and [])
    coded = CodedFeed(feed)
    leave = coded.listen(("opus",), lambda packet: None)
    wait_until(lambda: feed.listeners)
    give(feed, 0.0, 15.0)
    assert len(coded._items) <= coded_feed.MOST_BLOCKS + coded_feed.MOST_PICTURES
    assert coded.figures["lost_blocks"] > 0
    held.set()
    leave()


def test_each_kind_is_coded_once_for_all_and_newcomers_begin_with_a_key(feed, monkeypatch):
    made, init = [], PictureCoder.__init__

    def counted(coder, *values):
        made.append(values[0])
        init(coder, *values)

    monkeypatch.setattr(PictureCoder, "__init__", counted)
    coded = CodedFeed(feed)
    heard = {name: [] for name in ("first", "second", "other")}
    leaves = [coded.listen(("h264",), heard["first"].append)]
    wait_until(lambda: feed.listeners)
    feed.give(picture(0))
    wait_until(lambda: heard["first"])
    leaves.append(coded.listen(("h264",), heard["second"].append))
    leaves.append(coded.listen(("vp8",), heard["other"].append))
    for number in range(1, 4):
        feed.give(picture(number))
        wait_until(lambda number=number: len(heard["first"]) > number and len(heard["other"]) == number)
    for leave in leaves:
        leave()
    assert sorted(made) == ["h264", "vp8"]
    assert [each.key for each in heard["first"]] == [True, True, False, False]
    assert [each.key for each in heard["second"]] == [True, False, False]
    assert heard["other"][0].key and heard["second"][0].data is heard["first"][1].data


def test_fragments_begin_with_a_key_for_each_and_carry_the_feeds_times(feed):
    fragments = Fragments(CodedFeed(feed))
    first, second = [], []
    leave_first = fragments.listen(first.append)
    wait_until(lambda: feed.listeners)
    for step in range(10, 20):
        if step == 15:
            leave_second = fragments.listen(second.append)
        for number in range(step * 5, step * 5 + 5):  # slowly, so that no picture is dropped
            give(feed, number / 25, (number + 1) / 25)
            wait_until(lambda: not fragments._coded._items)
    wait_until(lambda: second)
    leave_second()
    leave_first()
    assert first[0].key and first[0].at_s == pytest.approx(2.0)
    assert second[0].key and second[0].at_s == pytest.approx(3.0, abs=0.1)
    for told, begin_s in ((first, 2.0), (second, second[0].at_s)):
        film = told[0].head + b"".join(each.data for each in told)
        with av.open(io.BytesIO(film)) as opened:
            frames = [(frame.time, frame.to_ndarray(format="gray").mean()) for frame in opened.decode(video=0)]
        assert frames[0][0] == pytest.approx(begin_s)
        shades = [40 + round(time_s * 25) % 160 for time_s, _ in frames]
        assert np.abs(np.array([shade for _, shade in frames]) - shades).max() < 6, "a picture is at another's place"
    lengths = np.diff([each.at_s for each in first])
    assert lengths.max() <= 0.241 and np.median(lengths) == pytest.approx(0.2, abs=0.001)


def test_units_of_a_stream_are_found_whatever_marks_stand_before_them():
    stream = b"\x00\x00\x00\x01\x67ab\x00\x00\x01\x68c\x00\x00\x00\x01\x65pic\x00"
    assert units_of(stream) == [b"\x67ab", b"\x68c", b"\x65pic\x00"]
    assert picture_data(stream) == b"\x00\x00\x00\x05\x65pic\x00"


def test_jpegs_are_the_newest_pictures_coded_once_for_all(feed):
    mjpeg, first, second = MotionJpeg(feed), [], []
    leaves = [mjpeg.listen(first.append), mjpeg.listen(second.append)]
    for number in range(10):
        feed.give(picture(number))
    wait_until(lambda: first and f"X-At: {9 / 25:.3f}".encode() in first[-1])
    wait_until(lambda: len(second) == len(first))
    for leave in leaves:
        leave()
    assert len(first) <= 10 and first[-1] is second[-1]
    assert first[-1].startswith(b"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: ")
