"""Emotion in the API: ordered, told with the film, a song's own curve, and that all of it survives a restart."""

from __future__ import annotations

import pytest

from app import create_app
from app.context import EXTENSION
from app.database import writing
from app.job_store import DatabaseJobStore
from app.models import Job
from app.services.films import get_film
from core.messages import message
from tests.app.api_client import ApiClient, problem_of
from tests.app.emotions import EMOTION

POINTS = [{"time_s": 0, "value": 0.25}, {"time_s": 6.5, "value": 1}]


@pytest.fixture
def order(rows):
    """The body of an order with some options."""
    song, picture = rows.song(), rows.picture()
    return lambda **options: {"song_id": song.id, "picture_id": picture.id, "options": options}


@pytest.fixture
def store(database, settings):
    return DatabaseJobStore(database, settings)


@pytest.mark.slow
@pytest.mark.parametrize("given", [POINTS, [[0, 0.25], [6.5, 1]], [[0, 0.25], {"time_s": 6.5, "value": 1.0}]])
def test_an_order_takes_style_lips_and_key_points(api, order, session, person_id, given):
    answer = api.post("/films", order(style="surprised", lips="features", intensity=given))
    assert answer.status_code == 202
    film = answer.json["film"]
    assert (film["options"]["style"], film["options"]["lips"]) == ("surprised", "features")
    assert film["options"]["intensity"] == POINTS and film["emotion"] is None
    again = api.post("/films", order(style="surprised", lips="features", intensity=POINTS))
    assert not again.json["created"] and again.json["film"]["id"] == film["id"], "the same order, however it is written"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"style": "merry"}, "options.style' must be one of auto, neutral"),
        ({"style": 1}, "options.style' must be a text"),
        ({"lips": "red"}, "options.lips' must be one of"),
        ({"intensity": "0:0.3"}, "options.intensity' must be a list"),
        ({"intensity": [5]}, "options.intensity[0]' must be an object or a list"),
        ({"intensity": [[1]]}, "options.intensity[0]' has 1 entries; 2 to 2"),
        ({"intensity": [[0, 0.5], ["1", 0.5]]}, "options.intensity[1][0]' must be a number"),
        ({"intensity": [{"time_s": 1}]}, "options.intensity[0].value' is missing"),
        ({"intensity": [{"time_s": -1, "value": 0}]}, "options.intensity[0].time_s' is -1"),
        ({"intensity": [{"time_s": 1, "value": 0, "ease": "in"}]}, "ease' is not known"),
        ({"intensity": [[0, 1.5]]}, "Key point 1 of the intensity has the value 1.5; 0 to 1 are accepted."),
        ({"intensity": [[2, 1], [1, 1]]}, "must be in order of time, but 1 s comes after 2 s."),
        ({"intensity": [[20, 1]]}, "at 20 s lies beyond the film's end at 12.50 s; leave it out or move it."),
        ({"intensity": [[3, 1]], "start_s": 11}, "beyond the film's end at 1.50 s"),
        ({"intensity": [[second, 1] for second in range(1001)]}, "1001 entries; 0 to 1000"),
    ],
)
def test_what_does_not_fit_is_one_sentence(api, order, options, words):
    sentence = problem_of(api.post("/films", order(**options)), 422, words)
    assert sentence.count(". ") == 0 and "--" not in sentence
    assert api.get("/films").json["items"] == []


def test_a_film_tells_the_curve_in_effect_and_what_was_ordered(api, order, store, session, settings, person_id):
    film_id = api.post("/films", order(intensity=POINTS)).json["film"]["id"]
    felt = {**EMOTION, "intensity": [0.25, 0.3, 0.4, 0.5, 0.6], "points": [[0.0, 0.25], [6.5, 1.0]]}
    made = store.claim("a@x", "fair")
    made.outputs["film"].write_bytes(b"film")
    store.finish(made.job_id, "a@x", {"notes": [], "frames": 50, "emotion": felt}, {"film": made.outputs["film"].name})
    film = api.get(f"/films/{film_id}").json
    assert film["emotion"]["intensity"] == felt["intensity"] and film["emotion"]["automatic"] == EMOTION["automatic"]
    assert film["emotion"]["points"] == film["options"]["intensity"] == POINTS
    assert film["emotion"]["automatic_points"][2] == {"time_s": 1.0, "value": 0.9}
    assert film["emotion"]["sections"][1] == {"start_s": 1.0, "stop_s": 2.0, "style": "happy"}
    assert "emotion" not in film["report"] and film["report"]["frames"] == 50
    assert api.get("/films").json["items"][0]["emotion"] == film["emotion"]

    restarted = create_app(settings)
    assert ApiClient(restarted, person_id).get(f"/films/{film_id}").json == film
    restarted.extensions[EXTENSION].database.close()


