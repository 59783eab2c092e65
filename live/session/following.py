"""The avatar that follows the face before a camera: pictures of the person come in, each is answered with the portrait's.

Of the person's pictures nothing is kept but what the face's rest is learned from, in numbers, and that ends with the session.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from core.contracts import ByteArray, FloatArray, Motion
from core.errors import InputError
from core.messages import message
from faces.live_face import LiveFace
from live.avatar import MICROPHONE_HZ, AvatarOrder
from live.feed import RATE_HZ
from live.session.camera_pictures import read_camera_picture
from live.session.figures import Figures
from live.session.showing.painter import Moves
from live.session.showing.picture_line import Ahead
from live.session.showing.sound_line import Stretched
from live.session.showing.stage import FPS, Stage
from live.session.staged import StagedAvatar
from live.streaming.mjpeg import jpeg
from motion.live.follower import LiveFollower

#: A picture is begun whenever one is shown, of the newest that the camera saw; one more may wait for those who look on.
AHEAD = Ahead(pictures=2, at_once=1)
#: A picture of the camera waits so long for the one that is drawn after it; then it is answered with the last one.
MOST_WAIT_S = 1.0
#: Nobody is before the camera where no face was seen for so long.
UNSEEN_S = 0.5
#: What the person says is heard so much later than it comes, and no more than so much may wait.
SOUND_LATE_S, MOST_SOUND_S = 0.08, 0.4


class FollowingAvatar(StagedAvatar):
    """See `live.avatar.Avatar`; what it can't do, since it only follows, is refused with a sentence."""

    def __init__(self, order: AvatarOrder) -> None:
        """Raises InputError and MissingError for an order that can't be met."""
        self._figures = Figures()
        self._follower = LiveFollower(FPS)
        self._face: LiveFace | None = None
        self._reading, self._stretched = threading.Lock(), Stretched()
        self._sound_end_s = 0.0
        self._changed = threading.Condition()
        # numbers of the camera's pictures: the newest that was read, the one that is drawn now, the one that was drawn last
        self._read = self._drawing = self._drawn = 0
        self._picture: ByteArray | None = None
        self._state, self._seen_s = "", 0.0
        self._stage = Stage(order, self._figures, self._prepare, self._begin, self._end, AHEAD, self._take)
        self._stage.start()

    # what others ask of it

    def see(self, picture: bytes, anew: bool = False) -> bytes:
        """See `Avatar`. Pictures that come while one is read are read one after the other."""
        frame = read_camera_picture(picture)
        with self._reading:
            if self._face is None or not self.ready.is_set():
                raise InputError("live.session.not_ready")
            now_s = time.monotonic()
            face = self._face.read(frame, now_s)
            with self._changed:
                if anew:
                    self._follower.begin_anew()
                self._follower.see(face, now_s)
                self._read += 1
                number = self._read
            self._seen_s = self._seen_s if face is None else now_s
            self._tell("unseen" if now_s - self._seen_s > UNSEEN_S else "learning" if self._follower.learning else "following")
        with self._changed:
            self._changed.wait_for(lambda: self._drawn >= number or self._stage.closed, MOST_WAIT_S)
            drawn = self._picture
        if drawn is None:
            raise InputError("live.session.not_ready")
        return jpeg(drawn)

    def hear(self, block: FloatArray) -> None:
        """See `Avatar`: what the person says is heard with the pictures."""
        now_s = self._stage.sound.now_s
        at_s = max(self._sound_end_s, now_s + SOUND_LATE_S)
        if at_s <= now_s + MOST_SOUND_S:
            self._sound_end_s = at_s + len(block) / MICROPHONE_HZ
            self._stage.sound.put(at_s, self._stretched.push(block), RATE_HZ)

    def said(self, text: str) -> None:
        """Raises InputError."""
        raise InputError("live.session.only_follows")

    def interrupt(self) -> None:
        """It says nothing, so nothing ends."""

    def transcript(self) -> list[dict[str, Any]]:
        """Empty."""
        return []

    def timeline(self) -> dict[str, Any]:
        """Empty."""
        return {"sentences": []}

    def figures(self) -> dict[str, Any]:
        """See `Avatar`."""
        return self._figures.as_json()

    def close(self) -> None:
        """See `Avatar`."""
        self._stage.close(str(message("live.session.following_ended")))
        with self._changed:
            self._changed.notify_all()

    # of the stage

    def _prepare(self) -> Moves:
        self._face = LiveFace()
        return self._move

    def _begin(self) -> None:
        self._tell("unseen")

    def _end(self) -> None:
        with self._reading:
            if self._face is not None:
                self._face.close()
            self._face = None

    def _move(self, frames: int) -> Motion:
        """In the painter's thread: as the face is now."""
        with self._changed:
            self._drawing = self._read
            return self._follower.motion(frames)

    def _take(self, frame: ByteArray) -> None:
        """In the painter's thread: a picture is drawn."""
        with self._changed:
            self._picture, self._drawn = frame, self._drawing
            self._changed.notify_all()

    def _tell(self, state: str) -> None:
        if state != self._state:
            self._state = state
            self._stage.events.tell("state", state=state)
