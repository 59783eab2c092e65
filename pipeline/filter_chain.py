"""The chain of filters between an engine's frames and the film: which, in which order, what they change, what they cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import cast

from core.contracts import ByteArray, FrameInfo, HeadRenderer, Motion, Portrait, Progress, Renderer, Square, silent
from core.engine_card import EngineCard, Note, Sound
from core.film_stages import FRAMES
from core.filter_card import FilterCard
from core.frame_stream import FrameCount, closing_frames, read_ahead
from core.stage_cost import StageCost
from motion.every_nth import every_nth
from neural.device import choose_device
from pipeline.face_filters import face_filters_cost
from pipeline.film_settings import SongToVideoSettings
from pipeline.filter_list import FILTERS
from pipeline.head_film import moved_face
from pipeline.lips_engines import lips_expected
from pipeline.stages import opened

#: Frames that a stage may be ahead of the next one where they work at once: a batch of the graphics card.
AHEAD_FRAMES = 16
#: The place in a chain at which another engine draws its lips over the frames: whole pictures, at the film's rate, upright.
LIPS_PLACE = 550
#: The rate for which cards tell their costs.
USUAL_FPS = 25.0

Chain = tuple[FilterCard, ...]


def chain_of(engine: EngineCard, settings: SongToVideoSettings) -> Chain:
    """The filters that a film passes, in their order; without those that wait for other lips, to work on the finished face."""
    wanted = (card for card in FILTERS if card.wanted(settings, engine))
    now = (card for card in wanted if settings.lips_engine is None or card.on_face is None)
    return tuple(sorted(now, key=lambda card: card.order))


def rates(chain: Chain, engine: EngineCard, settings: SongToVideoSettings) -> list[float]:
    """Frames a second before each filter, and after the last one, which is the film's."""
    found = [settings.fps]
    for card in reversed(chain):
        found.insert(0, card.fps_in(settings, engine, found[0]))
    return found


def size_of(chain: Chain, view: Portrait, settings: SongToVideoSettings) -> tuple[int, int]:
    """(width, height) of the film that shows so much of the portrait."""
    height, width = view.image.shape[:2]
    frames = FrameInfo(view, view.face, width, height, settings.fps, 0)
    for card in chain:
        frames = card.after(settings, frames)
    return frames.width, frames.height


def frames_cost(engine: EngineCard, settings: SongToVideoSettings, card: bool) -> StageCost:
    """What a film's frames take; card: whether there seems to be a graphics card."""
    chain = chain_of(engine, settings)
    fps = rates(chain, engine, settings)
    cost = engine.cost(settings, card).scaled(1.0, fps[0] / USUAL_FPS)
    for filter_card, own_fps in zip(chain, fps[1:], strict=True):
        cost = cost.plus(filter_card.cost(settings, card).scaled(1.0, own_fps / USUAL_FPS))
    if settings.lips_engine is not None:
        cost = cost.plus(lips_expected(settings, settings.lips_engine).cost(settings, card)).plus(
            face_filters_cost(settings, card)
        )
    return cost


def cost_words(settings: SongToVideoSettings) -> tuple[str, ...]:
    """What of the filters' options decides how long frames take."""
    return tuple(word for card in FILTERS for word in card.cost_words(settings))


def first(frames: Iterator[ByteArray], count: int) -> Iterator[ByteArray]:
    """So many of the frames. The others are taken too, so that whoever gives them comes to its end."""
    for number, frame in enumerate(frames):
        if number < count:
            yield frame


class FilteredRenderer:
    """A `Renderer`: the frames of an engine, of whole pictures or of heads, through a chain of filters."""

    def __init__(
        self,
        drawer: Renderer | HeadRenderer,
        engine: EngineCard,
        chain: Chain,
        settings: SongToVideoSettings,
        sound: Sound,
        note: Note,
    ) -> None:
        """note: takes what the user is to be told."""
        self.drawer, self.engine, self.chain = drawer, engine, chain
        self.settings, self.sound, self.note = settings, sound, note

    def frames(self, portrait: Portrait, motion: Motion, progress: Progress = silent) -> Iterator[ByteArray]:
        """See `Renderer`; `progress` counts the film's frames.

        Raises MissingError where a package or a weight is missing, InputError where the device is.
        """
        count = FrameCount(progress, FRAMES, len(motion))
        count.alive(FRAMES, 0, 0)
        with ExitStack() as streams:

            def kept(frames: Iterator[ByteArray]) -> Iterator[ByteArray]:
                streams.enter_context(closing_frames(frames))
                return frames

            filtered = self._filtered(portrait, motion, kept, count.alive)
            yield from count.counted(filtered)

    def _filtered(
        self, portrait: Portrait, motion: Motion, kept: Callable[[Iterator[ByteArray]], Iterator[ByteArray]], alive: Progress
    ) -> Iterator[ByteArray]:
        """The film's frames; `kept` hears of every stream that must be closed in the end.

        On a graphics card the stages of a head work at once, each in a thread: the processor finds the faces and the flow of some
        frames while the card draws and restores others.
        """
        fps = rates(self.chain, self.engine, self.settings)
        drawn = every_nth(motion, round(fps[-1] / fps[0]))
        stream, frames = self._drawn(portrait, drawn, alive)
        stream = kept(stream)
        at_once = frames.square is not None and choose_device(self.settings.device).type == "cuda"
        for card, rate in zip(sorted(self.chain, key=lambda card: card.place(frames)), fps[1:], strict=True):
            if at_once and frames.square is not None:
                stream = kept(read_ahead(stream, AHEAD_FRAMES))
            with opened(card.install):
                stream = kept(card.make(self.settings, frames, self.note).apply(stream, alive))
            if rate != frames.fps:  # it goes on to the last frame that was drawn, which may lie beyond the film's end
                frames = replace(frames, fps=rate, count=len(motion))
                stream = kept(first(stream, len(motion)))
            frames = card.after(self.settings, frames)
        return stream

    def _drawn(self, portrait: Portrait, motion: Motion, alive: Progress) -> tuple[Iterator[ByteArray], FrameInfo]:
        """The engine's own frames, and what they are like."""
        voice = self.sound.voice
        if not self.engine.draws_head:
            height, width = portrait.image.shape[:2]
            frames = FrameInfo(portrait, portrait.face, width, height, motion.fps, len(motion), None, voice)
            return cast(Renderer, self.drawer).frames(portrait, motion, alive), frames
        film = cast(HeadRenderer, self.drawer).head_film(portrait, motion, alive)
        side_px, square = film.side_px, Square(film.box, film.side_px)
        face = moved_face(portrait.face, film.box, side_px, side_px)
        return film.frames, FrameInfo(portrait, face, side_px, side_px, motion.fps, len(motion), square, voice)
