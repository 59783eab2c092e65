"""From the talking tracks to what the network is trained and tested on: rows of input beside rows of truth, kept on disk.

The work is cut into parts (the plain clips, a room variant, a voice variant, ...) that worker processes take. A part that was
made
before, by the same sources from the same settings, is read from the cache folder.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from core.contracts import FloatArray
from motion.singing.training.augment import FAR_VOICES
from motion.singing.training.dataset import Corpus, Stream, load_corpus, plain_streams
from motion.singing.training.inputs import Encoder, network_input
from motion.singing.training.variants import VariantSettings, other_voice_streams, room_streams, silence_streams, voice_streams

#: The encoder's layers that are heard: the one that ridge regression reads the lips of other people from best, for the base, and
#: the one that it reads the speaker's own from best, in far voices too, for the network.
ENCODER_LAYERS = (2, 4)
#: The part in which nobody speaks: the base learns from it that the mouth rests then.
SILENCE = "silence"
#: Sources on which the prepared parts depend.
SOURCES = ("targets", "dataset", "augment", "augment_room", "variants", "inputs", "prepare")


@dataclass(frozen=True)
class Example:
    """A stream as the network meets it.

    rows: (T, C) float16, on disk. curves: (T, C) in mm and ARKit units. closure: (T,). clip: (T,) index, -1 in pauses.
    time_s: (T,) time in the clip. part: which part of the preparation it comes from.
    """

    rows: FloatArray
    curves: FloatArray
    closure: FloatArray
    clip: np.ndarray
    time_s: np.ndarray
    part: str


@dataclass(frozen=True)
class Preparation:
    """What a worker needs. data: folder of the corpus; cache: folder of prepared parts; the rest as in `VariantSettings`."""

    data: Path
    cache: Path
    variants: VariantSettings
    seed: int
    limit: int | None = None


def training_parts(variants: VariantSettings) -> list[str]:
    """Names of the parts of a training corpus."""
    rooms = [f"room {variant}" for variant in range(variants.plain_rooms)]
    return ["plain", SILENCE, *rooms, *(f"voice {variant}" for variant in range(variants.voices))]


def prepare(preparation: Preparation, jobs: Sequence[tuple[str, Sequence[int]]], workers: int = 0) -> Iterator[Example]:
    """Examples of every job (part, clips), in order. workers: processes; 0 takes one a core. One job runs in this process."""
    paths = [_part_path(preparation, part, clips) for part, clips in jobs]
    missing = [(path, part, tuple(clips)) for path, (part, clips) in zip(paths, jobs, strict=True) if not path.is_file()]
    count = min(len(missing), workers or os.cpu_count() or 1)
    if count <= 1:
        for path, part, clips in missing:
            make_part(preparation, path, part, clips)
    else:
        with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
            list(pool.map(make_part, [preparation] * len(missing), *zip(*missing, strict=True)))
    for path, (part, _) in zip(paths, jobs, strict=True):
        yield from _read_part(path, part)


def _part_path(preparation: Preparation, part: str, clips: Sequence[int]) -> Path:
    """Where a part lies: a name that changes with all that it depends on."""
    digest = hashlib.sha256()
    for name in SOURCES:
        digest.update(Path(__file__).with_name(f"{name}.py").read_bytes())
    digest.update(repr((part, tuple(int(clip) for clip in clips), preparation.limit)).encode())
    if part.startswith(("room", "voice", SILENCE)):
        variants = preparation.variants
        digest.update(repr((preparation.seed, variants.voice_share, variants.room, variants.music)).encode())
    return preparation.cache / f"{part.replace(' ', '_')}-{digest.hexdigest()[:16]}.npz"


def make_part(preparation: Preparation, path: Path, part: str, clips: Sequence[int]) -> None:
    """Make one part and write it: `path` with the truth, and beside it, first, the rows, which are read from disk as needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    streams = _streams(_corpus(preparation.data, preparation.limit), part, clips, preparation)
    encoder = _encoder()
    rows = np.concatenate([network_input(stream.sound, encoder) for stream in streams])
    scratch = path.with_name(f".{os.getpid()}.part.npy")
    np.save(scratch, rows)
    scratch.replace(path.with_suffix(".npy"))
    scratch = path.with_name(f".{os.getpid()}.part.npz")
    np.savez(
        scratch,
        lengths=[len(stream.curves) for stream in streams],
        curves=np.concatenate([stream.curves for stream in streams]),
        closure=np.concatenate([stream.closure for stream in streams]),
        clip=np.concatenate([stream.clip for stream in streams]),
        time_s=np.concatenate([stream.time_s for stream in streams]),
    )
    scratch.replace(path)


def _read_part(path: Path, part: str) -> Iterator[Example]:
    rows = np.load(path.with_suffix(".npy"), mmap_mode="r")
    with np.load(path) as data:
        curves, closure, clip, time_s = (data[name] for name in ("curves", "closure", "clip", "time_s"))
        bounds = np.concatenate([[0], np.cumsum(data["lengths"])])
    for start, stop in pairwise(bounds):
        here = slice(int(start), int(stop))
        yield Example(rows[here], curves[here], closure[here], clip[here], time_s[here], part)


def _streams(corpus: Corpus, part: str, clips: Sequence[int], preparation: Preparation) -> list[Stream]:
    kind, _, which = part.partition(" ")
    if kind == "plain":
        return plain_streams(corpus, clips)
    if kind == SILENCE:
        return silence_streams(preparation.seed)
    if kind == "room":
        return room_streams(corpus, clips, preparation.variants, preparation.seed, int(which))
    if kind == "voice":
        return other_voice_streams(corpus, clips, preparation.variants, preparation.seed, int(which))
    return voice_streams(corpus, clips, FAR_VOICES[part])


@cache
def _corpus(folder: Path, limit: int | None) -> Corpus:
    return load_corpus(folder, limit)


@cache
def _encoder() -> Encoder:
    from neural.hearing.speech_encoder import SpeechEncoder

    return SpeechEncoder(layers=ENCODER_LAYERS, threads=1).features
