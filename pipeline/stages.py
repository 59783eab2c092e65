"""Who makes which stage. Rooms are imported only when their stage runs, so a missing package harms only that stage."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Protocol

from core.contracts import Motion, Progress, Renderer, Separator, silent
from core.engine_card import DEFAULT_INSTALL
from core.errors import MissingError
from core.timebase import frames_to_seconds
from motion.intensity import Emotion, emotion_of_curves
from neural.gpu_turn import SeparatorInTurn
from pipeline.cache import source_version
from pipeline.film_settings import SongToVideoSettings

ROOT = Path(__file__).resolve().parent.parent
OWN_PACKAGES = (
    *("core", "media", "weights", "neural", "faces", "separation", "motion", "animators", "sadtalker_runner", "filters"),
    *("pipeline", "jobs", "metrics", "benchmarks", "app"),
)


def load_module(module: str, install: str = DEFAULT_INSTALL) -> ModuleType:
    """Import a module of another room. Raises `MissingError` that names the missing package and the command that brings it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise missing_package(error, install) from error


def missing_package(error: ImportError, install: str = DEFAULT_INSTALL) -> MissingError:
    """The sentence for a package that can't be loaded. Raises `error` itself where it is a mistake of our own."""
    package = (error.name or "").partition(".")[0]
    if not package or package in OWN_PACKAGES:
        raise error
    return MissingError("pipeline.package_missing", name=package, reason=error, command=install)


def make_separator(settings: SongToVideoSettings) -> Separator:
    """Spleeter's network; on a graphics card in its turn."""
    runner = load_module("separation.runner")
    separator = runner.SpleeterSeparator(runner.SpleeterSettings(device=settings.device))
    made: Separator = SeparatorInTurn(separator) if separator.on_card else separator
    return made


class StoredMotionSource(Protocol):
    """Motion in two steps: what is heard in the song, kept in a folder for other films of it, and one performance of that."""

    def analyse(
        self, voice: Path, mix: Path, fps: float, frames: int, folder: Path, progress: Progress = silent, alone: bool = False
    ) -> None:
        """Listen to `voice` and `mix`, which start together at frame 0, and write what was heard into the empty `folder`.

        alone: the voice was recorded alone, so that its level beside the mix says nothing.
        """
        ...

    def perform(self, folder: Path) -> Motion:
        """The motion of as many frames as were analysed."""
        ...

    def emotion(self, folder: Path) -> Emotion:
        """The emotion of that performance."""
        ...


class StoredSinging:
    """The singing performer with its analysis on disk."""

    ANALYSIS_NAME = "analysis.npz"

    def __init__(self, settings: SongToVideoSettings) -> None:
        self._runner = load_module("motion.singing.runner")
        self._source = self._runner.SingingMotion(
            self._runner.SingingSettings(
                seed=settings.seed,
                expressiveness=settings.expressiveness,
                head_motion=settings.head_motion,
                lips=settings.lips,
                style=settings.style,
                intensity_points=settings.intensity_points,
            )
        )

    def analyse(
        self, voice: Path, mix: Path, fps: float, frames: int, folder: Path, progress: Progress = silent, alone: bool = False
    ) -> None:
        """See `StoredMotionSource`."""
        self._source.analyse(voice, mix, fps, frames, progress, alone).save(folder / self.ANALYSIS_NAME)

    def perform(self, folder: Path) -> Motion:
        """See `StoredMotionSource`."""
        motion: Motion = self._source.perform(self._runner.SongAnalysis.load(folder / self.ANALYSIS_NAME))
        return motion

    def emotion(self, folder: Path) -> Emotion:
        """See `StoredMotionSource`."""
        song = self._runner.SongAnalysis.load(folder / self.ANALYSIS_NAME)
        felt, settings = self._source.emotion(song), self._source.settings
        duration_s = frames_to_seconds(song.frames, song.fps)
        curves = felt.intensity, felt.automatic
        return emotion_of_curves(settings.style, felt.sections, *curves, felt.rate_hz, duration_s, settings.intensity_points)


def package_version(package: str) -> str:
    """Version of a package's results in the cache: it changes with its sources, and with the weights that we trained."""
    trained = sorted((ROOT / "weights" / "trained").glob("*.safetensors"))
    return source_version(ROOT.joinpath(*package.split(".")), *trained)


@dataclass(frozen=True)
class Stages:
    """The makers of the exchangeable stages, each called when its stage begins, and the version of its results.

    A test, or a caller with a stage of its own, gives other makers.
    """

    separator: Callable[[SongToVideoSettings], Separator] = make_separator
    motion_source: Callable[[SongToVideoSettings], StoredMotionSource] = StoredSinging
    #: None: the engine that the settings name.
    renderer: Callable[[SongToVideoSettings], Renderer] | None = None
    version: Callable[[str], str] = package_version
