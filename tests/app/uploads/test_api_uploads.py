"""Uploads in pieces through the API."""

from __future__ import annotations

import io
import os
import threading

import pytest

from app.api.openapi import PREFIX
from app.context import PERSON_COOKIE
from app.models import Song, Work, new_id
from app.services import films as film_service
from app.services.idempotency import begin_request
from tests.app.api_client import ApiClient, Rows, problem_of

PIECE = {"Content-Type": "application/offset+octet-stream"}


class TestUploads:
    def begin(self, api, size, kind="song", name="a.mp3"):
        return api.post("/uploads", {"kind": kind, "file_name": name, "size_bytes": size}).json["links"]["self"]

    def test_a_song_in_pieces_with_breaks(self, api, song_path, session):
        data = song_path.read_bytes()
        own = self.begin(api, len(data), name="Mein Lied.mp3")
        third = len(data) // 3
        for start in (0, third):
            piece = data[start : start + third]
            assert api.patch(own, data=piece, headers={**PIECE, "Upload-Offset": str(start)}).status_code == 204
        again = api.patch(
            own, data=data[third : 2 * third], headers={**PIECE, "Upload-Offset": str(third)}
        )  # its answer was lost
        problem_of(again, 409, f"has reached byte {2 * third}")
        assert again.headers["Upload-Offset"] == str(2 * third) and again.json["received_bytes"] == 2 * third
        problem_of(api.post(f"{own}/finish"), 409, "send the rest")
        offset = int(api.call("head", own).headers["Upload-Offset"])
        api.patch(own, data=data[offset:], headers={**PIECE, "Upload-Offset": str(offset)})
        done = api.post(f"{own}/finish")
        assert done.status_code == 201 and done.json["title"] == "Mein Lied"
        assert api.get(done.json["links"]["file"]).data == data
        assert api.post(f"{own}/finish", {"title": "Other"}).json["id"] == done.json["id"]  # finishing twice harms nothing
        assert session.query(Song).count() == 1

    def test_what_a_power_loss_took_is_sent_again(self, api, song_path, settings):
        data = song_path.read_bytes()
        own = self.begin(api, len(data))
        api.patch(own, data=data, headers={**PIECE, "Upload-Offset": "0"})
        (part,) = settings.incoming_dir.glob("*.part")
        os.truncate(part, 1000)
        answer = api.post(f"{own}/finish")
        problem_of(answer, 409, "Only 1000 of")
        assert answer.json["received_bytes"] == 1000 and answer.headers["Upload-Offset"] == "1000"
        os.truncate(part, 900)
        assert api.get(own).json["received_bytes"] == 900
        assert api.patch(own, data=data[900:], headers={**PIECE, "Upload-Offset": "900"}).status_code == 204
        done = api.post(f"{own}/finish")
        assert done.status_code == 201 and api.get(done.json["links"]["file"]).data == data

    def test_pieces_that_do_not_fit(self, api, settings):
        own = self.begin(api, 100)
        problem_of(api.patch(own, data=b"x" * 101, headers={**PIECE, "Upload-Offset": "0"}), 422)
        problem_of(api.patch(own, data=b"x", headers=PIECE), 400, "Upload-Offset")
        problem_of(api.patch(own, data=b"x", headers={**PIECE, "Upload-Offset": "-1"}), 400)
        problem_of(api.patch(own, data=b"x", headers={**PIECE, "Upload-Offset": "7"}), 409)
        problem_of(api.patch(own, data=b"x", headers={"Upload-Offset": "0", "Content-Type": "text/plain"}), 415)
        large = bytes(settings.limits.piece_bytes + 1)
        problem_of(api.patch(own, data=large, headers={**PIECE, "Upload-Offset": "0"}), 413)
        assert api.get(own).json["received_bytes"] == 0

    def test_what_can_not_be_begun(self, api, settings):
        for body, status in (
            ({"kind": "film", "file_name": "a", "size_bytes": 1}, 422),
            ({"kind": "song", "file_name": "a", "size_bytes": 0}, 422),
            ({"kind": "song", "file_name": "a", "size_bytes": settings.limits.song_bytes + 1}, 413),
            ({"kind": "song", "file_name": "a", "size_bytes": 1.5}, 422),
            ({"kind": "song", "file_name": "", "size_bytes": 1}, 422),
        ):
            problem_of(api.post("/uploads", body), status)
        problem_of(api.get("/uploads/none"), 404)
        problem_of(api.post("/uploads/none/finish"), 404)

    def test_a_file_that_can_not_be_used_leaves_nothing(self, api, settings):
        own = self.begin(api, 64, "picture", "../../x.png")
        api.patch(own, data=b"\x89PNG\r\n\x1a\n" + b"x" * 56, headers={**PIECE, "Upload-Offset": "0"})
        problem_of(api.post(f"{own}/finish"), 422)
        assert list(settings.incoming_dir.iterdir()) == []
        problem_of(api.get(own), 404)

    def test_an_upload_that_is_dropped_leaves_nothing(self, api, settings):
        own = self.begin(api, 64)
        assert api.delete(own).status_code == 204
        assert list(settings.incoming_dir.iterdir()) == []
