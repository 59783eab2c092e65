"""Opens avatars: `open_avatar(order)`, at once; see `live.avatar`."""

from __future__ import annotations

from core.errors import InputError
from live.avatar import Avatar, AvatarOrder
from live.session.following import FollowingAvatar
from live.session.showing.stage import FPS
from live.session.singing import SingingAvatar
from live.session.speaking.speech_desk import speech_desk
from live.session.talking import TalkingAvatar
from motion.live.performer import LivePerformer
from motion.live.singing.singer import LATE_S, LiveSinger

#: Heights of pictures that are drawn live.
LOWEST, HIGHEST = 128, 1080


def open_avatar(order: AvatarOrder) -> Avatar:
    """The avatar of that order, which gets ready in a thread of its own.

    Raises InputError and MissingError for an order that can't be met, as far as that is known at once.
    """
    if not LOWEST <= order.height <= HIGHEST:
        raise InputError("live.session.height", lowest=LOWEST, highest=HIGHEST)
    if order.source == "film" and order.ground == "green":
        raise InputError("live.session.film_before_green")
    if order.mode == "follow":
        if order.source == "film":
            raise InputError("live.session.film_follows_no_camera")
        return FollowingAvatar(order)
    if order.mode == "sing":
        return SingingAvatar(order, lambda: LiveSinger(FPS), LATE_S)
    return TalkingAvatar(order, lambda: LivePerformer(FPS), speech_desk())
