"""A small server that speaks the live process' contract, in the place of the real one: its avatar repeats what it is told."""

from __future__ import annotations

import base64
import http.server
import io
import itertools
import json
import re
import threading
from contextlib import contextmanager, suppress

from PIL import Image

from app.live.client import KEY_HEADER, LiveClient
from tests.app.live.stand_in_media import film_of, silence, stream

SECRET = "known to both"
OURS = [
    {"name": "aria", "title": "Aria", "language": "en", "voice": "af_heart", "character": "A host."},
    {"name": "clara", "title": "Clara", "language": "de", "voice": "af_bella", "character": "Eine Sängerin."},
]
PHONEME = {"phoneme": "m", "viseme": "PP", "start_s": 0.0, "end_s": 0.1}
EMOTIONS = ("anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise")
#: Sound of the microphone, in bytes, after which it has heard a sentence: a second.
A_SENTENCE = 32_000


class StandInSession:
    """One avatar. told: its events. sound: bytes of the microphone that came."""

    def __init__(self, number, order, calm_after_s):
        self.id, self.order, self.calm_after_s = f"session{number}", order, calm_after_s
        self.state, self.ended = "preparing", False
        self.told, self.said, self.sound, self.film, self.learned_anew = [], [], 0, None, 0
        self.news = threading.Condition()
        self.tell("state", state="preparing")

    def tell(self, kind, **values):
        with self.news:
            if kind == "state":
                self.state = values["state"]
            self.told.append((kind, {"at_s": round(0.1 * len(self.told), 1), **values}))
            self.news.notify_all()

    def get_ready(self):
        if self.state == "preparing":
            self.tell("state", state="idle")

    def answer(self, text):
        """What it says to a text: long enough that somebody may interrupt it."""
        number = len(self.said)
        self.tell("heard", text=text, final=True, language="en")
        self.said.append({"who": "person", "text": text, "feelings": [], "interrupted": False})
        self.tell("state", state="thinking")
        answer = f"You said: {text}"
        self.said.append({"who": "avatar", "text": answer, "feelings": ["joy"], "interrupted": False})
        self.tell("state", state="speaking")
        self.tell("feeling", emotion="joy", style="happy", strength=0.8, sentence=number)
        words = [[word, 0.1 * place, 0.1 * place + 0.1] for place, word in enumerate(answer.split())]
        self.tell("caption", text=answer, sentence=number, start_s=0.0, end_s=2.0, words=words)
        if self.calm_after_s:
            threading.Timer(self.calm_after_s, lambda: self.tell("state", state="idle")).start()

    def interrupt(self):
        if self.said:
            self.said[-1]["interrupted"] = True
        self.tell("state", state="idle")

    def hear(self, sound):
        before, self.sound = self.sound, self.sound + len(sound)
        if self.order.get("mode") == "sing":
            return None if before else self.tell("state", state="singing")
        if before == 0:
            self.tell("state", state="listening")
            self.tell("heard", text="Good", final=False, language="en")
        if before < A_SENTENCE <= self.sound:
            self.answer("Good morning")

    def end(self):
        with self.news:
            self.ended = True
        self.tell("ended", message="It ended.")

    def as_json(self):
        ready = self.state not in ("preparing", "failed")
        size = {"width": 256, "height": 256, "fps": 25} if ready else dict.fromkeys(("width", "height", "fps"))
        figures = {"fps": 25, "late_frames": 0, "frames": 10} if ready else {}
        mode = self.order.get("mode", "talk")
        about = {"session": self.id, "owner": self.order["owner"], "mode": mode, "film": bool(self.film)}
        return {**about, "state": self.state, "ready": ready, "failed": None, "figures": figures, **size}


