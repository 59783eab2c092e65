"""The stage of a session: its character drawn as it moves, its sound, and the clock that gives both to the feed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

from core.contracts import ByteArray, Progress
from core.entry_seal import sealed_by
from core.errors import BelcantoError, Cancelled, InputError
from core.messages import Message, message
from core.sealed_files import key_id_of
from live.avatar import AvatarOrder
from live.feed import Feed
from live.session.event_log import EventLog
from live.session.figures import Figures
from live.session.showing.character import Character
from live.session.showing.clock import Clock
from live.session.showing.film_character import FilmCharacter
from live.session.showing.painter import Moves, Painter
from live.session.showing.picture_line import Ahead, PictureLine
from live.session.showing.quality import Quality, QualityKeeper
from live.session.showing.sound_line import SoundLine

FPS = 25.0
#: The first pictures are waited for so long.
FIRST_PICTURES_S = 60.0


class Stage:
    """Made at once and made ready in a thread of its own; closed from any thread."""

    def __init__(
        self,
        order: AvatarOrder,
        figures: Figures,
        prepare: Callable[[], Moves],
        begin: Callable[[], None],
        end: Callable[[], None],
        ahead: Ahead,
        on_drawn: Callable[[ByteArray], None] = lambda frame: None,
    ) -> None:
        """prepare: makes ready whatever else the session needs, and gives what moves the character. begin: called once the feed
        runs. Both are called in the stage's thread; what `prepare` raises is told as the reason of the failure. end: closes what
        `prepare` made, called once. ahead: how pictures are drawn before their time. on_drawn: gets each as soon as it is drawn.
        """
        self.sound, self.ready, self.failed = SoundLine(), threading.Event(), ""
        self.events = EventLog(lambda: self.sound.now_s)
        self.feed: Feed | None = None
        self._files = ExitStack()
        self._order, self._figures, self._prepare, self._begin, self._end = order, figures, prepare, begin, end
        self._pictures, self._ahead = PictureLine(ahead.pictures, on_drawn), ahead
        self._character: Character | FilmCharacter | None = None
        self._painter: Painter | None = None
        self._clock: Clock | None = None
        self._keeper: QualityKeeper | None = None
        self._closed = threading.Event()
        self._lock, self._set_up_done = threading.Lock(), False
        self._thread = threading.Thread(target=self._run, name="avatar stage", daemon=True)

    def start(self) -> None:
        """Begin to get ready."""
        self.events.tell("state", state="preparing")
        self._thread.start()

    def running_feed(self) -> Feed:
        """The feed, once it runs. Raises InputError before."""
        if self.feed is None:
            raise InputError("live.session.not_ready")
        return self.feed

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed.is_set()

    def close(self, ending: str) -> None:
        """End. ending: why, for whoever listens. What is still being made ready ends as soon as it can, by itself."""
        with self._lock:
            if self._closed.is_set():
                return
            self._closed.set()
            ready = self._set_up_done
        self._pictures.close()
        if ready:
            self._let_go()
        self.events.tell("ended", message=ending)

    def _let_go(self) -> None:
        self._end()
        for part in (self._clock, self._painter, self._character):
            if part is not None:
                part.close()
        self._clock = self._painter = self._character = None
        self._files.close()

    def fail(self, why: Message) -> None:
        """It can't go on."""
        self.failed = str(why)
        self.events.tell_message("error", why)
        self.events.tell("state", state="failed")
        self.ready.set()

    def _run(self) -> None:
        try:
            self._set_up()
        except Cancelled:
            pass
        except BelcantoError as error:
            self.fail(error.message)
        except OSError as error:  # the picture was removed, or the disk is full
            self.fail(message("live.session.unreadable", reason=error.strerror or type(error).__name__))
        else:
            self._begin()
            self.ready.set()
        with self._lock:
            self._set_up_done = True
            closed = self._closed.is_set()
        if closed:
            self._let_go()

    def _set_up(self) -> None:
        order = self._order
        if order.seal is not None and key_id_of(order.portrait) is not None:
            order = replace(order, portrait=self._files.enter_context(order.seal.opened(order.portrait)))
        character = self._character = character_of(order, self._progress())
        character.prepare(order.height)
        move = self._prepare()
        height, width = character.size
        feed = Feed(width, height, FPS)
        self._keeper = QualityKeeper(height, FPS)
        self._show(self._keeper.quality)
        drawer = character.drawer(height)
        self._stop_if_closed()
        self._painter = Painter(character.size, drawer, character.drawer, move, self._pictures, self._ahead.at_once, self.fail)
        self._clock = Clock(feed, self.sound, self._pictures, self._seen)
        self._painter.start()
        if not self._pictures.wait_for_pictures(FIRST_PICTURES_S):
            self._stop_if_closed()
            raise BelcantoError("live.session.no_picture")
        self.feed = feed
        self._clock.start()

    def _progress(self) -> Progress:
        def progress(stage: str, done: int, total: int) -> None:
            self._stop_if_closed()

        return progress

    def _stop_if_closed(self) -> None:
        if self._closed.is_set():
            raise Cancelled("live.session.closed")

    def _seen(self, late: bool) -> None:
        """A picture was given; in the clock's thread."""
        self._figures.frames += 1
        self._figures.late_frames += late
        keeper, painter = self._keeper, self._painter
        if keeper is None or painter is None:
            return
        before = keeper.quality
        if (quality := keeper.picture(late, painter.busy)) is not None:
            better = (quality.height, -quality.every) > (before.height, -before.every)
            painter.go_over(quality, lambda: self._go_over(quality, better))

    def _go_over(self, quality: Quality, better: bool) -> None:
        self._show(quality)
        words = message("live.session.more_is_drawn" if better else "live.session.less_is_drawn", height=quality.height)
        values = words.as_json()
        self.events.tell(
            "quality", height=quality.height, fps=self._figures.fps, message=str(words), code=words.code, values=values["values"]
        )

    def _show(self, quality: Quality) -> None:
        self._figures.height, self._figures.fps = quality.height, FPS / quality.every


def character_of(order: AvatarOrder, progress: Progress) -> Character | FilmCharacter:
    """Who is shown; progress: may raise `Cancelled`."""
    with sealed_by(order.seal):
        if order.source == "film":
            return FilmCharacter(order.portrait, progress)
        return Character(order.portrait, order.engine, order.ground == "green", progress)
