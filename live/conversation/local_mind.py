"""A small model on this machine: a GGUF file under llama.cpp, by the optional package xllamacpp.

    mind = LocalMind(LocalSettings(Path("model.gguf")))

llama.cpp answers by the same protocol as a server elsewhere, on this machine's own address and with a key that only this process
knows; so it streams, ends and fails like one. It is not the default: the models small enough for any machine make little sense.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import InputError, MissingError
from core.secret import Secret
from live.conversation.mind import Reply, Turn
from live.conversation.server_mind import ServerMind, ServerSettings

#: How every file of this kind begins.
GGUF_MAGIC = b"GGUF"


@dataclass(frozen=True)
class LocalSettings:
    """path: of the GGUF file. context_tokens: of history and answer together. threads: of the processor.

    most_tokens: of an answer. first_token_s, between_tokens_s: the longest waits; a busy machine takes its time.
    """

    path: Path
    context_tokens: int = 4096
    threads: int = 2
    most_tokens: int = 200
    first_token_s: float = 60.0
    between_tokens_s: float = 30.0


class LocalMind:
    """Loads the model when it is first asked, and keeps it."""

    def __init__(self, settings: LocalSettings) -> None:
        """Raises InputError where there is no such file or it is of another kind, MissingError where the package is missing."""
        try:
            with settings.path.open("rb") as file:
                begins = file.read(len(GGUF_MAGIC))
        except OSError as error:
            raise InputError("live.model_unreadable", path=settings.path, error=error.strerror) from error
        if begins != GGUF_MAGIC:
            raise InputError("live.model_is_no_gguf", path=settings.path)
        self._package: Any = _package()
        self._settings, self._turn = settings, threading.Lock()
        self._server: Any = None
        self._mind: ServerMind | None = None

    def reply(self, history: tuple[Turn, ...]) -> Reply:
        """The model's answer as it streams. Raises InputError where the model can't be loaded."""
        with self._turn:
            if self._mind is None:
                self._mind = self._started()
        return self._mind.reply(history)

    def copy(self) -> LocalMind:
        """Itself, since it remembers nothing."""
        return self

    def _started(self) -> ServerMind:
        settings, key = self._settings, Secret(secrets.token_hex(16))
        wanted = self._package.CommonParams()
        wanted.model.path, wanted.n_ctx, wanted.cpuparams.n_threads = (
            str(settings.path),
            settings.context_tokens,
            settings.threads,
        )
        wanted.hostnames, wanted.port, wanted.api_keys = ["127.0.0.1"], 0, [key.reveal()]
        wanted.n_parallel, wanted.ui, wanted.verbosity = 1, False, -1
        try:
            self._server = self._package.Server(wanted)
        except (RuntimeError, ValueError) as error:
            raise InputError("live.model_unloadable", path=settings.path) from error
        return ServerMind(
            ServerSettings(
                url=self._server.listening_address,
                model="local",
                key=key,
                most_tokens=settings.most_tokens,
                first_token_s=settings.first_token_s,
                between_tokens_s=settings.between_tokens_s,
            )
        )

    def close(self) -> None:
        """Give the memory back."""
        with self._turn:
            self._server = self._mind = None


def _package() -> Any:
    try:
        import xllamacpp
    except ImportError as error:
        raise MissingError("live.no_xllamacpp") from error
    return xllamacpp
