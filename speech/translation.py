"""What is said in a film, in another language, by a model on a server that speaks OpenAI's protocol.

    translator = ModelTranslator(TranslatorSettings("http://127.0.0.1:11434", "llama3.2"))
    translator.translate(["Guten Tag."], "de", "fr")
    translator.shorten("A sentence that takes too long.", "en", 20)

The sentences leave this machine for the server that the settings name, and for no other. Whoever runs a wizard names it once in
the environment (`BELCANTO_TRANSLATOR`, `BELCANTO_TRANSLATOR_MODEL`). A key comes from there too (`BELCANTO_TRANSLATOR_KEY`), and
is neither stored nor printed.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.errors import InputError
from core.secret import Secret, secret_of_environment
from core.server_address import server_address
from speech.server_calls import RemoteVoiceError, Server

KEY_VARIABLE = "BELCANTO_TRANSLATOR_KEY"
#: The server and the model's name there, where nobody names others.
SERVER_VARIABLE, MODEL_VARIABLE = "BELCANTO_TRANSLATOR", "BELCANTO_TRANSLATOR_MODEL"
COMPLETIONS = "/chat/completions"
#: Sentences of one request: enough to understand one by the others, few enough for small models to keep count.
AT_ONCE = 12
#: Answers that are asked for before it is given up.
TRIES = 2
_ARRAY = re.compile(r"\[.*\]", re.DOTALL)
TRANSLATE = (
    "You translate what is said in a film from {source} into {target}, for a dubbing: spoken language, no longer than the "
    "original, nothing added, nothing left out. You are given a JSON array of sentences that follow one another. Answer with a "
    "JSON array of as many strings, their translations in the same order, and nothing else."
)
SHORTEN = (
    "You shorten a sentence of a film's dubbing so that it can be said in less time: same language, same meaning, at most "
    "{most} characters. You are given a JSON array of one sentence. Answer with a JSON array of the one shorter sentence, and "
    "nothing else."
)


@dataclass(frozen=True)
class TranslatorSettings:
    """url: of the server, with /v1/chat/completions or without. model: its name there. key: one that was entered; else the
    environment is asked. timeout_s: for one request."""

    url: str
    model: str
    key: Secret = field(default_factory=Secret)
    timeout_s: float = 120.0

    def __post_init__(self) -> None:
        """Raises InputError for an address that can't be one, or over which a key would travel in the clear."""
        if not self.model.strip():
            raise InputError("speech.translator_without_model")
        key = self.key or secret_of_environment(KEY_VARIABLE)
        address = server_address(self.url, bool(key)).url.removesuffix(COMPLETIONS).removesuffix("/v1")
        object.__setattr__(self, "url", address)


def translator_of_environment(environment: Mapping[str, str] = os.environ) -> TranslatorSettings | None:
    """The model that the environment names; None where it names none. Raises InputError for half of a name, as the settings."""
    server, model = (environment.get(name, "").strip() for name in (SERVER_VARIABLE, MODEL_VARIABLE))
    if bool(server) != bool(model):
        raise InputError("speech.half_a_translator", server=SERVER_VARIABLE, model=MODEL_VARIABLE)
    return TranslatorSettings(server, model) if server else None


class ModelTranslator:
    """Asks a model."""

    def __init__(self, settings: TranslatorSettings) -> None:
        """Raises InputError for a key that can't be one. Nothing is sent before a text is given."""
        key = settings.key or secret_of_environment(KEY_VARIABLE)
        self._server = Server(settings.url, key, settings.timeout_s)
        self._model = settings.model

    def translate(self, texts: Sequence[str], source: str, target: str) -> Iterator[str]:
        """The texts, which follow one another, in the language `target`; languages as BCP 47 writes them.

        Raises RemoteVoiceError where the server does not answer, or not with as many translations.
        """
        ask = TRANSLATE.format(source=source, target=target)
        for first in range(0, len(texts), AT_ONCE):
            yield from self._asked(ask, texts[first : first + AT_ONCE])

    def shorten(self, text: str, most_characters: int) -> str:
        """The text in fewer words; whether they are few enough, the caller sees. Raises like `translate`."""
        return self._asked(SHORTEN.format(most=most_characters), [text])[0]

    def _asked(self, ask: str, texts: Sequence[str]) -> list[str]:
        messages = [
            {"role": "system", "content": ask},
            {"role": "user", "content": json.dumps(list(texts), ensure_ascii=False)},
        ]
        for _ in range(TRIES):
            body = {"model": self._model, "messages": messages, "temperature": 0.2, "stream": False}
            answer = self._server.post_json(f"/v1{COMPLETIONS}", body)
            told = strings_of(answer, len(texts))
            if told is not None:
                return told
        raise RemoteVoiceError("speech.translator_answer_unreadable", address=self._server.address, model=self._model)


def strings_of(answer: bytes, count: int) -> list[str] | None:
    """The strings of a model's answer; None where they are not as many, or it is no such answer."""
    try:
        content: Any = json.loads(answer)["choices"][0]["message"]["content"]
        found = _ARRAY.search(content)
        told = json.loads(found.group()) if found else None
    except (ValueError, KeyError, IndexError, TypeError):
        return None
    if not isinstance(told, list) or len(told) != count or not all(isinstance(each, str) and each.strip() for each in told):
        return None
    return [" ".join(each.split()) for each in told]
