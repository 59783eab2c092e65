"""A call over the loopback, the other end being aiortc's own: pictures and sound come, the microphone is heard, and it ends."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.rtp import RtcpSrPacket

from benchmarks.live_transport.flashes import FlashAvatar
from core.errors import InputError
from live.avatar import AvatarOrder
from live.streaming.addresses import LOOPBACK, IceSettings, offer_own_addresses
from live.streaming.coded_feed import CodedFeed
from live.streaming.webrtc import Peer, agreed_kind

PATIENCE_S = 60.0
ICE = IceSettings(own=(LOOPBACK,))


class Tone(MediaStreamTrack):
    """A microphone at 48 kHz that hears a tone."""

    kind = "audio"

    def __init__(self):
        super().__init__()
        self.count, self.begin_s = 0, time.monotonic()

    async def recv(self):
        await asyncio.sleep(max(0.0, self.begin_s + self.count * 0.02 - time.monotonic()))
        sound = (np.sin(np.arange(960) * 0.1) * 10_000).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(sound[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, self.count * 960, Fraction(1, 48_000)
        self.count += 1
        return frame


class Browser:
    """The other end. frames: by kind, what came."""

    def __init__(self, codec):
        offer_own_addresses(ICE)
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.connection.addTrack(Tone())
        video = self.connection.addTransceiver("video", direction="recvonly")
        known = type(video.receiver).getCapabilities("video").codecs
        video.setCodecPreferences([each for each in known if each.mimeType == codec])
        self.frames, self.tasks = {"audio": [], "video": []}, []
        self.connection.on("track", lambda track: self.tasks.append(asyncio.ensure_future(self.take(track))))

    async def take(self, track):
        with suppress(MediaStreamError):
            while True:
                self.frames[track.kind].append((time.time(), await track.recv()))

    async def call(self, peer):
        await self.connection.setLocalDescription(await self.connection.createOffer())
        answer = await peer.answer(self.connection.localDescription.sdp)
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        return answer


async def until(holds):
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("codec", ["video/H264", "video/VP8"])
def test_a_call_brings_pictures_and_sound_and_hears(codec):
    avatar = FlashAvatar(AvatarOrder(Path("none"), height=128))
    ended = []

    async def call():
        coded, browser = CodedFeed(avatar.feed), Browser(codec)
        peer = Peer(coded, avatar.hear, ICE, ended.append)
        reports = noted_reports(peer)
        answer = await browser.call(peer)
        assert agreed_kind(answer) == codec[6:].lower()
        assert "127.0.0.1" in answer
        await until(lambda: len(browser.frames["video"]) > 50 and len(browser.frames["audio"]) > 50)
        await until(lambda: len(reports["video"]) > 1 and len(reports["audio"]) > 1 and avatar.heard_samples > 8000)
        picture = browser.frames["video"][-1][1]
        assert (picture.width, picture.height) == (128, 128)
        await browser.connection.close()
        await until(lambda: ended)
        await until(lambda: avatar.feed.listeners == 0)
        return browser.frames, reports, peer

    try:
        frames, reports, peer = asyncio.run(call())
    finally:
        avatar.close()
    assert avatar.heard_peak == pytest.approx(10_000 / 32_768, abs=0.08)
    assert peer.video.dropped < 30
    shown = [frame.to_ndarray(format="gray")[:20].mean() for _, frame in frames["video"]]
    assert min(shown) < 80 and max(shown) > 180, "it never flashed"
    assert_steady(frames["video"])
    assert_reports_tell_one_time(reports)


def noted_reports(peer):
    """What the call's reports tell: by kind, (time by the feed's clock, seconds of the wall)."""
    told = {"audio": [], "video": []}
    add = peer._connection.addTrack

    def add_noting(track):
        sender = add(track)
        send = sender._send_rtcp

        async def noting(packets):
            for packet in packets:
                if isinstance(packet, RtcpSrPacket) and packet.sender_info.packet_count:
                    info = packet.sender_info
                    told[track.kind].append((info.rtp_timestamp, info.ntp_timestamp / 2**32, track))
            await send(packets)

        sender._send_rtcp = noting
        return sender

    peer._connection.addTrack = add_noting
    return told


def assert_reports_tell_one_time(reports):
    """Within a stream the reports' clocks go alike, to the millisecond: they come from the feed's time, not from sending."""
    for kind, clock_hz in (("audio", 48_000), ("video", 90_000)):
        rows = reports[kind]
        first, last = rows[0], rows[-1]
        told_s = ((last[0] - first[0]) & 0xFFFF_FFFF) / clock_hz
        assert told_s == pytest.approx(last[1] - first[1], abs=0.001), kind


def assert_steady(frames):
    """Pictures are as far apart as they are in the feed."""
    times = [float(frame.pts * frame.time_base) for _, frame in frames]
    steps = np.diff(times)
    assert np.median(steps) == pytest.approx(0.04, abs=0.001) and (steps > 0).all()


@pytest.mark.parametrize(
    "offer", ["", "v=0", "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" * 9, "x" * 200_000, "v=0\r\nm=audio 9 X 0\r\n"]
)
def test_what_is_no_offer_is_refused(offer):
    avatar = FlashAvatar(AvatarOrder(Path("none"), height=128))

    async def call():
        peer = Peer(CodedFeed(avatar.feed), avatar.hear, ICE)
        with pytest.raises(InputError, match="no offer"):
            await peer.answer(offer)
        await peer.close()

    asyncio.run(call())
    avatar.close()
