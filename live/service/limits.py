"""What the live service allows, in one place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import InputError

SESSIONS_VARIABLE = "BELCANTO_LIVE_SESSIONS"


@dataclass(frozen=True)
class ServiceLimits:
    """How much of everything there may be at once, and how long what nobody uses stays."""

    #: sessions in all. A second of speech costs about a second of one core, which all of them share.
    sessions: int = 3
    #: sessions of one owner.
    of_owner: int = 2
    #: how long a session stays that nobody looks at or listens to, in seconds.
    unheard_s: float = 60.0
    #: how long a session stays in which nobody says anything, in seconds.
    silent_s: float = 900.0
    #: how long a session may take to get ready before it is given up, in seconds; a character that is new here takes a while.
    preparing_s: float = 600.0
    #: how long what is left of a session that ended by itself can be asked for, its film and what was said, in seconds.
    kept_s: float = 900.0
    #: sessions that have ended and are kept so.
    kept: int = 12
    #: browsers that one session is streamed to by WebRTC, and other streams and streams of events of one session.
    peers: int = 4
    streams: int = 12
    #: largest body of a request, but for those below, in bytes.
    body_bytes: int = 200_000
    #: longest piece of the microphone, in bytes: a second.
    microphone_bytes: int = 32_000
    #: largest picture of a camera, in bytes: of 640 x 480 pixels they have some 40 kB.
    camera_bytes: int = 180_000
    #: pictures of one session's camera that may wait at the same time.
    camera_pictures: int = 3
    #: longest text that is spoken, answered or looked at, in characters.
    text_characters: int = 2000
    #: requests for a reply, for speech or for an emotion that may wait, each; one of each is worked on.
    waiting: int = 4
    #: longest work on one of those, in seconds.
    work_s: float = 100.0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> ServiceLimits:
        """`BELCANTO_LIVE_SESSIONS`. Raises InputError where it is no whole number above 0."""
        text = environment.get(SESSIONS_VARIABLE, "").strip()
        if not text:
            return cls()
        if not (text.isascii() and text.isdigit() and 0 < int(text) <= 1000):
            raise InputError("live.service.sessions_form", name=SESSIONS_VARIABLE, text=text)
        return cls(sessions=int(text))
