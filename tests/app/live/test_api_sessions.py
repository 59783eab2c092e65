"""Sessions by the API: opened with a picture of one's own, seen by nobody else, refused in the visitor's words."""

from __future__ import annotations

import pytest

from app.live.client import KEY, LiveClient
from app.models import new_id
from tests.app.api_client import ApiClient, problem_of


@pytest.fixture
def opened(api, live, picture):
    """A session of the person's."""
    answer = api.post("/live/sessions", {"portrait": {"picture": picture.id}})
    assert answer.status_code == 201
    assert answer.headers["Location"] == answer.json["links"]["self"]
    return answer.json["session"]


def test_a_picture_becomes_an_avatar(api, live, opened, picture, settings, person_id):
    order = live.orders[0]
    assert order["owner"] == person_id
    assert order["portrait"] == str(settings.uploads_dir / picture.file_name)  # chosen by us, never by the visitor
    told = api.get(f"/live/sessions/{opened}").json
    assert told["ready"] and told["state"] == "idle" and (told["width"], told["height"]) == (256, 256)
    assert "owner" not in told
    assert [each["session"] for each in api.get("/live/sessions").json["sessions"]] == [opened]
    assert api.get("/live/health").json == {"sessions": 1, "most": 3}
    assert api.delete(f"/live/sessions/{opened}").status_code == 204
    problem_of(api.get(f"/live/sessions/{opened}"), 404, "over")
    assert live.sessions == {}


def test_a_film_becomes_an_avatar(api, live, clip, settings):
    answer = api.post("/live/sessions", {"portrait": {"clip": clip.id}, "mode": "talk"})
    assert answer.status_code == 201
    assert live.orders[0]["portrait"] == str(settings.uploads_dir / clip.file_name)
    assert live.orders[0]["source"] == "film"


def test_the_whole_order_goes_through(api, live, picture):
    mind = {"kind": "server", "url": "http://127.0.0.1:1/v1", "model": "m", "key": "sesame-4711"}
    order = {"engine": "mesh", "mode": "sing", "persona_own": {"name": "Ada"}, "voice": "bf_emma", "speed": 1.25, "height": 384}
    order |= {"mind": mind, "ground": "green", "mirror": False, "language": "en"}
    answer = api.post("/live/sessions", {**order, "portrait": {"picture": picture.id}})
    assert answer.status_code == 201 and "sesame" not in answer.text
    assert {name: live.orders[0][name] for name in order} == order
    assert "sesame" not in api.get(f"/live/sessions/{answer.json['session']}").text


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"portrait": {"picture": "nothere"}}, 404, "no such picture"),
        ({"portrait": {"clip": "nothere"}}, 404, "no such film"),
        ({"portrait": {}}, 422, "not both and not none"),
        ({"portrait": {"picture": "a", "clip": "b"}}, 422, "not both and not none"),
        ({"portrait": "/etc/passwd"}, 422, "portrait"),
        ({"portrait": {"path": "/etc/passwd"}}, 422, "portrait"),
        ({"mode": "dance"}, 422, "mode"),
        ({"speed": 9}, 422, "speed"),
        ({"owner": "me"}, 422, "owner"),
        ({"persona": "nobody"}, 422, "choose one of"),
        ({"persona": "aria", "persona_own": {"name": "Ada"}}, 422, "not both"),
    ],
)
def test_what_cannot_be_used_is_refused(api, live, picture, changes, status, words):
    problem_of(api.post("/live/sessions", {"portrait": {"picture": picture.id}, **changes}), status, words)
    assert live.orders == []


def test_a_picture_of_somebody_else_is_not_there(app, live, picture):
    other = ApiClient(app, new_id())
    problem_of(other.post("/live/sessions", {"portrait": {"picture": picture.id}}), 404, "no such picture")


def test_a_session_of_somebody_else_is_not_there(app, live, opened):
    other = ApiClient(app, new_id())
    own = f"/live/sessions/{opened}"
    for method, path, body in (
        ("get", own, None),
        ("delete", own, None),
        ("post", f"{own}/say", {"text": "Hello"}),
        ("post", f"{own}/interrupt", None),
        ("post", f"{own}/offer", {"sdp": "v=0", "type": "offer"}),
        ("post", f"{own}/recording", None),
        *(("get", f"{own}/{name}", None) for name in ("events", "stream.mp4", "stream.mjpeg", "transcript", "timeline")),
    ):
        problem_of(other.call(method, path, json=body), 404)
    assert other.get("/live/sessions").json["sessions"] == []
    assert live.sessions[opened].said == []


def test_who_opened_it_is_known_after_a_restart_of_the_application(app, api, live, opened):
    app.extensions.pop("belcanto_live_owners")
    assert api.get(f"/live/sessions/{opened}").status_code == 200


def test_the_fourth_is_told_to_wait_in_ones_own_language(api, live, picture):
    live.most = 0
    answer = api.post("/live/sessions", {"portrait": {"picture": picture.id}}, headers={"Accept-Language": "de"})
    problem_of(answer, 429)
    assert answer.json["code"] == "live.full" and "warte" in answer.json["detail"].lower()
    assert int(answer.headers["Retry-After"]) > 0


def test_the_same_order_twice_by_its_key_is_one_session(api, live, picture):
    headers = {"Idempotency-Key": "once"}
    first, again = (api.post("/live/sessions", {"portrait": {"picture": picture.id}}, headers=headers) for _ in range(2))
    assert first.json == again.json and len(live.orders) == 1


def test_a_page_of_another_site_opens_nothing(api, live, picture):
    headers = {"Sec-Fetch-Site": "cross-site"}
    problem_of(api.post("/live/sessions", {"portrait": {"picture": picture.id}}, headers=headers), 403)
    assert live.orders == []


@pytest.mark.parametrize("client", [LiveClient(), LiveClient("x", None, wanted=True), LiveClient("x", 1, wanted=True)])
def test_where_there_is_no_live_process_it_is_said(app, api, picture, client):
    app.extensions[KEY] = client
    answer = api.post("/live/sessions", {"portrait": {"picture": picture.id}})
    problem_of(answer, 503, "avatar")
    assert answer.json["code"] == ("app.live_down" if client.wanted else "app.live_off")


def test_a_key_that_is_not_the_live_process_own_is_nobodys_fault(api, live, picture):
    live.client.key = "wrong"
    problem_of(api.post("/live/sessions", {"portrait": {"picture": picture.id}}), 503, "just starting")
