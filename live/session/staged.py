"""What all kinds of avatars are to those who serve them: a stage that gets ready, runs and tells."""

from __future__ import annotations

import threading
from collections.abc import Callable

from core.errors import InputError
from live.avatar import Event
from live.feed import Feed
from live.session.showing.stage import Stage


class StagedAvatar:
    """The part of `live.avatar.Avatar` that its stage answers; whoever inherits makes `_stage`."""

    _stage: Stage

    @property
    def ready(self) -> threading.Event:
        """See `Avatar`."""
        return self._stage.ready

    @property
    def failed(self) -> str:
        """See `Avatar`."""
        return self._stage.failed

    @property
    def feed(self) -> Feed:
        """See `Avatar`."""
        return self._stage.running_feed()

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """See `Avatar`."""
        return self._stage.events.listen(listener)

    def see(self, picture: bytes, anew: bool = False) -> bytes:
        """See `Avatar`: this one follows no camera. Raises InputError."""
        raise InputError("live.session.follows_no_camera")
