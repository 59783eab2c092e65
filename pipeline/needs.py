"""What a piece of work needs of the worker that does it, and what of that there is on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.engine_card import EngineCard
from core.errors import BelcantoError
from lipsync.card import LipsCard
from pipeline.dub_settings import DubSettings
from pipeline.engine_list import ENGINES
from pipeline.film_settings import SongToVideoSettings
from pipeline.lips_list import LIPS
from pipeline.work_kinds import KINDS

#: What the processes of a film took at most with the engines that need no network (docs/RESULTS.md), in megabytes.
USUAL_MEMORY_MB = 1500
#: The same with an engine whose networks run by torch: the program itself is 600 MB larger, and the networks' weights come to it.
TORCH_MEMORY_MB = 3000


@dataclass(frozen=True)
class Needs:
    """engine: its name; empty: whichever is there. card: whether a graphics card is asked for. memory_mb: in megabytes."""

    engine: str = ""
    card: bool = False
    memory_mb: int = 0


def needs_of(options: Mapping[str, Any]) -> Needs:
    """What work with these options, as its kind keeps them, needs.

    An engine that is told of other weights than the usual ones is nobody's announced ability, so that any worker may try.
    """
    name, card = str(options.get("engine") or ""), options.get("device") == "cuda"
    every: tuple[EngineCard | LipsCard, ...] = (*ENGINES, *LIPS)
    engine = next((each for each in every if each.name == name), None)
    if engine is None:
        return Needs(card=card)
    memory_mb = TORCH_MEMORY_MB if getattr(engine, "on_torch", True) and name != "mesh" else USUAL_MEMORY_MB
    return Needs(name if is_usual(engine, options) else "", card, memory_mb)


def is_usual(engine: EngineCard | LipsCard, options: Mapping[str, Any]) -> bool:
    """Whether the options ask for no other weights than the engine's usual ones."""
    if not isinstance(engine, EngineCard):
        return True
    usual = engine.needs(SongToVideoSettings(engine=engine.name))
    return all(options.get(name, value) == value for name, value in usual.items())


def kinds_here() -> frozenset[str]:
    """Names of the kinds of work that lack nothing here with their usual options; those that have none lack nothing by them."""
    return frozenset(kind.name for kind in KINDS if not lacks(lambda kind=kind: kind.lacking(kind.settled({}))))


def lips_here() -> frozenset[str]:
    """Names of the engines of lips that lack nothing here."""
    return frozenset(found_lips())


def found_lips() -> Iterator[str]:
    """One name after the other."""
    for card in LIPS:
        if not lacks(lambda card=card: card.missing(DubSettings(engine=card.name))):
            yield card.name


def lacks(look: Any) -> bool:
    """Whether a look finds something that lacks; one that needs to be told more finds nothing."""
    try:
        return look() is not None
    except BelcantoError:
        return False
