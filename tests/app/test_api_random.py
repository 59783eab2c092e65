"""Many senseless requests: none is a 500, and each is answered as the document says."""

from __future__ import annotations

import json
import random
import re
from collections import Counter

import pytest

from app.api.openapi import document
from app.live.client import KEY
from app.models import new_id
from tests.app.api_client import ApiClient, Rows
from tests.app.live.stand_in import standing_in

VALUES = ("", "x", "\0", "é", "../..", 0, -1, 1.5, None, [], {}, True, 10**30, "a" * 3000, "\ud800", 1e308)
NAMES = (
    "portrait",
    "text",
    "song_id",
    "picture_id",
    "options",
    "title",
    "kind",
    "file_name",
    "size_bytes",
    "fps",
    "start_s",
    "face",
    "song_ids",
)
IDS = ("x", "%00", "a" * 32, "%ff", "..", "é")
QUERIES = ("", "0", "-1", "1", "x", "\0", "%", "AAAA", "é", "9" * 30)
HEADERS = ("Idempotency-Key", "Upload-Offset", "Range", "If-None-Match", "Content-Type", "Accept-Language")
HEADER_VALUES = (
    "x",
    "0",
    "bytes=0-",
    "bytes=a",
    "multipart/form-data; boundary=x",
    '"',
    "de",
    "application/offset+octet-stream",
    "9" * 300,
)


def body_of(dice, depth=0):
    """Some JSON value."""
    if depth > 2 or dice.random() < 0.5:
        return dice.choice(VALUES)
    if dice.random() < 0.8:
        return {dice.choice(NAMES): body_of(dice, depth + 1) for _ in range(4)}
    return [body_of(dice, depth + 1)]


@pytest.mark.slow
def test_senseless_requests(app, session, settings):
    with standing_in() as live:
        app.extensions[KEY] = live.client
        ask_senselessly(app, session, settings)


def ask_senselessly(app, session, settings):
    app.config["PROPAGATE_EXCEPTIONS"] = False
    person, dice, statuses = new_id(), random.Random(7), Counter()
    api, rows = ApiClient(app, person), Rows(session, settings, person)
    film = rows.film("done")
    real = [film.id, film.job.id, film.song.id, film.picture.id]
    calls = [(path, method) for path, methods in document()["paths"].items() for method in methods]
    for _ in range(1500):
        path, method = dice.choice(calls)
        path = re.sub(r"{\w+}", lambda _: dice.choice((*IDS, *real)), path)
        headers = {dice.choice(HEADERS): dice.choice(HEADER_VALUES)}
        if dice.random() < 0.8:
            headers.setdefault("Content-Type", "application/json")
        data = json.dumps(body_of(dice)) if dice.random() < 0.8 else dice.randbytes(20)
        query = {dice.choice(("limit", "cursor", "q", "state", "download", "start_s", "duration_s")): dice.choice(QUERIES)}
        answer = api.call(method, path, query_string=query, headers=headers, data=data)
        statuses[answer.status_code] += 1
        assert answer.status_code < 500, (method, path, query, headers, data)
    assert len(statuses) >= 5 and statuses[200] > 50
