"""The renderer of a film: the engine's own, and around it the filters that the film passes, the same for every engine."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from core.contracts import Portrait, Progress, Renderer, silent
from core.engine_card import EngineCard, Note, Sound
from core.errors import InputError, MissingError
from neural.device import choose_device
from neural.gpu_turn import RendererInTurn
from pipeline.face_filters import check_face_filters, face_filters
from pipeline.film_settings import SongToVideoSettings
from pipeline.filter_chain import LIPS_PLACE, Chain, FilteredRenderer, chain_of
from pipeline.filter_list import FILTERS
from pipeline.lips_engines import fetch_weights, lips_for
from pipeline.other_lips import OtherLips
from pipeline.stages import Stages, opened
from weights.fetch import ensure_all


def make_film_renderer(engine: EngineCard, settings: SongToVideoSettings, sound: Sound, note: Note) -> Renderer:
    """The renderer of one film. note: takes what the user is to be told, before the work and after it.

    Networks that work on a graphics card are loaded when the first frame is asked for, in their turn on it. Raises `InputError`
    and `MissingError` like `check_renderer`.
    """
    if settings.lips_engine is not None:
        return with_other_lips(engine, settings, sound, note)
    chain = chain_of(engine, settings)
    advise(engine, settings, note)
    return drawing_renderer(engine, chain, settings, sound, note)


def with_other_lips(engine: EngineCard, settings: SongToVideoSettings, sound: Sound, note: Note) -> OtherLips:
    """The renderer of a film whose lips another engine draws, behind the filters that come before that."""
    if settings.lips_engine is None or sound.voice is None:
        raise RuntimeError("Other lips need an engine and a voice.")
    advise(engine, settings, note)
    chain = chain_of(engine, settings)
    before = tuple(card for card in chain if card.order < LIPS_PLACE)
    renderer = drawing_renderer(engine, before, settings, sound, note)
    chains = before, chain[len(before) :]
    return OtherLips(renderer, lips_for(settings, settings.lips_engine), chains, settings, sound.voice, note)


def advise(engine: EngineCard, settings: SongToVideoSettings, note: Note) -> None:
    """Tell what the filters have to say before the work."""
    for card in FILTERS:
        if (advice := card.advice(settings, engine)) is not None:
            note(advice)


def drawing_renderer(engine: EngineCard, chain: Chain, settings: SongToVideoSettings, sound: Sound, note: Note) -> Renderer:
    """The engine's frames through these filters."""

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
    if settings.lips_engine is not None:
        check_other_lips(engine, settings, progress)


def check_other_lips(engine: EngineCard, settings: SongToVideoSettings, progress: Progress) -> None:
    """The same for the engine of lips, and for the filters that work on the face behind it."""
    for filter_card, _ in face_filters(settings):
        if (reason := filter_card.unfit(engine)) is not None:
            raise InputError(reason)
    fetch_weights(lips_for(settings, settings.lips_engine or ""), settings, progress)
    check_face_filters(settings, progress)


def needs_torch(engine: EngineCard, chain: Chain) -> bool:
    """Whether any network of the film's frames runs by torch."""
    return engine.on_torch or any(card.on_torch for card in chain)
