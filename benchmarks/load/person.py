"""A person who uses the program through its API: gives a film, orders films of it, listens to how they come."""

from __future__ import annotations

import http
import http.client
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from benchmarks.live_server import HOST
from core.errors import InputError
from core.messages import as_written
from media.film_writer import FilmWriter

API = "/api/v1"
TIME_LIMIT_S = 60.0
LOOKS = ("ink", "sketch", "poster")
FPS, WIDTH, HEIGHT, RATE_HZ = 25.0, 96, 64, 48_000


def small_film(path: Path, frames: int = 25) -> Path:
    """A film of 96 x 64 pixels with a tone, whose frames are told apart by their level."""
    times_s = np.arange(round(frames / FPS * RATE_HZ)) / RATE_HZ
    sound = path.with_suffix(".wav")
    soundfile.write(sound, (0.4 * np.sin(2 * np.pi * 220.0 * times_s)).astype(np.float32), RATE_HZ, "PCM_16")
    with FilmWriter(path, (WIDTH, HEIGHT), FPS, sound) as writer:
        for index in range(frames):
            writer.write(np.full((HEIGHT, WIDTH, 3), 40 + 3 * (index % 50), np.uint8))
    sound.unlink()
    return path


class Answer:
    """status, headers and body of an answer; `json` is its body read."""

    def __init__(self, status: int, headers: http.client.HTTPMessage, body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self) -> Any:
        """The body as JSON. Raises `InputError` where it is none, or none was expected to be read after a refusal."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise InputError(as_written(f"The answer ({self.status}) is no JSON: {self.body[:200]!r}")) from error


class ApiPerson:
    """One person's program with a cookie of its own. Every request has a connection of its own, so that a cut harms one alone."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._cookies: dict[str, str] = {}

    def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """One request below the API. Raises OSError, HTTPException where it is cut."""
        return self._send(method, path if path.startswith(API) else API + path, body, headers)

    def page(self, path: str) -> Answer:
        """A page, or anything else by its whole path. Raises as `call`."""
        return self._send("GET", path)

    def _send(self, method: str, full: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **(headers or {})}
        if self._cookies:
            sent["Cookie"] = self.cookies
        connection = http.client.HTTPConnection(HOST, self.port, timeout=TIME_LIMIT_S)
        try:
            connection.request(method, full, data, sent)
            reply = connection.getresponse()
            answer = Answer(reply.status, reply.headers, reply.read())
        finally:
            connection.close()
        for given in answer.headers.get_all("Set-Cookie", []):
            name, _, value = given.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer

    @property
    def cookies(self) -> str:
        """What goes with every request."""
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def wanted(self, status: int, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        """The JSON of an answer of that status. Raises `InputError` for another."""
        answer = self.call(method, path, body, headers)
        if answer.status != status:
            raise InputError(as_written(f"{method} {path} answered {answer.status}: {answer.body[:300]!r}"))
        return answer.json if answer.body else None

    def give_clip(self, film: Path) -> str:
        """Upload a film; its id."""
        data = film.read_bytes()
        upload = self.wanted(201, "POST", "/uploads", {"kind": "clip", "file_name": film.name, "size_bytes": len(data)})
        piece = {"Content-Type": "application/octet-stream", "Upload-Offset": "0"}
        self.wanted(204, "PATCH", f"/uploads/{upload['id']}", data, piece)
        answer = self.call("POST", f"/uploads/{upload['id']}/finish")
        until_s = time.monotonic() + TIME_LIMIT_S
        while answer.status == http.HTTPStatus.ACCEPTED and time.monotonic() < until_s:
            time.sleep(0.2)
            answer = self.call("POST", f"/uploads/{upload['id']}/finish")
        if answer.status not in (http.HTTPStatus.OK, http.HTTPStatus.CREATED):
            raise InputError(as_written(f"The film was not taken ({answer.status}): {answer.body[:300]!r}"))
        return str(answer.json["id"])

    def order_look(self, clip_id: str, number: int) -> dict[str, Any]:
        """Order the clip in a look; another number is another film. Gives the work."""
        return dict(self.wanted(202, "POST", "/works", look_order(clip_id, number))["work"])


def look_order(clip_id: str, number: int) -> dict[str, Any]:
    """The order of a film in another look; `number` below 300 makes it another one each time."""
    look, step = LOOKS[number % len(LOOKS)], number // len(LOOKS)
    return {"kind": "look_film", "inputs": {"film": clip_id}, "options": {"look": look, "start_s": round(0.005 * step, 3)}}


def open_stream(person: ApiPerson, path: str) -> http.client.HTTPResponse:
    """A stream of events that is read by whoever asked; closing the answer closes it."""
    connection = http.client.HTTPConnection(HOST, person.port, timeout=TIME_LIMIT_S)
    connection.request("GET", path, headers={"Accept": "text/event-stream", "Cookie": person.cookies})
    return connection.getresponse()
