"""Plain sentences beside the data: how people say outright what they feel, and what they deny (`plain.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from speech.emotion.feeling import EKMAN, EKMAN_OF, GOEMOTIONS
from speech.emotion.training.dataset import CLASSES, Comments


def plain_sentences() -> Comments:
    """All of them, each once."""
    texts, rows = zip(*_sentences(), strict=True)
    return Comments(tuple(texts), np.array([_row(name) for name in rows]))


def together(first: Comments, second: Comments) -> Comments:
    """Both, one after the other."""
    return Comments((*first.texts, *second.texts), np.concatenate([first.truth, second.truth]))


def _sentences() -> Iterator[tuple[str, str]]:
    """Each sentence with its class."""
    tables = tomllib.loads((Path(__file__).parent / "plain.toml").read_text(encoding="utf-8"))
    frames, denied_as = tables["frames"], tables["denied_as"]
    for kind, denied in (("state", "denied"), ("thing", "denied_thing")):
        for name, words in tables[kind].items():
            for word in words:
                yield from ((_upper(frame.format(word)), name) for frame in frames[kind])
                if name in denied_as:
                    yield from ((frame.format(word), denied_as[name]) for frame in frames[denied])
    for name, phrases in tables["phrases"].items():
        yield from ((phrase, name) for phrase in phrases)


def _upper(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _row(name: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    row = np.zeros(len(CLASSES), dtype=bool)
    row[[GOEMOTIONS.index(name), len(GOEMOTIONS) + EKMAN.index(EKMAN_OF[name])]] = True
    return row
