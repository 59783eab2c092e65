"""The OpenAPI document against its own rules, the routes, and what the views really answer."""

from __future__ import annotations

import copy
import io
import json
from types import SimpleNamespace

import pytest
from jsonschema import ValidationError
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.api.openapi import PREFIX, document
from app.api.schema_parts import film_options_schema
from app.context import EXTENSION
from app.handing_in import RECEPTION
from app.job_store import DatabaseJobStore
from app.live.client import KEY
from app.models import new_id, now
from app.services.options import options_json
from app.services.reception import ReceptionSettings
from app.services.voices import sample_path
from pipeline.film_settings import SongToVideoSettings
from pipeline.works.song_to_lyrics import SONG_TO_LYRICS
from tests.app.api_client import ApiClient, Rows, check_answer
from tests.app.film_people import find_people
from tests.app.live.stand_in import standing_in
from tests.app.rows import film_job, film_row
from tests.pipeline.dubbing import film as grey_film


@pytest.mark.slow
def test_it_is_a_right_openapi_document():
    OpenAPIV31SpecValidator(json.loads(json.dumps(document()))).validate()


def test_a_wrong_document_would_be_noticed():
    wrong = copy.deepcopy(json.loads(json.dumps(document())))
    wrong["paths"]["/songs"]["get"]["responses"] = "none"
    with pytest.raises(Exception, match="none"):
        OpenAPIV31SpecValidator(wrong).validate()


def test_it_has_every_route_and_no_other(app):
    routes = set()
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith(PREFIX + "/") or rule.endpoint == "api.unknown":
            continue
        path = rule.rule.removeprefix(PREFIX).replace("<", "{").replace(">", "}")
        routes |= {(path, method.lower(), rule.endpoint.removeprefix("api.")) for method in rule.methods - {"HEAD", "OPTIONS"}}
    described = {
        (path, method, operation["operationId"])
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
        if method != "head"
    }
    assert described == routes
    assert len(routes) > 25


def test_the_options_are_those_of_a_film():
    assert set(film_options_schema()["properties"]) == set(options_json(SongToVideoSettings()))


@pytest.mark.slow
def test_every_operation_answers_as_the_document_says(app, session, settings, song_path, picture_path, tmp_path):
    person = new_id()
    api, rows = ApiClient(app, person), Rows(session, settings, person)
    song, picture, film = rows.song(), rows.picture(), rows.film("done")
    talk = grey_film(tmp_path / "talk.mp4", 25).read_bytes()
    clip = SimpleNamespace(id=api.post("/clips", data={"file": (io.BytesIO(talk), "talk.mp4")}).json["id"])
    read_everything(api, rows, settings, talk, song, picture, clip, film)
    order_dubbing_and_transfer(api, song, picture, clip)
    assert api.get(f"/films/{film.id}/quality").mimetype == "text/html"
    ask_the_system(api, settings)
    given = api.post("/songs", data={"file": (io.BytesIO(song_path.read_bytes()), "a.mp3")})
    seen = api.post("/pictures", data={"file": (io.BytesIO(picture_path.read_bytes()), "b.jpg"), "title": "Somebody"})
    assert given.status_code == seen.status_code == 201 and seen.json["title"] == "Somebody"
    assert api.post(f"/pictures/{seen.json['id']}/cut", {"flip": True}).status_code == 201
    assert api.get(f"/songs/{given.json['id']}/levels").status_code == 200
    assert api.get(f"/songs/{given.json['id']}/phrases").status_code == 202
    order_films(api, rows, song, picture, film, given.json, seen.json)
    job_work = order_works(api, song, picture, film)
    library_of(api, song)
    preview_of(api, session, settings, song, picture)
    head_of(api, session, settings, film)
    export_of(api, session, settings, film)
    words_of(api, session, song, picture)
    links_of(api, film)
    live_everything(api, seen.json)
    upload_everything(api, song_path.read_bytes())
    app.extensions[RECEPTION].settings = ReceptionSettings(answer_within_s=0)
    waits = api.post("/songs", data={"file": (io.BytesIO(song_path.read_bytes()[:-2000]), "d.mp3")})
    assert waits.status_code == 202 and api.get(waits.headers["Location"]).status_code == 200
    for kinds, shown in (("songs", song), ("pictures", picture), ("clips", clip), ("works", film), ("films", film)):
        assert api.delete(f"/{kinds}/{shown.id}").status_code == 204
        assert [each["id"] for each in api.get("/deleted").json["items"]] == [shown.id]
        assert api.post(f"/{kinds}/{shown.id}/restore").status_code == 200
    for kinds, shown in (("songs", song), ("pictures", picture), ("clips", clip), ("works", job_work), ("films", film)):
        assert api.post(f"/{kinds}/{shown.id}/erase").status_code == 204
    assert api.get("/library/everything").status_code == 200
    assert api.delete("/library/everything").status_code == 200
    went_well = {name for name, status in api.answered if status < 300}
    described = {operation["operationId"] for methods in document()["paths"].values() for operation in methods.values()}
    assert described - went_well == set()


