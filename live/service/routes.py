"""The service's addresses. What each takes and gives is, but for the portrait and the owner, what the API tells of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
from aiohttp import web

from core.errors import InputError
from live.service import asks
from live.service.orders import avatar_order, json_body, text_of
from live.service.problems import NoSuch
from live.service.session import Session
from live.service.sessions import Sessions
from live.service.streams import stream_events, stream_mjpeg, stream_mp4
from live.service.turns import OneAtATime
from live.streaming.addresses import IceSettings

SESSIONS: web.AppKey[Sessions] = web.AppKey("sessions", Sessions)
ICE: web.AppKey[IceSettings] = web.AppKey("ice", IceSettings)
TURNS: web.AppKey[dict[str, OneAtATime]] = web.AppKey("turns", dict)
routes = web.RouteTableDef()


def session_of(request: web.Request) -> Session:
    """The session that the address names. Raises NoSuch."""
    return request.app[SESSIONS].named(request.match_info["session"])


def running(request: web.Request) -> Session:
    """The same; raises Conflict where it has ended."""
    session = session_of(request)
    session.check_runs()
    return session


@routes.get("/health")
async def health(request: web.Request) -> web.Response:
    """How many run, how many may."""
    sessions = request.app[SESSIONS]
    return web.json_response({"sessions": len(sessions.running), "most": sessions.limits.sessions})


@routes.get("/personas")
async def personas(request: web.Request) -> web.Response:
    """The six of ours."""
    return web.json_response(asks.our_personas())


@routes.post("/reply")
async def reply(request: web.Request) -> web.Response:
    """A mind's answer."""
    return await worked_on(request, "reply", asks.reply)


@routes.post("/speech")
async def speech(request: web.Request) -> web.Response:
    """A text spoken, with the mouth."""
    return await worked_on(request, "speech", asks.speech)


@routes.post("/emotion")
async def emotion(request: web.Request) -> web.Response:
    """The emotion of a text."""
    return await worked_on(request, "emotion", asks.emotion)


async def worked_on(request: web.Request, name: str, work: Any) -> web.Response:
    """The result of work that takes a while, in its turn."""
    body = await json_body(request)
    return web.json_response(await request.app[TURNS][name].do(work, body, request.app[SESSIONS].limits))


@routes.get("/sessions")
async def listed(request: web.Request) -> web.Response:
    """All sessions."""
    return web.json_response([session.as_json() for session in request.app[SESSIONS].all])


@routes.post("/sessions")
async def opened(request: web.Request) -> web.Response:
    """A new one."""
    body = await json_body(request)
    owner = text_of(body, "owner", 200)
    session = await request.app[SESSIONS].open(owner, avatar_order(body))
    return web.json_response({"session": session.id}, status=201)


@routes.get("/sessions/{session}")
async def told(request: web.Request) -> web.Response:
    """One of them."""
    return web.json_response(session_of(request).as_json())


@routes.delete("/sessions/{session}")
async def closed(request: web.Request) -> web.Response:
    """End it; nothing of it is kept."""
    await request.app[SESSIONS].remove(session_of(request))
    return web.Response(status=204)


@routes.post("/sessions/{session}/offer")
async def offered(request: web.Request) -> web.Response:
    """The answer to a browser's offer of a call."""
    body, session = await json_body(request), running(request)
    if not isinstance(body.get("sdp"), str) or body.get("type") != "offer":
        raise InputError("live.streaming.no_offer")
    return web.json_response({"sdp": await session.call(body["sdp"], request.app[ICE]), "type": "answer"})


@routes.get("/sessions/{session}/stream.mp4")
async def mp4(request: web.Request) -> web.StreamResponse:
    """Pictures and sound."""
    return await stream_mp4(request, running(request))


@routes.get("/sessions/{session}/stream.mjpeg")
async def mjpeg(request: web.Request) -> web.StreamResponse:
    """Pictures."""
    return await stream_mjpeg(request, running(request))


@routes.get("/sessions/{session}/events")
async def events(request: web.Request) -> web.StreamResponse:
    """What happens."""
    return await stream_events(request, session_of(request))


@routes.post("/sessions/{session}/say")
async def said(request: web.Request) -> web.Response:
    """The person typed this."""
    body, session = await json_body(request), running(request)
    session.avatar.said(text_of(body, "text", request.app[SESSIONS].limits.text_characters))
    return web.Response(status=202)


@routes.post("/sessions/{session}/interrupt")
async def interrupted(request: web.Request) -> web.Response:
    """The avatar stops speaking."""
    running(request).avatar.interrupt()
    return web.Response(status=202)


@routes.post("/sessions/{session}/microphone")
async def heard(request: web.Request) -> web.Response:
    """The person's microphone, piece by piece."""
    session, data = running(request), await request.read()
    most = request.app[SESSIONS].limits.microphone_bytes
    if len(data) % 2 or not 0 < len(data) <= most:
        raise InputError("live.service.sound_form", most=most)
    session.hear(np.frombuffer(data, "<i2").astype(np.float32) / 32768)
    return web.Response(status=202)


@routes.post("/sessions/{session}/camera")
async def seen(request: web.Request) -> web.Response:
    """A picture of the person's camera; the answer is the picture that was drawn after it. `?anew=1`: the face rests now."""
    session, data = running(request), await request.read()
    most = request.app[SESSIONS].limits.camera_bytes
    if not 0 < len(data) <= most:
        raise InputError("live.service.camera_form", most=most)
    drawn = await session.see(data, request.query.get("anew") == "1")
    return web.Response(body=drawn, content_type="image/jpeg", headers={"Cache-Control": "no-store"})


@routes.post("/sessions/{session}/recording")
async def recorded(request: web.Request) -> web.Response:
    """A film begins."""
    await running(request).record()
    return web.Response(status=201)


@routes.delete("/sessions/{session}/recording")
async def recording_stopped(request: web.Request) -> web.Response:
    """The film ends, and is whole."""
    await session_of(request).stop_recording()
    return web.Response(status=204)


@routes.get("/sessions/{session}/recording")
async def film(request: web.Request) -> web.StreamResponse:
    """The film. Raises NoSuch where there is none yet."""
    path = session_of(request).film
    if path is None:
        raise NoSuch("live.service.no_recording")
    return web.FileResponse(path, headers={"Content-Type": "video/mp4", "Cache-Control": "no-store"})


@routes.get("/sessions/{session}/transcript")
async def transcript(request: web.Request) -> web.Response:
    """What was said."""
    return web.json_response(session_of(request).avatar.transcript())


@routes.get("/sessions/{session}/timeline")
async def timeline(request: web.Request) -> web.Response:
    """The answers' own record."""
    return web.json_response(session_of(request).avatar.timeline())
