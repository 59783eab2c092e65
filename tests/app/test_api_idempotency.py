"""Requests with a key: the same again gets the same answer and does nothing."""

from __future__ import annotations

import io
import threading

import pytest

from app.api.bodies import MAX_JSON_BYTES
from app.api.openapi import PREFIX, document
from app.models import Work
from app.services.idempotency import begin_request
from tests.app.api_client import ApiClient, problem_of


class TestIdempotency:
    def test_the_same_again_gets_the_same_and_does_nothing(self, api, rows, session):
        body = {"song_id": rows.song().id, "picture_id": rows.picture().id}
        key = {"Idempotency-Key": "k1"}
        first = api.post("/films", body, headers=key)
        assert api.post(f"/jobs/{first.json['film']['job']['id']}/cancel").status_code == 202
        again = api.post("/films", body, headers=key)  # without the key this would make it anew
        assert again.status_code == first.status_code and again.data == first.data
        assert again.headers["Location"] == first.headers["Location"] and again.headers["Idempotent-Replayed"] == "true"
        assert len(api.get("/jobs").json["items"]) == 1

    def test_another_request_with_the_key_is_refused(self, api, rows):
        body = {"song_id": rows.song().id, "picture_id": rows.picture().id}
        api.post("/films", body, headers={"Idempotency-Key": "k"})
        problem_of(api.post("/films", {**body, "options": {"seed": 1}}, headers={"Idempotency-Key": "k"}), 422, "another request")
        problem_of(api.post("/films/batch", {"song_ids": ["x"], "picture_ids": ["x"]}, headers={"Idempotency-Key": "k"}), 422)

    def test_keys_are_each_persons_own(self, app, api, rows):
        body = {"song_id": rows.song().id, "picture_id": rows.picture().id}
        assert api.post("/films", body, headers={"Idempotency-Key": "k"}).status_code == 202
        problem_of(ApiClient(app).post("/films", body, headers={"Idempotency-Key": "k"}), 404)

    def test_an_error_is_kept_too_but_not_one_that_may_pass(self, api, rows):
        key = {"Idempotency-Key": "k"}
        first = api.call("post", "/songs", data={"file": (io.BytesIO(b"GIF89a" * 9), "a.mp3")}, headers=key)
        again = api.call("post", "/songs", data={"file": (io.BytesIO(b"GIF89a" * 9), "a.mp3")}, headers=key)
        problem_of(first, 415)
        assert again.data == first.data and again.headers["Idempotent-Replayed"] == "true"
        other = {"Idempotency-Key": "k2"}
        problem_of(api.post("/films", {"song_id": "x", "picture_id": "x"}, headers=other), 404)
        answer = api.post("/films", {"song_id": "x", "picture_id": "x"}, headers=other)
        assert "Idempotent-Replayed" not in answer.headers

    def test_while_the_first_is_under_way(self, api, rows, session, person_id):
        begin_request(session, person_id, "k", b'POST /api/v1/films/batch?\n{"a": 1}')
        session.commit()
        answer = api.call(
            "post", "/films/batch", data=b'{"a": 1}', content_type="application/json", headers={"Idempotency-Key": "k"}
        )
        assert answer.status_code == 409

    def test_every_post_heeds_a_key_but_those_that_nothing_is_repeated_of(self):
        keyless = {
            path
            for path, methods in document()["paths"].items()
            if "post" in methods and "Idempotency-Key" not in {each["name"] for each in methods["post"]["parameters"]}
        }
        assert keyless == {"/library/zip", "/live/sessions/{session_id}/camera", "/works/{work_id}/links"}
        assert "`POST /library/zip` changes nothing" in document()["info"]["description"]

    def test_the_zip_is_written_anew_for_a_key_that_came_before(self, api, rows):
        one, other = ({"songs": [rows.song(title).id]} for title in ("one", "other"))
        answers = [api.post("/library/zip", body, headers={"Idempotency-Key": "k"}) for body in (one, other, one)]
        assert [answer.status_code for answer in answers] == [200, 200, 200]
        assert answers[0].data != answers[1].data and not any("Idempotent-Replayed" in answer.headers for answer in answers)

    @pytest.mark.parametrize("key", ["", "x" * 201, "a\tb"])
    def test_what_is_no_key(self, api, key):
        problem_of(api.post("/films", {}, headers={"Idempotency-Key": key}), 400, "Idempotency-Key")

    def test_a_body_that_is_too_large_is_not_read(self, api):
        answer = api.call(
            "post", "/films", data=b" " * (MAX_JSON_BYTES + 1), content_type="application/json", headers={"Idempotency-Key": "k"}
        )
        problem_of(answer, 413)

    def test_a_double_click_makes_one(self, app, rows, person_id, session):
        body = {"song_id": rows.song().id, "picture_id": rows.picture().id}
        statuses = []

        def click():
            answer = ApiClient(app, person_id).http.post(f"{PREFIX}/films", json=body, headers={"Idempotency-Key": "double"})
            statuses.append(answer.status_code)

        clicks = [threading.Thread(target=click) for _ in range(6)]
        [each.start() for each in clicks]
        [each.join() for each in clicks]
        assert set(statuses) <= {202, 409} and 202 in statuses
        assert session.query(Work).count() == 1