def links_of(api, film):
    link = api.post(f"/works/{film.id}/links", {}).json
    assert [each["id"] for each in api.get(f"/works/{film.id}/links").json["items"]] == [link["id"]]
    assert api.delete(f"/links/{link['id']}").status_code == 204


def export_of(api, session, settings, film):
    asked = api.post(f"/works/{film.id}/exports", {"kind": "film_loop"})
    assert asked.status_code == 202 and api.get(asked.headers["Location"]).json["state"] == "queued"
    session.expire_all()
    job = film.found("film_loop")
    job.state, job.files = "done", {"gif": f"gif-{job.id}.gif"}
    (settings.results_dir / job.files["gif"]).write_bytes(b"GIF as if made")
    session.commit()
    assert api.post(f"/works/{film.id}/exports", {"kind": "film_loop"}).status_code == 200
    assert [each["id"] for each in api.get(f"/works/{film.id}/exports").json["items"]] == [job.id]
    address = api.get(asked.headers["Location"]).json["links"]["files"]["gif"]
    assert api.get(address).mimetype == "image/gif"


def read_everything(api, rows, settings, talk, song, picture, clip, film):
    """What somebody has: listed, read, renamed, fetched."""
    for kinds, shown in (("songs", song), ("pictures", picture), ("clips", clip), ("films", film)):
        assert api.get(f"/{kinds}?limit=1").json["items"]
        assert api.get(f"/{kinds}/{shown.id}").json["id"] == shown.id
        assert api.patch(f"/{kinds}/{shown.id}", {"title": "Näme"}).json["title"] == "Näme"
        assert api.get(f"/{kinds}/{shown.id}/file", headers={"Range": "bytes=0-9"}).status_code == 206
        assert api.get(f"/{kinds}/{shown.id}/file").status_code == 200
    api.get(f"/songs/{song.id}/waveform")
    assert api.get(f"/songs/{song.id}/intensity?start_s=1").status_code == 202
    api.get(f"/pictures/{picture.id}/thumbnail")
    assert api.get(f"/clips/{clip.id}/thumbnail").mimetype == "image/jpeg"
    assert api.get(f"/clips/{clip.id}/glimpse").mimetype == "video/mp4"
    whole = rows.film("done", "Whole")
    (settings.results_dir / whole.file_name).write_bytes(talk)
    assert api.get(f"/works/{whole.id}/glimpse").status_code == 200
    faces_of(api, settings, clip)


def order_dubbing_and_transfer(api, song, picture, clip):
    """Works of a film and a sound, and of a picture and a film."""
    dubbing = api.post("/works", {"kind": "dub", "inputs": {"film": clip.id, "sound": song.id}, "options": {"face": "all"}})
    assert dubbing.status_code == 202 and dubbing.json["work"]["options"]["loop"] == "cut"
    assert api.post(dubbing.json["work"]["job"]["links"]["cancel"]).status_code == 202
    driven = {"kind": "transfer", "inputs": {"portrait": picture.id, "driving": clip.id}, "options": {"strength_head": 0.5}}
    moved = api.post("/works", driven)
    assert moved.status_code == 202 and moved.json["work"]["options"]["sound"] == "driving"
    assert moved.json["work"]["inputs"] == driven["inputs"]
    assert api.post("/works", driven).json["created"] is False
    assert api.post(moved.json["work"]["job"]["links"]["cancel"]).status_code == 202


def ask_the_system(api, settings):
    """What is everybody's."""
    for path in ("/limits", "/engines", "/voices", "/openapi.json", "/docs", "/jobs", "/kinds", "/storage", "/account"):
        assert api.get(path).status_code == 200
    settings.voices_dir.mkdir()
    sample_path(settings, "af_heart").write_bytes(b"as if spoken")
    assert api.get("/voices/af_heart/sample").status_code == 200


