"""Looks at a file that somebody gave: what it is, whether it can be used, and what the pages show of it.

The look itself happens in a process of its own (`inspection_child.py`) with limits of time and memory, so that a file made to do
harm ends with it, in a sentence. This module knows no arrays and is quick to import.
"""

from __future__ import annotations

import json
import logging
import math
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from core.errors import BelcantoError, InputError, MissingError
from core.messages import Message, message_from_json
from media.file_kinds import check_picture_kind, check_song_kind
from media.film_kinds import check_film_kind
from pipeline.cache import CacheSettings
from pipeline.picture_cut import PictureCut

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]
#: How long the child may clean up after it was told to end.
PATIENCE_S = 3.0
#: What the libraries print where the system gives them no more; some end the process over it.
SIGNS_OF_NO_MEMORY = (
    "bad_alloc",
    "Cannot allocate memory",
    "Memory allocation still failed",
    "Unable to allocate",
    "can't start new thread",
    "failed to map segment",
)
#: How much of what the child printed is kept for the log.
LOG_TAIL_BYTES = 16_000
#: From here on, exit codes of Windows tell of a crash in native code.
WINDOWS_CRASH = 0xC0000000


@dataclass(frozen=True)
class InspectionLimits:
    """What one look may take."""

    #: wall time, in seconds; the processor time is held to that on all processors.
    time_s: float = 90.0
    #: memory that the process may ask for, in bytes; held on Linux.
    memory_bytes: int = 2_000_000_000


@dataclass(frozen=True)
class SongFacts:
    """A song that can be used.

    mime, suffix: of its true kind, for example `audio/mpeg` and `.mp3`. waveform: at most 800 peaks, 0 to 1, evenly spaced over
    the song, the loudest 1.
    """

    mime: str
    suffix: str
    duration_s: float
    waveform: tuple[float, ...]


@dataclass(frozen=True)
class FaceFacts:
    """A face: box as (left, top, right, bottom), parts of width and height; reason: why it can't sing, or None. advice: of one
    that can, what would make its film better, or None.

    animal: whether it is most likely an animal's, which sings only where somebody allows it. tilt_deg: how far the line through
    its eyes leans to the right of level, in degrees.
    """

    number: int
    box: tuple[float, float, float, float]
    reason: Message | None
    animal: bool = False
    advice: Message | None = None
    tilt_deg: float = 0.0


@dataclass(frozen=True)
class PictureFacts:
    """A picture that can be used. width, height: upright, in pixels, as films are made of it: a very large one is scaled down.

    faces: at least one of them can sing. drawing: whether it shows a drawn character; of such a picture there is one face, which
    can sing, or none, and then it must be framed by hand. people: the human faces in a drawing, should somebody say that it is
    none. turned: by how many quarters to the left the picture was turned so that its face stands upright.
    """

    mime: str
    suffix: str
    width: int
    height: int
    faces: tuple[FaceFacts, ...]
    drawing: bool = False
    people: tuple[FaceFacts, ...] = ()
    turned: int = 0


@dataclass(frozen=True)
class ShownPicture:
    """How a picture is shown, in which its `PictureCut` is meant. width, height: in pixels; turned: see `PictureFacts`."""

    width: int
    height: int
    turned: int


@dataclass(frozen=True)
class FilmFacts:
    """A film that can be given other lips. width, height: upright, in pixels."""

    mime: str
    suffix: str
    duration_s: float
    width: int
    height: int


def inspect_song(path: Path, max_duration_s: float, limits: InspectionLimits | None = None) -> SongFacts:
    """Decode the song once, up to its end. Raises InputError where it can't be used or lasts longer than `max_duration_s`."""
    check_song_kind(path)
    facts = run_child({"kind": "song", "path": str(path), "max_duration_s": max_duration_s}, limits or InspectionLimits())
    return SongFacts(facts["mime"], facts["suffix"], facts["duration_s"], tuple(facts["waveform"]))


