"""The service by its addresses, as the application asks it."""

from __future__ import annotations

import io
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import av
import numpy as np
import pytest
from PIL import Image

from benchmarks.live_transport.flashes import FlashAvatar
from live.service.limits import ServiceLimits
from tests.live.service.serving import KEY, Service, wait_until


@pytest.fixture(scope="module")
def portrait(root_dir):
    return root_dir / "demo" / "portrait.jpg"


@pytest.fixture(scope="module")
def service():
    with Service(ServiceLimits(sessions=4, of_owner=2)) as running:
        yield running


@pytest.fixture
def session(service, portrait):
    made = service.open(portrait, owner="of this test")
    yield made
    service.ask("DELETE", f"/sessions/{made}")


def events_of(stream, count):
    """So many events of a stream: (kind, number, data)."""
    found = []
    while len(found) < count:
        rows = {}
        while line := stream.readline().decode().strip():
            name, _, value = line.partition(": ")
            rows[name] = value
        if "event" in rows:
            found.append((rows["event"], int(rows["id"]), json.loads(rows["data"])))
    return found


def test_without_the_key_nothing_is_told(service):
    assert service.ask("GET", "/health", headers={"X-Belcanto-Live-Key": "another"}) == (
        403,
        {"code": "live.service.no_key", "values": {}},
    )
    assert service.ask("GET", "/health")[0] == 200 and KEY not in json.dumps(service.ask("GET", "/health"))


def test_a_session_is_told_of_until_it_is_ended(service, session):
    told = service.ask("GET", f"/sessions/{session}")[1]
    assert (told["owner"], told["ready"], told["width"], told["fps"], told["mode"]) == ("of this test", True, 128, 25.0, "talk")
    assert session in [row["session"] for row in service.ask("GET", "/sessions")[1]]
    assert service.ask("DELETE", f"/sessions/{session}")[0] == 204
    assert service.ask("GET", f"/sessions/{session}")[0] == 404


def test_the_next_session_is_refused_with_a_code(portrait):
    with Service(ServiceLimits(sessions=2, of_owner=1)) as small:
        small.open(portrait, owner="one")
        body = {"owner": "one", "portrait": str(portrait)}
        assert small.ask("POST", "/sessions", body) == (429, {"code": "live.service.full_of_owner", "values": {"most": 1}})
        second = small.open(portrait, owner="two")
        body["owner"] = "three"
        assert small.ask("POST", "/sessions", body) == (429, {"code": "live.full", "values": {"most": 2}})
        small.ask("DELETE", f"/sessions/{second}")
        small.open(portrait, owner="three")
    assert not [thread.name for thread in threading.enumerate() if thread.name in ("flashes", "coding", "mjpeg")]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"portrait": "demo/portrait.jpg"}, "no_portrait"),
        ({"portrait": "/no/such/file.jpg"}, "no_portrait"),
        ({"mode": "dance"}, "value_unusable"),
        ({"height": "512"}, "value_unusable"),
        ({"mirror": 1}, "value_unusable"),
        ({"speed": True}, "value_unusable"),
        ({"mind": {"kind": "oracle"}}, "value_unusable"),
        ({"mind": {"key": 5}}, "value_unusable"),
        ({"persona_own": {"name": 5}}, "value_unusable"),
        ({"colour": "red"}, "no_such_field"),
        ({"owner": ""}, "text_missing"),
    ],
)
def test_an_order_that_cannot_be_carried_out_is_refused(service, portrait, change, code):
    status, told = service.ask("POST", "/sessions", {"owner": "somebody", "portrait": str(portrait), **change})
    assert (status, told["code"]) == (400, f"live.service.{code}")


def test_a_key_of_a_model_is_told_to_nobody(service, portrait):
    mind = {"kind": "server", "url": "https://example.org/v1", "model": "m", "key": "sk-very-secret"}
    made = service.open(portrait, owner="with a key", mind=mind)
    assert "sk-very-secret" not in json.dumps(service.ask("GET", f"/sessions/{made}"))
    assert "sk-very-secret" not in json.dumps(service.ask("GET", "/sessions"))
    assert "sk-very-secret" not in repr(service.avatars[-1].order)
    service.ask("DELETE", f"/sessions/{made}")


def test_events_come_in_order_and_go_on_where_the_last_stream_ended(service, session):
    with service.stream(f"/sessions/{session}/events") as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        first = events_of(stream, 2)
        assert [(kind, number) for kind, number, _ in first] == [("state", 0), ("state", 1)]
        assert service.ask("POST", f"/sessions/{session}/say", {"text": "Grüße"})[0] == 202
        assert events_of(stream, 1)[0][2]["text"] == "Grüße"
    with service.stream(f"/sessions/{session}/events", {"Last-Event-ID": "1"}) as stream:
        assert events_of(stream, 1)[0][:2] == ("caption", 2)
        service.ask("DELETE", f"/sessions/{session}")
        assert events_of(stream, 1)[0][0] == "ended"
        assert stream.read() == b""