def order_films(api, rows, song, picture, film, given, seen):
    """Films: one, many, again; their jobs looked at, moved and cancelled."""
    order = api.post("/films", {"song_id": given["id"], "picture_id": seen["id"], "options": {"fps": 12}})
    job = order.json["film"]["job"]
    assert order.status_code == 202 and order.headers["Location"].endswith(f"/jobs/{job['id']}")
    api.get(order.headers["Location"])
    api.post("/films/batch", {"song_ids": [song.id], "picture_ids": [picture.id], "options": {"face": 1}})
    assert api.post(f"/films/{film.id}/again", {"options": {"seed": 7}}).status_code == 202
    assert api.post(job["links"]["cancel"]).json["state"] == "cancelled"
    assert api.get(job["links"]["events"]).status_code == 200
    waits = rows.film("queued", "Waits").job.id
    assert waits in [each["id"] for each in api.post(f"/jobs/{waits}/move", {"before": None}).json["items"]]


def order_works(api, song, picture, film):
    """A work of any kind; gives the one that was ordered."""
    work = {"kind": "song_to_film", "inputs": {"song": song.id, "portrait": picture.id}, "options": {"face": 1, "seed": 8}}
    ordered = api.post("/works", work)
    assert ordered.status_code == 202
    made = SimpleNamespace(id=ordered.json["work"]["id"])
    assert [each["kind"] for each in api.get("/works?kind=song_to_film&limit=1").json["items"]] == ["song_to_film"]
    assert api.get(f"/works/{film.id}").json["inputs"] == work["inputs"] | {"song": film.song.id, "portrait": film.picture.id}
    assert api.get(f"/works/{film.id}/files/film").status_code == 200
    assert api.get(f"/works/{film.id}/thumbnail").mimetype == "image/jpeg"
    assert api.patch(f"/works/{film.id}", {"title": "Another"}).json["title"] == "Another"
    return made


def words_of(api, session, song, picture):
    """Words that were found are read, and corrected."""
    work = film_row(song, picture, files={"lyrics": "film-words.lrc"})
    work.kind, work.figures = SONG_TO_LYRICS.name, {"words": {"language": "en", "lines": [[["la", 1.0, 2.0]]]}}
    session.add_all([work, film_job(work, "done", finished_at=now())])
    session.commit()
    assert api.get(f"/works/{work.id}/words").json["lines"][0]["text"] == "la"
    lines = [{"text": "lo", "start_s": 1, "end_s": 2, "of": 0}]
    assert api.call("put", f"/works/{work.id}/words", json={"lines": lines}).json["lines"][0]["text"] == "lo"
    api.post(f"/works/{work.id}/erase")


def head_of(api, session, settings, film):
    asked = api.post(f"/films/{film.id}/head")
    assert asked.status_code == 202 and api.get(asked.headers["Location"]).json["state"] == "queued"
    session.expire_all()
    job = film.found("film_to_head")
    job.state, job.files = "done", {"head": f"head-{job.id}.glb"}
    (settings.results_dir / job.files["head"]).write_bytes(b"glTF as if made")
    session.commit()
    assert api.post(f"/films/{film.id}/head").status_code == 200
    assert api.get(f"/films/{film.id}/head/file").mimetype == "model/gltf-binary"


def faces_of(api, settings, clip):
    address = f"/clips/{clip.id}/faces"
    assert api.get(address).status_code == 202
    find_people(DatabaseJobStore(api.http.application.extensions[EXTENSION].database, settings))
    assert api.get(api.get(address).json["faces"][0]["links"]["thumbnail"]).mimetype == "image/jpeg"


