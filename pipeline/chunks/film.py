"""Draws a film in chunks, keeps those that are done until the film is, and joins them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from core.contracts import Motion, Performance, Progress
from core.film_stages import FRAMES, MUX
from core.finishing import finisher
from core.messages import message
from media.film_parts import JoinedFilm
from media.headroom import headroom_notes
from media.media import probe_audio
from pipeline.cache import StageCache, stage_key
from pipeline.chunks.crew import Crew
from pipeline.chunks.drawing import ChunkedFilm, indivisible
from pipeline.chunks.grid import CHUNK_S, Chunk, chunks_of
from pipeline.chunks.settings import ExecutorSettings
from pipeline.film_settings import SongToVideoSettings
from pipeline.lyrics.showing import track_of
from pipeline.run import Run
from pipeline.stages import Stages
from pipeline.steps import Film, FilmPicture, SongExcerpt, film_told

#: The stage under which chunks are kept.
CHUNKS = "chunks"


class NotThere(Exception):
    """The cache lacks a chunk."""


def is_divided(run: Run, picture: FilmPicture, settings: SongToVideoSettings, executor: ExecutorSettings) -> bool:
    """Whether the film is drawn in chunks; where it was asked for and can't be, a note says why."""
    if executor.name == "process":
        return False
    reason = indivisible(picture.engine, settings)
    if reason is not None:
        run.note(message("pipeline.chunks.in_one_piece", reason=reason))
    return reason is None


def draw_in_chunks(
    run: Run,
    excerpt: SongExcerpt,
    picture: FilmPicture,
    performance: Performance,
    video: Path,
    settings: SongToVideoSettings,
    executor: ExecutorSettings,
    stages: Stages,
) -> Film:
    """As `pipeline.steps.draw_film`, by Ray's workers. Chunks that a run has finished, and died, are not drawn again."""
    if excerpt.song is not None:
        run.note(*headroom_notes(probe_audio(excerpt.song)))
    told = film_told(excerpt, picture, performance, settings)
    chunks = list(chunks_of(excerpt.frames, settings.fps))
    with ExitStack() as held:
        kept = KeptChunks(run.cache, film_key(picture, performance.motion, settings, stages), held)
        with run.stage(FRAMES) as progress:
            view = replace(picture.view, keep=None)  # this machine's cache; each worker prepares the portrait once
            film = ChunkedFilm(picture.engine, settings, view, performance.motion, picture.size)
            if (by := finisher()) is not None:
                by.mark = kept.mark(by.mark)
                film = replace(film, marker=by.marker(*picture.size))
            draw_missing(film, chunks, kept, executor, progress)
        with run.stage(MUX), ExitStack() as words:
            track = track_of(excerpt.lyrics, settings, words)
            with JoinedFilm(video, picture.size, settings.fps, excerpt.song, **told, subtitles=track) as joined:
                joined.join((kept.path(chunk), len(chunk)) for chunk in chunks)
    kept.forget(chunks)
    return Film(excerpt.frames, settings.fps, *picture.size)


def draw_missing(
    film: ChunkedFilm, chunks: list[Chunk], kept: KeptChunks, executor: ExecutorSettings, progress: Progress
) -> None:
    """Have those chunks drawn that are not kept yet; `progress` counts frames."""
    from pipeline.chunks.ray_hands import ray_hands  # only who draws so needs Ray

    total = sum(map(len, chunks))
    missing = [chunk for chunk in chunks if not kept.has(chunk)]
    done = total - sum(map(len, missing))
    progress(FRAMES, done, total)
    if not missing:
        return

    def alive() -> None:
        progress(FRAMES, done, total)

    with ray_hands(film, executor) as hands:
        crew = Crew(hands, executor.slow, executor.most_deaths)
        for chunk, part in crew.parts(missing, alive):
            kept.keep(chunk, part)
            done += len(chunk)
            alive()


def film_key(picture: FilmPicture, motion: Motion, settings: SongToVideoSettings, stages: Stages) -> str:
    """By what a film's chunks are known: all that decides their pictures."""
    view, face = hashlib.sha256(picture.view.image.tobytes()), picture.view.face
    view.update(b"" if picture.view.alpha is None else picture.view.alpha.tobytes())
    view.update(face.landmarks.tobytes())
    moved = hashlib.sha256()
    for values in (motion.blendshapes, motion.rotation_deg, motion.translation, motion.gaze_deg, motion.intensity):
        moved.update(values.tobytes())
    version = " ".join(stages.version(room) for room in (picture.engine.package, "drawing", "filters", "media", "pipeline"))
    inputs = {"view": view.hexdigest(), "motion": moved.hexdigest()}
    told = json.loads(json.dumps(settings.as_json(), default=str))
    return stage_key(version, inputs, {"settings": told, "size": list(picture.size), "chunk_s": CHUNK_S})


class KeptChunks:
    """The chunks of one film in the stage cache; held until `held` is closed."""

    def __init__(self, cache: StageCache, key: str, held: ExitStack) -> None:
        self._cache, self._key, self._held = cache, key, held
        self._folders: dict[str, Path] = {}

    def mark(self, fresh: str) -> str:
        """The number that this film's frames are marked with: that of the run that began it, else `fresh`."""
        return (self._entry("mark", lambda folder: write(folder / "mark", fresh.encode())) / "mark").read_text()

    def has(self, chunk: Chunk) -> bool:
        """Whether it was drawn before."""
        try:
            self._entry(name_of(chunk), nothing)
        except NotThere:
            return False
        return True

    def keep(self, chunk: Chunk, part: bytes) -> None:
        """Put it there."""
        self._entry(name_of(chunk), lambda folder: write(folder / "part.ts", part))

    def path(self, chunk: Chunk) -> Path:
        """Where it lies."""
        return self._folders[name_of(chunk)] / "part.ts"

    def forget(self, chunks: list[Chunk]) -> None:
        """Remove them when the film is there: the next one has a mark of its own."""
        for name in ("mark", *map(name_of, chunks)):
            self._cache.remove(CHUNKS, self._name(name))

    def _name(self, name: str) -> str:
        return stage_key(self._key, {}, {"name": name})

    def _entry(self, name: str, make: Callable[[Path], None]) -> Path:
        entry = self._cache.entry(CHUNKS, self._name(name), make, lambda: None)
        self._folders[name] = self._held.enter_context(entry).folder
        return self._folders[name]


def name_of(chunk: Chunk) -> str:
    """The chunk among those of its film."""
    return f"{chunk.first}-{chunk.end}"


def write(path: Path, content: bytes) -> None:
    """A file of an entry."""
    path.write_bytes(content)


def nothing(folder: Path) -> None:
    """For an entry that is only looked for."""
    raise NotThere
