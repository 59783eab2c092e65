"""A call with a browser by WebRTC: it gets a feed's pictures and sound, and may send its microphone.

    peer = Peer(coded, hear, settings)
    answer = await peer.answer(offer)      # SDP in, SDP out
    await peer.close()

Both tracks carry the feed's own times, and the reports by which browsers keep lips and sound together are made from these, not
from the moments of sending.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import av
import numpy as np
from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCSessionDescription
from aiortc.exceptions import InvalidAccessError, InvalidStateError, OperationError
from aiortc.mediastreams import MediaStreamError
from aiortc.rtp import RtcpSrPacket

from core.contracts import FloatArray
from core.errors import InputError
from live.avatar import MICROPHONE_HZ
from live.streaming.addresses import IceSettings, as_offered, offer_own_addresses, without_candidates
from live.streaming.coded_feed import CodedFeed
from live.streaming.coders import Kind, PictureKind
from live.streaming.tracks import FeedClock, FeedTrack

#: How long a browser may take to come, after it was answered, and the longest offer that is read.
CONNECT_S, MOST_OFFER_CHARACTERS = 30.0, 100_000
#: A call that has lost its way is given so long to find it again.
LOST_S = 15.0
#: Pictures, sound, and what a page may want besides.
MOST_MEDIA = 4
#: What the library raises for an offer that is none, or that fits nothing of ours.
UNUSABLE = (
    ValueError,
    LookupError,
    AssertionError,
    AttributeError,
    TypeError,
    InvalidAccessError,
    InvalidStateError,
    OperationError,
)
PICTURE_KIND_OF: dict[str, PictureKind] = {"h264": "h264", "vp8": "vp8"}
_PICTURES = re.compile(r"^m=video \d+ \S+ (?P<first>\d+)", re.MULTILINE)
log = logging.getLogger(__name__)


class Peer:
    """One browser. Lives on one loop."""

    def __init__(
        self,
        coded: CodedFeed,
        hear: Callable[[FloatArray], None],
        settings: IceSettings,
        on_end: Callable[[Peer], None] = lambda peer: None,
    ) -> None:
        """hear: takes the microphone's sound, (n,) float32 at `MICROPHONE_HZ`. on_end: told when the browser has left."""
        offer_own_addresses(settings)
        servers = [RTCIceServer(each.url, each.user, each.password) for each in settings.servers]
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        self._coded, self._hear, self._settings, self._on_end = coded, hear, settings, on_end
        clock = FeedClock()
        self._picture_kind: PictureKind = "vp8"
        self.video = FeedTrack("video", clock, lambda: self._code(self._picture_kind, self.video), self._want_key)
        self.audio = FeedTrack("audio", clock, lambda: self._code("opus", self.audio))
        self._leave: list[Callable[[], None]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._closed = False

    async def answer(self, sdp: str) -> str:
        """The answer to a browser's offer, in SDP; it has half a minute to come.

        Raises InputError for what is no offer, or one that knows neither H.264 nor VP8, or no Opus.
        """
        if len(sdp) > MOST_OFFER_CHARACTERS or not 0 < sdp.count("m=") <= MOST_MEDIA:
            raise InputError("live.streaming.no_offer")
        known = sdp if self._settings.servers else without_candidates(sdp)
        self._connection.on("track", self._on_track)
        self._connection.on("connectionstatechange", self._on_state)
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(known, "offer"))
            for transceiver in self._connection.getTransceivers():
                self._send(self.video if transceiver.kind == "video" else self.audio)
            await self._connection.setLocalDescription(await self._connection.createAnswer())
            answer = self._connection.localDescription.sdp
            self._picture_kind = agreed_kind(answer) or self._picture_kind
        except UNUSABLE as error:
            await self.close()
            raise InputError("live.streaming.no_offer") from error
        self._watch(self._end_after(CONNECT_S, "connected"))
        return as_offered(answer, self._settings)

    def _send(self, track: FeedTrack) -> None:
        """Send a track, with reports that tell the feed's time."""
        sender: Any = self._connection.addTrack(track)
        tell_feed_times(sender, track)
        if track is self.video:  # a browser that has lost a picture asks for one that it can begin with
            sender._send_keyframe = self._want_key

    def _code(self, kind: Kind, track: FeedTrack) -> None:
        """The browser is there: have coded what the two have agreed upon."""
        self._leave.append(self._coded.listen((kind,), track.put))

    def _want_key(self) -> None:
        self._coded.want_key(self._picture_kind)

    def _watch(self, work: Any) -> None:
        self._tasks = [task for task in self._tasks if not task.done()]
        self._tasks.append(asyncio.ensure_future(work))

    async def _end_after(self, patience_s: float, unless: str) -> None:
        """End a call that is not so by then."""
        await asyncio.sleep(patience_s)
        if self._connection.connectionState != unless:
            await self.close()

    def _on_state(self) -> None:
        state = self._connection.connectionState
        if state in ("failed", "closed"):
            self._watch(self.close())
        elif state == "disconnected":
            self._watch(self._end_after(LOST_S, "connected"))

    def _on_track(self, track: Any) -> None:
        if track.kind == "audio":
            self._watch(self._listen(track))

    async def _listen(self, track: Any) -> None:
        """Hand the microphone on, block by block."""
        resampler = av.AudioResampler("flt", "mono", MICROPHONE_HZ)
        with suppress(MediaStreamError):
            while not self._closed:
                for frame in resampler.resample(await track.recv()):
                    self._hear(np.ascontiguousarray(frame.to_ndarray().reshape(-1), dtype=np.float32))

    async def close(self) -> None:
        """End the call; may be called more than once."""
        if self._closed:
            return
        self._closed = True
        for leave in self._leave:
            await asyncio.to_thread(leave)  # which waits for the coding thread
        self.video.stop()
        self.audio.stop()
        await self._connection.close()
        me = asyncio.current_task()
        for task in self._tasks:
            if task is not me:
                task.cancel()
        self._on_end(self)


def agreed_kind(answer: str) -> PictureKind | None:
    """How pictures are coded by an answer in SDP: in the first way that it names, the browser's first choice; None: by none."""
    pictures = _PICTURES.search(answer)
    named = pictures and re.search(rf"^a=rtpmap:{pictures['first']} (?P<name>\w+)/", answer, re.MULTILINE)
    return PICTURE_KIND_OF.get(named["name"].lower()) if named else None


def tell_feed_times(sender: Any, track: FeedTrack) -> None:
    """Have the sender's reports tell when, in the feed's time, a moment of the stream was, rather than when it was sent.

    A report names the last packet that was sent. Which one of the track's that was is sure while the sender waits for the next
    one; the first such report tells where the stream's own count began, and that does not change.
    """
    send, begin = sender._send_rtcp, None

    async def with_feed_times(packets: list[Any]) -> None:
        nonlocal begin
        for packet in packets:
            if isinstance(packet, RtcpSrPacket) and packet.sender_info.packet_count:
                info = packet.sender_info
                if begin is None and track.all_sent and track.taken is not None:
                    begin = (info.rtp_timestamp - track.taken.time) & 0xFFFF_FFFF
                if begin is not None and track.taken is not None:
                    behind = (track.taken.time - (info.rtp_timestamp - begin)) & 0xFFFF_FFFF
                    time = track.taken.time - (behind if behind < 2**31 else behind - 2**32)
                    info.ntp_timestamp = track.feed_clock.ntp_of(time / track.clock_hz)
        await send(packets)

    sender._send_rtcp = with_feed_times
