"""A session as those who serve it see it: what is heard, seen and told, breaking in, and its end."""

from __future__ import annotations

import json
import threading
import time
from types import MappingProxyType

import numpy as np
import pytest

from benchmarks.model_server import FakeServer
from core.errors import InputError, MissingError
from live.avatar import AvatarOrder, MindOrder
from live.feed import BLOCK_SAMPLES, RATE_HZ
from live.session.showing import stage
from live.session.speaking.speech_desk import SpeechDesk
from live.session.talking import MOST_CHARACTERS, TalkingAvatar
from tests.live.session.standins import PlainCharacter, PlainPerformer, Recorder, until

READ = MindOrder("read_aloud")


def kinds(events, kind):
    return [event.values for event in tuple(events) if event.kind == kind]


def listened(avatar):
    events = []
    avatar.listen(events.append)
    return events, Recorder(avatar.feed)


def test_what_is_typed_is_heard_seen_and_told(open_plain):
    avatar = open_plain(mind=READ)
    events, seen = listened(avatar)
    avatar.said("*joy* What a day it is! *sad* But it ends.")
    until(lambda: len(avatar.transcript()) == 2)
    avatar.close()
    assert [values["state"] for values in kinds(events, "state")] == ["preparing", "idle", "thinking", "speaking", "idle"]
    assert [values["style"] for values in kinds(events, "feeling")] == ["happy", "sad"]
    assert ("feel", "happy") in avatar.performer.told and ("feel", "sad") in avatar.performer.told
    assert events[-1].kind == "ended" and [event.number for event in events] == list(range(len(events)))
    first, second = avatar.timeline()["sentences"]
    assert first["words"][0][0] == "What" and first["end_s"] <= second["start_s"] < first["end_s"] + 0.5
    loud = seen.level() > 1000
    times_s = np.array([block.at_s for block in seen.sound])
    for sentence in (first, second):
        inside = (times_s > sentence["start_s"]) & (times_s < sentence["end_s"] - 0.02)
        assert inside.any() and loud[inside].all(), "its sound is whole"
        lit = [light for at_s, light in seen.light if sentence["start_s"] + 0.05 < at_s < sentence["end_s"] - 0.05]
        assert min(lit) > 100, "the mouth is open while it sounds"
    assert not loud[times_s < first["start_s"] - 0.02].any()
    assert json.dumps(avatar.transcript()) and avatar.transcript()[1]["text"] == "What a day it is! But it ends."


def test_sound_and_pictures_carry_their_times_without_gaps(open_plain):
    avatar = open_plain(mind=READ)
    seen = Recorder(avatar.feed)
    until(lambda: len(seen.sound) > 60)
    steps = np.diff([block.at_s for block in seen.sound])
    assert np.allclose(steps, BLOCK_SAMPLES / RATE_HZ) and seen.sound[0].samples.shape == (BLOCK_SAMPLES,)
    assert np.allclose(np.diff([at_s for at_s, _ in seen.light]), 1 / avatar.feed.fps)
    lead_s = seen.light[-1][0] - seen.sound[-1].at_s
    assert abs(lead_s) < 0.045


def test_breaking_in_silences_it_and_keeps_what_was_heard(open_plain):
    avatar = open_plain(mind=READ)
    events, seen = listened(avatar)
    avatar.said("This is a very long sentence about music which goes on and on until somebody breaks in at last. And more.")
    until(lambda: len(seen.level()) > 40 and (seen.level()[-40:] > 1000).all())
    avatar.interrupt()
    count = len(seen.sound)
    until(lambda: len(seen.sound) > count + 20)
    assert (seen.level()[count + 4 : count + 20] == 0).all(), "40 ms of fading, and silence"
    assert [values["state"] for values in kinds(events, "state")][-1] == "idle"
    entry = avatar.transcript()[-1]
    assert entry["interrupted"] and entry["text"].startswith("This is") and "somebody breaks in" not in entry["text"]
    avatar.said("Once more.")
    until(lambda: avatar.transcript()[-1]["text"] == "Once more." and avatar.transcript()[-1]["who"] == "avatar")


