"""Voices of other servers: OpenAI's `POST /v1/audio/speech`, which many servers speak, and AllTalk's `POST /api/tts-generate`.

    settings = RemoteVoiceSettings(kind="openai", address="http://127.0.0.1:8880", voice="af_sky")
    voice = open_remote_voice(settings)

The texts leave this machine, sentence by sentence, for the server that the settings name, and for no other. The key comes from
the environment (`BELCANTO_SPEECH_KEY`, or another variable by name), or is given, and is neither stored nor printed.
"""

from __future__ import annotations

import io
import json
import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, get_args
from urllib.parse import urlsplit

import numpy as np
import soundfile

from core.contracts import FloatArray
from core.errors import InputError
from core.secret import Secret, secret_of_environment
from core.server_address import server_address
from speech.kokoro import checked_speed
from speech.reading import BreathPiece, Reading
from speech.sentences import breaths, sentences
from speech.server_calls import RemoteVoiceError, Server
from speech.voice import PieceVoice, Said

Kind = Literal["openai", "alltalk"]
KEY_VARIABLE = "BELCANTO_SPEECH_KEY"
#: OpenAI's "pcm" is without any head: 16 bits, mono, at this rate.
PCM_RATE_HZ = 24_000
#: Letters of one request, and of the first one of a text where a pause allows it.
MOST_LETTERS, FIRST_LETTERS = 1000, 60
#: The length that a WAV says which was sent before it was whole.
UNKNOWN_LENGTHS = (0, 0xFFFFFFFF, 0x7FFFFFFF)


@dataclass(frozen=True)
class RemoteVoiceSettings:
    """kind: whose protocol. address: http or https, with /v1 or without. voice: as the server calls it; of AllTalk a file's name.
    model: of OpenAI's. language: of AllTalk's. sound: "wav" or "pcm", of OpenAI's. key: one that was entered; else
    `key_variable` of the environment is asked. timeout_s: for one sentence.
    """

    kind: Kind
    address: str
    voice: str
    model: str = "tts-1"
    language: str = "en"
    sound: Literal["wav", "pcm"] = "wav"
    speed: float = 1.0
    key: Secret = field(default_factory=Secret)
    key_variable: str = KEY_VARIABLE
    timeout_s: float = 60.0

    def __post_init__(self) -> None:
        """Raises InputError for values that are not accepted."""
        key = self.key or secret_of_environment(self.key_variable)
        object.__setattr__(self, "address", server_address(self.address, bool(key)).url)
        if self.kind not in get_args(Kind):
            raise InputError("speech.no_such_protocol", name=self.kind, list=get_args(Kind))
        if self.sound not in ("wav", "pcm"):
            raise InputError("speech.no_such_sound", name=self.sound)
        if not self.voice.strip():
            raise InputError("speech.no_remote_voice")
        if not (math.isfinite(self.timeout_s) and self.timeout_s > 0):
            raise InputError("speech.bad_time_limit", seconds=self.timeout_s)
        checked_speed(self.speed)


def open_remote_voice(settings: RemoteVoiceSettings) -> PieceVoice:
    """The voice of a server; nothing is sent before it says something. Raises InputError for a key that can't be one."""
    key = settings.key or secret_of_environment(settings.key_variable)
    server = Server(settings.address, key, settings.timeout_s)
    return OpenAIVoice(settings, server) if settings.kind == "openai" else AllTalkVoice(settings, server)


