"""What a film's metadata tell of how it came about: whose work drew it, which engines, and with which weights of the user's."""

from __future__ import annotations

from pathlib import Path

from core.engine_card import EngineCard
from core.film_tags import ENGINES
from lipsync.card import LipsCard
from media.film_writer import AI_COMMENT
from pipeline.cache import file_digest
from pipeline.film_settings import SongToVideoSettings
from pipeline.lips_engines import lips_expected

#: MP4's own name for those who made it possible; players show it.
CREDIT_TAG = "copyright"


def marks_of(engine: EngineCard | LipsCard, lips: LipsCard | None = None) -> dict[str, str]:
    """Credit and engines of a film. lips: the engine that drew other lips over its frames."""
    cards = [engine, *([lips] if lips is not None else [])]
    credit = "; ".join(card.credit for card in cards if card.credit)
    return {ENGINES: " ".join(card.name for card in cards), **({CREDIT_TAG: credit} if credit else {})}


def other_lips(settings: SongToVideoSettings) -> LipsCard | None:
    """The engine that draws the lips of such a film over its frames; None where its own engine does."""
    return None if settings.lips_engine is None else lips_expected(settings, settings.lips_engine)


def comment_of_film(engine: EngineCard, settings: SongToVideoSettings) -> str:
    """What is said of a film of a still picture, with the weights that the user named and the network that performed."""
    lips = other_lips(settings)
    comment = with_weights(AI_COMMENT, *engine.own_weights(settings), None if lips is None else lips.own_weights(settings))
    network = settings.network
    if network is None:
        return comment
    return f"{comment} The face was performed by the network {network.name}, SHA-256 {file_digest(network)}."


def with_weights(comment: str, *files: Path | None) -> str:
    """The comment with name and SHA-256 of each file of weights by which frames were drawn; None: of no file of the user's."""
    drawn_by = "; ".join(f"{file.name}, SHA-256 {file_digest(file)}" for file in files if file)
    return f"{comment} They were drawn with the weights {drawn_by}." if drawn_by else comment
