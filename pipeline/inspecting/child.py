"""The process that looks at one file, or says a sentence into one, for `inspection.py`: limited first, then it reads a request
and answers on stdout in JSON.

    python -m pipeline.inspecting.child TIME_S MEMORY_BYTES

When its stdin ends, the process that asked is gone, and it ends too, with the ffmpeg that it may have started.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import threading
import traceback
from pathlib import Path
from types import FrameType
from typing import Any

from core.errors import BelcantoError, Cancelled, InputError, MissingError
from core.sandbox.box import Box
from core.sandbox.sandbox import VARIABLE, fences, has_boxes, python_reads, python_runs, with_system

#: How far a look stands back for the pages, in the system's own measure from 0 to 19.
NICENESS = 5
THUMBNAIL_SIDE_PX = 960
THUMBNAIL_QUALITY = 85


def limit_process(time_s: int, memory_bytes: int) -> None:
    """Hold this process and its children to so much memory, where the system can, and behind others; no core is dumped.

    The asker minds the wall time `time_s`; that on all processors is the most processor time, for a decoder that outlives all.
    """
    if sys.platform == "win32":
        return
    import resource

    os.nice(NICENESS)  # pages and films go before

    processor_s = time_s * (os.cpu_count() or 1)
    for what, most in ((resource.RLIMIT_CPU, processor_s), (resource.RLIMIT_DATA, memory_bytes), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(what)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (allowed, allowed))


def enter_box(request: dict[str, Any], memory_bytes: int, time_s: int) -> bool:
    """Where a song or film is only looked at, hold this process too, beside the decoders that it starts, each in its own box:
    it reads that file, writes the small picture and its folder for temporary files, and reaches no network.

    Pictures' networks may first have to be fetched; their decoder alone is boxed. False where the box can't be had and must be.
    """
    if request["kind"] not in BOXED or not has_boxes():
        return True
    from core.sandbox.launch import entered
    from media.ffmpeg_run import ffmpeg_path

    written = [tempfile.gettempdir(), *([request["thumbnail"]] if "thumbnail" in request else [])]
    for path in written[1:]:
        Path(path).touch()
    box = Box(
        reads=(request["path"], *python_reads()),
        writes=tuple(written),
        runs=(ffmpeg_path(), *python_runs()),
        processes=True,
        memory_bytes=memory_bytes,
        processor_s=time_s * (os.cpu_count() or 1),
        required=fences().wish == "require" and fences().files == "landlock",
    )
    return entered(with_system(box))


def inspect_song(request: dict[str, Any]) -> dict[str, Any]:
    """Kind, length and waveform. Raises InputError."""
    from media.file_kinds import check_song_kind, kind_of_decoded
    from media.waveform import read_shape

    path = Path(request["path"])
    shape = read_shape(path, request["max_duration_s"])
    kind = kind_of_decoded(shape.container, shape.has_pictures, check_song_kind(path))
    return {"mime": kind.mime, "suffix": kind.suffix, "duration_s": shape.duration_s, "waveform": shape.peaks}


def measure_song(request: dict[str, Any]) -> dict[str, Any]:
    """Loudness, fine shape and clipping; kept in the stages' cache beside what else was heard in the song. Raises InputError."""
    from contextlib import ExitStack

    from core.contracts import silent
    from core.entry_seal import EntrySeal
    from media.song_levels import FULL, STRETCHES_PER_S, read_levels
    from pipeline.cache import CacheSettings, StageCache, file_digest, source_version
    from pipeline.run import Run

    path = Path(request["path"])
    version = source_version(Path(__file__).resolve().parents[2] / "media" / "song_levels.py")

    def make(folder: Path) -> None:
        levels = read_levels(path)
        told = {"loudness_lufs": levels.loudness_lufs, "clipped": levels.clipped, "clipped_share": levels.clipped_share}
        told |= {"stretches_per_s": STRETCHES_PER_S, "full": FULL, "peaks": levels.peaks.tolist()}
        (folder / "levels.json").write_text(json.dumps(told), encoding="utf-8")

    with ExitStack() as release:
        seal = EntrySeal.from_json(request["seal"]) if request["seal"] else None
        run = Run(StageCache(CacheSettings(Path(request["cache"]), request["cache_bytes"], seal)), silent, release)
        folder, _ = run.cached("levels", version, {"song": file_digest(path)}, {}, make)
        facts: dict[str, Any] = json.loads((folder / "levels.json").read_text(encoding="utf-8"))
        return facts


def inspect_picture(request: dict[str, Any]) -> dict[str, Any]:
    """Size, faces, and whether it is a drawing; writes the thumbnail. Raises InputError and MissingError."""
    from media.boxed_pictures import load_given_picture

    picture = load_given_picture(Path(request["path"]), request["max_pixels"])
    from pipeline.face_check import check_picture  # only now: the networks take a second to load, and a damaged file needs none

    check = check_picture(picture)
    height, width = check.picture.image.shape[:2]
    from PIL import Image

    small = Image.fromarray(check.picture.image)
    small.thumbnail((THUMBNAIL_SIDE_PX, THUMBNAIL_SIDE_PX), Image.Resampling.LANCZOS)
    small.save(request["thumbnail"], "JPEG", quality=THUMBNAIL_QUALITY, optimize=True)
    told = {"faces": check.faces, "drawing": check.drawing, "people": check.people, "turned": check.picture.turned}
    return {"width": width, "height": height, **told}


