"""Voices of other servers, against one on this machine that speaks their protocols, and fails as servers do."""

from __future__ import annotations

import io
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import numpy as np
import pytest
import soundfile

from core.errors import InputError
from core.secret import Secret
from speech import server_calls
from speech.remote import KEY_VARIABLE, RemoteVoiceSettings, with_its_length
from speech.server_calls import RemoteVoiceError, Server
from speech.speaker import open_voice

SECRET = "sk-belcanto-0123456789"
TONE = (0.3 * np.sin(2 * np.pi * 220 * np.arange(2400) / 24000)).astype(np.float32)


def wav(sound=TONE, rate_hz=24000, stereo=False):
    file = io.BytesIO()
    soundfile.write(file, np.stack([sound, sound], axis=1) if stereo else sound, rate_hz, format="WAV", subtype="PCM_16")
    return file.getvalue()


def unfinished(content):
    """A WAV as servers send it that don't know yet how long it will be."""
    place = content.index(b"data") + 4
    return content[:4] + b"\xff" * 4 + content[8:place] + b"\xff" * 4 + content[place + 4 :]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, dict(self.headers), body))
        self.answer(self.server.faults.pop(0) if self.server.faults else "")

    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers), b""))
        self.send(200, wav())

    def answer(self, fault):
        if fault == "cut":
            self.send(200, wav()[:1000], length=len(wav()))
        elif fault == "slow":
            time.sleep(1.5)
        elif fault == "drip":
            self.send(200, b"", length=10**6)
            for _ in range(30):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.05)
        elif fault == "moved":
            self.send(302, b"", extra={"Location": f"http://127.0.0.1:{self.server.server_port}/elsewhere"})
        elif isinstance(fault, int):
            told = json.dumps({"error": {"message": f"No, {self.headers.get('Authorization', '')} can't"}}).encode()
            self.send(fault, told, extra={"Retry-After": "0"})
        elif isinstance(fault, bytes):
            self.send(200, fault)
        elif self.path == "/api/tts-generate":
            self.send(
                200, json.dumps({"status": "generate-success", "output_file_url": "http://far.invalid/audio/a.wav"}).encode()
            )
        elif self.path == "/v1/audio/speech":
            pcm = json.loads(self.server.asked[-1][2])["response_format"] == "pcm"
            self.send(200, (TONE * 32767).astype("<i2").tobytes() if pcm else wav())
        else:
            self.send(404, b"{}")

    def send(self, status, content, length=None, extra=None):
        self.send_response(status)
        for name, value in {"Content-Length": str(length or len(content)), "Connection": "close", **(extra or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = True
        self.wfile.write(content)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(server_calls, "WAITS_S", (0.0, 0.0))
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.asked, running.faults, running.daemon_threads, running.block_on_close = [], [], True, False
        running.address = f"http://127.0.0.1:{running.server_port}"
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield running
        running.shutdown()


def voice(server, kind="openai", **settings):
    return open_voice(RemoteVoiceSettings(kind=kind, address=server.address, voice="nova", **settings))


@pytest.mark.parametrize("sound", ["wav", "pcm"])
def test_openai_speaks_sentence_by_sentence(server, monkeypatch, sound):
    monkeypatch.setenv(KEY_VARIABLE, SECRET)
    said = list(voice(server, sound=sound, model="tts-9", speed=1.5).say("Hello, Dr. Lee! How are you?", 0.8))
    assert [each.text for each in said] == ["Hello, Dr. Lee!", "How are you?"]
    assert all(each.rate_hz == 24000 and np.abs(each.sound - TONE).max() < 0.001 and not each.words for each in said)
    path, headers, body = server.asked[0]
    assert path == "/v1/audio/speech" and headers["Authorization"] == f"Bearer {SECRET}"
    assert json.loads(body) == {
        "model": "tts-9",
        "voice": "nova",
        "input": "Hello, Dr. Lee!",
        "response_format": sound,
        "speed": pytest.approx(1.2),
    }


def test_alltalk_speaks_by_its_own_protocol_and_only_its_own_server_is_asked(server):
    said = list(voice(server, "alltalk", language="de").say("Guten Tag!"))
    assert len(said) == 1 and np.abs(said[0].sound - TONE).max() < 0.001
    (path, _, body), (fetched, _, _) = server.asked
    assert (path, fetched) == ("/api/tts-generate", "/audio/a.wav")
    fields = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    assert (fields["text_input"], fields["character_voice_gen"], fields["language"]) == ("Guten Tag!", "nova", "de")
    assert "speed" not in fields


@pytest.mark.parametrize(
    ("faults", "code"),
    [
        ([401], "speech.remote_key_refused"),
        ([403], "speech.remote_key_refused"),
        ([429, 429, 429], "speech.remote_busy"),
        ([500, 500, 500], "speech.remote_refused"),
        ([400], "speech.remote_refused"),
        (["moved"], "speech.remote_refused"),
        (["cut", "cut", "cut"], "speech.remote_cut"),
        ([b"<html>no</html>"], "speech.remote_bad_sound"),
        ([b""], "speech.remote_bad_sound"),
        ([wav(TONE[:0])], "speech.remote_bad_sound"),
    ],
)
def test_a_server_that_fails_is_told_in_one_sentence_without_the_key(server, monkeypatch, faults, code):
    monkeypatch.setenv(KEY_VARIABLE, SECRET)
    server.faults += faults
    with pytest.raises(RemoteVoiceError) as caught:
        list(voice(server).say("Hello."))
    assert caught.value.message.code == code and len(server.asked) == len(faults)
    sentence = str(caught.value)
    assert "\n" not in sentence and SECRET not in sentence + repr(caught.value) + str(caught.value.as_json())
    assert SECRET not in repr(caught.value.__cause__)


@pytest.mark.parametrize("faults", [[429], [503, 500], ["cut"]])
def test_what_passes_is_tried_again(server, faults):
    server.faults += faults
    assert len(list(voice(server).say("Hello."))) == 1 and len(server.asked) == len(faults) + 1


@pytest.mark.parametrize("fault", ["slow", "drip"])
def test_a_slow_server_is_left(server, fault):
    server.faults.append(fault)
    begin_s = time.monotonic()
    with pytest.raises(RemoteVoiceError) as caught:
        list(voice(server, timeout_s=0.3).say("Hello."))
    assert caught.value.message.code == "speech.remote_too_slow" and time.monotonic() - begin_s < 1.2


@pytest.mark.parametrize(
    ("content", "sound"),
    [(b'{"detail": "no such voice"}', "pcm"), (b"\x00\x01\x02", "pcm"), (b"ID3 no sound at all", "wav")],
)
def test_bad_sound_is_not_played(server, content, sound):
    server.faults.append(content)
    with pytest.raises(RemoteVoiceError) as caught:
        list(voice(server, sound=sound).say("Hello."))
    assert caught.value.message.code == "speech.remote_bad_sound"


def test_a_flood_is_stopped(server, monkeypatch):
    monkeypatch.setattr(server_calls, "MOST_BYTES", 100)
    with pytest.raises(RemoteVoiceError) as caught:
        list(voice(server).say("Hello."))
    assert caught.value.message.code == "speech.remote_too_much"


def test_alltalk_that_answers_otherwise(server):
    for answer in (b"[]", b"no", b'{"status": "generate-failure", "output_file_url": "/a"}', b'{"status": "generate-success"}'):
        server.faults.append(answer)
        with pytest.raises(RemoteVoiceError) as caught:
            list(voice(server, "alltalk").say("Hello."))
        assert caught.value.message.code == "speech.remote_bad_answer"


def test_nobody_there(monkeypatch):
    monkeypatch.setattr(server_calls, "WAITS_S", (0.0, 0.0))
    settings = RemoteVoiceSettings(kind="openai", address="http://127.0.0.1:9", voice="nova")
    with pytest.raises(RemoteVoiceError) as caught:
        list(open_voice(settings).say("Hello."))
    assert caught.value.message.code == "speech.remote_unreachable"


@pytest.mark.parametrize("content", [wav(), unfinished(wav()), wav(stereo=True), wav(TONE, 16000)])
def test_wavs_of_all_kinds(server, content):
    server.faults.append(content)
    (said,) = voice(server).say("Hello.")
    assert len(said.sound) == len(TONE) and np.abs(said.sound - TONE).max() < 0.001 and said.rate_hz in (16000, 24000)


def test_a_length_that_is_right_is_left():
    assert with_its_length(wav()) == wav() and with_its_length(unfinished(wav())) == wav() and with_its_length(b"x") == b"x"


def test_keys_are_never_shown():
    key = Secret(f" {SECRET}\n")
    settings = RemoteVoiceSettings(kind="openai", address="https://example.org/v1/", voice="nova", key=key)
    shown = repr(key) + str(key) + repr(settings) + repr(Server(settings.address, key, 1.0)) + str(vars(settings))
    assert (
        SECRET not in shown
        and key.headers() == {"Authorization": f"Bearer {SECRET}"}
        and settings.address == "https://example.org/v1"
    )
    with pytest.raises(InputError) as caught:
        Secret(f"{SECRET}\nX-Other: 1")
    assert SECRET not in str(caught.value) + repr(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "example.org",
        "ftp://example.org",
        "http://",
        "http://a:b@example.org",
        "http://x:99999",
        "http://x/?key=1",
        "file:///etc",
    ],
)
def test_what_is_no_address(address):
    with pytest.raises(InputError) as caught:
        RemoteVoiceSettings(kind="openai", address=address, voice="nova")
    assert caught.value.message.code == "core.no_server_address" and "a:b" not in str(caught.value)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"kind": "other"}, "speech.no_such_protocol"),
        ({"sound": "mp3"}, "speech.no_such_sound"),
        ({"voice": " "}, "speech.no_remote_voice"),
        ({"timeout_s": 0.0}, "speech.bad_time_limit"),
        ({"timeout_s": float("nan")}, "speech.bad_time_limit"),
        ({"speed": 9.0}, "speech.speed_out_of_range"),
    ],
)
def test_settings_that_are_refused(wrong, code):
    with pytest.raises(InputError) as caught:
        RemoteVoiceSettings(**{"kind": "openai", "address": "http://127.0.0.1:1", "voice": "nova"} | wrong)
    assert caught.value.message.code == code


@pytest.mark.parametrize("end", ["", "/v1", "/v1/audio/speech"])
def test_an_address_may_go_as_far_as_it_likes(server, end):
    server.address += end
    assert len(list(voice(server).say("Hello."))) == 1


def test_nothing_to_say_is_not_sent(server):
    with pytest.raises(InputError):
        list(voice(server).say("... !"))
    assert server.asked == []


def test_a_long_sentence_is_sent_in_parts_and_the_first_is_short(server):
    text = "Well then, " + "this is one part, " * 200 + "end."
    list(voice(server).say(text))
    sent = [json.loads(body)["input"] for _, _, body in server.asked]
    assert len(sent[0]) <= 60 and max(map(len, sent)) <= 1000 and " ".join(sent) == text
