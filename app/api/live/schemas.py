"""The shapes of what is sent to `/live` and comes back."""

from __future__ import annotations

from app.api.schema_parts import COUNT, ID, OBJECT, SECONDS, SHARE, TEXT, URL, Schema, nullable, record, ref

#: As long as one thing said to an avatar may be, and a text that is spoken whole.
MOST_SAID, MOST_SPOKEN = 2000, 2000
#: What was said before, at most.
MOST_TURNS = 60
SHORT: Schema = {"type": "string", "maxLength": 120}
SAID: Schema = {"type": "string", "minLength": 1, "maxLength": MOST_SAID}
SPEED: Schema = {"type": "number", "minimum": 0.5, "maximum": 2}
SENT: Schema = {"type": "string", "maxLength": 4000}
STATES = (
    "preparing",
    "idle",
    "listening",
    "thinking",
    "speaking",
    "singing",
    "learning",
    "following",
    "unseen",
    "failed",
    "ended",
)
SCORES: Schema = {"type": "object", "additionalProperties": SHARE}

ORDERS: dict[str, Schema] = {
    "LivePersonaOwn": record(
        {
            "name": {"type": "string", "minLength": 1, "maxLength": 60},
            "character": {"type": "string", "maxLength": 2000},
            "voice": SHORT,
            "language": SHORT,
            "greeting": {"type": "string", "maxLength": 400},
        },
        optional=("character", "voice", "language", "greeting"),
        description="A persona of your own. `character`: what it is like, as in: You are ... `greeting`: its first sentence.",
    ),
    "LiveMind": record(
        {
            "kind": {"type": "string", "enum": ["host", "read_aloud", "server", "local"]},
            "url": {"type": "string", "maxLength": 500},
            "model": {"type": "string", "maxLength": 200},
            "key": {"type": "string", "maxLength": 1000},
        },
        optional=("url", "model", "key"),
        description="Who thinks of the answers. `host`: the scripted host; `read_aloud`: it says what you send; `server`: one"
        " of OpenAI's protocol at `url`; `local`: the model that this server was set up with. `key` is kept in memory for this"
        " session alone, and never told again.",
    ),
    "NewLiveSession": record(
        {
            "portrait": record({"picture": ID, "clip": ID}, optional=("picture", "clip")),
            "engine": {"type": "string", "enum": ["auto", "mesh", "anime"]},
            "mode": {"type": "string", "enum": ["talk", "sing", "follow"]},
            "persona": SHORT,
            "persona_own": ref("LivePersonaOwn"),
            "mind": ref("LiveMind"),
            "voice": SHORT,
            "language": SHORT,
            "speed": SPEED,
            "height": {"type": "integer", "minimum": 128, "maximum": 1080},
            "mirror": {"type": "boolean"},
            "ground": {"type": "string", "enum": ["picture", "green"]},
        },
        optional=(
            *("engine", "mode", "persona", "persona_own", "mind", "voice", "language"),
            *("speed", "height", "mirror", "ground"),
        ),
        description="`portrait`: a picture or a film of your library (`POST /pictures` and `POST /clips` add them); a film runs"
        " to and fro while its lips speak, and has neither `engine` nor a green `ground`. By opening a session you say that the"
        " person in it agreed, or that you have the right to use it. `mode`: `talk`, `sing` along with the microphone, or"
        " `follow` the face before a camera, whose pictures are sent one by one (`POST …/camera`) and kept nowhere."
        " `voice`, `language`: in the persona's place. `mirror`: whether your mood shows a little in the face that"
        " listens. `ground`: behind the person, the picture's own or plain green for programs that take it out.",
    ),
    "LiveText": record({"text": SAID}),
    "LiveTurn": record({"role": {"type": "string", "enum": ["user", "assistant"]}, "text": SENT}),
    "NewReply": record(
        {
            "text": SAID,
            "persona": SHORT,
            "persona_own": ref("LivePersonaOwn"),
            "mind": ref("LiveMind"),
            "history": {"type": "array", "maxItems": MOST_TURNS, "items": ref("LiveTurn")},
        },
        optional=("persona", "persona_own", "mind", "history"),
    ),
    "NewSpeech": record(
        {
            "text": {"type": "string", "minLength": 1, "maxLength": MOST_SPOKEN},
            "voice": SHORT,
            "language": SHORT,
            "speed": SPEED,
            "fps": {"type": "number", "minimum": 1, "maximum": 60},
        },
        optional=("voice", "language", "speed", "fps"),
    ),
    "LiveDescription": record(
        {"sdp": {"type": "string", "minLength": 1, "maxLength": 60_000}, "type": {"type": "string", "enum": ["offer", "answer"]}},
        description="A session description of WebRTC (RFC 8866): `offer` in, `answer` out.",
    ),
}

