"""The API before the real live service: its answers have the shapes that the document shows, as the stand-in's have."""

from __future__ import annotations

import pytest

from app.live.client import KEY, LiveClient
from tests.app.api_client import ApiClient, problem_of
from tests.live.service.serving import KEY as SECRET
from tests.live.service.serving import Service, wait_until
from tests.speech.test_kokoro import speaker

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def service():
    with Service() as running:
        yield running


@pytest.fixture
def real(app, person_id, service):
    app.extensions[KEY] = LiveClient(SECRET, service.port, wanted=True)
    return ApiClient(app, person_id)


def test_a_session_from_its_opening_to_its_end(real, picture):
    own = real.post("/live/sessions", {"portrait": {"picture": picture.id}, "height": 128}).json["links"]["self"]
    wait_until(lambda: real.get(own).json["ready"])
    assert real.get(own).json["width"] == 128 and len(real.get("/live/sessions").json["sessions"]) == 1
    assert real.post(f"{own}/say", {"text": "Hello"}).status_code == real.post(f"{own}/interrupt").status_code == 202
    headers = {"Content-Type": "application/octet-stream"}
    assert real.post(f"{own}/microphone", data=bytes(640), headers=headers).status_code == 202
    assert real.get(f"{own}/transcript").json["said"][0]["text"] == "Hello"
    assert real.get(f"{own}/timeline").json == {"sentences": []}
    problem_of(real.get(f"{own}/recording"), 404, "no film")
    problem_of(real.post(f"{own}/offer", {"sdp": "v=0", "type": "offer"}), 422)
    assert real.delete(own).status_code == 204
    assert real.get("/live/sessions").json["sessions"] == []


def test_what_it_refuses_is_said(real, picture):
    answer = real.post("/live/sessions", {"portrait": {"picture": picture.id}, "mind": {"kind": "server", "key": "sesame"}})
    if answer.status_code == 201:  # the avatar of this service asks no mind
        real.delete(answer.json["links"]["self"])
    for _ in range(2):
        assert real.post("/live/sessions", {"portrait": {"picture": picture.id}}).status_code == 201
    problem_of(real.post("/live/sessions", {"portrait": {"picture": picture.id}}), 429, "You have 2 conversations")
    for row in real.get("/live/sessions").json["sessions"]:
        real.delete(row["links"]["self"])


def test_without_a_session(real):
    speaker(["af_heart"])
    assert len(real.get("/live/personas").json["personas"]) == 6
    reply = real.post("/live/reply", {"text": "Hello!", "persona": "leo"}).json
    assert reply["sentences"] and reply["text"].startswith(reply["sentences"][0]["text"])
    emotion = real.post("/live/emotion", {"text": "What a wonderful day!"}).json
    assert (len(emotion["goemotions"]), len(emotion["ekman"])) == (28, 7) and emotion["top"]["emotion"] == "joy"
    speech = real.post("/live/speech", {"text": "*joy* Mama!", "voice": "af_heart", "fps": 25}).json
    assert len(speech["curves"]["names"]) == 52 and speech["phonemes"][0]["viseme"]
    assert len(speech["curves"]["frames"]) == round(25 * speech["duration_s"])
    problem_of(real.post("/live/speech", {"text": "Hi", "voice": "af_nobody"}), 422, "af_nobody")
