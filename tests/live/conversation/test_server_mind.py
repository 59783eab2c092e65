"""A model on a server, against the real protocol on this machine: streams, faults, keys."""

from __future__ import annotations

import logging
import pickle
import socket
import threading
import time
import traceback
from email.utils import formatdate

import pytest

from benchmarks.model_server import ANSWER, TOKEN_S, FakeServer
from core.secret import Secret
from core.server_address import Reach
from live.conversation.mind import MindError, Turn
from live.conversation.server_mind import KEY_VARIABLE, ServerMind, ServerSettings, completions_address, key_of_environment

KEY = "sk-0123456789abcdefSECRET"
HISTORY = (Turn("system", "You are Aria."), Turn("user", "Hello?"))
#: A machine that has much else to do is waited for; where a fault is the wait itself, it is longer than its limit.
SHORT = {"slow": {"first_token_s": 0.7}, "silence": {"between_tokens_s": 1.0}}
QUICK = {"first_token_s": 10.0, "between_tokens_s": 10.0, "first_wait_s": 0.02, "longest_wait_s": 2.0}


def reply_of(server, **settings):
    return ServerMind(ServerSettings(server.url, "tiny", Secret(KEY), **(QUICK | settings))).reply(HISTORY)


def told(reply):
    """What was said, and the error's code or nothing."""
    pieces = []
    try:
        for piece in reply:
            pieces.append(piece)
    except MindError as error:
        assert KEY not in str(error)
        return "".join(pieces), error.message.code
    return "".join(pieces), ""


def test_an_answer_comes_as_it_streams():
    with FakeServer() as server:
        begun_s = time.monotonic()
        reply = reply_of(server)
        assert not server.requests
        pieces = [(piece, time.monotonic() - begun_s) for piece in reply]
    assert "".join(piece for piece, _ in pieces) == ANSWER
    assert len(pieces) == len(ANSWER.split())
    assert pieces[0][1] < pieces[-1][1] - TOKEN_S * (len(pieces) - 3)
    (request,) = server.requests
    assert request["path"] == "/v1/chat/completions" and request["headers"]["Authorization"] == f"Bearer {KEY}"
    assert request["body"]["messages"] == [
        {"role": "system", "content": "You are Aria."},
        {"role": "user", "content": "Hello?"},
    ]
    assert request["body"]["stream"] is True and request["body"]["model"] == "tiny"