def test_what_is_typed_interrupted_and_told(service, session):
    assert service.ask("POST", f"/sessions/{session}/say", {"text": "Hello"})[0] == 202
    assert service.ask("POST", f"/sessions/{session}/interrupt")[0] == 202
    wait_until(lambda: service.ask("GET", f"/sessions/{session}")[1]["state"] == "listening")
    assert service.ask("GET", f"/sessions/{session}/transcript")[1][0]["text"] == "Hello"
    assert service.ask("GET", f"/sessions/{session}/timeline")[1] == {"sentences": []}
    assert service.ask("POST", f"/sessions/{session}/say", {"text": "x" * 2001})[1]["code"] == "live.service.text_too_long"
    assert service.ask("POST", f"/sessions/{session}/say", b"{")[1]["code"] == "live.service.no_json"
    assert service.ask("POST", f"/sessions/{session}/say", b" " * 300_000)[0] == 413


def test_the_microphone_is_heard_at_16_khz(service, session):
    sound = (np.sin(np.arange(16_000) / 5) * 16_000).astype("<i2").tobytes()
    assert service.ask("POST", f"/sessions/{session}/microphone", sound)[0] == 202
    avatar = service.avatars[-1]
    assert avatar.heard_samples == 16_000 and avatar.heard_peak == pytest.approx(16_000 / 32_768, abs=0.01)
    for wrong in (sound + b"xx", b"", b"abc"):
        assert service.ask("POST", f"/sessions/{session}/microphone", wrong)[1]["code"] == "live.service.sound_form"


def test_pictures_of_the_camera_are_answered_one_by_one(service, session):
    path = f"/sessions/{session}/camera"
    assert service.ask("POST", path, b"a picture") == (200, b"a picture")
    assert service.avatars[-1].learned_anew == 0
    assert service.ask("POST", f"{path}?anew=1", b"another") == (200, b"another")
    assert service.avatars[-1].learned_anew == 1
    for wrong in (b"", bytes(181_000)):
        assert service.ask("POST", path, wrong)[1]["code"] == "live.service.camera_form"


def test_no_more_pictures_of_a_camera_wait_than_may(service, session):
    path, avatar = f"/sessions/{session}/camera", service.avatars[-1]
    avatar.sees_after_s = 1.0
    with ThreadPoolExecutor(5) as pool:
        answers = [each[0] for each in pool.map(lambda _: service.ask("POST", path, b"a picture"), range(5))]
    assert sorted(answers) == [200, 200, 200, 429, 429]


def test_the_mp4_stream_holds_flash_and_beep_together(service, session):
    with service.stream(f"/sessions/{session}/stream.mp4") as stream:
        assert "avc1" in stream.headers["Content-Type"] and "mp4a" in stream.headers["Content-Type"]
        data = b""
        while len(data) < 25_000:
            data += stream.read1(65_536)
    picture_s, sound_s = first_flash(data)
    assert -0.06 < sound_s - picture_s < 0.04


def first_flash(data):
    """When a film first turns white, and when it first beeps after that, in seconds of its time."""
    with av.open(io.BytesIO(data)) as film:
        shades = [(frame.time, frame.to_ndarray(format="gray")[:20].mean()) for frame in film.decode(video=0)]
    with av.open(io.BytesIO(data)) as film:
        heard = [(frame.time, np.abs(frame.to_ndarray()[0])) for frame in film.decode(audio=0)]
    dark = next(place for place, (_, shade) in enumerate(shades) if shade < 100)
    picture_s = next(time_s for time_s, shade in shades[dark:] if shade > 180)
    loud = [time_s + np.flatnonzero(sound > 0.1)[0] / 48_000 for time_s, sound in heard if sound.max() > 0.1]
    return picture_s, min(loud, key=lambda time_s: abs(time_s - picture_s))


def test_the_mjpeg_stream_shows_pictures(service, session):
    with service.stream(f"/sessions/{session}/stream.mjpeg") as stream:
        kind = stream.headers["Content-Type"]
        assert kind.startswith("multipart/x-mixed-replace; boundary=")
        for _ in range(3):
            assert stream.readline().strip().decode() == "--" + kind.partition("boundary=")[2]
            rows = dict(row.decode().strip().split(": ") for row in iter(stream.readline, b"\r\n"))
            with Image.open(io.BytesIO(stream.read(int(rows["Content-Length"])))) as picture:
                assert picture.size == (128, 128)
            stream.readline()


def test_whoever_leaves_a_stream_is_forgotten(service, session):
    for name in ("stream.mp4", "stream.mjpeg"):
        with service.stream(f"/sessions/{session}/{name}") as stream:
            stream.read1(1000)
            assert service.avatars[-1].feed.listeners == 1
        wait_until(lambda: service.avatars[-1].feed.listeners == 0)


