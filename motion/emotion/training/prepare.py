"""From takes to what the network is trained on: the speech encoder's features beside the curves, both 30 times a second.

    python -m motion.emotion.training.prepare SET --work DIR [--encoder whisper] [--layers 4] [--rig arkit]

What was prepared is kept in the folder, a file for the features of a take and one for its curves, under names that change with
all that they depend on; a second run, or another rig, makes only what is not there.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.contracts import FloatArray
from core.errors import BelcantoError, InputError
from core.messages import as_written
from core.output_files import whole_file
from core.rigs.rig import Rig
from core.rigs.rig_list import RIGS, rig_named
from media.sound_reader import read_audio_blocks
from motion.emotion.styles import FPS, SAMPLE_RATE_HZ
from motion.emotion.training.curves import curves_of
from motion.emotion.training.take_set import PARTS, Take, TakeSet, read_set

#: Raised whenever features or curves come out otherwise than before.
VERSION = 1
#: The encoders that can be listened through, each with its last output, the one that is published to be heard.
LAST_LAYER: dict[str, tuple[int, ...]] = {"whisper": (6,), "wav2vec2": (12,)}
#: Sound is read in pieces of this length.
BLOCK_SAMPLES = 10 * SAMPLE_RATE_HZ

#: Called with takes done, takes in all.
Report = Callable[[int, int], None]


@dataclass(frozen=True)
class Hearing:
    """Through what the sound is heard. encoder: its name. layers: those of its outputs that are heard, side by side."""

    encoder: str = "whisper"
    layers: tuple[int, ...] = (6,)


@dataclass(frozen=True)
class Example:
    """A take as the network meets it.

    features: (T, C) float16 at 30 Hz. curves: (T, R) float32 in the rig's units. saliency: (T,) float32 where it is known.
    """

    take: Take
    features: FloatArray
    curves: FloatArray
    saliency: FloatArray | None


@dataclass(frozen=True)
class Corpus:
    """A set as it is trained on: the examples of each of `take_set.PARTS`, and what they were made of."""

    parts: dict[str, list[Example]]
    takes: TakeSet
    rig: Rig
    hearing: Hearing


def prepare(takes: TakeSet, hearing: Hearing, rig: Rig, work: Path, report: Report | None = None) -> Corpus:
    """Prepare what is not there and read everything; memory grows by the features alone.

    work: made where missing. Raises InputError where a take can't be read, MissingError where the encoder's weights can't be had.
    """
    parts = takes.parts()
    total, done = sum(len(chosen) for chosen in parts.values()), 0
    work.mkdir(parents=True, exist_ok=True)
    listener = _Listener(hearing)
    read: dict[str, list[Example]] = {part: [] for part in PARTS}
    for part, chosen in parts.items():
        for take in chosen:
            read[part].append(_example(take, listener, rig, work))
            done += 1
            if report:
                report(done, total)
    return Corpus(read, takes, rig, hearing)


class _Listener:
    """The encoder, opened when the first sound is heard."""

    def __init__(self, hearing: Hearing) -> None:
        self.hearing = hearing
        self._encoder: Any = None

    def features(self, sound: Path) -> FloatArray:
        """(T, C) float16 at 30 Hz."""
        from neural.hearing.encoders import at_rate, open_encoder

        if self._encoder is None:
            self._encoder = open_encoder(self.hearing.encoder, self.hearing.layers)
        blocks = read_audio_blocks(sound, SAMPLE_RATE_HZ, 1, BLOCK_SAMPLES)
        heard = list(self._encoder.feature_blocks(blocks))
        if not heard:
            raise InputError(as_written(f"{sound} holds no sound."))
        return at_rate(np.concatenate(heard), FPS).astype(np.float16)


def _example(take: Take, listener: _Listener, rig: Rig, work: Path) -> Example:
    sound_key = _key(take.sound, VERSION, listener.hearing.encoder, listener.hearing.layers)
    features = _kept(work / f"features-{sound_key}.npy", lambda: listener.features(take.sound))
    curves = _kept(work / f"curves-{_key(take.curves, VERSION, rig.name)}.npy", lambda: curves_of(take.curves, rig))
    frames = min(len(features), len(curves))
    saliency = None if take.truth is None else _saliency(take.truth)
    if saliency is not None:
        frames = min(frames, len(saliency))
        saliency = saliency[:frames]
    return Example(take, features[:frames], curves[:frames], saliency)


def _kept(path: Path, make: Callable[[], FloatArray]) -> FloatArray:
    """What `path` holds, made and written first where it is not there."""
    if not path.is_file():
        made = make()
        with whole_file(path, "What was prepared") as file:
            np.save(file, made)
    values: FloatArray = np.load(path)
    return values


def _key(path: Path, *of: object) -> str:
    """What the content of a file and `of` make together."""
    digest = hashlib.sha256(repr(of).encode())
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()[:24]


def _saliency(path: Path) -> FloatArray:
    """(T,) float32 of a made set's truth. Raises InputError where it is none."""
    try:
        with np.load(path) as data:
            saliency: FloatArray = np.asarray(data["saliency"], dtype=np.float32)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(as_written(f"{path} holds no saliency ({error}).")) from error
    if saliency.ndim != 1 or not np.isfinite(saliency).all():
        raise InputError(as_written(f"{path}: the saliency is not one row of finite numbers."))
    return saliency


def every_example(corpus: Corpus) -> Iterator[Example]:
    """All examples, part by part."""
    for part in PARTS:
        yield from corpus.parts[part]


def add_hearing(parser: argparse.ArgumentParser) -> None:
    """The options by which a set is heard and read, which other commands share."""
    parser.add_argument("set", type=Path, metavar="SET", help="folder of SPEAKER/STYLE/TAKE.wav and TAKE.csv")
    parser.add_argument("--work", type=Path, required=True, metavar="DIR", help="folder for what is prepared and for the state")
    parser.add_argument("--encoder", choices=sorted(LAST_LAYER), default=Hearing.encoder, help="hears the speech")
    parser.add_argument("--layers", type=int, nargs="+", metavar="N", help="of the encoder's outputs, side by side")
    parser.add_argument("--rig", choices=sorted(RIGS), default="arkit", help="whose curves are learned")


def print_prepared(done: int, total: int) -> None:
    """Says how far the preparation is."""
    if done % 50 == 0 or done == total:
        print(f"prepared {done} of {total} takes", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Prepare a set. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m motion.emotion.training.prepare", description="Hears a set of takes.")
    add_hearing(parser)
    given = parser.parse_args(arguments)
    hearing = Hearing(given.encoder, tuple(given.layers or LAST_LAYER[given.encoder]))
    try:
        corpus = prepare(read_set(given.set), hearing, rig_named(given.rig), given.work, print_prepared)
    except BelcantoError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    for sentence in corpus.takes.left_out:
        print(sentence, file=sys.stderr)
    for part, examples in corpus.parts.items():
        frames = sum(len(example.curves) for example in examples)
        print(f"{part}: {len(examples)} takes, {frames / FPS / 60.0:.1f} minutes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
