"""Who thinks and who speaks in a session, by its order."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from core.errors import MissingError
from core.secret import Secret
from core.server_address import reach_of_environment
from live.avatar import AvatarOrder, MindOrder
from live.conversation.host.host import ScriptedHost
from live.conversation.local_mind import LocalMind, LocalSettings
from live.conversation.mind import Mind, ReadAloud
from live.conversation.persona import Persona, persona_named
from live.conversation.server_mind import ServerMind, ServerSettings
from speech.remote import Kind, RemoteVoiceSettings
from speech.speaker import SpeechSettings
from speech.voices import LANGUAGES, language_of, voice_for

#: Where the operator names the GGUF file of the model that runs here.
FILE_VARIABLE = "BELCANTO_MIND_FILE"
#: Where the operator names a server that speaks for all avatars, how it is asked, and the voice that it knows.
VOICE_SERVER, VOICE_PROTOCOL, VOICE_NAME = "BELCANTO_LIVE_VOICE_SERVER", "BELCANTO_LIVE_VOICE_PROTOCOL", "BELCANTO_LIVE_VOICE"
DEFAULT_VOICE, DEFAULT_REMOTE_VOICE = "af_heart", "alloy"


def persona_of(order: AvatarOrder) -> Persona:
    """The persona, in the language that was asked for. Raises InputError for one that can't be played."""
    own = order.persona_own
    if order.persona:
        persona = persona_named(order.persona)
    else:
        voice = order.voice or own.get("voice", "") or DEFAULT_VOICE
        language = own.get("language", "") or order.language or language_of(voice)
        persona = Persona(own.get("name", ""), own.get("character", ""), voice, language[:2].lower(), own.get("greeting", ""))
    wanted = order.language[:2].lower()
    if wanted and wanted != persona.language:
        persona = replace(persona, language=wanted, greeting="", voice=voice_for(wanted, persona.voice))
    return persona if not order.voice else replace(persona, voice=order.voice)


def speech_of(
    order: AvatarOrder, persona: Persona, environment: Mapping[str, str] = os.environ
) -> SpeechSettings | RemoteVoiceSettings:
    """How the persona speaks: in one of our voices, or by the server that the operator names.

    Raises InputError for a voice, a language, a speed or a server that is not accepted.
    """
    if address := environment.get(VOICE_SERVER, ""):
        protocol, name = environment.get(VOICE_PROTOCOL, "openai"), environment.get(VOICE_NAME, DEFAULT_REMOTE_VOICE)
        return RemoteVoiceSettings(cast(Kind, protocol), address, name, language=persona.language, speed=order.speed)
    own = language_of(persona.voice)
    wanted = order.language or persona.language
    if wanted in LANGUAGES or own.startswith(wanted):
        language = wanted if wanted in LANGUAGES else ""
    else:
        language = next((each for each in LANGUAGES if each.startswith(wanted)), wanted)
    return SpeechSettings(persona.voice, language, order.speed)


def told_elsewhere(settings: SpeechSettings | RemoteVoiceSettings) -> str:
    """The host to which the answers are sent to be spoken; empty: they stay here."""
    return urlsplit(settings.address).hostname or "" if isinstance(settings, RemoteVoiceSettings) else ""


def mind_of(order: MindOrder, persona: Persona, environment: Mapping[str, str] = os.environ) -> Mind:
    """Who thinks of the answers. Raises InputError and MissingError where that can't be."""
    if order.kind == "server":
        return ServerMind(ServerSettings(order.url, order.model, Secret(order.key), reach=reach_of_environment()))
    if order.kind == "local":
        path = environment.get(FILE_VARIABLE, "")
        if not path:
            raise MissingError("live.no_local_mind", name=FILE_VARIABLE)
        return LocalMind(LocalSettings(Path(path)))
    return ReadAloud() if order.kind == "read_aloud" else ScriptedHost(persona, random.randrange(2**32))