def test_again_with_one_change_it_keeps_them(api, order, rows, session, person_id):
    film_id = api.post("/films", order(style="angry", intensity=POINTS)).json["film"]["id"]
    rows.finish(get_film(session, person_id, film_id))
    key = {"Idempotency-Key": "again"}
    first = api.post(f"/films/{film_id}/again", {"options": {"seed": 5}}, headers=key)
    assert first.json["film"]["options"]["style"] == "angry" and first.json["film"]["options"]["intensity"] == POINTS
    replayed = api.post(f"/films/{film_id}/again", {"options": {"seed": 5}}, headers=key)
    assert replayed.data == first.data and replayed.headers["Idempotent-Replayed"] == "true"
    curve = {"options": {"intensity": [[1, 0.5]]}}
    problem_of(api.post(f"/films/{film_id}/again", curve, headers=key), 422, "another request")
    changed = api.post(f"/films/{film_id}/again", curve).json["film"]
    assert changed["options"]["style"] == "angry" and changed["options"]["intensity"] == [{"time_s": 1, "value": 0.5}]
    assert api.post(f"/films/{film_id}/again", {"options": {"intensity": []}}).json["film"]["options"]["intensity"] == []


def test_a_network_that_is_not_there_performs_nothing(api, order, monkeypatch, tmp_path):
    monkeypatch.setattr("motion.emotion.settings.SHIPPED", tmp_path / "none.safetensors")
    problem_of(api.post("/films", order(performance="deitalk")), 422, "no trained network that performs")
    (tmp_path / "own.safetensors").write_bytes(b"trained")
    monkeypatch.setenv("BELCANTO_EMOTION_MODEL", str(tmp_path / "own.safetensors"))
    film = api.post("/films", order(performance="deitalk")).json["film"]
    assert film["options"]["performance"] == "deitalk"
    problem_of(api.post("/films", order(performance_model="m.safetensors")), 422, "performance_model")


class TestTheSongsOwnCurve:
    def test_it_is_found_while_nobody_waits(self, api, rows, store, app, person_id, settings):
        own = f"/songs/{rows.song().id}/intensity"
        waiting = api.get(f"{own}?start_s=2&duration_s=2")
        assert waiting.status_code == 202 and waiting.json == {"state": "queued"} and int(waiting.headers["Retry-After"]) > 0
        order = store.claim("a@x", "soon")
        again = api.get(waiting.headers["Location"])
        assert again.status_code == 202 and again.json == {"state": "running"}
        store.finish(order.job_id, "a@x", {"emotion": EMOTION}, {})
        found = api.get(waiting.headers["Location"])
        assert found.status_code == 200
        assert (found.json["start_s"], found.json["duration_s"], found.json["values"]) == (2, 2, EMOTION["automatic"])
        assert found.json["points"][0] == {"time_s": 0.0, "value": 0.2} and len(found.json["sections"]) == 2
        restarted = create_app(settings)
        assert ApiClient(restarted, person_id).get(waiting.headers["Location"]).json == found.json
        restarted.extensions[EXTENSION].database.close()

    def test_its_key_points_can_be_ordered_as_they_are(self, api, order, store):
        body = order()
        own = f"/songs/{body['song_id']}/intensity"
        api.get(own)
        store.finish(store.claim("a@x", "soon").job_id, "a@x", {"emotion": EMOTION}, {})
        points = api.get(own).json["points"]
        film = api.post("/films", {**body, "options": {"intensity": points}}).json["film"]
        assert film["options"]["intensity"] == points

    def test_what_can_not_be_found_says_why(self, api, rows, store, session):
        own = f"/songs/{rows.song().id}/intensity"
        api.get(own)
        failure = message("pipeline.emotion_broke")
        store.fail(store.claim("a@x", "soon").job_id, "a@x", failure, True)
        assert problem_of(api.get(own), 503) == str(failure)
        german = api.get(own, headers={"Accept-Language": "de"}).json["detail"]
        assert german.startswith("Das Gefühl des Liedes")
        with writing(session):
            session.query(Job).where(Job.turn == "soon").one().finished_at = None
        assert api.get(own).status_code == 202

    @pytest.mark.parametrize(
        ("query", "words"),
        [
            ("start_s=x", "start_s is x; a number from 0"),
            ("start_s=-1", "start_s is -1"),
            ("start_s=nan", "start_s is nan"),
            ("start_s=12.4", "can't begin at 12.4 s"),
            ("duration_s=0.1", "At least 0.5 s of the song"),
        ],
    )
    def test_a_part_that_does_not_fit(self, api, rows, query, words, session):
        problem_of(api.get(f"/songs/{rows.song().id}/intensity?{query}"), 422, words)
        assert session.query(Job).where(Job.turn == "soon").count() == 0

    def test_only_of_ones_own_songs_and_not_of_many_at_once(self, app, api, rows):
        song = rows.song()
        problem_of(ApiClient(app).get(f"/songs/{song.id}/intensity"), 404)
        problem_of(api.get("/songs/none/intensity"), 404)
        answers = [api.get(f"/songs/{song.id}/intensity?start_s={number}") for number in range(7)]
        assert [answer.status_code for answer in answers] == [202] * 5 + [429] * 2
        problem_of(answers[-1], 429, "5 of your songs")