def cut_picture(request: dict[str, Any]) -> dict[str, Any]:
    """Write what a `PictureCut` leaves of the picture, from all the pixels that its file has. Raises InputError."""
    import numpy as np

    from faces.upright import turned_left
    from media.boxed_pictures import load_given_picture
    from media.picture_cutting import cut, save_png
    from pipeline.picture_cut import PictureCut

    wanted = PictureCut.from_json(request["cut"])
    picture = load_given_picture(Path(request["path"]), request["max_pixels"], kept_pixels=request["max_pixels"])
    if request["turned"]:
        picture = turned_left(picture, request["turned"])
    lying = wanted.quarters % 2 == 1
    shown = (request["height"], request["width"]) if lying else (request["width"], request["height"])
    height, width = picture.image.shape[:2]
    size = (height, width) if lying else (width, height)
    frame = None
    if wanted.frame is not None:  # meant in the picture as it is shown, which may be smaller than its file
        left, top, right, bottom = np.array(wanted.frame) * np.tile(np.divide(size, shown), 2)
        frame = (float(left), float(top), float(right), float(bottom))
    save_png(cut(picture, frame, wanted.quarters, wanted.angle_deg, wanted.flip), request["target"])
    return {}


def inspect_film(request: dict[str, Any]) -> dict[str, Any]:
    """Length and size; writes one of its frames, a third of its way in, as thumbnail. Raises InputError."""
    from contextlib import closing

    from PIL import Image

    from media.film_opening import open_film

    path, most_s = Path(request["path"]), float(request["max_duration_s"])
    film = open_film(path)
    if film.count < 2:
        raise InputError("pipeline.film_of_one_frame", name=path.name)
    if film.duration_s > most_s:
        raise InputError("pipeline.film_too_long", name=path.name, length=film.duration_s / 60, most=most_s / 60)
    with closing(film.frames(film.count // 3, 1)) as frames:
        small = Image.fromarray(next(frames))
    small.thumbnail((THUMBNAIL_SIDE_PX, THUMBNAIL_SIDE_PX), Image.Resampling.LANCZOS)
    small.save(request["thumbnail"], "JPEG", quality=THUMBNAIL_QUALITY, optimize=True)
    return {"duration_s": film.duration_s, "width": film.width, "height": film.height}


def speak_sample(request: dict[str, Any]) -> dict[str, Any]:
    """Have a voice say a sentence into a file. Raises InputError and MissingError."""
    import numpy as np
    import soundfile

    from speech.speaker import sample

    said = list(sample(request["voice"]))
    soundfile.write(request["path"], np.concatenate([each.sound for each in said]), said[0].rate_hz, "PCM_16", format="WAV")
    return {}


#: Kinds that need no network of theirs, no cache and no model file.
BOXED = ("song", "film")
#: What may be asked for, by the request's kind.
TASKS = {
    "song": inspect_song,
    "levels": measure_song,
    "picture": inspect_picture,
    "cut": cut_picture,
    "film": inspect_film,
    "voice": speak_sample,
}


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Carry out the request; errors for people become a part of the answer."""
    try:
        return {"facts": TASKS[request["kind"]](request)}
    except MemoryError:
        error: BelcantoError = InputError("pipeline.file_takes_too_much_memory", name=Path(request["path"]).name)
        return refusal(error)
    except BelcantoError as error:
        return refusal(error)


def refusal(error: BelcantoError) -> dict[str, Any]:
    """The answer that tells an error for people."""
    return {"error": error.message.as_json(), "exit_code": error.exit_code}


def end_with_asker() -> None:
    """Wait for the end of stdin, then have the main thread clean up and end."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


def stop(number: int, frame: FrameType | None) -> None:
    """Turn the signal into an exception, so that what was opened is closed."""
    raise Cancelled("pipeline.look_stopped")


def end_at_once(error: BaseException) -> None:
    """Print an error that nobody foresaw, and end: Python's own way out would crash over the thread that still reads stdin."""
    traceback.print_exception(error)
    sys.stderr.flush()
    os._exit(1)


def main() -> int:
    """Limit, read, look, answer."""
    sys.excepthook = lambda kind, error, trace: end_at_once(error)
    limit_process(int(sys.argv[1]), int(sys.argv[2]))
    signal.signal(signal.SIGTERM, stop)
    request = json.loads(sys.stdin.buffer.readline())
    held = enter_box(request, int(sys.argv[2]), int(sys.argv[1]))  # before there is a second thread, which would stay outside
    threading.Thread(target=end_with_asker, daemon=True).start()
    reply = answer(request) if held else refusal(MissingError("core.sandbox_not_here", name=VARIABLE))
    sys.stdout.write(json.dumps(reply))
    sys.stdout.flush()
    os._exit(0)  # what decoders leave behind is of no interest, and some crash while they are unloaded


if __name__ == "__main__":
    main()
