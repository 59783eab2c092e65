"""The renderer of a film: the engine's own, and around it the filters that the film passes, the same for every engine."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from core.contracts import Portrait, Progress, Renderer, silent
from core.engine_card import EngineCard, Note, Sound
from core.errors import InputError, MissingError
from neural.device import choose_device
from neural.gpu_turn import RendererInTurn
from pipeline.film_settings import SongToVideoSettings
from pipeline.filter_chain import Chain, FilteredRenderer, chain_of
from pipeline.filter_list import FILTERS
from pipeline.stages import Stages, opened
from weights.fetch import ensure_all


def make_film_renderer(engine: EngineCard, settings: SongToVideoSettings, sound: Sound, note: Note) -> Renderer:
    """The renderer of one film. note: takes what the user is to be told, before the work and after it.

    Networks that work on a graphics card are loaded when the first frame is asked for, in their turn on it. Raises `InputError`
    and `MissingError` like `check_renderer`.
    """
    chain = chain_of(engine, settings)
    for card in FILTERS:
        if (advice := card.advice(settings, engine)) is not None:
            note(advice)

    def make() -> Renderer:
        with opened(engine.install):
            drawer = engine.make(settings, sound, note)
        return FilteredRenderer(drawer, engine, chain, settings, sound, note) if chain else cast(Renderer, drawer)

    if not needs_torch(engine, chain):
        return make()
    device = choose_device(settings.device)
    return RendererInTurn(make, device) if device.type == "cuda" else make()


def engine_of(engine: EngineCard, stages: Stages, settings: SongToVideoSettings) -> EngineCard:
    """The engine, or what a caller puts in its place: a renderer of whole pictures."""
    maker = stages.renderer
    if maker is None:
        return engine
    return replace(engine, make=lambda _, sound, note: maker(settings), draws_head=False, on_torch=False)


def view_of(engine: EngineCard, portrait: Portrait, settings: SongToVideoSettings) -> Portrait:
    """The part of the portrait that the film shows: all of it, or the head's square alone."""
    if not engine.head_alone(settings):
        return portrait
    from pipeline.head_film import head_alone

    with opened(engine.install):
        return head_alone(portrait, engine.head_box(portrait, settings), settings.height)


def check_renderer(engine: EngineCard, settings: SongToVideoSettings, progress: Progress = silent) -> None:
    """Bring what the filters need, before the song is taken apart for nothing.

    progress: called with (name, bytes done, bytes in all) while something is fetched. Raises `InputError` where a filter can't
    work on the engine's frames or the device is not there, `MissingError` where torch or a network can't be had.
    """
    chain = chain_of(engine, settings)
    for card in chain:
        if (reason := card.unfit(engine)) is not None:
            raise InputError(reason)
        if (lack := card.missing(settings)) is not None:
            raise MissingError(lack)
    if needs_torch(engine, chain) or settings.device == "cuda":
        choose_device(settings.device)
    ensure_all([name for card in chain for name in card.weights], progress)


def needs_torch(engine: EngineCard, chain: Chain) -> bool:
    """Whether any network of the film's frames runs by torch."""
    return engine.on_torch or any(card.on_torch for card in chain)
