"""Takes as they lie on disk: SET/<speaker>/<style>/<take>.flac with <take>.csv of Live Link Face beside it, in made sets
<take>.truth.npz with the `saliency`, and SET/set.toml, which tells licence, source and who is kept for validation and test.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from core.contracts import FloatArray, Motion
from core.output_files import whole_file
from motion.emotion.styles import SAMPLE_RATE_HZ
from motion.files.motion_csv import write_motion_csv

SET_FACTS = "set.toml"


@dataclass(frozen=True)
class Place:
    """Where a take of a set lies."""

    folder: Path
    speaker: str
    style: str
    take: str

    def file(self, suffix: str) -> Path:
        """The take's file with that ending, such as `.csv`."""
        return self.folder / self.speaker / self.style / f"{self.take}{suffix}"

    @property
    def whole(self) -> bool:
        """Whether the take was written to its end: the curves come last."""
        return self.file(".csv").is_file()


def write_sound(place: Place, sound: FloatArray) -> Path:
    """(n,) float32 at 16 kHz as FLAC; returns the file."""
    path = place.file(".flac")
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path, "The sound") as content:
        soundfile.write(content, np.clip(sound, -1.0, 1.0), SAMPLE_RATE_HZ, format="FLAC")
    return path


def write_face(place: Place, motion: Motion, saliency: FloatArray | None = None) -> None:
    """The curves, after the truth where it is known: (T,) in [0, 1], one a frame."""
    place.file(".csv").parent.mkdir(parents=True, exist_ok=True)
    if saliency is not None:
        with whole_file(place.file(".truth.npz"), "The truth") as content:
            np.savez_compressed(content, saliency=saliency.astype(np.float32))
    write_motion_csv(place.file(".csv"), motion)


def write_facts(folder: Path, licence: str, source: str, split: Mapping[str, Sequence[str]]) -> None:
    """`set.toml`. split: `validation` and `test` with names of speakers, or of takes as speaker/style/take."""
    lines = [f"licence = {_quoted(licence)}", f"source = {_quoted(source)}", "", "[split]"]
    lines += [f"{part} = [{', '.join(map(_quoted, names))}]" for part, names in split.items()]
    folder.mkdir(parents=True, exist_ok=True)
    with whole_file(folder / SET_FACTS, "The set's facts") as content:
        content.write(("\n".join(lines) + "\n").encode())


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'
