"""The load test's own arithmetic and its visitor, against known truths; the load itself is a benchmark."""

from __future__ import annotations

import http.server
import random
import threading

import numpy as np
import pytest

from benchmarks.pages_under_load import Click, figures, keeps_promise, percentile
from benchmarks.visitor import Visitor

PAGE = """<form action="/search"><input name="q" value="old"></form>
<form action="/take?song=1" method="post" enctype="multipart/form-data">
<input type="hidden" name="token" value="t"><input type="file" name="picture"><input type="checkbox" name="label">
<input type="radio" name="face" value="1"><input type="radio" name="face" value="2" checked>
<select name="fps"><option value="25">25</option><option value="30" selected>30</option></select>
<button name="go" value="yes">Go</button></form>"""


@pytest.mark.parametrize("count", [1, 7, 20, 100])
def test_percentile_is_the_nearest_rank(count):
    values = sorted(random.Random(count).uniform(0, 500) for _ in range(count))
    for part in (0.01, 0.5, 0.95, 0.99, 1.0):
        assert percentile(values, part) == np.percentile(values, 100 * part, method="inverted_cdf")


@pytest.mark.parametrize(("slow", "status", "kept"), [(5, 200, True), (6, 200, False), (0, 500, False)])
def test_the_promise_is_kept_or_not(slow, status, kept):
    clicks = [Click("/", 200, 250.0 if number < slow else 20.0, 0.0) for number in range(99)] + [Click("/a", status, 1.0, 0.0)]
    rows = figures(clicks)
    assert [row.page for row in rows] == ["all", "/", "/a"]
    assert rows[0].clicks == 100 and rows[0].share == (100 - slow) / 100
    assert keeps_promise(rows) is kept


class Handler(http.server.BaseHTTPRequestHandler):
    """Shows the form, and what is sent by it."""

    def log_message(self, *_):
        """Nothing."""

    def answer(self, text):
        self.send_response(200)
        self.send_header("Set-Cookie", "who=me")
        self.end_headers()
        self.wfile.write(text.encode())

    def do_GET(self):
        self.answer(PAGE if self.path == "/" else f"{self.path} {self.headers['Cookie']}")

    def do_POST(self):
        self.answer(f"{self.path} {self.headers['Cookie']} {self.rfile.read(int(self.headers['Content-Length'])).decode()}")


@pytest.fixture
def address():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_visitor_fills_in_forms_as_a_browser_does(address, tmp_path):
    (tmp_path / "face.png").write_text("bytes of a picture")
    visitor = Visitor(address)
    page = visitor.get("/")
    form = page.form(with_file=True)
    assert form.fields == {"token": "t", "face": "2", "fps": "30"} and form.file_field == "picture"
    sent = visitor.submit(form, {"face": "1"}, file=tmp_path / "face.png").text
    assert sent.startswith("/take?song=1 who=me")
    for part in ('name="token"\r\n\r\nt\r\n', 'name="face"\r\n\r\n1\r\n', 'name="go"\r\n\r\nyes', 'filename="face.png"'):
        assert part in sent
    assert "bytes of a picture" in sent and 'name="label"' not in sent
    found = visitor.submit(page.form("search"), {"q": "a b"})
    assert found.text == "/search?q=a+b who=me" and found.query == {"q": "a b"}
