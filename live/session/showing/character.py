"""The character of a session: a picture becomes a portrait, and the portrait a drawer, for the height that is asked for."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from core.contracts import LiveDrawer, Portrait, Progress
from core.errors import InputError
from drawing.resizing import resized
from live.ground import on_green
from pipeline.cache import CacheSettings, StageCache
from pipeline.engine_list import ENGINES
from pipeline.film_settings import SongToVideoSettings
from pipeline.portrait_step import film_size, find_portrait, scaled
from pipeline.run import Run
from pipeline.stages import opened


class Character:
    """One picture; what was made of it before is found in the films' cache, which it holds on to until it is closed."""

    def __init__(self, picture: Path, engine: str, green: bool, progress: Progress) -> None:
        """engine: a name or `auto`. green: whether the person stands before plain green. progress: may raise `Cancelled`."""
        self._picture, self._engine, self._green = picture, engine, green
        self._release = ExitStack()
        self._run = Run(StageCache(CacheSettings.from_environment()), progress, self._release)

    def prepare(self, height: int) -> None:
        """Find the face at that height, and the engine that draws it.

        Raises like `find_portrait` and `on_green`, and InputError where its engine can't draw live.
        """
        settings = SongToVideoSettings(engine=self._engine, height=height)
        self._portrait, self._card = find_portrait(self._run, self._picture, settings)
        if self._card.live is None:
            raise InputError("live.session.not_live", engine=self._card.name, list=live_engines())
        if self._green:
            self._portrait = on_green(self._portrait)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the pictures, both even; of a character that is prepared."""
        height, width = self._portrait.image.shape[:2]
        return height, width

    def drawer(self, height: int) -> LiveDrawer:
        """What draws it at a height up to that of `prepare`. Raises MissingError where the engine lacks something, InputError
        where it can't take the picture."""
        assert self._card.live is not None
        with opened(self._card.install):
            return self._card.live(smaller(self._portrait, height))

    def close(self) -> None:
        """Let go of what was found."""
        self._release.close()


def smaller(portrait: Portrait, height: int) -> Portrait:
    """The portrait at about that height; itself where it is no larger."""
    own_height, own_width = portrait.image.shape[:2]
    if height >= own_height:
        return portrait
    height, width = film_size(own_height, own_width, height)
    alpha = None if portrait.alpha is None else resized(portrait.alpha, height, width)
    face = scaled(portrait.face, width / own_width, height / own_height)
    return replace(portrait, image=resized(portrait.image, height, width), face=face, alpha=alpha, keep=None)


def live_engines() -> tuple[str, ...]:
    """The engines that draw as motion comes."""
    return tuple(card.name for card in ENGINES if card.live is not None)
