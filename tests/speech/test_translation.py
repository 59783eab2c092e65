"""Sentences translated and shortened by a model, against one on this machine that answers as models do."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from core.errors import InputError
from core.secret import Secret
from speech import server_calls
from speech.server_calls import RemoteVoiceError
from speech.translation import AT_ONCE, KEY_VARIABLE, ModelTranslator, TranslatorSettings, strings_of

SECRET = "sk-belcanto-0123456789"


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, dict(self.headers), body))
        texts = json.loads(body["messages"][-1]["content"])
        told = self.server.answers.pop(0) if self.server.answers else json.dumps([f"<{text}>" for text in texts])
        if isinstance(told, int):
            self.send_response(told)
            self.end_headers()
            return
        content = json.dumps({"choices": [{"message": {"content": told}}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(server_calls, "WAITS_S", (0.01, 0.01))
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.asked, served.answers = [], []
    thread = threading.Thread(target=served.serve_forever)
    thread.start()
    yield served
    served.shutdown()
    thread.join()
    served.server_close()


def translator(server, **more):
    return ModelTranslator(TranslatorSettings(f"http://127.0.0.1:{server.server_port}", "small-model", **more))


def test_sentences_are_translated_in_their_order_a_few_at_once(server):
    texts = [f"Satz {number}." for number in range(AT_ONCE + 3)]
    assert list(translator(server).translate(texts, "de", "fr")) == [f"<{text}>" for text in texts]
    paths, _, bodies = zip(*server.asked, strict=True)
    assert paths == ("/v1/chat/completions",) * 2 and bodies[0]["model"] == "small-model"
    assert "from de into fr" in bodies[0]["messages"][0]["content"]


def test_chatter_around_the_answer_does_no_harm_and_a_wrong_number_is_asked_again(server):
    server.answers = ['["one"]', 'Here you are:\n```json\n["eins",\n "zwei  Wörter"]\n```']
    assert list(translator(server).translate(["one", "two words"], "en", "de")) == ["eins", "zwei Wörter"]
    assert len(server.asked) == 2


def test_a_model_that_never_answers_rightly_is_told_of(server):
    server.answers = ["I can't.", '["a", 3]']
    with pytest.raises(RemoteVoiceError, match="small-model"):
        list(translator(server).translate(["one", "two"], "en", "de"))


def test_a_text_is_shortened(server):
    server.answers = ['["Short."]']
    assert translator(server).shorten("A sentence that is long.", 9) == "Short."
    assert "at most 9 characters" in server.asked[0][2]["messages"][0]["content"]


def test_a_busy_server_is_asked_again_and_the_key_goes_along_in_no_sentence(server, monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, SECRET)
    server.answers = [503, '["ja"]', 401]
    model = translator(server)
    assert list(model.translate(["yes"], "en", "de")) == ["ja"]
    assert server.asked[0][1]["Authorization"] == f"Bearer {SECRET}"
    with pytest.raises(RemoteVoiceError) as told:
        list(model.translate(["yes"], "en", "de"))
    assert SECRET not in str(told.value)


def test_what_is_no_address_or_names_no_model_is_refused():
    with pytest.raises(InputError):
        TranslatorSettings("ftp://somewhere", "m")
    with pytest.raises(InputError):
        TranslatorSettings("http://127.0.0.1:1", "  ")
    with pytest.raises(InputError):
        TranslatorSettings("http://example.com", "m", Secret(SECRET))
    assert TranslatorSettings("http://127.0.0.1:1/v1/chat/completions", "m").url == "http://127.0.0.1:1"


@pytest.mark.parametrize("answer", [b"no json", b"{}", b'{"choices": [{"message": {"content": null}}]}', b'{"choices": []}'])
def test_what_is_no_answer_gives_none(answer):
    assert strings_of(answer, 1) is None
