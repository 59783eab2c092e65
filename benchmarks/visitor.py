"""A visitor without JavaScript: asks for pages, keeps cookies, fills in forms and sends them. Speaks HTTP alone."""

from __future__ import annotations

import http
import http.cookiejar
import mimetypes
import secrets
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from core.errors import InputError
from core.messages import as_written

TIME_LIMIT_S = 120.0
#: A file that waits to be looked at is asked for that often.
LOOK_AGAIN_S = 1.0
#: A stream of events is given up after that long a silence.
STREAM_SILENCE_S = 30.0


@dataclass
class Form:
    """A form of a page: where it goes, what its fields say, which of them takes a file."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    file_field: str | None = None
    submits: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    """An answer. url: after all redirects. seconds: from the request to the last byte."""

    status: int
    url: str
    text: str
    seconds: float

    @property
    def query(self) -> dict[str, str]:
        """The values in the address after the question mark."""
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.url).query))

    def forms(self) -> list[Form]:
        """All forms of the page."""
        reader = _FormReader(self.url)
        reader.feed(self.text)
        return reader.forms

    def form(self, part_of_action: str = "", with_file: bool = False) -> Form:
        """The first form that goes to such an address. Raises `InputError` where there is none."""
        for form in self.forms():
            if part_of_action in form.action and (form.file_field is not None or not with_file):
                return form
        raise InputError(as_written(f"{self.url} ({self.status}) has no such form ({part_of_action or 'any'})."))


class _FormReader(HTMLParser):
    """Collects the forms of a page with the values that they have before anybody touches them."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._url = url
        self._open: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what the tag adds to the form that is open."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urllib.parse.urljoin(self._url, given.get("action", ""))
            self._open = Form(action, given.get("method", "get").lower())
            self.forms.append(self._open)
        elif self._open is not None and tag in ("input", "button") and "disabled" not in given:
            self._take(self._open, tag, given)
        elif self._open is not None and tag == "select":
            self._select = given.get("name", "")
        elif self._open is not None and tag == "option" and self._select:
            if "selected" in given or self._select not in self._open.fields:
                self._open.fields[self._select] = given.get("value", "")
        elif self._open is not None and tag == "textarea" and given.get("name"):
            self._open.fields[given["name"]] = ""

    def handle_endtag(self, tag: str) -> None:
        """Close the form or the list of choices."""
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""

    @staticmethod
    def _take(form: Form, tag: str, given: dict[str, str]) -> None:
        """One input or button."""
        name, kind = given.get("name", ""), given.get("type", "submit" if tag == "button" else "text")
        if kind == "submit":
            form.submits.append((name, given.get("value", "")))
        elif kind == "file":
            form.file_field = form.file_field or name
        elif name and (kind not in ("radio", "checkbox") or "checked" in given):
            form.fields[name] = given.get("value", "on" if kind == "checkbox" else "")


class Visitor:
    """One person's browser. Raises `InputError` where the server does not answer at all."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._jar = http.cookiejar.CookieJar()
        cookies = urllib.request.HTTPCookieProcessor(self._jar)
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)

    def get(self, path: str) -> Page:
        """Open a page; a path or a whole address."""
        return self._send(urllib.request.Request(urllib.parse.urljoin(self.url + "/", path)))

    def submit(self, form: Form, values: dict[str, str] | None = None, file: Path | None = None, button: int = 0) -> Page:
        """Send a form with some values changed, perhaps with a file. button: which one is pressed, where they have names."""
        fields = {**form.fields, **(values or {})}
        if form.submits[button : button + 1] and form.submits[button][0]:
            fields[form.submits[button][0]] = form.submits[button][1]
        if form.method == "get":
            return self.get(form.action.partition("?")[0] + "?" + urllib.parse.urlencode(fields))
        if file is None and form.file_field is None:
            body, kind = urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded"
        else:
            body, kind = multipart(fields, form.file_field or "file", file)
        headers = {"Content-Type": kind, "Referer": self.url + "/"}
        return self._send(urllib.request.Request(form.action, data=body, headers=headers))

    def upload(self, path: str, file: Path) -> Page:
        """Open a page and send a file through its form; where it has to wait to be looked at, until that is done."""
        page = self.submit(self.get(path).form(with_file=True), file=file)
        until_s = time.monotonic() + TIME_LIMIT_S
        while "look" in page.query and page.status == http.HTTPStatus.OK and time.monotonic() < until_s:
            time.sleep(LOOK_AGAIN_S)
            page = self._send(urllib.request.Request(page.url))
        return page

    def cookie(self, name: str) -> str:
        """The value of a cookie that was given. Raises `InputError` where there is none."""
        for cookie in self._jar:
            if cookie.name == name and cookie.value is not None:
                return cookie.value
        raise InputError(as_written(f"{self.url} gave no cookie {name}."))

    def stream(self, path: str, ended: threading.Event) -> int:
        """Read a stream of events until the server ends it or `ended` is set; returns how many lines came."""
        request = urllib.request.Request(urllib.parse.urljoin(self.url + "/", path), headers={"Accept": "text/event-stream"})
        lines = 0
        try:
            with self._opener.open(request, timeout=STREAM_SILENCE_S) as reply:
                while not ended.is_set() and reply.readline():
                    lines += 1
        except TimeoutError:
            return lines
        except OSError as error:
            raise InputError(as_written(f"{request.full_url} did not answer: {error}.")) from error
        return lines

    def _send(self, request: urllib.request.Request) -> Page:
        """Carry out a request, its redirects included."""
        begin_s = time.perf_counter()
        try:
            with self._opener.open(request, timeout=TIME_LIMIT_S) as reply:
                data, status, url = reply.read(), reply.status, reply.url
        except urllib.error.HTTPError as refusal:
            data, status, url = refusal.read(), refusal.code, refusal.url
        except OSError as error:
            raise InputError(as_written(f"{request.full_url} did not answer: {error}.")) from error
        return Page(status, url, data.decode("utf-8", "replace"), time.perf_counter() - begin_s)


def multipart(fields: dict[str, str], file_field: str, file: Path | None) -> tuple[bytes, str]:
    """The body and the type of a form with a file (RFC 7578)."""
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    file_name, data = (file.name, file.read_bytes()) if file else ("", b"")
    kind = mimetypes.guess_type(file_name)[0] or "application/octet-stream"
    disposition = f'form-data; name="{file_field}"; filename="{file_name}"'
    head = f"--{boundary}\r\nContent-Disposition: {disposition}\r\nContent-Type: {kind}\r\n\r\n"
    body = b"".join(parts) + head.encode() + data + f"\r\n--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"
