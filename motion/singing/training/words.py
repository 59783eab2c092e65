"""Which word is spoken when in a GRID sentence: from the sentence, known by the clip's name, and from what the encoder hears.

Every word is a row of states, every state a mean of the encoder's vectors; sentences are laid over the sound by Viterbi's
algorithm and
the means taken anew from where they came to lie, in turn (segmental k-means; Rabiner, Wilpon & Juang, 1986).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.contracts import FloatArray
from motion.singing.training.measures import ClipCurves

#: Words by the letter that stands for them; a letter is spoken as itself, a digit by its name.
COMMANDS = {"b": "bin", "l": "lay", "p": "place", "s": "set"}
COLOURS = {"b": "blue", "g": "green", "r": "red", "w": "white"}
PREPOSITIONS = {"a": "at", "b": "by", "i": "in", "w": "with"}
ADVERBS = {"a": "again", "n": "now", "p": "please", "s": "soon"}
#: Words that begin with lips pressed together after another word, and words that end so.
BEGIN_SHUT, END_SHUT = {"blue", "by", "letter b", "letter p", "please"}, {"letter m"}
#: Words that begin with lips apart: the control.
BEGIN_APART = {"green", "at", "in", "letter c", "letter k", "letter t", "letter g", "letter s", "again", "now", "soon"}
STATES_A_WORD, DIMENSIONS, ROUNDS = 4, 32, 6
SILENCE = "silence"
#: From so long before the edge of a word to so long after it lips may be shut for it.
EDGE_S = (0.10, 0.06)


@dataclass(frozen=True)
class Spoken:
    """A word in a clip, from row `start` to before row `stop` of its vectors."""

    word: str
    start: int
    stop: int


def words_of(name: str) -> tuple[str, ...]:
    """The six words of a clip by its name, e.g. "bbaf2n": bin blue at, letter f, digit 2, now."""
    command, colour, preposition, letter, digit, adverb = tuple(name)
    return (
        COMMANDS[command],
        COLOURS[colour],
        PREPOSITIONS[preposition],
        f"letter {letter}",
        f"digit {digit}",
        ADVERBS[adverb],
    )


def align(vectors: Sequence[FloatArray], sentences: Sequence[Sequence[str]]) -> list[list[Spoken]]:
    """When each word of each sentence is spoken. vectors: (T, C) of each clip, which begins and ends in silence."""
    whitened = _whitened(vectors)
    states = [_states(sentence) for sentence in sentences]
    paths = [_even(len(rows), len(row)) for rows, row in zip(whitened, states, strict=True)]
    for _ in range(ROUNDS):
        means = _means(whitened, states, paths)
        paths = [_viterbi(rows, np.stack([means[state] for state in row])) for rows, row in zip(whitened, states, strict=True)]
    return [_spoken(path, sentence) for path, sentence in zip(paths, sentences, strict=True)]


def _whitened(vectors: Sequence[FloatArray]) -> list[np.ndarray]:
    every = np.concatenate([np.asarray(rows, dtype=np.float32) for rows in vectors])
    mean = every.mean(axis=0)
    _, values, axes = np.linalg.svd((every - mean)[::5], full_matrices=False)
    scale = axes[:DIMENSIONS].T / (values[:DIMENSIONS] / np.sqrt(len(every[::5])) + 1e-6)
    return [(np.asarray(rows, dtype=np.float32) - mean) @ scale for rows in vectors]


def _states(sentence: Sequence[str]) -> list[tuple[str, int]]:
    """Silence, the states of every word, silence."""
    inner = [(word, state) for word in sentence for state in range(STATES_A_WORD)]
    return [(SILENCE, 0), *inner, (SILENCE, 0)]


def _even(rows: int, states: int) -> np.ndarray:
    """(rows,) the state of every row to begin with: an eighth of silence at both ends, the rest shared out evenly."""
    edge = rows // 8
    inner = 1 + np.arange(rows - 2 * edge) * (states - 2) // max(1, rows - 2 * edge)
    return np.concatenate([np.zeros(edge, dtype=np.int64), inner, np.full(edge, states - 1)])


def _means(
    vectors: Sequence[np.ndarray], states: Sequence[list[tuple[str, int]]], paths: Sequence[np.ndarray]
) -> dict[tuple[str, int], np.ndarray]:
    sums: dict[tuple[str, int], np.ndarray] = {}
    counts: dict[tuple[str, int], int] = {}
    for rows, row, path in zip(vectors, states, paths, strict=True):
        for number, state in enumerate(row):
            here = rows[path == number]
            sums[state] = sums.get(state, np.zeros(rows.shape[1])) + here.sum(axis=0)
            counts[state] = counts.get(state, 0) + len(here)
    return {state: sums[state] / max(counts[state], 1) for state in sums}


def _viterbi(rows: np.ndarray, means: np.ndarray) -> np.ndarray:
    """(T,) state of every row: from the first to the last in order, none left out, with the least squared distance."""
    cost = np.square(rows[:, None, :] - means[None]).sum(axis=2)
    total = np.full(len(means), np.inf)
    total[0] = cost[0, 0]
    stepped = np.zeros(cost.shape, dtype=bool)
    for row in range(1, len(rows)):
        from_before = np.concatenate([[np.inf], total[:-1]])
        stepped[row] = from_before < total
        total = np.where(stepped[row], from_before, total) + cost[row]
    path = np.empty(len(rows), dtype=np.int64)
    state = len(means) - 1
    for row in range(len(rows) - 1, -1, -1):
        path[row] = state
        state -= int(stepped[row, state])
    return path


def _spoken(path: np.ndarray, sentence: Sequence[str]) -> list[Spoken]:
    edges = [int(np.searchsorted(path, 1 + STATES_A_WORD * number)) for number in range(len(sentence) + 1)]
    return [Spoken(word, edges[number], edges[number + 1]) for number, word in enumerate(sentence)]


def shut_at_words(clip: ClipCurves, spoken: Sequence[Spoken], threshold: float, closed_mm: float) -> np.ndarray:
    """(8,) how often lips shut around the edges of words: bilabial edges, at how many of them the true aperture, the predicted
    aperture, and the detector say so, and the same four for words that begin with lips apart.
    """
    counts = np.zeros(8, dtype=np.int64)
    for each in spoken:
        shut = each.word in BEGIN_SHUT or each.word in END_SHUT
        if not shut and each.word not in BEGIN_APART:
            continue
        edge_s = clip.time_s[min(each.stop if each.word in END_SHUT else each.start, len(clip.time_s) - 1)]
        around = (clip.time_s >= edge_s - EDGE_S[0]) & (clip.time_s <= edge_s + EDGE_S[1])
        truth_s, truth = clip.truth()
        true_around = (truth_s >= edge_s - EDGE_S[0]) & (truth_s <= edge_s + EDGE_S[1])
        told = [
            1,
            int(truth[true_around, 0].min() < closed_mm),
            int(clip.predicted[around, 0].min() < closed_mm),
            int(clip.detector[around].max() > threshold),
        ]
        counts[0 if shut else 4 :][:4] += told
    return counts
