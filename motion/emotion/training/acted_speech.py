"""Recordings of actors who speak with feeling, by the names of two corpora that publish them.

RAVDESS (Livingstone & Russo, "The Ryerson Audio-Visual Database of Emotional Speech and Song", 2018; CC BY-NC-SA 4.0):
`03-01-05-02-01-01-12.wav`, the third number the emotion, the last the actor. EMO-DB (Burkhardt, Paeschke, Rolfes, Sendlmeier &
Weiss, "A database of German emotional speech", 2005): `03a01Wa.wav`, the first two digits the actor, the capital the emotion.
Other emotions than the five styles are left out. Recordings of 2 to 5 s are laid end to end, one actor and style a take.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.contracts import FloatArray
from core.errors import InputError
from core.messages import as_written
from motion.emotion.styles import SAMPLE_RATE_HZ

RAVDESS = re.compile(r"(?:01|03)-01-(?P<emotion>\d\d)-\d\d-\d\d-\d\d-(?P<actor>\d\d)")
RAVDESS_STYLES = {"01": "neutral", "03": "happy", "04": "sad", "05": "angry", "08": "surprised"}
EMODB = re.compile(r"(?P<actor>\d\d)[ab]\d\d(?P<emotion>[A-Z])[a-z]?")
EMODB_STYLES = {"N": "neutral", "F": "happy", "T": "sad", "W": "angry"}
#: A take is as long as this at least where the actor has said enough, and no longer than that.
LEAST_S, MOST_S = 8.0, 15.0
#: Silence between two recordings, and what of their own is left at their ends below so many dB under their loudest.
BETWEEN_S, QUIET_DB = 0.25, 40.0


@dataclass(frozen=True)
class ActedTake:
    """What one actor says in one style: speaker, style, name, and the recordings that are laid end to end."""

    speaker: str
    style: str
    name: str
    files: tuple[Path, ...]

    def sound(self) -> FloatArray:
        """(n,) float32 at 16 kHz, no longer than `MOST_S`. Raises InputError where a recording can't be read."""
        pause = np.zeros(round(BETWEEN_S * SAMPLE_RATE_HZ), np.float32)
        pieces = [piece for file in self.files for piece in (recording(file), pause)]
        return np.concatenate(pieces[:-1])[: round(MOST_S * SAMPLE_RATE_HZ)]


def who_and_how(name: str) -> tuple[str, str] | None:
    """The actor and the style that a file's stem tells; None where it is of no corpus or of no such style."""
    for corpus, pattern, styles in (("ravdess", RAVDESS, RAVDESS_STYLES), ("emodb", EMODB, EMODB_STYLES)):
        match = pattern.fullmatch(name)
        if match and match["emotion"] in styles:
            return f"{corpus}_{match['actor']}", styles[match["emotion"]]
    return None


def acted_takes(folder: Path) -> Iterator[ActedTake]:
    """The takes that the recordings in a folder and below make, by actor and style. Raises InputError where there is none."""
    found: dict[tuple[str, str], list[Path]] = {}
    for file in sorted(folder.rglob("*.wav"), key=lambda file: file.name):
        told = who_and_how(file.stem)
        if told:
            found.setdefault(told, []).append(file)
    if not found:
        raise InputError(as_written(f"{folder} holds no recording that is named as those of RAVDESS or EMO-DB."))
    for (speaker, style), files in sorted(found.items()):
        for number, together in enumerate(_long_enough(files), start=1):
            yield ActedTake(speaker, style, f"take{number:02d}", tuple(together))


def recording(file: Path) -> FloatArray:
    """(n,) float32 mono at 16 kHz, without the silence around the voice."""
    from media.media import read_audio_blocks

    sound = np.concatenate([block.reshape(-1) for block in read_audio_blocks(file, SAMPLE_RATE_HZ, 1, 10 * SAMPLE_RATE_HZ)])
    loud = np.flatnonzero(np.abs(sound) > np.abs(sound).max() * 10.0 ** (-QUIET_DB / 20.0))
    return sound[loud[0] : loud[-1] + 1] if len(loud) else sound


def _long_enough(files: list[Path]) -> Iterator[list[Path]]:
    """The files in order, as many together as last `LEAST_S`; what is left at the end is left out, unless it is all there is."""
    import soundfile

    together: list[Path] = []
    length_s, given = 0.0, False
    for file in files:
        together.append(file)
        length_s += soundfile.info(file).duration + BETWEEN_S
        if length_s >= LEAST_S:
            yield together
            together, length_s, given = [], 0.0, True
    if together and not given:
        yield together
