"""What a session is for those who serve it: an avatar that is made by its order, talks or sings, and is closed.

avatar = open_avatar(order)          # at once; it gets ready in a thread of its own
leave = avatar.listen(on_event)      # what happened until now comes first, then what happens
avatar.ready.wait(timeout_s)         # then avatar.feed is there
avatar.said("Hello!")                # the person typed
avatar.hear(block)                   # the person's microphone
avatar.close()
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from core.contracts import FloatArray
from core.entry_seal import EntrySeal
from live.feed import Feed

#: The rate of the microphone's sound as an avatar takes it.
MICROPHONE_HZ = 16_000
#: What an avatar tells, in the order of its life.
EventKind = Literal["state", "heard", "caption", "feeling", "quality", "note", "error", "ended"]


@dataclass(frozen=True)
class MindOrder:
    """Who thinks: `host` (scripted), `read_aloud`, `server` (an OpenAI-compatible one) or `local` (the model of the settings).

    url, model, key: of the server; the key is kept in memory alone and never printed.
    """

    kind: Literal["host", "read_aloud", "server", "local"] = "host"
    url: str = ""
    model: str = ""
    key: str = field(default="", repr=False)


@dataclass(frozen=True)
class AvatarOrder:
    """What is asked for.

    portrait: a picture file, or, where `source` says so, a film, which runs to and fro while its face speaks. engine: `auto` or
    an engine's name; films have their own. mode: `talk`, `sing` along with what the microphone hears, or `follow` the face before
    a camera. persona: the short name
    of one of ours; empty: `persona_own` (the fields of `Persona`). mind: who thinks. voice, language: in place of the persona's;
    empty: the persona's own. speed: of speech. height: of the pictures in pixels. mirror: whether the person's mood shows a
    little in the face that listens. ground: behind the person, the picture's own, or plain green (`live.ground`) for programs
    that take it out; films keep their own. seal: by which the portrait is sealed, and what is made of it; None: it lies open.
    """

    portrait: Path
    engine: str = "auto"
    mode: Literal["talk", "sing", "follow"] = "talk"
    persona: str = "aria"
    persona_own: Mapping[str, str] = field(default_factory=dict)
    mind: MindOrder = field(default_factory=MindOrder)
    voice: str = ""
    language: str = ""
    speed: float = 1.0
    height: int = 512
    mirror: bool = True
    ground: Literal["picture", "green"] = "picture"
    source: Literal["picture", "film"] = "picture"
    seal: EntrySeal | None = None


@dataclass(frozen=True)
class Event:
    """Something that happened. number: counts from 0. at_s: in the feed's time, 0 before it runs. values, by kind:

    state: {"state": preparing | idle | listening | thinking | speaking | singing | learning | following | unseen | failed}.
    heard: what the person says, {"text", "final": bool, "language"}; partial results come again, longer.
    caption: a sentence begins to be heard, {"text", "sentence": number, "start_s", "end_s", "words": [[text, start_s, end_s]]};
        the sentence is gone on with where several captions have one number.
    feeling: the face goes over to it, {"emotion", "style", "strength", "sentence"}.
    quality: what is drawn, {"height", "fps", "message"}. note, error: {"message": the sentence, "code": its code}.
    ended: {"message"}; nothing follows.
    """

    number: int
    kind: EventKind
    at_s: float
    values: Mapping[str, Any]


class Avatar(Protocol):
    """One session. All methods may be called from any thread, and none but `see` waits."""

    @property
    def ready(self) -> threading.Event:
        """Set once `feed` runs, or it has failed (then `failed` says why)."""
        ...

    @property
    def failed(self) -> str:
        """Why it will never be ready; empty where it may or does run."""
        ...

    @property
    def feed(self) -> Feed:
        """What it shows and sounds. Only once it is ready."""
        ...

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Tell what has happened (the newest few hundred events), then what happens; calling what is returned ends that."""
        ...

    def said(self, text: str) -> None:
        """The person typed this. Raises `InputError` where it is too long."""
        ...

    def hear(self, block: FloatArray) -> None:
        """The person's microphone: (n,) float32 in [-1, 1] at `MICROPHONE_HZ`, mono, in order."""
        ...

    def see(self, picture: bytes, anew: bool = False) -> bytes:
        """The person's camera: a JPEG in, and the picture that was drawn after it out, as a JPEG too; waits for that, a moment.

        anew: the face rests now; its rest is learned again. Raises `InputError` for what is no such JPEG, or an avatar that
        follows no camera.
        """
        ...

    def interrupt(self) -> None:
        """The avatar stops speaking."""
        ...

    def transcript(self) -> list[dict[str, Any]]:
        """What was said until now: {"who", "text", "feelings", "interrupted"} each."""
        ...

    def timeline(self) -> dict[str, Any]:
        """The answers' own record: {"sentences": [{"number", "text", "start_s", "end_s", "emotion", "strength", "words",
        "phonemes"}]}, times in the feed's."""
        ...

    def figures(self) -> dict[str, Any]:
        """Measured: {"fps", "height", "late_frames", "frames", "first_sound_s": [...], "barge_in_s": [...]}."""
        ...

    def close(self) -> None:
        """It ends; whoever listens is told."""
        ...
