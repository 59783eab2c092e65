"""Stems as files: written beside their places under other names, and there as a whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import soundfile

from core.contracts import FloatArray
from core.errors import InputError
from separation.settings import CHANNELS, SAMPLE_RATE_HZ

#: Bytes of a stem a second: float32 in stereo.
BYTES_PER_S = 4 * CHANNELS * SAMPLE_RATE_HZ
#: A plain WAV file ends at 4 GiB, which two channels of float32 reach after 3.3 hours; RF64 is its 64-bit form.
_LONGEST_WAV_S = 3 * 3600.0


def check_paths(mix: Path, out_dir: Path, names: Sequence[str]) -> None:
    """Never write a stem over the song itself. Raises InputError."""
    if mix.resolve() in {(out_dir / name).resolve() for name in names}:
        raise InputError("separation.stems_would_overwrite", mix=mix)


@contextmanager
def stem_paths(out_dir: Path, names: Sequence[str]) -> Iterator[tuple[Path, ...]]:
    """Temporary paths for the stems, which get their final names when the block ends well, and vanish otherwise."""
    finals = [out_dir / name for name in names]
    temporaries = tuple(path.with_name(f".{path.stem}.{os.getpid()}.part.wav") for path in finals)
    try:
        with writing_to(out_dir):
            out_dir.mkdir(parents=True, exist_ok=True)
        yield temporaries
        with writing_to(out_dir):
            for temporary, final in zip(temporaries, finals, strict=True):
                temporary.replace(final)
    finally:
        for temporary in temporaries:
            temporary.unlink(missing_ok=True)


def write_pieces(
    pieces: Iterable[Sequence[FloatArray]],
    paths: Sequence[Path],
    expected_s: float,
    heard: Callable[[Sequence[FloatArray]], None],
) -> None:
    """Write stems piece by piece, each (n, 2), into the files at `paths`; `heard` is told each piece once it is written."""
    with ExitStack() as open_files:
        files = [open_files.enter_context(wav(path, expected_s)) for path in paths]
        for stems in pieces:
            with writing_to(paths[0].parent):
                for file, stem in zip(files, stems, strict=True):
                    file.write(stem)
            heard(stems)


@contextmanager
def wav(path: Path, expected_s: float) -> Iterator[soundfile.SoundFile]:
    """A stereo float32 WAV file open for writing, at 44.1 kHz."""
    kind = "RF64" if expected_s > _LONGEST_WAV_S else "WAV"
    with writing_to(path.parent):
        file = soundfile.SoundFile(str(path), "w", SAMPLE_RATE_HZ, CHANNELS, subtype="FLOAT", format=kind)
    with file:
        yield file


@contextmanager
def writing_to(folder: Path) -> Iterator[None]:
    """Turn what the file system refuses into a sentence."""
    try:
        yield
    except (OSError, soundfile.LibsndfileError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError("separation.stems_unwritable", folder=folder, reason=reason) from error
