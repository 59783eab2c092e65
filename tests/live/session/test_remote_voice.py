"""An avatar whose answers a server of the operator's speaks: a local server of the real protocol, and what visitors are told."""

from __future__ import annotations

import json

import pytest

from core.errors import InputError
from live.avatar import AvatarOrder, MindOrder
from live.session.minds import VOICE_NAME, VOICE_PROTOCOL, VOICE_SERVER, persona_of, speech_of
from speech.remote import RemoteVoiceSettings
from tests.live.session.standins import until
from tests.live.session.test_talking import READ, kinds, listened
from tests.speech.test_remote import SECRET, server  # noqa: F401 (a fixture)


def test_the_operators_server_speaks_and_who_talks_is_told(open_plain, server, monkeypatch, caplog):  # noqa: F811
    monkeypatch.setenv(VOICE_SERVER, server.address)
    monkeypatch.setenv(VOICE_NAME, "nova")
    monkeypatch.setenv("BELCANTO_SPEECH_KEY", SECRET)
    avatar = open_plain(mind=READ)
    events, seen = listened(avatar)
    avatar.said("*joy* Good day. How are you?")
    until(lambda: len(avatar.transcript()) == 2)
    bodies = [json.loads(body) for _, _, body in server.asked]
    assert [body["input"] for body in bodies] == ["Good day.", "How are you?"] and bodies[0]["voice"] == "nova"
    assert server.asked[0][1]["Authorization"] == f"Bearer {SECRET}"
    (note,) = kinds(events, "note")
    assert note["code"] == "live.session.spoken_elsewhere" and "127.0.0.1" in note["message"]
    assert [values["text"] for values in kinds(events, "caption")] == ["Good day.", "How are you?"]
    assert (seen.level() > 1000).any()
    told = json.dumps([event.values for event in events]) + json.dumps(avatar.timeline()) + caplog.text
    assert SECRET not in told


def test_a_server_that_fails_is_told_and_the_next_answer_tried(open_plain, server, monkeypatch):  # noqa: F811
    monkeypatch.setenv(VOICE_SERVER, server.address)
    server.faults.append(401)
    avatar = open_plain(mind=READ)
    events, _ = listened(avatar)
    avatar.said("Hello.")
    until(lambda: kinds(events, "error"))
    assert kinds(events, "error")[0]["code"] == "speech.remote_key_refused"
    avatar.said("Again.")
    until(lambda: avatar.transcript()[-1]["who"] == "avatar" and avatar.transcript()[-1]["text"] == "Again.")
    assert len(kinds(events, "error")) == 1 and [values["text"] for values in kinds(events, "caption")] == ["Again."]


def test_without_a_server_nothing_leaves_and_a_wrong_one_is_refused():
    order = AvatarOrder(None, mind=MindOrder("read_aloud"))
    persona = persona_of(order)
    assert not isinstance(speech_of(order, persona, {}), RemoteVoiceSettings)
    remote = speech_of(order, persona, {VOICE_SERVER: "http://127.0.0.1:9", VOICE_PROTOCOL: "alltalk"})
    assert isinstance(remote, RemoteVoiceSettings) and (remote.kind, remote.language) == ("alltalk", "en")
    for wrong in ({VOICE_SERVER: "nowhere"}, {VOICE_SERVER: "http://127.0.0.1:9", VOICE_PROTOCOL: "other"}):
        with pytest.raises(InputError):
            speech_of(order, persona, wrong)
