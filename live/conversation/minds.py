"""Opens who thinks, by an order."""

from __future__ import annotations

import os
from pathlib import Path

from core.errors import InputError, MissingError
from core.secret import Secret
from live.avatar import MindOrder
from live.conversation.host.host import ScriptedHost
from live.conversation.local_mind import LocalMind, LocalSettings
from live.conversation.mind import Mind, ReadAloud
from live.conversation.persona import Persona
from live.conversation.server_mind import ServerMind, ServerSettings

#: The GGUF file of the model on this machine.
FILE_VARIABLE = "BELCANTO_MIND_FILE"


def open_mind(order: MindOrder, persona: Persona, seed: int = 0) -> Mind:
    """Who thinks for the persona. seed: of the scripted host's choices.

    Raises InputError for an order that can't be carried out, MissingError where this machine has no model of its own.
    """
    if order.kind == "host":
        return ScriptedHost(persona, seed)
    if order.kind == "read_aloud":
        return ReadAloud()
    if order.kind == "local":
        path = os.environ.get(FILE_VARIABLE, "")
        if not path:
            raise MissingError("live.no_local_mind", name=FILE_VARIABLE)
        return LocalMind(LocalSettings(Path(path)))
    if not order.model.strip():
        raise InputError("live.mind_without_model")
    return ServerMind(ServerSettings(order.url, order.model, Secret(order.key)))
