"""The operations below `/live` as rows of the API's table."""

from __future__ import annotations

from app.api.operation import FILE, Operation

KEYED = ("Idempotency-Key",)
SENT = (400, 413, 415, 422)
PICTURE = "image/jpeg"
ONE = "/live/sessions/{session_id}"

ABOUT = (
    Operation("get", "/live/health", "live_health", "How many sessions run, and how many may", {200: "LiveHealth"}),
    Operation("get", "/live/personas", "live_personas", "The six personas of ours", {200: "LivePersonas"}),
)

SESSIONS = (
    Operation("get", "/live/sessions", "live_sessions", "Your sessions that run", {200: "LiveSessions"}),
    Operation(
        "post",
        "/live/sessions",
        "open_live_session",
        "Load a character: a picture of yours becomes an avatar that talks or sings",
        {201: "LiveOpened"},
        "NewLiveSession",
        KEYED,
        (*SENT, 404, 429),
        {201: ("Location",)},
    ),
    Operation("get", ONE, "live_session", "A session and how far it is", {200: "LiveSession"}, problems=(404,)),
    Operation("delete", ONE, "close_live_session", "End a session", {204: None}, problems=(404,)),
)

STREAMS = (
    Operation(
        "post",
        f"{ONE}/offer",
        "live_offer",
        "Connect by WebRTC: an offer in, the answer out",
        {200: "LiveDescription"},
        "LiveDescription",
        KEYED,
        (*SENT, 404, 409, 429),
    ),
    Operation(
        "get",
        f"{ONE}/stream.mp4",
        "live_mp4",
        "Pictures and sound as fragmented MP4 for Media Source",
        {200: "video/mp4"},
        problems=(404, 409, 429),
    ),
    Operation(
        "get",
        f"{ONE}/stream.mjpeg",
        "live_mjpeg",
        "Pictures alone, for the simplest clients",
        {200: "multipart/x-mixed-replace"},
        problems=(404, 409, 429),
    ),
    Operation(
        "get",
        f"{ONE}/events",
        "live_events",
        "What happens, as it happens: states, what is heard, captions, feelings",
        {200: "text/event-stream"},
        None,
        ("Last-Event-ID",),
        (404, 409, 429),
    ),
)

TALKING = (
    Operation(
        "post",
        f"{ONE}/say",
        "live_say",
        "Type something to the avatar",
        {202: None},
        "LiveText",
        KEYED,
        (*SENT, 404, 409, 429),
    ),
    Operation("post", f"{ONE}/interrupt", "live_interrupt", "Have it stop speaking", {202: None}, None, KEYED, (404, 409)),
    Operation(
        "post",
        f"{ONE}/microphone",
        "live_microphone",
        "The microphone without WebRTC: up to a second of sound, 16 bits little-endian, one channel, 16 kHz",
        {202: None},
        FILE,
        KEYED,
        (*SENT, 404, 409, 429),
    ),
    Operation(
        "post",
        f"{ONE}/camera",
        "live_camera",
        "A picture of the camera, a JPEG, for a session that follows it; the answer is what was drawn after it",
        {200: PICTURE},
        FILE,
        ("anew",),
        (*SENT, 404, 409, 429),
    ),
    Operation(
        "post", f"{ONE}/recording", "start_recording", "Begin a film of the session", {201: None}, None, KEYED, (404, 409, 429)
    ),
    Operation("delete", f"{ONE}/recording", "stop_recording", "End the film", {204: None}, problems=(404, 409)),
    Operation(
        "get",
        f"{ONE}/recording",
        "recording",
        "The film, once it was ended",
        {200: "video/mp4"},
        None,
        ("download",),
        (404, 409),
    ),
    Operation(
        "get", f"{ONE}/transcript", "live_transcript", "What was said until now", {200: "LiveTranscript"}, problems=(404, 409)
    ),
    Operation(
        "get",
        f"{ONE}/timeline",
        "live_timeline",
        "The answers with the times of words, phonemes and feelings",
        {200: "LiveTimeline"},
        problems=(404, 409),
    ),
)

WITHOUT_SESSION = (
    Operation(
        "post", "/live/reply", "live_reply", "A model's reply to a text", {200: "LiveReply"}, "NewReply", KEYED, (*SENT, 429)
    ),
    Operation(
        "post",
        "/live/speech",
        "live_speech",
        "A text's sound, and how the mouth moves with it",
        {200: "LiveSpeech"},
        "NewSpeech",
        KEYED,
        (*SENT, 429),
    ),
    Operation(
        "post",
        "/live/emotion",
        "live_emotion",
        "A text's emotion: 28 and 7 classes with scores",
        {200: "LiveEmotion"},
        "LiveText",
        KEYED,
        (*SENT, 429),
    ),
)

LIVE: tuple[Operation, ...] = (*ABOUT, *SESSIONS, *STREAMS, *TALKING, *WITHOUT_SESSION)