class StandIn(http.server.ThreadingHTTPServer):
    """sessions: those that run, by id. orders: all that came. slow: whether avatars wait for `get_ready`. most: at once.

    calm_after_s: how long an answer takes; 0: until it is interrupted. films: streams begun. film_s: their length.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answers)
        self.sessions, self.orders, self.slow, self.most = {}, [], False, 3
        self.numbers, self.calm_after_s = itertools.count(1), 0.0
        self.films, self.film_s = 0, 600
        self.client = LiveClient(SECRET, self.server_port, wanted=True)

    def handle_error(self, request, client_address):
        """Whoever leaves a stream is no error."""


class Answers(http.server.BaseHTTPRequestHandler):
    """The contract."""

    def do_GET(self):
        self.route()

    do_POST = do_DELETE = do_GET

    def route(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers[KEY_HEADER] != SECRET:
            return self.refuse(403, "app.live_down")
        found = re.fullmatch(r"/sessions/(\w+)(?:/(.*))?", self.path)
        if found is None:
            name = f"{self.command}_{self.path.strip('/')}".lower()
            return getattr(self, name)(body)
        session = self.server.sessions.get(found[1])
        if session is None:
            return self.refuse(404, "live.service.no_such_session")
        return getattr(self, f"{self.command}_one_{(found[2] or 'itself').partition('?')[0].replace('.', '_')}".lower())(
            session, body
        )

    def get_health(self, body):
        self.tell({"sessions": len(self.server.sessions), "most": self.server.most})

    def get_personas(self, body):
        self.tell({"personas": OURS})

    def get_sessions(self, body):
        self.tell([session.as_json() for session in self.server.sessions.values()])

    def post_sessions(self, body):
        if len(self.server.sessions) >= self.server.most:
            return self.refuse(429, "live.full", most=self.server.most)
        order = json.loads(body)
        if order.get("persona") == "nobody":
            return self.refuse(400, "live.no_such_persona", name="nobody", list=["aria"])
        session = StandInSession(next(self.server.numbers), order, self.server.calm_after_s)
        self.server.orders.append(order)
        self.server.sessions[session.id] = session
        if not self.server.slow:
            session.get_ready()
        return self.tell({"session": session.id}, 201)

    def post_reply(self, body):
        text = json.loads(body)["text"]
        self.tell({"text": text, "sentences": [{"text": text, "emotion": "joy", "strength": 0.5}]})

    def post_emotion(self, body):
        ekman = dict.fromkeys(EMOTIONS, 0.1)
        self.tell({"goemotions": {"joy": 0.9}, "ekman": ekman, "found": ["joy"], "top": {"emotion": "joy", "strength": 0.9}})

    def post_speech(self, body):
        curves = {"fps": 25, "names": ["jawOpen"], "frames": [[0.0], [0.5]]}
        emotions = [{"text": "Mama", "emotion": "joy", "start_s": 0.0, "end_s": 0.1}]
        told = {"rate_hz": 24000, "duration_s": 0.1, "sound": base64.b64encode(silence()).decode(), "words": [["Mama", 0.0, 0.1]]}
        self.tell({**told, "phonemes": [PHONEME], "emotions": emotions, "curves": curves})

    def get_one_itself(self, session, body):
        self.tell(session.as_json())

    def delete_one_itself(self, session, body):
        session.end()
        del self.server.sessions[session.id]
        self.tell(None, 204)

    def post_one_offer(self, session, body):
        if json.loads(body)["sdp"] != "v=0 for a test":
            return self.refuse(409, "app.live_down")  # nobody here speaks WebRTC: the page goes on with Media Source
        return self.tell({"sdp": "v=0 answered", "type": "answer"})

    def post_one_say(self, session, body):
        session.answer(json.loads(body)["text"])
        self.tell(None, 202)

    def post_one_interrupt(self, session, body):
        session.interrupt()
        self.tell(None, 202)

    def post_one_camera(self, session, body):
        session.learned_anew += self.path.endswith("?anew=1")
        self.tell(b"drawn after " + body, kind="image/jpeg")

    def post_one_microphone(self, session, body):
        session.hear(body)
        self.tell(None, 202)

    def post_one_recording(self, session, body):
        session.film = b""
        self.tell(None, 201)

    def delete_one_recording(self, session, body):
        session.film = film_of(0.5)
        self.tell(None, 204)

    def get_one_recording(self, session, body):
        if not session.film:
            return self.refuse(404, "live.service.no_recording")
        return self.tell(session.film, kind="video/mp4")

    def get_one_transcript(self, session, body):
        self.tell(session.said)

    def get_one_timeline(self, session, body):
        rows = [
            {"number": 0, "text": row["text"], "start_s": 0.0, "end_s": 2.0} for row in session.said if row["who"] == "avatar"
        ]
        self.tell({"sentences": rows})

    def get_one_stream_mp4(self, session, body):
        self.server.films += 1
        self.begin("video/mp4")
        with stream(self.server.film_s) as piped, suppress(OSError):
            while piece := piped.read1(65_536):
                self.wfile.write(piece)

    def get_one_stream_mjpeg(self, session, body):
        self.begin("multipart/x-mixed-replace; boundary=frame")
        with suppress(OSError):
            for number in itertools.count():
                if session.ended:
                    return
                picture = io.BytesIO()
                Image.new("RGB", (64, 64), (number * 40 % 256, 90, 90)).save(picture, "JPEG")
                self.wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\n\r\n" + picture.getvalue() + b"\r\n")
                with session.news:
                    session.news.wait(0.1)

    def get_one_events(self, session, body):
        self.begin("text/event-stream")
        number = int(self.headers.get("Last-Event-ID", -1)) + 1
        with suppress(OSError):
            while True:
                with session.news:
                    while len(session.told) <= number and not session.ended:
                        session.news.wait(10)
                    fresh, over = session.told[number:], session.ended
                for kind, data in fresh:
                    self.wfile.write(f"event: {kind}\nid: {number}\ndata: {json.dumps(data)}\n\n".encode())
                    number += 1
                if over:
                    return

    def begin(self, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()

    def refuse(self, status, code, **values):
        self.tell({"code": code, "values": values}, status)

    def tell(self, content, status=200, kind="application/json"):
        body = b"" if content is None else content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        """Nobody reads it."""


@contextmanager
def standing_in():
    """The server, while it is asked."""
    with StandIn() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
            for session in server.sessions.values():
                session.end()