def measure_song(path: Path, limits: InspectionLimits | None = None, cache: CacheSettings | None = None) -> dict[str, Any]:
    """How loud a song is that can be used, where it clips, and its shape in fine steps, as `media.song_levels` tells: a second of
    work for each five minutes, kept in the stages' cache. Raises InputError where it can't be read any more."""
    cache = cache or CacheSettings.from_environment()
    seal = None if cache.seal is None else cache.seal.as_json()
    kept = {"cache": str(cache.folder), "cache_bytes": cache.limit_bytes, "seal": seal}
    return run_child({"kind": "levels", "path": str(path), **kept}, limits or InspectionLimits())


def inspect_picture(path: Path, thumbnail: Path, max_pixels: int, limits: InspectionLimits | None = None) -> PictureFacts:
    """Decode the picture, find its faces, and write a small JPEG of it to `thumbnail`, which is there as a whole or not at all.

    Raises InputError where it can't be used, has more than `max_pixels`, or is no drawing and has no face that can sing;
    MissingError where the networks that look at it can't be had.
    """
    kind = check_picture_kind(path)
    part = thumbnail.with_name(thumbnail.name + ".part")
    request = {"kind": "picture", "path": str(path), "max_pixels": max_pixels, "thumbnail": str(part)}
    try:
        facts = run_child(request, limits or InspectionLimits())
        part.replace(thumbnail)
    finally:
        part.unlink(missing_ok=True)
    faces, people = (
        tuple(
            FaceFacts(
                face["number"], tuple(face["box"]), told(face["reason"]), face["animal"], told(face["advice"]), face["tilt_deg"]
            )
            for face in facts[name]
        )
        for name in ("faces", "people")
    )
    size = facts["width"], facts["height"]
    return PictureFacts(kind.mime, kind.suffix, *size, faces, facts["drawing"], people, facts["turned"])


def cut_picture(
    path: Path, target: Path, cut: PictureCut, shown: ShownPicture, max_pixels: int, limits: InspectionLimits | None = None
) -> None:
    """Write what `cut` leaves of the picture to the PNG file `target`, which is there as a whole or not at all.

    Raises InputError where the picture can't be read any more, or too little of it would be left.
    """
    part = target.with_name(target.name + ".part")
    request = {"kind": "cut", "path": str(path), "target": str(part), "cut": cut.as_json(), "max_pixels": max_pixels}
    try:
        run_child({**request, **asdict(shown)}, limits or InspectionLimits())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def inspect_film(path: Path, thumbnail: Path, max_duration_s: float, limits: InspectionLimits | None = None) -> FilmFacts:
    """Look at the film, and write a small JPEG of one of its frames to `thumbnail`, which is there as a whole or not at all.

    Raises InputError where it can't be used or lasts longer than `max_duration_s`.
    """
    kind = check_film_kind(path)
    part = thumbnail.with_name(thumbnail.name + ".part")
    request = {"kind": "film", "path": str(path), "max_duration_s": max_duration_s, "thumbnail": str(part)}
    try:
        facts = run_child(request, limits or InspectionLimits())
        part.replace(thumbnail)
    finally:
        part.unlink(missing_ok=True)
    return FilmFacts(kind.mime, kind.suffix, facts["duration_s"], facts["width"], facts["height"])


def speak_sample(voice: str, target: Path, limits: InspectionLimits | None = None) -> None:
    """Have a voice say a sentence into the WAV file `target`, which is there as a whole or not at all.

    Raises InputError for a voice that there is not, MissingError where what it needs can't be had.
    """
    part = target.with_name(target.name + ".part")
    try:
        run_child({"kind": "voice", "voice": voice, "path": str(part)}, limits or InspectionLimits())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def told(value: Mapping[str, Any] | None) -> Message | None:
    """What the child says of a face."""
    return None if value is None else message_from_json(value)


