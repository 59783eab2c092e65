"""What is said to a session by the API, and what comes back of it."""

from __future__ import annotations

import json

import pytest

from app.api.live.event_words import WordedEvents
from tests.app.api_client import ApiClient, problem_of
from tests.app.live.stand_in_media import film_of


@pytest.fixture
def own(api, live, picture):
    """Address of a session of the person's."""
    return api.post("/live/sessions", {"portrait": {"picture": picture.id}}).json["links"]["self"]


def told(answer, count):
    """The first events of a stream: (kind, data) each."""
    text = ""
    for piece in answer.response:
        text += piece.decode()
        if text.count("\n\n") >= count:
            break
    answer.close()
    rows = [dict(line.split(": ", 1) for line in event.split("\n")) for event in text.split("\n\n")[:count]]
    return [(row["event"], json.loads(row["data"])) for row in rows]


def events(api, own, count, **headers):
    return told(api.http.get(f"{own}/events", headers=headers), count)


def test_a_text_is_answered_and_kept(api, own, live):
    assert api.post(f"{own}/say", {"text": "Hello"}).status_code == 202
    kinds = [kind for kind, _ in events(api, own, 7)]
    assert kinds == ["state", "state", "heard", "state", "state", "feeling", "caption"]
    kind, caption = events(api, own, 1, **{"Last-Event-ID": "5"})[0]
    assert kind == "caption" and caption["text"] == "You said: Hello"
    assert api.post(f"{own}/interrupt").status_code == 202
    said = api.get(f"{own}/transcript").json["said"]
    assert [(row["who"], row["interrupted"]) for row in said] == [("person", False), ("avatar", True)]
    assert api.get(f"{own}/timeline").json["sentences"][0]["text"] == "You said: Hello"


def test_an_event_with_a_code_is_said_in_the_visitors_language(api, own, live):
    session = next(iter(live.sessions.values()))
    session.tell("error", code="live.mind_slow", values={"host": "h.example", "seconds": 5}, message="It fell silent.")
    session.tell("note", message="Ünlabelled")
    (_, error), (_, note) = events(api, own, 2, **{"Last-Event-ID": "1", "Accept-Language": "de"})
    assert "h.example" in error["message"] and "5 Sekunden" in error["message"] and "values" not in error
    assert note["message"] == "Ünlabelled"


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_events_are_whole_however_they_are_cut(app, size):
    one = 'event: note\ndata: {"code": "live.mind_cut", "values": {"host": "ä"}}\n\n: quiet\n\n'
    sent = f"{one}event: x\r\ndata: none\r\n\r\n".encode()

    class Body:
        def __iter__(self):
            return iter([sent[place : place + size] for place in range(0, len(sent), size)])

        def close(self):
            pass

    with app.app_context():
        made = b"".join(WordedEvents(Body(), app, "en")).decode()
    assert made.endswith(": quiet\n\nevent: x\ndata: none\n\n")
    assert "the model's server ä was cut" in made


def test_the_microphone_is_heard(api, own, live):
    headers = {"Content-Type": "application/octet-stream"}
    for _ in range(2):
        assert api.post(f"{own}/microphone", data=bytes(16_000), headers=headers).status_code == 202
    session = next(iter(live.sessions.values()))
    assert session.sound == 32_000
    assert [data["final"] for kind, data in session.told if kind == "heard"] == [False, True]
    problem_of(api.post(f"{own}/microphone", data=bytes(33_000), headers=headers), 413)
    problem_of(api.post(f"{own}/microphone", data=b"abc", headers=headers), 422)
    problem_of(api.post(f"{own}/microphone", {"sound": 1}), 415)
    assert session.sound == 32_000


def test_a_picture_of_the_camera_is_answered_with_the_drawn_one(api, own, live):
    headers = {"Content-Type": "image/jpeg"}
    session = next(iter(live.sessions.values()))
    answer = api.post(f"{own}/camera", data=b"a picture", headers=headers)
    assert (answer.status_code, answer.data, answer.mimetype) == (200, b"drawn after a picture", "image/jpeg")
    assert answer.headers["Cache-Control"] == "no-store" and session.learned_anew == 0
    assert api.post(f"{own}/camera?anew=1", data=b"a picture", headers=headers).status_code == 200
    assert session.learned_anew == 1
    problem_of(api.post(f"{own}/camera", data=bytes(180_001), headers=headers), 413)
    problem_of(api.post(f"{own}/camera", data=b"", headers=headers), 422)
    problem_of(api.post(f"{own}/camera", data=b"x", headers={"Content-Type": "text/plain"}), 415)
    other = api.post("/api/v1/live/sessions/somebodyelses/camera", data=b"x", headers=headers)
    problem_of(other, 404)


def test_the_conversation_is_a_film(api, own):
    assert api.post(f"{own}/recording").status_code == 201
    problem_of(api.get(f"{own}/recording"), 404, "no film")
    assert api.delete(f"{own}/recording").status_code == 204
    film = api.get(f"{own}/recording?download=1")
    assert film.status_code == 200 and film.data[4:8] == b"ftyp"
    assert film.headers["Content-Disposition"] == "attachment; filename=Conversation.mp4"


def test_the_streams_go_through_as_they_come(api, own):
    for name, mime, first in (("stream.mp4", "video/mp4", b"ftyp"), ("stream.mjpeg", "multipart/x-mixed-replace", b"--frame")):
        answer = api.http.get(f"{own}/{name}")
        assert answer.status_code == 200 and answer.mimetype == mime and answer.headers["Cache-Control"] == "no-store"
        assert first in next(iter(answer.response))[:64]
        answer.close()
        assert api.http.head(f"{own}/{name}").status_code == 200  # and none begins


def test_an_offer_is_answered(api, own):
    assert api.post(f"{own}/offer", {"sdp": "v=0 for a test", "type": "offer"}).json == {"sdp": "v=0 answered", "type": "answer"}
    problem_of(api.post(f"{own}/offer", {"sdp": "v=0", "type": "offer"}), 409)
    problem_of(api.post(f"{own}/offer", {"sdp": "", "type": "offer"}), 422)


def test_without_a_session_it_replies_speaks_and_reads_feelings(app, live):
    api = ApiClient(app)
    assert {each["name"] for each in api.get("/live/personas").json["personas"]} == {"aria", "clara"}
    reply = api.post("/live/reply", {"text": "Hi", "persona": "aria", "history": [{"role": "user", "text": "a"}]})
    assert reply.json["sentences"][0]["text"] == "Hi"
    speech = api.post("/live/speech", {"text": "Mama", "voice": "af_heart", "fps": 25}).json
    assert speech["phonemes"][0]["viseme"] == "PP" and speech["curves"]["frames"]
    assert api.post("/live/emotion", {"text": "What a day!"}).json["top"]["emotion"] == "joy"
    problem_of(api.post("/live/emotion", {"text": ""}), 422)
    problem_of(api.post("/live/reply", {"text": "x" * 3000}), 422)


def test_the_stand_ins_film_is_one(tmp_path):
    from media.media import probe_video

    (tmp_path / "film.mp4").write_bytes(film_of(0.5))
    assert probe_video(tmp_path / "film.mp4").width == 256