def test_the_persona_greets_who_comes_and_the_model_answers_without_its_key_showing(open_plain, caplog):
    with FakeServer() as server:
        avatar = open_plain(mind=MindOrder("server", server.url, "test", "sk-very-secret"))
        events, _ = listened(avatar)
        until(lambda: len(avatar.transcript()) == 1)
        assert avatar.transcript()[0]["text"].startswith("Hello, I'm Aria!")
        server.faults = [(401, {}, '{"error": {"message": "the key sk-very-secret is wrong"}}')]
        avatar.said("Hello?")
        until(lambda: kinds(events, "error"))
        avatar.said("And now?")
        until(lambda: len(avatar.transcript()) == 4)
        assert "my second sentence" in avatar.transcript()[-1]["text"]
        assert server.requests[-1]["headers"]["Authorization"] == "Bearer sk-very-secret"
        told = [repr(events), repr(avatar), repr(avatar.figures()), json.dumps(avatar.transcript()), caplog.text]
        assert not any("very-secret" in text for text in told)
        assert kinds(events, "error")[0]["code"] == "live.mind_refuses_key"


def test_a_session_leaves_no_thread(open_plain):
    before = set(threading.enumerate())
    avatar = open_plain(mind=READ)
    avatar.said("Hello there.")
    until(lambda: len(avatar.transcript()) == 2)
    avatar.close()
    avatar.close()
    until(lambda: not [thread for thread in threading.enumerate() if thread not in before], 20)


def test_what_fails_while_it_gets_ready_is_told(tmp_path, monkeypatch, toned):
    avatar = TalkingAvatar(AvatarOrder(tmp_path / "none.png"), PlainPerformer, SpeechDesk(1))
    events = []
    avatar.listen(events.append)
    assert avatar.ready.wait(60)
    assert avatar.failed and kinds(events, "error") and kinds(events, "state")[-1]["state"] == "failed"
    with pytest.raises(InputError):
        _ = avatar.feed
    avatar.close()


def test_orders_that_cannot_be_met_are_refused_at_once(open_plain):
    from live.session.open import open_avatar

    for wrong in ({"height": 5000}, {"persona": "nobody"}, {"voice": "xx"}, {"speed": 9.0}, {"mind": MindOrder("local")}):
        with pytest.raises((InputError, MissingError)):
            open_avatar(AvatarOrder(**{"portrait": "none.png", **wrong}))
    with pytest.raises(InputError):
        open_plain(mind=READ).said("x" * (MOST_CHARACTERS + 1))


class Long(PlainCharacter):
    """Takes seconds to get ready, and tells nobody how far it is."""

    def prepare(self, height):
        super().prepare(height)
        time.sleep(1.5)


def test_one_that_is_still_being_made_ready_is_closed_at_once_and_goes_by_itself(toned, monkeypatch, tmp_path):
    monkeypatch.setattr(stage, "Character", Long)
    before = set(threading.enumerate())
    avatar = TalkingAvatar(AvatarOrder(tmp_path / "x.png", height=128, mind=READ), PlainPerformer, SpeechDesk(1))
    events = []
    avatar.listen(events.append)
    begin_s = time.monotonic()
    avatar.close()
    assert time.monotonic() - begin_s < 1.0 and events[-1].kind == "ended"
    until(lambda: not [thread for thread in threading.enumerate() if thread not in before], 20)


class Dear(PlainCharacter):
    cost_s = MappingProxyType({128: 0.06, 96: 0.06, 64: 0.001})


def test_less_is_drawn_where_pictures_come_late_and_sound_goes_on(open_plain):
    avatar = open_plain(mind=READ, character=Dear)
    events, seen = listened(avatar)
    until(lambda: len(kinds(events, "quality")) == 2, 40)
    assert [values["height"] for values in kinds(events, "quality")] == [96, 64]
    assert avatar.figures()["height"] == 64 and avatar.figures()["late_frames"] > 0
    assert np.allclose(np.diff([block.at_s for block in seen.sound]), BLOCK_SAMPLES / RATE_HZ)
    assert "64" in kinds(events, "quality")[-1]["message"]
