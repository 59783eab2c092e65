"""The stems of a film's part of its song, as sound files: what was separated for the film, or before, is used again."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import soundfile

from core.contracts import Progress, silent
from core.errors import InputError
from core.film_stages import SEPARATE
from core.messages import Message
from core.output_files import check_free_space, check_output, give_usual_rights, new_part
from neural.device import choose_device
from neural.gpu_turn import STAGE as WAITING
from neural.gpu_turn import device_turn
from pipeline.cache import CacheSettings, StageCache
from pipeline.film_settings import SongToVideoSettings
from pipeline.input_files import check_input
from pipeline.run import Run
from pipeline.stages import Stages, load_module
from pipeline.steps import SEPARATION_PACKAGE, SongExcerpt, decode_song, separate_voice

if TYPE_CHECKING:
    from separation.parts import PartsSeparator

STEM_SUFFIX = ".flac"
#: Frames of sound that are held at a time, and what a second of a stem takes of a file at most.
BLOCK_FRAMES, BYTES_PER_S = 1 << 18, 180_000
#: The roles of the two that are separated for a film.
VOICE, ACCOMPANIMENT = "voice", "accompaniment"
#: Spleeter's own names of stems whose roles are called otherwise.
ROLES = {"vocals": VOICE}


@dataclass(frozen=True)
class WrittenStems:
    """What was written. duration_s: of each stem. notes: what is to be told of the separation.

    sha256: of the user's own files by which the song was taken apart, by their names.
    """

    duration_s: float
    notes: tuple[Message, ...]
    sha256: Mapping[str, str] = field(default_factory=dict)


def write_stems(
    song: Path, files: Mapping[str, Path], settings: SongToVideoSettings, stems: int = 2, progress: Progress = silent
) -> WrittenStems:
    """Write stems as FLAC, 16 bits, into the files of their roles, of which there may be more than are needed.

    settings: which part of the song. stems: 2, voice and accompaniment; 4: voice, drums, bass and other; 5: piano too.
    Raises `InputError` where the song can't be read or a file can't be written, `MissingError`.
    """
    check_input(song, "song")
    for out in files.values():
        check_output(out, STEM_SUFFIX, (song,))
    with ExitStack() as release:
        run = Run(StageCache(CacheSettings.from_environment()), progress, release)
        excerpt = decode_song(run, song, settings)
        check_free_space(files[VOICE].parent, round(stems * BYTES_PER_S * excerpt.duration_s))
        made, written = (two_stems if stems == 2 else more_stems)(run, excerpt, settings, stems)
        drawn_by = "; ".join(f"{name}, SHA-256 {digest}" for name, digest in written.sha256.items())
        for role, stem in made.items():
            write_flac(stem, files[role], f"Separated by Spleeter with {drawn_by}." if drawn_by else "")
        return written


def two_stems(run: Run, excerpt: SongExcerpt, settings: SongToVideoSettings, stems: int) -> tuple[dict[str, Path], WrittenStems]:
    """Voice and accompaniment by their roles, as the film itself has them."""
    taken = separate_voice(run, excerpt, settings, Stages())
    return {VOICE: taken.voice, ACCOMPANIMENT: taken.accompaniment}, WrittenStems(taken.duration_s, tuple(run.notes))


def more_stems(run: Run, excerpt: SongExcerpt, settings: SongToVideoSettings, stems: int) -> tuple[dict[str, Path], WrittenStems]:
    """The stems of a user's own network by their roles; kept among the stages' results like the film's two."""
    separator: PartsSeparator = load_module("separation.parts").PartsSeparator(
        stems, load_module("separation.settings").SpleeterSettings(device=settings.device)
    )

    def make(folder: Path) -> None:
        turn = device_turn(choose_device("cuda"), lambda: progress(WAITING, 0, 0)) if separator.on_card else nullcontext()
        with turn:
            parts = separator.take_apart(excerpt.mix, folder, progress)
        told = {
            "duration_s": parts.duration_s,
            "sha256": dict(parts.sha256),
            "stems": {s: p.name for s, p in parts.files.items()},
        }
        (folder / "parts.json").write_text(json.dumps(told), encoding="utf-8")

    with run.stage(SEPARATE) as progress:
        choices = {"stems": stems, "network": list(separator.files.sha256)}
        version = Stages().version(SEPARATION_PACKAGE)
        folder, _ = run.cached(SEPARATE, version, {"mix": excerpt.digest}, choices, make)
        told = json.loads((folder / "parts.json").read_text(encoding="utf-8"))
    made = {ROLES.get(stem, stem): folder / name for stem, name in told["stems"].items()}
    return made, WrittenStems(told["duration_s"], tuple(run.notes), told["sha256"])


def write_flac(stem: Path, out: Path, comment: str = "") -> None:
    """The stem, a WAV file, as FLAC, there as a whole or not at all. comment: in its metadata.

    Raises `InputError` where it can't be written.
    """
    try:
        descriptor, part = new_part(out)
    except OSError as error:
        raise InputError("pipeline.stem_unwritable", path=out, reason=error.strerror) from error
    try:
        os.close(descriptor)
        with soundfile.SoundFile(stem) as read:
            told = {"samplerate": read.samplerate, "channels": read.channels, "format": "FLAC", "subtype": "PCM_16"}
            with soundfile.SoundFile(part, "w", **told) as written:
                if comment:
                    written.comment = comment
                for block in read.blocks(BLOCK_FRAMES, dtype="float32"):
                    written.write(block)
        give_usual_rights(part)
        part.replace(out)
    except (OSError, soundfile.LibsndfileError) as error:
        raise InputError("pipeline.stem_unwritable", path=out, reason=str(error)) from error
    finally:
        part.unlink(missing_ok=True)