ANSWERS: dict[str, Schema] = {
    "LiveHealth": record({"sessions": COUNT, "most": COUNT}),
    "LivePersona": record(
        {"name": TEXT, "title": TEXT, "language": TEXT, "voice": TEXT, "about": TEXT, "character": TEXT},
        description="`about`: what people read of it; `character`: what a model is told.",
    ),
    "LivePersonas": record({"personas": {"type": "array", "items": ref("LivePersona")}}),
    "LiveOpened": record(
        {"session": ID, "links": record(dict.fromkeys(("self", "offer", "mp4", "mjpeg", "events"), URL))},
    ),
    "LiveSession": record(
        {
            "session": ID,
            "mode": {"type": "string", "enum": ["talk", "sing", "follow"]},
            "state": {"type": "string", "enum": list(STATES)},
            "ready": {"type": "boolean"},
            "failed": nullable(TEXT),
            **dict.fromkeys(("width", "height"), nullable(COUNT)),
            "fps": nullable({"type": "number", "minimum": 0}),
            "figures": OBJECT,
            "film": {"type": "boolean"},
            "links": record(dict.fromkeys(("self", "offer", "mp4", "mjpeg", "events"), URL)),
        },
        description="`ready`: whether it can be seen. `failed`: why it never will be. `figures`: frames a second, late frames,"
        " seconds to the first sound, as measured until now. `film`: whether one was recorded.",
    ),
    "LiveSessions": record({"sessions": {"type": "array", "items": ref("LiveSession")}}),
    "LiveSaid": record(
        {
            "who": TEXT,
            "text": TEXT,
            "feelings": {"type": "array"},
            "interrupted": {"type": "boolean"},
        },
    ),
    "LiveTranscript": record({"said": {"type": "array", "items": ref("LiveSaid")}}),
    "LiveTimeline": record(
        {"sentences": {"type": "array", "items": OBJECT}},
        description="Of each sentence: number, text, start_s, end_s, emotion, strength, words and phonemes with their times, in"
        " seconds of the session.",
    ),
    "LiveReply": record(
        {
            "text": TEXT,
            "sentences": {"type": "array", "items": record({"text": TEXT, "emotion": TEXT, "strength": SHARE})},
        },
    ),
    "LiveSpeech": record(
        {
            "rate_hz": COUNT,
            "duration_s": SECONDS,
            "sound": {"type": "string", "contentEncoding": "base64", "contentMediaType": "audio/wav"},
            "words": {"type": "array"},
            "phonemes": {
                "type": "array",
                "items": record({"phoneme": TEXT, "viseme": TEXT, "start_s": SECONDS, "end_s": SECONDS}),
            },
            "emotions": {
                "type": "array",
                "items": record({"text": TEXT, "emotion": TEXT, "start_s": SECONDS, "end_s": SECONDS}, additionalProperties=True),
            },
            "curves": record(
                {
                    "fps": {"type": "number", "exclusiveMinimum": 0},
                    "names": {"type": "array", "items": TEXT},
                    "frames": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
                }
            ),
        },
        description="`sound`: a WAV file. `curves`: ARKit's 52 blendshapes, 0 to 1, a row for each frame.",
    ),
    "LiveEmotion": record(
        {
            **dict.fromkeys(("goemotions", "ekman"), SCORES),
            "found": {"type": "array", "items": TEXT},
            "top": record({"emotion": TEXT, "strength": SHARE}),
        },
        description="Probabilities of GoEmotions' 28 classes and of Ekman's 7. `found`: those of the 28 above their threshold."
        " `top`: the one of the 7 that is most worth showing.",
    ),
}

LIVE_SCHEMAS: dict[str, Schema] = ORDERS | ANSWERS