HALF = " ".join(ANSWER.split()[: len(ANSWER.split()) // 2])


@pytest.mark.parametrize(
    ("fault", "said", "code"),
    [
        ("slow", "", "live.mind_slow_to_begin"),
        ("cut", HALF, "live.mind_cut"),
        ("bad json", HALF, "live.mind_unreadable"),
        ("error event", HALF, "live.mind_broke_off"),
        ("silence", HALF, "live.mind_slow"),
        ((401, {}, f'{{"error": {{"message": "Incorrect API key provided: {KEY}."}}}}'), "", "live.mind_refuses_key"),
        ((404, {}, '{"error": "model not found"}'), "", "live.mind_not_there"),
        ((400, {}, f'{{"error": {{"message": "Bad {KEY}"}}}}'), "", "live.mind_failed"),
        ((307, {"Location": "http://127.0.0.1:1/"}, ""), "", "live.mind_failed"),
        ((429, {"Retry-After": "3600"}, '{"error": {"message": "Come back later."}}'), "", "live.mind_busy"),
        ((200, {}, "<html>"), "", "live.mind_unreadable"),
        ((200, {"Content-Type": "text/event-stream"}, "data: 7\n\n"), "", "live.mind_unreadable"),
        ((200, {"Content-Type": "text/event-stream"}, "data: [DONE]\n\n"), "", "live.mind_says_nothing"),
    ],
    ids=lambda value: str(value)[:25],
)
def test_a_fault_keeps_what_was_said_and_is_named(fault, said, code):
    with FakeServer([fault]) as server:
        assert told(reply_of(server, **(SHORT.get(fault, {}) if isinstance(fault, str) else {}))) == (said, code)
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("faults", "least_s"),
    [
        ([(429, {"Retry-After": "0.4"}, "{}")], 0.4),
        ([(503, {"Retry-After": "1"}, "busy")], 1.0),
        ([(500, {}, ""), (502, {}, "")], 0.03),
        (["hang up"], 0.0),
        ([(200, {"Content-Type": "text/event-stream"}, "")], 0.0),
    ],
    ids=str,
)
def test_what_may_pass_is_tried_again(faults, least_s):
    with FakeServer(faults) as server:
        assert told(reply_of(server)) == (ANSWER, "")
    times_s = [request["time"] for request in server.requests]
    assert len(times_s) == len(faults) + 1
    assert times_s[-1] - times_s[0] >= least_s


def test_a_date_to_come_back_at_is_understood():
    with FakeServer([(503, {"Retry-After": formatdate(time.time() + 3600, usegmt=True)}, "")]) as server:
        assert told(reply_of(server)) == ("", "live.mind_failed")
        assert len(server.requests) == 1


def test_tries_have_an_end():
    with FakeServer([(500, {}, "")] * 5) as server:
        assert told(reply_of(server)) == ("", "live.mind_failed")
        assert len(server.requests) == 3


def test_a_server_that_does_not_stream_is_understood():
    with FakeServer(["not chunked"]) as server:
        assert told(reply_of(server)) == (ANSWER, "")


def test_nobody_there():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        mind = ServerMind(ServerSettings(f"http://127.0.0.1:{held.getsockname()[1]}/v1/", "tiny", **QUICK))
        assert told(mind.reply(HISTORY)) == ("", "live.mind_unreachable")


@pytest.mark.parametrize("after_pieces", [0, 3])
def test_closing_hangs_up_at_once(after_pieces):
    faults = [] if after_pieces else ["slow"]
    with FakeServer(faults, answer=ANSWER * 20) as server:
        reply = reply_of(server, first_token_s=30.0)
        for _ in range(after_pieces):
            next(reply)
        closed_s = []
        timer = threading.Timer(0.2, lambda: (closed_s.append(time.monotonic()), reply.close()))
        timer.start()
        list(reply)
        assert time.monotonic() - closed_s[0] < 0.1
        assert server.hung_up.wait(3.0)


def test_closing_ends_a_wait_between_tries():
    with FakeServer([(429, {"Retry-After": "2"}, "")]) as server:
        reply = reply_of(server)
        threading.Timer(0.2, reply.close).start()
        begun_s = time.monotonic()
        assert list(reply) == []
        assert time.monotonic() - begun_s < 1.0 and len(server.requests) == 1


def test_a_key_is_shown_nowhere(caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv(KEY_VARIABLE, f"{KEY}\n")
    key = key_of_environment()
    assert key and key.reveal() == KEY
    with FakeServer(
        [(401, {}, f'{{"error": {{"message": "No: {KEY}"}}}}'), (400, {}, f'{{"error": "{"x" * 190} {KEY}"}}')]
    ) as server:
        settings = ServerSettings(server.url, "tiny", key)
        mind = ServerMind(settings)
        texts = [repr(key), str(key), f"{key!r}", repr(settings), repr(mind), repr(mind.reply(HISTORY)), repr(vars(mind))]
        for _ in range(2):
            try:
                list(mind.reply(HISTORY))
            except MindError as error:
                texts += [str(error), repr(error), str(error.as_json()), *traceback.format_exception(error)]
        assert len(server.requests) == 2
    assert KEY[:8] not in "\n".join([*texts, caplog.text])
    with pytest.raises(TypeError) as stored:
        pickle.dumps(settings)
    assert KEY not in str(stored.value)


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("https://api.groq.com/openai/v1", "api.groq.com", "/openai/v1/chat/completions"),
        ("http://127.0.0.1:11434", "127.0.0.1:11434", "/v1/chat/completions"),
        ("http://[::1]:8000/v1/chat/completions", "[::1]:8000", "/v1/chat/completions"),
        (" http://box.local/ ", "box.local", "/v1/chat/completions"),
    ],
)
def test_addresses_as_people_type_them(url, host, path):
    address = completions_address(ServerSettings(url, "tiny", Secret(KEY)))
    assert (address.host, address.path) == (host, path)


def test_who_serves_others_does_not_have_his_own_machines_asked():
    with FakeServer([]) as server:
        mind = ServerMind(ServerSettings(server.url, "tiny", reach=Reach.PUBLIC))
        with pytest.raises(MindError) as refused:
            list(mind.reply(HISTORY))
        assert refused.value.message.code == "core.server_not_public" and not server.requests