def library_of(api, song):
    """What is done with many things at once."""
    assert {"id": song.id, "size_bytes": song.size_bytes} in api.get("/library/matches?part=songs").json["items"]
    assert api.post("/library/zip", {"songs": [song.id]}).mimetype == "application/zip"
    album = api.post("/albums", {"title": "Evening"}).json
    assert api.post(f"/albums/{album['id']}/add", {"songs": [song.id]}).json["count"] == 1
    assert api.post("/library/tags", {"chosen": {"songs": [song.id]}, "add": ["Live"]}).json == {"count": 1}
    assert api.get("/tags?begin=li").json["items"] == [{"tag": "Live", "count": 1}]
    assert len(api.get(f"/library/matches?part=songs&album={album['id']}&tag=LIVE").json["items"]) == 1
    assert api.patch(f"/albums/{album['id']}", {"title": "Night"}).json["title"] == "Night"
    assert [each["title"] for each in api.get("/albums").json["items"]] == ["Night"]
    assert api.post(f"/albums/{album['id']}/remove", {"songs": [song.id]}).json["count"] == 0
    assert api.delete(f"/albums/{album['id']}").status_code == 204
    gone = api.post("/library/delete", {"songs": [song.id]}).json
    assert api.post("/library/restore", {"deleted_at": gone["deleted_at"]}).json == {"count": 1}


def preview_of(api, session, settings, song, picture):
    asked = api.post("/previews", {"song_id": song.id, "picture_id": picture.id, "options": {"face": 1}})
    store = DatabaseJobStore(api.http.application.extensions[EXTENSION].database, settings)
    order = next(each for each in iter(lambda: store.claim("a@x", "soon"), None) if each.job_id == asked.json["id"])
    order.outputs["preview"].write_bytes(b"film")
    store.finish(order.job_id, "a@x", {"notes": []}, {"preview": order.outputs["preview"].name})
    made = api.get(asked.headers["Location"]).json
    assert api.get(made["links"]["file"]).status_code == 200 and api.delete(made["links"]["self"]).status_code == 204


def live_everything(api, picture):
    """Every operation below /live, with a stand-in for the live process."""
    with standing_in() as live:
        api.http.application.extensions[KEY] = live.client
        own = api.post("/live/sessions", {"portrait": {"picture": picture["id"]}}).json["links"]["self"]
        for path in ("/live/health", "/live/personas", "/live/sessions", own):
            assert api.get(path).status_code == 200
        assert api.post(f"{own}/offer", {"sdp": "v=0 for a test", "type": "offer"}).status_code == 200
        for name in ("stream.mp4", "stream.mjpeg", "events"):
            answer = api.get(f"{own}/{name}")
            assert answer.status_code == 200
            answer.close()
        headers = {"Content-Type": "application/octet-stream"}
        assert api.post(f"{own}/microphone", data=bytes(320), headers=headers).status_code == 202
        seen = api.post(f"{own}/camera", data=b"a picture", headers={"Content-Type": "image/jpeg"})
        assert seen.mimetype == "image/jpeg" and seen.data.endswith(b"a picture")
        assert api.post(f"{own}/say", {"text": "Hi"}).status_code == api.post(f"{own}/interrupt").status_code == 202
        assert api.post(f"{own}/recording").status_code == 201 and api.delete(f"{own}/recording").status_code == 204
        for name in ("recording", "transcript", "timeline"):
            assert api.get(f"{own}/{name}").status_code == 200
        for name in ("reply", "speech", "emotion"):
            assert api.post(f"/live/{name}", {"text": "Hi"}).status_code == 200
        assert api.delete(own).status_code == 204


def upload_everything(api, data):
    made = api.post("/uploads", {"kind": "song", "file_name": "c.mp3", "size_bytes": len(data)}).json
    own = made["links"]["self"]
    assert api.get(own).json["received_bytes"] == 0 and api.call("head", own).status_code == 200
    headers = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    assert api.patch(own, data=data, headers=headers).headers["Upload-Offset"] == str(len(data))
    assert api.post(made["links"]["finish"]).status_code == 201
    assert api.delete(own).status_code == 204


def test_the_check_of_answers_can_fail(app):
    api = ApiClient(app)
    answer = api.get("/limits")
    answer.data = json.dumps({"song_bytes": "many"})
    with pytest.raises(ValidationError):
        check_answer("get", f"{PREFIX}/limits", answer)
    answer.status_code = 418
    with pytest.raises(AssertionError, match="not documented"):
        check_answer("get", f"{PREFIX}/limits", answer)


def test_the_page_lists_every_operation(app):
    page = app.test_client().get(f"{PREFIX}/docs").text
    for methods in document()["paths"].values():
        for operation in methods.values():
            assert f'data-operation="{operation["operationId"]}"' in page
    assert "http://" not in page.replace("http://www.w3.org", "") and "https://" not in page  # nothing from elsewhere
