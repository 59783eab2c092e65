"""How well and how quickly speech is understood: `python -m benchmarks.hearing --talking ../shared/talking`.

Recordings of people whom nothing here was learned from: questions as they are asked in a restaurant, and short commands (GRID),
whose letters and digits are hard even for people. Their sentences are the clips' names. Word error rate: changed, left-out and
added words for 100 that were said. Time is that of a final result, of one processor thread.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.ending import ends_in_words
from benchmarks.machine import describe_machine
from benchmarks.spoken_words import errors, words_of
from core.contracts import FloatArray
from core.errors import InputError
from core.messages import as_written
from neural.log_mel import RATE_HZ
from speech.hearing.whisper import whisper

#: What the letters of a command's name say (Cooke et al. 2006).
COMMANDS: tuple[dict[str, str], ...] = (
    {"b": "bin", "l": "lay", "p": "place", "s": "set"},
    {"b": "blue", "g": "green", "r": "red", "w": "white"},
    {"a": "at", "b": "by", "i": "in", "w": "with"},
    {},
    dict(zip("z123456789", ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"], strict=True)),
    {"a": "again", "n": "now", "p": "please", "s": "soon"},
)
#: Names whose clips say something else, or what nobody has written down.
UNKNOWN = re.compile(r"vr_\d|sentences_whats_the_address|missing_its_been|sentences_lets_get")
LENGTHS_S, REPEATS = (1.0, 3.0, 8.0), 5


def sentence_of(name: str) -> str | None:
    """What a clip of that name says; None where it does not tell."""
    if UNKNOWN.match(name):
        return None
    if found := re.fullmatch(r"(?:missing|sentences)_([a-z_]+?)\d?(?:_temp|_n)?", name):
        return found[1].replace("_", " ")
    letters = name.split("_")[-1]
    return (
        " ".join(table.get(letter, letter) for table, letter in zip(COMMANDS, letters, strict=True))
        if len(letters) == 6
        else None
    )


def clips(folder: Path, corpus: str) -> Iterator[tuple[str, FloatArray]]:
    """What each clip says, and its sound. Raises InputError where there are none."""
    import soundfile

    path = folder / f"{corpus}.npz"
    if not path.is_file():
        raise InputError(as_written(f"{path} is missing; --talking names the folder of the talking tracks."))
    with np.load(path) as stored:
        names, ends = stored["clip"], np.cumsum(stored["samples"])
    sound = soundfile.read(path.with_suffix(".flac"), dtype="float32")[0]
    for name, clip in zip(map(str, names), np.split(sound, ends[:-1]), strict=True):
        if (sentence := sentence_of(name)) is not None:
            yield sentence, clip


def seconds_of(sound: FloatArray, length_s: float) -> float:
    """How long the result for a sound of that length takes, the median of a few."""
    piece = np.resize(sound, int(length_s * RATE_HZ))
    took_s = []
    for _ in range(REPEATS):
        begin_s = time.perf_counter()
        whisper().hear(piece, "en")
        took_s.append(time.perf_counter() - begin_s)
    return float(np.median(took_s))


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hearing", description=__doc__)
    parser.add_argument("--talking", type=Path, required=True, help="folder of the talking tracks")
    given = parser.parse_args(arguments)
    print(describe_machine().sentence())
    print("\n| recordings | sentences | words | wrong | error rate | language found | misheard |\n|---|---|---|---|---|---|---|")
    for corpus in ("others", "grid_others"):
        count = wrong = sentences = found = 0
        misheard = []
        for sentence, sound in clips(given.talking, corpus):
            heard = whisper().hear(sound, "en")
            found += whisper().hear(sound).language == "en"
            wanted, got = words_of(sentence, "en"), words_of(heard.text, "en")
            mistakes = errors(wanted, got)
            sentences, count, wrong = sentences + 1, count + len(wanted), wrong + mistakes
            if mistakes:
                misheard.append(f"{' '.join(wanted)} / {' '.join(got)}")
        examples = "; ".join(misheard[:4])
        print(f"| {corpus} | {sentences} | {count} | {wrong} | {wrong / count:.1%} | {found} | {examples} |", flush=True)
    long = np.concatenate([sound for _, sound in clips(given.talking, "others")][:4])
    print("\n| sound | final result after | of the sound's length |\n|---|---|---|")
    for length_s in LENGTHS_S:
        took_s = seconds_of(long, length_s)
        print(f"| {length_s:g} s | {took_s:.2f} s | {took_s / length_s:.2f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