def run_child(request: Mapping[str, object], limits: InspectionLimits) -> dict[str, Any]:
    """Have the child do it; its answer. Raises InputError and MissingError as the child did, and where it broke its limits;
    BelcantoError where the program itself is at fault, not the file. What the child printed then goes to the log.

    The request goes through the child's stdin, which stays open: where this process dies, the child sees its end and follows.
    """
    command = [sys.executable, "-m", "pipeline.inspecting.child", str(math.ceil(limits.time_s)), str(limits.memory_bytes)]
    with (
        tempfile.TemporaryFile() as printed,
        tempfile.TemporaryDirectory(prefix="belcanto-look-", ignore_cleanup_errors=True) as scratch,
        subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=printed,
            env={**child_environment(), "TMPDIR": scratch},  # the one folder that it may write into
            creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),  # Windows; elsewhere it does so itself
        ) as child,
    ):
        assert child.stdin is not None and child.stdout is not None
        try:
            with suppress(BrokenPipeError):
                child.stdin.write(json.dumps(request).encode() + b"\n")
                child.stdin.flush()
            answer = read_answer(child, limits.time_s)
        finally:
            end(child)
        if not answer:
            raise broke_down(Path(str(request["path"])).name, child.returncode, tail_of(printed))
    return understand(answer)


def child_environment() -> dict[str, str]:
    """One thread for each library: their pools would ask for memory by the core."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")
    return {**os.environ, **threads}


def read_answer(child: subprocess.Popen[bytes], time_s: float) -> dict[str, Any]:
    """What the child wrote; where it took too long it is told to end, and then ended. A child that broke down gives nothing."""
    assert child.stdout is not None
    late = threading.Event()
    timers = [threading.Timer(time_s, tell_to_end, (child, late)), threading.Timer(time_s + PATIENCE_S, child.kill)]
    for timer in timers:
        timer.start()
    try:
        written = child.stdout.read()
        code = child.wait()
    finally:
        for timer in timers:
            timer.cancel()
    out_of_time = late.is_set() or code in (-signal.SIGXCPU, -signal.SIGKILL) if sys.platform != "win32" else late.is_set()
    if out_of_time:
        raise InputError("pipeline.look_took_too_long")
    try:
        answer: dict[str, Any] = json.loads(written)
    except ValueError:  # it ended amid its words, or without any
        return {}
    return answer


def tell_to_end(child: subprocess.Popen[bytes], late: threading.Event) -> None:
    """Remember that the time is over, and tell the child."""
    late.set()
    child.terminate()


def end(child: subprocess.Popen[bytes]) -> None:
    """Leave no child behind, whatever happened here."""
    if child.poll() is None:
        child.kill()
    child.wait()


def tail_of(printed: IO[bytes]) -> str:
    """The end of what the child printed."""
    size = printed.seek(0, os.SEEK_END)
    printed.seek(max(0, size - LOG_TAIL_BYTES))
    return printed.read().decode("utf-8", "replace").strip()


def broke_down(name: str, exit_code: int, printed: str) -> BelcantoError:
    """What to say of a child that gave no answer.

    Where memory ran out, or native code crashed, which is a decoder's doing, the file is to blame; an exception of Python is
    ours, and the file may be good.
    """
    if any(sign in printed for sign in SIGNS_OF_NO_MEMORY):
        return InputError("pipeline.file_takes_too_much_memory", name=name)
    if exit_code < 0 or exit_code >= WINDOWS_CRASH:
        log.warning("A look at a file crashed (exit code %d): %s", exit_code, printed)
        return InputError("pipeline.file_breaks_decoders")
    log.error("A look at a file broke (exit code %d):\n%s", exit_code, printed)
    return BelcantoError("pipeline.look_failed")


def understand(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The facts. Raises InputError or MissingError as the child did."""
    if "facts" in answer:
        facts: dict[str, Any] = answer["facts"]
        return facts
    kind = MissingError if answer.get("exit_code") == MissingError.exit_code else InputError
    raise kind(message_from_json(answer["error"]))
