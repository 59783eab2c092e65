"""What the API promises beside shapes: errors, pages, keys, ranges, one's own things only, pieces of uploads."""

from __future__ import annotations

import io

import pytest

from app.api.bodies import MAX_JSON_BYTES
from app.api.openapi import PREFIX
from app.context import PERSON_COOKIE
from app.models import Work, new_id
from app.services import films as film_service
from tests.app.api_client import ApiClient, Rows, problem_of


class TestErrors:
    def test_what_is_not_there(self, api):
        for path in ("/nothing", "/songs/0/none", "/songs/" + "x" * 5000, "/songs/%00", "/songs/..%2f..%2fetc", "", "/"):
            problem_of(api.http.get(PREFIX + path), 404)

    def test_a_wrong_method_says_which_are_right(self, api):
        answer = api.http.put(f"{PREFIX}/songs")
        problem_of(answer, 405)
        assert set(answer.headers["Allow"].replace(" ", "").split(",")) == {"GET", "POST"}
        problem_of(api.http.post(f"{PREFIX}/jobs/x"), 405)

    def test_an_error_of_the_server_tells_nothing_of_its_inside(self, app, api, monkeypatch):
        app.config["PROPAGATE_EXCEPTIONS"] = False

        def broken(*args):
            raise RuntimeError("secret inside")

        monkeypatch.setattr("app.services.songs.list_songs", broken)
        answer = api.get("/songs")
        assert "secret" not in problem_of(answer, 500)

    @pytest.mark.parametrize(
        ("body", "status", "words"),
        [
            (b"{", 400, "no JSON"),
            (b"[" * 50_000, 400, "no JSON"),
            (b'{"song_id": NaN}', 400, "no JSON"),
            (b"\xff\xfe", 400, "no JSON"),
            (b"[]", 422, "an object"),
            (b"{}", 422, "'song_id' is missing"),
            (b'{"song_id": 5, "picture_id": "x"}', 422, "'song_id' must be a text"),
            (b'{"song_id": "\\u0000", "picture_id": "x"}', 422, "signs"),
            (b'{"song_id": "\\ud800", "picture_id": "x"}', 422, "signs"),
            (b'{"song_id": "x", "picture_id": "x", "colour": 1}', 422, "'colour' is not known"),
            (b'{"song_id": "x", "picture_id": "x", "options": {"fps": 1e999}}', 422, "options.fps"),
            (b'{"song_id": "x", "picture_id": "x", "options": {"fps": true}}', 422, "options.fps"),
            (b'{"song_id": "x", "picture_id": "x", "options": {"seed": 1' + b"0" * 500 + b"}}", 422, "options.seed"),
            (b'{"song_id": "x", "picture_id": "x", "options": {"engine": "magic"}}', 422, "options.engine"),
            (b'{"song_id": "x", "picture_id": "x"}', 404, "no such song"),
            (b" " * (MAX_JSON_BYTES + 1), 413, "too large"),
        ],
    )
    def test_bodies_that_are_wrong(self, api, body, status, words):
        problem_of(api.call("post", "/films", data=body, content_type="application/json"), status, words)

    def test_bodies_of_another_kind(self, api):
        problem_of(api.call("post", "/films", data="a=b", content_type="application/x-www-form-urlencoded"), 415)
        problem_of(api.call("post", "/songs", data=b"x" * 10, content_type="audio/mpeg"), 415)
        problem_of(api.call("post", "/songs", data={"other": (io.BytesIO(b"x"), "x")}), 400)
        problem_of(api.call("post", "/songs", data=b"garbage", content_type="multipart/form-data"), 400)

    def test_a_file_that_is_too_large(self, app, api, settings):
        form = {"file": (io.BytesIO(bytes(settings.limits.picture_bytes + 2_000_000)), "a.png")}
        problem_of(api.call("post", "/pictures", data=form), 413, "100 MB")
        nearly = {"file": (io.BytesIO(bytes(settings.limits.picture_bytes + 1)), "a.png")}  # no longer than the form may be
        problem_of(api.call("post", "/pictures", data=nearly), 413, "100 MB")
        assert list(settings.incoming_dir.iterdir()) == []

    def test_what_comes_from_another_site_is_refused(self, api, rows):
        song = rows.song()
        for headers in (
            {"Origin": "https://elsewhere.example"},
            {"Origin": "null"},
            {"Origin": "http://[broken"},
            {"Referer": "https://elsewhere.example/page"},
            {"Referer": "about:blank"},
            {"Referer": "http://localhost.elsewhere.example/"},
            {"Origin": "https://elsewhere.example", "Referer": "http://localhost/"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
            {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        ):
            problem_of(api.delete(f"/songs/{song.id}", headers=headers), 403, "another site")
        assert api.get("/songs", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200  # reading gives a stranger nothing
        assert "Access-Control-Allow-Origin" not in api.get("/songs").headers
        assert api.patch(f"/songs/{song.id}", {"title": "a"}, headers={"Origin": "http://localhost"}).status_code == 200
        assert api.patch(f"/songs/{song.id}", {"title": "b"}, headers={"Referer": "http://localhost/page"}).status_code == 200
        assert api.patch(f"/songs/{song.id}", {"title": "c"}).status_code == 200  # a program
        assert api.delete(f"/songs/{song.id}", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 204

    def test_the_api_needs_no_mark_of_forms(self, app, api):
        app.config["WTF_CSRF_ENABLED"] = True
        problem_of(api.post("/films", {}), 422)

    def test_limits_are_told(self, app, api, rows, settings):
        song, picture = rows.song(), rows.picture()
        for seed in range(settings.limits.waiting_jobs):
            body = {"song_id": song.id, "picture_id": picture.id, "options": {"seed": seed}}
            assert api.post("/films", body).status_code == 202
        problem_of(api.post("/films", {"song_id": song.id, "picture_id": picture.id, "options": {"seed": 99}}), 429, "20")

    def test_sentences_come_in_the_language_of_the_client(self, api):
        german = api.get("/songs/none", headers={"Accept-Language": "de"}).json["detail"]
        english = api.get("/songs/none").json["detail"]
        assert german and english == "There is no such song; it may have been deleted."


class TestPeople:
    def test_a_client_without_a_cookie_gets_its_own_person(self, app, rows):
        rows.song()
        stranger = ApiClient(app)
        assert stranger.get("/songs").json["items"] == []
        assert stranger.http.get_cookie(PERSON_COOKIE) is not None

    def test_what_is_somebody_elses_is_not_there(self, app, api, rows):
        film = rows.film("done")
        stranger = ApiClient(app, new_id())
        links = api.get(f"/films/{film.id}").json
        for path in (*links["links"].values(), *links["job"]["links"].values(), f"/songs/{film.song.id}/file"):
            method = "post" if path.endswith("cancel") else "get"
            problem_of(stranger.call(method, path), 404)
        assert stranger.delete(f"/films/{film.id}").status_code == 404
        body = {"song_id": film.song.id, "picture_id": film.picture.id}
        problem_of(stranger.post("/films", body), 404)
        problem_of(stranger.post(f"/films/{film.id}/again", {}), 404)


class TestPages:
    def test_following_the_links_gives_everything_once(self, api, rows):
        made = {rows.song(f"song {number}").id for number in range(7)}
        seen, path = [], "/songs?limit=3&q=song"
        while path:
            answer = api.get(path)
            seen += [song["id"] for song in answer.json["items"]]
            assert (answer.json["next_cursor"] is None) == ("Link" not in answer.headers)
            link = answer.headers.get("Link", "")
            path = link.partition(">")[0].removeprefix("<")
            assert not link or (link.endswith('; rel="next"') and "limit=3" in link and "q=song" in link)
            rows.song(f"song that comes in between {len(seen)}")  # shifts nothing
        assert len(seen) == 7 and set(seen) == made

    def test_jobs_too(self, api, rows):
        made = {rows.film(title=f"film {number}").job.id for number in range(5)}
        first = api.get("/jobs?limit=2&state=queued")
        second = api.get(first.headers["Link"].partition(">")[0][1:])
        third = api.get(second.headers["Link"].partition(">")[0][1:])
        seen = [job["id"] for page in (first, second, third) for job in page.json["items"]]
        assert set(seen) == made and len(seen) == 5 and "Link" not in third.headers
        assert api.get("/jobs?state=done").json["items"] == []

    def test_a_search_finds_titles(self, api, rows):
        rows.song("Das Lied"), rows.song("Another")
        assert [song["title"] for song in api.get("/songs?q=lied").json["items"]] == ["Das Lied"]

    @pytest.mark.parametrize(
        "query", ["limit=0", "limit=101", "limit=x", "limit=%C2%B2", "cursor=x", "cursor=%00", "cursor=AAAA", "q=" + "x" * 201]
    )
    def test_what_is_no_page(self, api, query):
        for kinds in ("songs", "films", "pictures", "jobs"):
            if query.startswith("q=") and kinds == "jobs":
                continue
            assert api.get(f"/{kinds}?{query}").status_code in (400, 422)
        problem_of(api.get("/jobs?state=asleep"), 400)


class TestFilms:
    def test_the_same_order_is_one_film(self, api, rows):
        body = {"song_id": rows.song().id, "picture_id": rows.picture().id, "title": "Mine"}
        first, second = api.post("/films", body), api.post("/films", body)
        assert first.status_code == second.status_code == 202
        assert first.json["created"] and not second.json["created"]
        assert first.json["film"]["id"] == second.json["film"]["id"] and second.json["film"]["title"] == "Mine"
        assert first.headers["Location"] == second.headers["Location"]

    def test_a_film_that_is_there_is_answered_with_itself(self, api, rows, session):
        body = {"song_id": rows.song().id, "picture_id": rows.picture().id}
        film_id = api.post("/films", body).json["film"]["id"]
        rows.finish(film_service.get_film(session, rows.person, film_id))
        again = api.post("/films", body)
        assert again.status_code == 200 and again.headers["Location"].endswith(f"/films/{film_id}")

    def test_many_at_once_all_or_none(self, api, rows, session):
        songs, pictures = [rows.song("a").id, rows.song("b").id], [rows.picture("c").id, rows.picture("d").id]
        problem_of(api.post("/films/batch", {"song_ids": [*songs, "none"], "picture_ids": pictures}), 404)
        assert session.query(Work).count() == 0
        orders = api.post("/films/batch", {"song_ids": songs, "picture_ids": pictures}).json["orders"]
        assert len({order["film"]["id"] for order in orders}) == 4
        positions = [order["film"]["job"]["position"] for order in orders]
        assert sorted(positions) == [0, 1, 2, 3]

    def test_people_take_turns_in_the_queue(self, app, api, rows, session, settings):
        for number in range(3):
            rows.film(title=f"mine {number}")
        other = Rows(session, settings, new_id())
        late = other.film(title="another's")
        assert ApiClient(app, other.person).get(f"/films/{late.id}").json["job"]["position"] == 1

    def test_again_with_one_change(self, api, rows):
        film = rows.film("done")
        again = api.post(f"/films/{film.id}/again", {"options": {"head_motion": 0.5}})
        changed = again.json["film"]
        assert changed["id"] != film.id and changed["options"] == {**film.options, "head_motion": 0.5}

    def test_a_film_in_the_making_has_no_file_yet(self, api, rows):
        film = rows.film()
        problem_of(api.get(f"/films/{film.id}/file"), 409, "not there yet")
        problem_of(api.get(f"/films/{film.id}/quality"), 404)
        assert api.get(f"/films/{film.id}").json["links"]["file"] is None

    def test_the_report_says_nothing_of_the_servers_folders(self, api, rows, settings):
        assert str(settings.data_dir) not in api.get(f"/films/{rows.film('done').id}").text


class TestFiles:
    def test_ranges(self, api, rows):
        film = rows.film("done", content=bytes(range(250)))
        own = f"/films/{film.id}/file"
        whole = api.get(own)
        assert whole.data == bytes(range(250)) and whole.mimetype == "video/mp4" and whole.headers["Accept-Ranges"] == "bytes"
        for asked, first, last in (("0-9", 0, 9), ("240-", 240, 249), ("-10", 240, 249), ("5-5", 5, 5), ("200-9999", 200, 249)):
            part = api.get(own, headers={"Range": f"bytes={asked}"})
            assert part.status_code == 206 and part.data == bytes(range(first, last + 1))
            assert part.headers["Content-Range"] == f"bytes {first}-{last}/250"
        beyond = api.get(own, headers={"Range": "bytes=250-"})
        problem_of(beyond, 416)
        assert beyond.headers["Content-Range"] == "bytes */250"

    def test_a_file_that_is_known_is_not_sent_again(self, api, rows):
        own = f"/songs/{rows.song().id}/file"
        tag = api.get(own).headers["ETag"]
        assert api.http.get(PREFIX + own, headers={"If-None-Match": tag}).status_code == 304
        part = api.get(own, headers={"Range": "bytes=0-3", "If-Range": '"another"'})
        assert part.status_code == 200  # the file has changed since: all of it

    def test_names_and_what_a_file_may_do(self, api, rows):
        song = rows.song('<b>"Ä/ö\\" 歌 .html')
        shown, saved = api.get(f"/songs/{song.id}/file"), api.get(f"/songs/{song.id}/file?download=1")
        assert shown.headers["Content-Disposition"].startswith("inline;")
        disposition = saved.headers["Content-Disposition"]
        assert disposition.startswith("attachment;") and disposition.endswith(".mp3") and "%E6%AD%8C" in disposition
        assert "/" not in disposition.replace("UTF-8''", "") and "\\" not in disposition.replace('\\"', "")
        assert shown.headers["X-Content-Type-Options"] == "nosniff" and "sandbox" in shown.headers["Content-Security-Policy"]
        assert shown.mimetype == "audio/mpeg"

    def test_a_file_that_is_gone(self, api, rows, settings):
        song = rows.song()
        (settings.uploads_dir / song.file_name).unlink()
        problem_of(api.get(f"/songs/{song.id}/file"), 404)
