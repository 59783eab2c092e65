"""The voice and the accompaniment of a film's part of its song, as sound files: what was separated for the film is used again."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import soundfile

from core.contracts import Progress, silent
from core.errors import InputError
from core.messages import Message
from core.output_files import check_free_space, check_output, give_usual_rights, new_part
from pipeline.cache import CacheSettings, StageCache
from pipeline.film_settings import SongToVideoSettings
from pipeline.input_files import check_input
from pipeline.run import Run
from pipeline.stages import Stages
from pipeline.steps import decode_song, separate_voice

STEM_SUFFIX = ".flac"
#: Frames of sound that are held at a time, and what a second of a stem takes of a file at most.
BLOCK_FRAMES, BYTES_PER_S = 1 << 18, 180_000


def write_stems(
    song: Path, voice: Path, accompaniment: Path, settings: SongToVideoSettings, progress: Progress = silent
) -> tuple[float, tuple[Message, ...]]:
    """Write both as FLAC, 16 bits; returns their length in seconds, and what is to be told of the separation.

    settings: which part of the song. Raises `InputError` where the song can't be read or a file can't be written, `MissingError`.
    """
    check_input(song, "song")
    for out in (voice, accompaniment):
        check_output(out, STEM_SUFFIX, (song,))
    with ExitStack() as release:
        run = Run(StageCache(CacheSettings.from_environment()), progress, release)
        excerpt = decode_song(run, song, settings)
        check_free_space(voice.parent, round(2 * BYTES_PER_S * excerpt.duration_s))
        stems = separate_voice(run, excerpt, settings, Stages())
        for stem, out in ((stems.voice, voice), (stems.accompaniment, accompaniment)):
            write_flac(stem, out)
        return stems.duration_s, tuple(run.notes)


def write_flac(stem: Path, out: Path) -> None:
    """The stem, a WAV file, as FLAC, there as a whole or not at all. Raises `InputError` where it can't be written."""
    try:
        descriptor, part = new_part(out)
    except OSError as error:
        raise InputError("pipeline.stem_unwritable", path=out, reason=error.strerror) from error
    try:
        os.close(descriptor)
        with soundfile.SoundFile(stem) as read:
            told = {"samplerate": read.samplerate, "channels": read.channels, "format": "FLAC", "subtype": "PCM_16"}
            with soundfile.SoundFile(part, "w", **told) as written:
                for block in read.blocks(BLOCK_FRAMES, dtype="float32"):
                    written.write(block)
        give_usual_rights(part)
        part.replace(out)
    except (OSError, soundfile.LibsndfileError) as error:
        raise InputError("pipeline.stem_unwritable", path=out, reason=str(error)) from error
    finally:
        part.unlink(missing_ok=True)
