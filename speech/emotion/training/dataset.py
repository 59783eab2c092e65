"""Reads GoEmotions as its public repository holds it: `train.tsv`, `dev.tsv`, `test.tsv`, one comment a line with its classes.

Data: Demszky et al., "GoEmotions: A Dataset of Fine-Grained Emotions", ACL 2020 (Apache-2.0): 54,263 English comments of Reddit,
each with one or more of 28 classes on which at least two readers agreed. Which of Ekman's a comment has follows from its classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.errors import InputError
from core.messages import as_written
from speech.emotion.feeling import EKMAN, EKMAN_OF, GOEMOTIONS

PARTS = ("train", "dev", "test")
CLASSES = (*GOEMOTIONS, *EKMAN)


@dataclass(frozen=True)
class Comments:
    """texts: n of them. truth: (n, 35) bool, the columns as `CLASSES`: 28 classes, then Ekman's seven."""

    texts: tuple[str, ...]
    truth: npt.NDArray[np.bool_]


def read_part(folder: Path, part: str) -> Comments:
    """One of `PARTS`. Raises InputError where the folder does not hold it in that form."""
    path = folder / f"{part}.tsv"
    if not path.is_file():
        raise InputError(as_written(f"{path} is missing; --data names a folder with {', '.join(PARTS)} as .tsv of GoEmotions."))
    texts, rows = [], []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        fields = line.split("\t")
        if len(fields) < 2 or not all(label.isdigit() and int(label) < len(GOEMOTIONS) for label in fields[1].split(",")):
            raise InputError(
                as_written(f"{path}, line {number}: text, tab, numbers from 0 to {len(GOEMOTIONS) - 1} are expected.")
            )
        row = np.zeros(len(CLASSES), dtype=bool)
        for label in map(int, fields[1].split(",")):
            row[label] = True
            row[len(GOEMOTIONS) + EKMAN.index(EKMAN_OF[GOEMOTIONS[label]])] = True
        texts.append(fields[0])
        rows.append(row)
    return Comments(tuple(texts), np.array(rows))
