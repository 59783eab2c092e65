"""Who makes which stage. Rooms are imported only when their stage runs, so a missing package harms only that stage."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from core.contracts import MotionSource, Progress, Renderer, Separator
from core.engine_card import DEFAULT_INSTALL
from core.errors import MissingError
from faces.tracking.tracks import FilmFaces
from media.film_source import FilmSource
from motion.emotion.source import DeitalkMotion
from motion.files.source import RecordedMotion
from motion.singing.settings import SingingSettings
from motion.singing.source import SungMotion
from neural.gpu_turn import SeparatorInTurn
from neural.network_files import NEURAL_INSTALL
from pipeline.cache import source_version
from pipeline.film_settings import SongToVideoSettings
from pipeline.text_settings import TextToVideoSettings
from speech.voice import Voice

ROOT = Path(__file__).resolve().parent.parent
OWN_PACKAGES = (
    *("core", "media", "weights", "neural", "drawing", "provenance", "faces", "separation", "speech"),
    *("motion", "animators", "sadtalker_runner", "lipsync", "filters", "pipeline", "jobs", "metrics", "benchmarks", "app"),
)


def load_module(module: str, install: str = DEFAULT_INSTALL) -> ModuleType:
    """Import a room's module. Raises `MissingError` that names the package that is missing and the command that brings it."""
    with opened(install):
        return importlib.import_module(module)


def missing_package(error: ImportError, install: str = DEFAULT_INSTALL) -> MissingError:
    """The sentence for a package that can't be loaded. Raises `error` itself where it is a mistake of our own."""
    package = (error.name or "").partition(".")[0]
    if not package or package in OWN_PACKAGES:
        raise error
    return MissingError("pipeline.package_missing", name=package, reason=error, command=install)


@contextmanager
def opened(install: str = DEFAULT_INSTALL) -> Iterator[None]:
    """Around every use of a room: a package that can't be loaded becomes a `MissingError` with the command that brings it."""
    try:
        yield
    except ImportError as error:
        raise missing_package(error, install) from error


def make_separator(settings: SongToVideoSettings) -> Separator:
    """Spleeter's network; on a graphics card in its turn."""
    runner = load_module("separation.runner")
    separator = runner.SpleeterSeparator(runner.SpleeterSettings(device=settings.device))
    made: Separator = SeparatorInTurn(separator) if separator.on_card else separator
    return made


def make_motion_source(settings: SongToVideoSettings) -> MotionSource:
    """A motion file where one was given, else the song, as its plan or a trained network performs it.

    Raises `MissingError` where that network is not there, `InputError` where its file is another.
    """
    if settings.motion_csv is not None:
        return RecordedMotion(settings.motion_csv)
    singing = SingingSettings(
        seed=settings.seed,
        expressiveness=settings.expressiveness,
        head_motion=settings.head_motion,
        lips=settings.lips,
        style=settings.style,
        intensity_points=settings.intensity_points,
    )
    return DeitalkMotion(singing, settings.performance_model) if settings.is_learned else SungMotion(singing)


def make_voice(settings: TextToVideoSettings) -> Voice:
    """Who speaks the text: Kokoro, a server that the settings name, or a checkpoint."""
    room = load_module("speech.speaker")
    if settings.voice_server is not None:
        remote = load_module("speech.remote")
        language = settings.language or "en"
        server = remote.RemoteVoiceSettings(settings.voice_protocol, settings.voice_server, settings.voice, language=language)
        spoken: Voice = room.open_voice(server)
        return spoken
    if settings.voice_file is not None:
        own = load_module("speech.styletts2.voice", NEURAL_INSTALL)
        language = settings.language or "en-US"
        taught: Voice = own.StyleTTS2Voice(
            own.StyleTTS2Settings(settings.voice_file, settings.voice_like, language, seed=settings.film.seed)
        )
        return taught
    voice: Voice = room.open_voice(room.SpeechSettings(voice=settings.voice, language=settings.language or "", early=False))
    return voice


def follow_faces(film: FilmSource, folder: Path, progress: Progress) -> FilmFaces:
    """Every face of a film, through all its frames; their rows are written into the folder."""
    room = load_module("faces.tracking.film_tracking")
    with closing(film.frames()) as frames:
        followed: FilmFaces = room.track_faces(frames, film.fps, film.width, film.height, film.count, folder, progress)
    return followed


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
    motion_source: Callable[[SongToVideoSettings], MotionSource] = make_motion_source
    #: in the place of the engine's own; None: that one.
    renderer: Callable[[SongToVideoSettings], Renderer] | None = None
    voice: Callable[[TextToVideoSettings], Voice] = make_voice
    film_faces: Callable[[FilmSource, Path, Progress], FilmFaces] = follow_faces
    version: Callable[[str], str] = package_version
