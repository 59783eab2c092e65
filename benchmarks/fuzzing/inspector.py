"""An inspector that stays up: it looks at one file after another as the upload does, in a box, and answers in JSON lines.

    python -m benchmarks.fuzzing.inspector INPUT_FOLDER SCRATCH_FOLDER

It goes into the box once, at its beginning: it reads the input folder, writes into the scratch folder, reaches no network. The
look itself is the program's own: `pipeline.inspecting.child` for songs and films, whose ffmpeg lies in a further box;
`media.pictures` for pictures, whose decoders run in this process; the readers of words, tables and performances.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from core.errors import BelcantoError, InputError
from core.sandbox.box import Box
from core.sandbox.sandbox import fences, has_boxes, python_reads, python_runs, with_system
from media import ffmpeg_run
from media.ffmpeg_run import FfmpegError, ffmpeg_path
from media.file_kinds import check_song_kind
from media.film_kinds import check_film_kind
from media.pictures import MAX_PIXELS, load_picture
from motion.files.any_file import read_motion
from pipeline.inspecting import child
from pipeline.lyrics.reading import parse_lyrics, read_lyrics_file
from pipeline.translating.table import read_script

#: As the pages have it, in seconds and bytes.
MOST_S = 900.0
MEMORY_BYTES = 2_000_000_000
THUMBNAIL = "small.jpg"
#: How often ffmpeg was ended by a signal in this process's time, which people are told as a damaged file.
crashes = [0]


def look_at_song(path: Path, scratch: Path) -> object:
    """As an uploaded song is."""
    check_song_kind(path)
    return child.inspect_song({"kind": "song", "path": str(path), "max_duration_s": MOST_S})


def look_at_film(path: Path, scratch: Path) -> object:
    """As an uploaded film is."""
    check_film_kind(path)
    thumbnail = str(scratch / THUMBNAIL)
    return child.inspect_film({"kind": "film", "path": str(path), "max_duration_s": MOST_S, "thumbnail": thumbnail})


def look_at_picture(path: Path, scratch: Path) -> object:
    """As an uploaded picture is decoded, and shrunk; faces are looked for in pixels, where no decoder is any more."""
    from PIL import Image

    picture = load_picture(path, MAX_PIXELS)
    small = Image.fromarray(picture.image)
    small.thumbnail((child.THUMBNAIL_SIDE_PX, child.THUMBNAIL_SIDE_PX))
    small.save(scratch / THUMBNAIL, "JPEG", quality=child.THUMBNAIL_QUALITY)
    return {"height": picture.image.shape[0], "width": picture.image.shape[1], "notes": [str(note) for note in picture.notes]}


def look_at_words(path: Path, scratch: Path) -> object:
    """Words of a song."""
    return {"lines": [[word.text for word in line.words] for line in parse_lyrics(read_lyrics_file(path))]}


def look_at_table(path: Path, scratch: Path) -> object:
    """What is said in a film, as a table."""
    return {"lines": [line.text for line in read_script(path, "de").lines]}


def look_at_motion(path: Path, scratch: Path) -> object:
    """A performance as a table or as JSON."""
    motion, notes = read_motion(path)
    return {"frames": len(motion.blendshapes), "notes": [str(note) for note in notes]}


LOOKS: dict[str, Callable[[Path, Path], object]] = {
    "song": look_at_song,
    "film": look_at_film,
    "picture": look_at_picture,
    "words": look_at_words,
    "table": look_at_table,
    "motion": look_at_motion,
}


def look(given: str, path: Path, scratch: Path) -> dict[str, Any]:
    """The answer: facts, or an error for people."""
    try:
        return {"facts": LOOKS[given](path, scratch)}
    except MemoryError:
        return {"error": InputError("pipeline.file_takes_too_much_memory", name=path.name).message.as_json()}
    except BelcantoError as error:
        return {"error": error.message.as_json()}


def end_with_trace(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Answer with what should never happen, and end, as the program's own inspector would."""
    answer({"broke": "".join(traceback.format_exception(kind, error, trace))})


def answer(told: dict[str, Any]) -> None:
    """A line on stdout, with the runs of ffmpeg that crashed meanwhile and the most memory that was held."""
    told |= {"crashes": crashes[0], "most_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}
    crashes[0] = 0
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def count_crashes() -> None:
    """Count the runs of ffmpeg that a signal ended."""
    whole = ffmpeg_run.Ffmpeg.wait

    def wait(run: ffmpeg_run.Ffmpeg) -> None:
        try:
            whole(run)
        except FfmpegError as error:
            crashes[0] += error.exit_code < 0
            raise

    setattr(ffmpeg_run.Ffmpeg, "wait", wait)  # noqa: B010 (a method in the place of another)


def enter_box(inputs: Path, scratch: Path) -> None:
    """For good. Ends the process where it can't."""
    from core.sandbox.launch import entered

    box = Box(
        reads=(str(inputs), *python_reads()),
        writes=(str(scratch),),
        runs=(ffmpeg_path(), *python_runs()),
        processes=True,
        memory_bytes=MEMORY_BYTES,
        required=fences().wish == "require",
    )
    if has_boxes() and not entered(with_system(box)):
        sys.exit(1)


def main() -> None:
    """Enter, and answer until stdin ends."""
    inputs, scratch = Path(sys.argv[1]), Path(sys.argv[2])
    tempfile.tempdir = str(scratch)
    os.environ["TMPDIR"] = str(scratch)
    count_crashes()
    from PIL import Image

    Image.init()  # all decoders, before files can't be opened any more
    enter_box(inputs, scratch)
    sys.excepthook = end_with_trace
    for line in sys.stdin:
        request = json.loads(line)
        answer(look(request["given"], inputs / request["name"], scratch))


if __name__ == "__main__":
    main()