class _RemoteVoice(ABC):
    """Says a text in pieces, one request each; knows neither words nor phonemes."""

    def __init__(self, settings: RemoteVoiceSettings, server: Server) -> None:
        self._settings, self._server = settings, server

    def say(self, text: str, speed: float = 1.0) -> Iterator[Said]:
        """As `Voice.say`; the speeds of the settings and of the call are multiplied.

        Raises RemoteVoiceError where the server fails.
        """
        return self._say(text, checked_speed(checked_speed(speed) * self._settings.speed))

    def pieces(self, text: str, first: int = FIRST_LETTERS, most: int = MOST_LETTERS) -> Iterator[BreathPiece]:
        """As `PieceVoice.pieces`; letters stand for phonemes."""
        for sentence in sentences(text):
            for piece in breaths([Reading(word, word) for word in sentence.split()], most, first):
                words = " ".join(each.phonemes for each in piece)
                if any(each.isalnum() for each in words):
                    yield BreathPiece(tuple(piece), words)
                    first *= 2

    def speak(self, piece: BreathPiece, speed: float = 1.0) -> Said:
        """As `PieceVoice.speak`. Raises RemoteVoiceError where the server fails."""
        sound, rate_hz = self.spoken(piece.phonemes, checked_speed(checked_speed(speed) * self._settings.speed))
        return Said(piece.phonemes, sound, rate_hz)

    def _say(self, text: str, speed: float) -> Iterator[Said]:
        nothing = True
        for piece in self.pieces(text):
            sound, rate_hz = self.spoken(piece.phonemes, speed)
            yield Said(piece.phonemes, sound, rate_hz)
            nothing = False
        if nothing:
            raise InputError("speech.nothing_to_say")

    @abstractmethod
    def spoken(self, text: str, speed: float) -> tuple[FloatArray, int]:
        """The sound of a piece, and its rate. Raises RemoteVoiceError."""

    def decoded(self, content: bytes) -> tuple[FloatArray, int]:
        """A WAV, or another file that libsndfile reads, as mono sound. Raises RemoteVoiceError."""
        try:
            sound, rate_hz = soundfile.read(io.BytesIO(with_its_length(content)), dtype="float32", always_2d=True)
        except (soundfile.SoundFileError, ValueError) as error:
            raise RemoteVoiceError("speech.remote_bad_sound", address=self._settings.address) from error
        return self.heard(sound.mean(axis=1, dtype=np.float32)), int(rate_hz)

    def heard(self, sound: FloatArray) -> FloatArray:
        """A sound that is one. Raises RemoteVoiceError where it is empty or holds no numbers."""
        if not len(sound) or not np.isfinite(sound).all():
            raise RemoteVoiceError("speech.remote_bad_sound", address=self._settings.address)
        return np.clip(sound, -1.0, 1.0)


class OpenAIVoice(_RemoteVoice):
    """OpenAI's protocol: https://platform.openai.com/docs/api-reference/audio/createSpeech."""

    def spoken(self, text: str, speed: float) -> tuple[FloatArray, int]:
        """The sound of a piece, and its rate. Raises RemoteVoiceError."""
        settings = self._settings
        body = {
            "model": settings.model,
            "voice": settings.voice,
            "input": text,
            "response_format": settings.sound,
            "speed": speed,
        }
        content = self._server.post_json(speech_path(settings.address), body)
        if settings.sound == "wav" or content[:4] == b"RIFF":
            return self.decoded(content)
        sound = np.frombuffer(content[: len(content) // 2 * 2], dtype="<i2").astype(np.float32) / 32768.0
        if len(content) % 2 or looks_like_text(content):
            raise RemoteVoiceError("speech.remote_bad_sound", address=settings.address)
        return self.heard(sound), PCM_RATE_HZ


class AllTalkVoice(_RemoteVoice):
    """AllTalk's protocol: https://github.com/erew123/alltalk_tts, "API Suite: TTS generation"."""

    def spoken(self, text: str, speed: float) -> tuple[FloatArray, int]:
        """The sound of a piece, and its rate. Raises RemoteVoiceError."""
        settings = self._settings
        fields = {
            "text_input": text, "text_filtering": "standard", "character_voice_gen": settings.voice, "narrator_enabled": "false",
            "language": settings.language, "output_file_name": "belcanto", "output_file_timestamp": "true", "autoplay": "false",
        }  # fmt: skip
        if speed != 1.0:
            fields["speed"] = f"{speed:g}"
        try:
            told = json.loads(self._server.post_form("/api/tts-generate", fields))
            path = urlsplit(str(told["output_file_url"])).path if told["status"] == "generate-success" else ""
        except (ValueError, KeyError, TypeError):
            path = ""
        if not path.startswith("/"):
            raise RemoteVoiceError("speech.remote_bad_answer", address=settings.address)
        return self.decoded(self._server.get(path))  # of this server, whatever host its answer names


def speech_path(address: str) -> str:
    """What is added to an address, which may go as far as /v1 or to the end."""
    for end, rest in (("/audio/speech", ""), ("/v1", "/audio/speech")):
        if address.endswith(end):
            return rest
    return "/v1/audio/speech"


def with_its_length(content: bytes) -> bytes:
    """A WAV whose head does not know its length, since it was sent while it was made, with it; anything else as it is."""
    place = content.find(b"data", 12, 4096)
    if content[:4] != b"RIFF" or place < 0:
        return content
    told = int.from_bytes(content[place + 4 : place + 8], "little")
    if told not in UNKNOWN_LENGTHS and told <= len(content):
        return content
    length = len(content) - place - 8
    head = content[:4] + (len(content) - 8).to_bytes(4, "little") + content[8 : place + 4]
    return head + length.to_bytes(4, "little") + content[place + 8 :]


def looks_like_text(content: bytes) -> bool:
    """Whether bytes that should be samples are JSON or a page."""
    return content.lstrip()[:1] in (b"{", b"<") and content.isascii()
