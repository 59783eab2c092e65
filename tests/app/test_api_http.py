"""The API as HTTP asks for it: methods that an address has, ranges, tags, and bodies that every tool can send."""

from __future__ import annotations

import re

import pytest

from app.api.openapi import PREFIX, document
from app.models import new_id


@pytest.mark.slow
@pytest.mark.parametrize("path", list(document()["paths"]))
def test_options_name_the_methods_that_the_path_has(client, path):
    answer = client.options(PREFIX + re.sub(r"{\w+}", new_id(), path))
    has = {method.upper() for method in document()["paths"][path]}
    assert answer.status_code == 200
    assert set(answer.headers["Allow"].split(", ")) == has | {"OPTIONS"} | ({"HEAD"} if "GET" in has else set())


def test_options_of_what_is_not_there(client):
    assert client.options(f"{PREFIX}/nothing").status_code == 404


@pytest.mark.parametrize("wanted", ["bytes=0-1,4-5", "bytes=0-0,-1", "bytes=a-b", "seconds=0-1", "bytes=0-1,999999999-"])
def test_what_is_not_one_range_is_answered_with_the_whole(api, rows, settings, wanted):
    song = rows.song()
    whole = api.get(f"/songs/{song.id}/file").data
    answer = api.get(f"/songs/{song.id}/file", headers={"Range": wanted})
    assert answer.status_code == 200 and answer.data == whole
    one = api.get(f"/songs/{song.id}/file", headers={"Range": "bytes=1-2"})
    assert one.status_code == 206 and one.data == whole[1:3]
    assert api.get(f"/songs/{song.id}/file", headers={"Range": "bytes=999999999-"}).status_code == 416
    style = api.http.get("/static/css/belcanto.css", headers={"Range": wanted})
    assert style.status_code == 200


@pytest.mark.parametrize("path", ["/songs", "/limits", "/openapi.json", "/jobs", "/songs/{song}", "/songs/{song}/waveform"])
def test_json_is_not_sent_twice(api, rows, path):
    song = rows.song()
    path = path.format(song=song.id)
    first = api.get(path)
    tag = first.headers["ETag"]
    again = api.get(path, headers={"If-None-Match": tag})
    assert again.status_code == 304 and again.data == b"" and again.headers["ETag"] == tag
    assert api.get(path, headers={"If-None-Match": '"another"'}).json == first.json
    assert api.http.head(PREFIX + path).headers["ETag"] == tag


def test_a_change_gives_another_tag(api, rows):
    song = rows.song()
    tag = api.get(f"/songs/{song.id}").headers["ETag"]
    api.patch(f"/songs/{song.id}", {"title": "Another"})
    answer = api.get(f"/songs/{song.id}", headers={"If-None-Match": tag})
    assert answer.status_code == 200 and answer.json["title"] == "Another" and answer.headers["ETag"] != tag


def test_errors_have_no_tag(api):
    assert "ETag" not in api.get(f"/songs/{new_id()}").headers


#: Types of bodies that tools made from the document know how to send.
KNOWN_TYPES = {"application/json", "multipart/form-data", "application/octet-stream"}


def test_every_body_can_be_made_by_tools():
    bodies = [
        (path, kind, described)
        for path, methods in document()["paths"].items()
        for operation in methods.values()
        for kind, described in operation.get("requestBody", {}).get("content", {}).items()
    ]
    assert {kind for _, kind, _ in bodies} == KNOWN_TYPES
    assert all(described["schema"] for _, _, described in bodies)
    pieces = {path: described["schema"] for path, kind, described in bodies if kind == "application/octet-stream"}
    assert set(pieces) == {
        "/uploads/{upload_id}",
        *(f"/live/sessions/{{session_id}}/{sense}" for sense in ("microphone", "camera")),
    }
    assert list(pieces.values()) == 3 * [{"type": "string", "format": "binary"}]


@pytest.mark.parametrize(("text", "taken"), [(b"322656.0", True), (b"3.22656e5", True), (b"322656.5", False), (b"0", False)])
def test_a_whole_number_may_be_written_with_a_point(api, text, taken):
    """JSON Schema calls 322656.0 an integer, and tools that make numbers from the document write it so."""
    body = b'{"kind": "song", "file_name": "c.mp3", "size_bytes": ' + text + b"}"
    answer = api.call("post", "/uploads", data=body, content_type="application/json")
    assert answer.status_code == (201 if taken else 422)
    if taken:
        assert answer.json["size_bytes"] == 322656 and isinstance(answer.json["size_bytes"], int)
    order = b'{"song_id": "x", "picture_id": "x", "options": {"seed": 7.%d}}'
    for digit, status in ((0, 404), (5, 422)):
        assert api.call("post", "/films", data=order % digit, content_type="application/json").status_code == status


def test_the_document_tells_what_is_the_least():
    shapes = document()["components"]["schemas"]
    assert shapes["NewUpload"]["properties"]["size_bytes"]["minimum"] == 1
    pair = shapes["Options"]["properties"]["intensity"]["items"]["anyOf"][1]
    assert [place["minimum"] for place in pair["prefixItems"]] == [0, 0] and pair["prefixItems"][1]["maximum"] == 1


@pytest.mark.parametrize("kind", ["application/octet-stream", "application/offset+octet-stream"])
def test_pieces_come_in_either_type(api, kind):
    made = api.post("/uploads", {"kind": "song", "file_name": "c.mp3", "size_bytes": 6}).json
    answer = api.patch(made["links"]["self"], data=b"abc", headers={"Upload-Offset": "0", "Content-Type": kind})
    assert answer.status_code == 204 and answer.headers["Upload-Offset"] == "3"
    wrong = api.patch(made["links"]["self"], data=b"abc", headers={"Upload-Offset": "3", "Content-Type": "text/plain"})
    assert wrong.status_code == 415