def test_a_session_is_recorded_as_a_film_with_its_mark(service, session, tmp_path):
    place = f"/sessions/{session}/recording"
    assert service.ask("GET", place)[0] == service.ask("DELETE", place)[0] == 404
    assert service.ask("POST", place)[0] == 201
    assert service.ask("POST", place)[1]["code"] == "live.service.records_already"
    assert service.ask("GET", place)[0] == 404
    number = len(service.avatars[-1].written_s)
    wait_until(lambda: len(service.avatars[-1].written_s) > number + 75)
    assert service.ask("DELETE", place)[0] == 204
    status, film = service.ask("GET", place)
    assert status == 200
    with av.open(io.BytesIO(film)) as opened:
        assert "AI-generated" in opened.metadata["comment"] and opened.start_time == pytest.approx(0, abs=30_000)
        assert 2.5 < opened.duration / 1e6 < 30
    picture_s, sound_s = first_flash(film)
    assert -0.06 < sound_s - picture_s < 0.04


def test_a_session_that_nobody_listens_to_ends_and_its_film_can_be_had(portrait):
    limits = ServiceLimits(unheard_s=1.0, kept=1)
    with Service(limits) as running:
        session = running.open(portrait)
        running.ask("POST", f"/sessions/{session}/recording")
        wait_until(lambda: running.ask("GET", f"/sessions/{session}")[1]["state"] == "ended")
        assert running.ask("GET", "/health")[1]["sessions"] == 0
        assert running.ask("POST", f"/sessions/{session}/say", {"text": "Hello"})[0] == 409
        wait_until(lambda: running.ask("GET", f"/sessions/{session}")[1]["film"])
        assert running.ask("GET", f"/sessions/{session}/recording")[1][4:8] == b"ftyp"
        second = running.open(portrait)
        wait_until(lambda: running.ask("GET", f"/sessions/{second}")[1]["state"] == "ended")
        wait_until(lambda: running.ask("GET", f"/sessions/{session}")[0] == 404)


def test_a_session_in_which_nobody_says_anything_ends(portrait):
    with Service(ServiceLimits(silent_s=1.0)) as running:
        session = running.open(portrait)
        with running.stream(f"/sessions/{session}/events") as stream:
            assert events_of(stream, 3)[-1][0] == "ended"


@pytest.mark.parametrize(("state", "goes_on"), [("following", True), ("unseen", False)])
def test_a_camera_before_an_empty_chair_keeps_no_session(portrait, state, goes_on):
    with Service(ServiceLimits(silent_s=1.5)) as running:
        session = running.open(portrait)
        running.avatars[-1]._tell("state", state=state)
        latest_s = time.monotonic() + 3.5
        while time.monotonic() < latest_s and running.ask("POST", f"/sessions/{session}/camera", b"a picture")[0] == 200:
            time.sleep(0.1)
        assert (running.ask("GET", f"/sessions/{session}")[1]["state"] != "ended") is goes_on


def test_streams_wait_until_the_avatar_is_ready(portrait):
    with Service(prepare_s=1.0) as running:
        session = running.open(portrait)
        told = running.ask("GET", f"/sessions/{session}")[1]
        assert (told["ready"], told["state"], told["width"]) == (False, "preparing", None)
        with running.stream(f"/sessions/{session}/stream.mp4") as stream:
            assert not running.ask("GET", f"/sessions/{session}")[1]["ready"], "the answer begins before, and holds nobody up"
            assert stream.read(8)[4:] == b"ftyp"


def test_a_stream_ends_where_its_session_does_before_it_is_ready(portrait):
    with Service(prepare_s=60.0) as running:
        session = running.open(portrait)
        with running.stream(f"/sessions/{session}/stream.mp4") as stream:
            assert running.ask("DELETE", f"/sessions/{session}")[0] == 204
            assert stream.read() == b""


def test_an_avatar_that_fails_is_told_of_with_its_reason(portrait):
    class Failing(FlashAvatar):
        def _run(self):
            self.failed = "No face was found."
            self.ready.set()

    with Service(open_avatar=Failing) as running:
        session = running.open(portrait)
        told = running.ask("GET", f"/sessions/{session}")[1]
        assert (told["state"], told["failed"], told["ready"]) == ("failed", "No face was found.", False)
        for name in ("stream.mp4", "stream.mjpeg"):
            status, told = running.ask("GET", f"/sessions/{session}/{name}")
            assert (status, told["code"], told["values"]) == (409, "live.service.failed", {"reason": "No face was found."})
        with running.stream(f"/sessions/{session}/events") as stream:
            assert events_of(stream, 1)[0][0] == "state"


def test_there_is_an_end_to_streams_and_calls(portrait):
    with Service(ServiceLimits(streams=2, peers=0)) as running:
        session = running.open(portrait)
        place = f"/sessions/{session}"
        with running.stream(f"{place}/events"), running.stream(f"{place}/stream.mjpeg"):
            wait_until(lambda: running.avatars[0].feed.listeners)
            for name in ("stream.mp4", "stream.mjpeg", "events"):
                assert running.ask("GET", f"{place}/{name}")[1]["code"] == "live.service.too_many_streams"
        wait_until(lambda: running.avatars[0].feed.listeners == 0)
        offer = {"type": "offer", "sdp": "v=0"}
        assert running.ask("POST", f"{place}/offer", offer)[1]["code"] == "live.service.too_many_calls"
        assert running.ask("POST", f"{place}/offer", {**offer, "type": "answer"})[1]["code"] == "live.streaming.no_offer"
