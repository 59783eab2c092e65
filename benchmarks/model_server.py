"""A server on this machine that speaks OpenAI's `/v1/chat/completions` as it streams, 50 tokens a second, with faults at will."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN_S = 0.02
ANSWER = "*joy* Hello there! *neutral* I am a model, and this is my second sentence."


class FakeServer:
    """Used by `with`. requests: what it was asked; sent: the answers' words, and when each went out, by `time.monotonic`."""

    def __init__(self, faults: Sequence[Any] = (), answer: str = ANSWER) -> None:
        """faults: what the next requests meet, in turn: a status with headers and a text, or one of the words that
        `Handler.do_POST` knows. answer: to everything."""
        self.faults, self.answer = list(faults), answer
        self.requests: list[dict[str, Any]] = []
        self.sent: list[tuple[str, float]] = []
        self.hung_up = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"fake": self}))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> FakeServer:
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    fake: FakeServer

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def do_POST(self) -> None:
        """Answer, or meet the next fault."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.fake.requests.append({"path": self.path, "headers": dict(self.headers), "body": body, "time": time.monotonic()})
        fault = self.fake.faults.pop(0) if self.fake.faults else ""
        self.close_connection = True
        try:
            if isinstance(fault, tuple):
                self.refuse(*fault)
            elif fault == "not chunked":
                self.whole_answer()
            elif fault == "hang up":
                self.connection.close()
            else:
                self.stream(fault)
        except OSError:
            self.fake.hung_up.set()

    def refuse(self, status: int, headers: Mapping[str, str], text: str) -> None:
        """An answer that is no stream."""
        content = text.encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def whole_answer(self) -> None:
        """All at once, as some servers do."""
        choice = {"message": {"role": "assistant", "content": self.fake.answer}, "finish_reason": "stop"}
        self.refuse(200, {}, json.dumps({"choices": [choice]}))

    def chunk(self, data: str, size: int | None = None) -> None:
        """One piece of the body."""
        content = data.encode()
        self.wfile.write(f"{len(content) if size is None else size:x}\r\n".encode() + content + b"\r\n")
        self.wfile.flush()

    def event(self, choice: Sequence[Mapping[str, Any]]) -> None:
        """One event of the stream."""
        self.chunk(f"data: {json.dumps({'object': 'chat.completion.chunk', 'choices': choice})}\n\n")

    def stream(self, fault: str) -> None:
        """Word by word."""
        if fault == "slow":
            time.sleep(2.5)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.event([{"index": 0, "delta": {"role": "assistant", "content": ""}}])
        words = self.fake.answer.split(" ")
        for number, word in enumerate(words):
            time.sleep(TOKEN_S)
            if number == len(words) // 2 and fault:
                if fault == "cut":
                    return
                if fault == "bad json":
                    self.chunk('data: {"choices": [{"delta": {"con\n\n')
                elif fault == "error event":
                    self.chunk('data: {"error": {"message": "The card is out of memory."}}\n\n')
                elif fault == "silence":
                    for _ in range(12):  # comments keep the line open, and are no words
                        time.sleep(0.25)
                        self.chunk(": still here\n\n")
            self.event([{"index": 0, "delta": {"content": word if number == 0 else f" {word}"}, "finish_reason": None}])
            self.fake.sent.append((word, time.monotonic()))
        self.event([{"index": 0, "delta": {}, "finish_reason": "stop"}])
        self.event([])  # a last one may tell the use alone
        self.chunk("data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")
