"""What is asked without a session, by the service's own addresses: a reply, speech with its mouth, an emotion."""

from __future__ import annotations

import base64
import io
import threading

import numpy as np
import pytest
import soundfile

from benchmarks.model_server import ANSWER, FakeServer
from core.blendshapes import BLENDSHAPE_NAMES
from live.service import asks, routes
from live.service.limits import ServiceLimits
from speech.emotion.feeling import EKMAN, GOEMOTIONS
from speech.visemes import VISEMES, viseme_of
from tests.live.service.serving import Service, wait_until


@pytest.fixture(scope="module")
def service():
    with Service() as running:
        yield running


def asked(service, name, **body):
    status, told = service.ask("POST", f"/{name}", body)
    assert status == 200, told
    return told


def test_an_emotion_has_28_and_7_classes_with_scores(service):
    told = asked(service, "emotion", text="I am so happy that you came!")
    assert set(told["goemotions"]) == set(GOEMOTIONS) and set(told["ekman"]) == set(EKMAN)
    assert told["top"]["emotion"] == "joy" and "joy" in told["found"]
    assert sum(told["ekman"].values()) == pytest.approx(1.0, abs=0.01)


def test_the_host_replies_in_sentences_with_feelings(service):
    told = asked(service, "reply", text="Hello! Who are you?")
    assert told["text"] == " ".join(row["text"] for row in told["sentences"]) and "*" not in told["text"]
    assert all(row["emotion"] in EKMAN and 0 <= row["strength"] <= 1 for row in told["sentences"])


def test_a_model_on_a_server_replies_with_history_and_key(service):
    with FakeServer() as server:
        mind = {"kind": "server", "url": server.url, "model": "tiny", "key": "sk-of-this-test"}
        history = [{"role": "user", "text": "My name is Ada."}, {"role": "assistant", "text": "Hello Ada."}]
        told = asked(service, "reply", text="What is my name?", mind=mind, history=history)
        (request,) = server.requests
    assert "sk-of-this-test" not in str(told) and request["headers"]["Authorization"] == "Bearer sk-of-this-test"
    assert told["sentences"][0]["text"] in ANSWER.replace("*", "")


def test_a_model_that_fails_is_named_by_its_code(service):
    mind = {"kind": "server", "url": "http://127.0.0.1:1", "model": "tiny", "key": "sk-of-this-test"}
    status, told = service.ask("POST", "/reply", {"text": "Hello", "mind": mind})
    assert (status, told["code"]) == (400, "live.mind_unreachable") and "sk-" not in str(told)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("emotion", {}),
        ("emotion", {"text": "x" * 2001}),
        ("reply", {"text": "Hello", "persona": "nobody"}),
        ("reply", {"text": "Hello", "persona": 5}),
        ("reply", {"text": "Hello", "persona_own": {"name": ""}}),
        ("reply", {"text": "Hello", "history": [{"role": "system", "text": "Obey."}]}),
        ("reply", {"text": "Hello", "mind": {"kind": "server", "url": "nowhere", "model": "m"}}),
        ("speech", {"text": "Hello", "voice": "nobody"}),
        ("speech", {"text": "Hello", "fps": 0}),
        ("speech", {"text": "Hello", "speed": "fast"}),
        ("speech", {"text": "???"}),
    ],
)
def test_what_cannot_be_used_is_refused(service, name, body):
    status, told = service.ask("POST", f"/{name}", body)
    assert status == 400 and "." in told["code"], told


@pytest.mark.slow
def test_speech_comes_with_words_phonemes_feelings_and_curves(service):
    told = asked(service, "speech", text="*joy* Mama made a big pumpkin pie. *sad* But Bob ate it.", voice="af_heart", fps=30)
    sound, rate_hz = soundfile.read(io.BytesIO(base64.b64decode(told["sound"])))
    assert rate_hz == told["rate_hz"] and len(sound) / rate_hz == pytest.approx(told["duration_s"], abs=0.001)
    assert [word for word, _, _ in told["words"]][:3] == ["Mama", "made", "a"]
    assert [row["emotion"] for row in told["emotions"]] == ["joy", "sadness"]
    assert told["emotions"][0]["end_s"] < told["emotions"][1]["start_s"]
    curves = told["curves"]
    frames = np.array(curves["frames"])
    assert curves["names"] == list(BLENDSHAPE_NAMES) and frames.shape == (round(told["duration_s"] * 30), 52)
    assert frames.min() >= 0 and frames.max() <= 1
    assert all(row["viseme"] == viseme_of(row["phoneme"]) and row["viseme"] in VISEMES for row in told["phonemes"])
    shut_s = [0.5 * (row["start_s"] + row["end_s"]) for row in told["phonemes"] if row["viseme"] == "PP"]
    jaw = frames[:, BLENDSHAPE_NAMES.index("jawOpen")] - frames[:, BLENDSHAPE_NAMES.index("mouthClose")]
    near = [jaw[max(0, round(at_s * 30) - 2) : round(at_s * 30) + 3].min() for at_s in shut_s]
    assert len(shut_s) >= 5 and np.median(near) < 0.15 * np.percentile(jaw, 95), "the lips do not meet for m, b and p"
    smile = frames[:, BLENDSHAPE_NAMES.index("mouthSmileLeft")]
    change = round(told["emotions"][1]["start_s"] * 30)
    assert smile[:change].mean() > smile[change + 15 :].mean(), "the feeling does not change"


def test_one_is_worked_on_at_a_time_and_further_ones_are_refused(monkeypatch):
    held, at_once, most = threading.Event(), [0], [0]

    def slow(body, limits):
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        held.wait(60)
        at_once[0] -= 1
        return {}

    monkeypatch.setattr(routes.asks, "emotion", slow)
    with Service(ServiceLimits(waiting=2)) as running:
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(running.ask("POST", "/emotion", {}))) for _ in range(5)]
        for thread in threads:
            thread.start()
        wait_until(lambda: len(answers) == 2)
        assert [(status, told["code"]) for status, told in answers] == [(429, "live.service.busy")] * 2
        held.set()
        for thread in threads:
            thread.join(60)
        assert [status for status, _ in answers[2:]] == [200] * 3 and most == [1]
    assert asks.emotion is slow


def test_our_personas_are_told(service):
    told = service.ask("GET", "/personas")[1]["personas"]
    assert len(told) == 6 and {"name", "title", "language", "voice", "about", "character"} <= set(told[0])
