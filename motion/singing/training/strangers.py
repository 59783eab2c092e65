"""Lips of people whom no network has met: clips of some twenty other speakers, who are measured on and never learned from.

One half of the speakers is for choosing between networks, the other is looked at once, when all is chosen. Clips of one speaker
share one lag between sound and picture, which the recordings came with; it is found for every predictor and taken out before it
is scored. The clips on which nothing was cut (`vr_*`) keep time, and their lag is stated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.contracts import FloatArray
from motion.singing.training.baselines import Predictor, loudness_rows
from motion.singing.training.dataset import Corpus, corpus_of, lay_out, load_tracks, plain_piece
from motion.singing.training.inputs import Encoder, level_db, network_input
from motion.singing.training.measures import ClipCurves, Estimate, bootstrap, correlation, lag_s, score
from motion.singing.training.predictions import Detector, clip_curves
from motion.singing.training.prepare import Example

#: The two files: other sentences, other recordings; and GRID's sentences by its other speakers.
FILES = {"others": "free sentences", "grid_others": "GRID's sentences"}
#: Who speaks, told by face and pitch, as far as the clips' names do not say it: the beginnings of their names.
SPEAKERS: dict[str, tuple[str, ...]] = {
    "first": (
        "missing_do_you_want",
        "missing_here",
        "missing_how_are",
        "missing_what_sort",
        "sentences_do_you_want_to_split_an_appetizer",
        "sentences_would_you_like_a_cup",
        "sentences_are",
    ),
    "second": (
        "missing_what_would",
        "missing_how_would_you_like_your",
        "missing_what_fish",
        "sentences_how_are",
        "sentences_what_fish",
        "sentences_whats",
        "sentences_would_you_like_a_table",
        "sentences_what_are",
    ),
    "third": (
        "sentences_do_you_want_to_split_an_appetizer1",
        "sentences_what_would",
        "sentences_would_you_like_hear",
        "sentences_would_you_like_chips",
        "missing_how_would_you_like_to_pay",
        "missing_how_many",
        "missing_would_you_like_chips",
        "sentences_would_you_like_something_to_drink",
    ),
    "fourth": (
        "missing_its",
        "missing_what_are",
        "missing_happy",
        "missing_would_you_like_something",
        "sentences_lets",
        "sentences_how_many",
        "sentences_how_would",
        "sentences_would_you_like_something_to_drink_n",
    ),
    "s26": ("s26_", "GRID_swiz3n"),
    "s31": ("s31_",),
    "deep": ("GRID_pwij3p", "samples_id2"),
    "slow": ("GRID_lbax4n", "GRID_sbia1a"),
}
#: Half of the speakers; the others are held out. Takes that are there twice are the same speaker's.
FOR_SELECTION = frozenset({"first", "third", "vr_1", "vr_3", "s26", "deep", "GRID_lwbsza", "GRID_lbbc2a"})
#: The speaker who is learned from is also among GRID's others, with this clip.
NO_STRANGER = ("GRID_bbaf2n",)
#: Furthest lag of a speaker's sound against the picture, and steps in which it is looked for.
FURTHEST_LAG_S, LAG_STEP_S = 0.16, 0.02
KEEPS_TIME = "vr_"


@dataclass(frozen=True)
class Stranger:
    """A speaker with clips: name, whether for selection, which file, the truth, and the clips as the network meets them."""

    name: str
    for_selection: bool
    file: str
    corpus: Corpus
    examples: list[Example]


def speaker_of(clip: str) -> str:
    """Who speaks in a clip of `FILES`: of all beginnings of its name the longest one tells."""
    fits = [(len(start), name) for name, starts in SPEAKERS.items() for start in starts if clip.startswith(start)]
    return max(fits)[1] if fits else clip


def load_strangers(folder: Path, encoder: Encoder | None, known_level_db: float) -> list[Stranger]:
    """All speakers of the talking tracks in `folder` but the one who is learned from.

    Every clip stands alone and is brought to `known_level_db`, as the product does it with a voice. encoder: None for rows of
    log-mel alone. Raises InputError where a file is missing.
    """
    return [
        Stranger(name, name in FOR_SELECTION, file, corpus, [_heard(corpus, clip, encoder, known_level_db) for clip in clips])
        for file in FILES
        for name, corpus, clips in _speakers(folder, file)
    ]


def _speakers(folder: Path, file: str) -> Iterator[tuple[str, Corpus, range]]:
    tracks = load_tracks(folder, file)
    of_clip = [speaker_of(name) for name in tracks.names]
    for speaker in dict.fromkeys(of_clip):
        clips = [clip for clip, name in enumerate(tracks.names) if of_clip[clip] == speaker and not name.startswith(NO_STRANGER)]
        if clips:
            yield speaker, corpus_of(tracks.part(clips)), range(len(clips))


def _heard(corpus: Corpus, clip: int, encoder: Encoder | None, known_level_db: float) -> Example:
    """One clip alone."""
    stream = lay_out(corpus, [plain_piece(corpus, clip)])
    sound = levelled(stream.sound, known_level_db)
    return Example(network_input(sound, encoder), stream.curves, stream.closure, stream.clip, stream.time_s, "plain")


def levelled(sound: FloatArray, wanted_db: float) -> FloatArray:
    """`sound` (n,) at the level `wanted_db`, as `level_db` tells it."""
    louder: FloatArray = (sound * 10.0 ** ((wanted_db - level_db(sound)) / 20.0)).astype(np.float32)
    return louder


def in_step(clips: Sequence[ClipCurves]) -> list[ClipCurves]:
    """The clips of one speaker with the one lag taken out that lets their apertures agree best."""
    steps = round(FURTHEST_LAG_S / LAG_STEP_S)
    lags_s = LAG_STEP_S * np.arange(-steps, steps + 1)
    agreement = [np.nanmean([_aperture_agreement(clip, lag) for clip in clips]) for lag in lags_s]
    best_s = lags_s[int(np.nanargmax(agreement))]
    return [replace(clip, time_s=clip.time_s - best_s) for clip in clips]


def _aperture_agreement(clip: ClipCurves, later_s: float) -> float:
    predicted, true = replace(clip, predicted=clip.predicted[:, :1]).at_frames(later_s)
    return correlation(predicted[:, 0], true[:, 0])


def as_loudness(strangers: Sequence[Stranger]) -> list[Stranger]:
    """The strangers as `baselines.loudness_rows` hears them."""
    return [
        replace(
            each,
            examples=[
                replace(example, rows=loudness_rows(sound))
                for example, sound in zip(each.examples, each.corpus.sounds, strict=True)
            ],
        )
        for each in strangers
    ]


def halves_tables(
    strangers: Sequence[Stranger],
    asked: Mapping[str, tuple[Predictor, Detector, float]],
    names: Sequence[str],
    open_held_out: bool,
) -> dict[str, dict[str, dict[str, Estimate]]]:
    """`strangers_score` by half and row. asked: what is measured, by title: a predictor, its detector, and the threshold."""
    halves = {"Speakers never heard: the half for selection": [each for each in strangers if each.for_selection]}
    if open_held_out:
        halves["Speakers never heard: the held-out half"] = [each for each in strangers if not each.for_selection]
    return {
        half: {
            f"{title}, {file}": figures
            for title, (predict, detector, threshold) in asked.items()
            for file, figures in strangers_score(speakers, predict, detector, threshold, names).items()
        }
        for half, speakers in halves.items()
    }


def strangers_score(
    strangers: Sequence[Stranger], predict: Predictor, detector: Detector, threshold: float, names: Sequence[str]
) -> dict[str, dict[str, Estimate]]:
    """Figures by row: for each file the means over its clips with intervals; the lag is that of the clips that keep time.

    threshold: of the detector, see `closure_threshold`; names: as in `score`.
    """
    found: dict[str, list[ClipCurves]] = {}
    lags_ms = []
    for each in strangers:
        clips = clip_curves(each.corpus, each.examples, [predict(example.rows) for example in each.examples], detector)
        found.setdefault(each.file, []).extend(in_step(clips))
        if each.name.startswith(KEEPS_TIME):
            lags_ms += [1000.0 * lag_s(clip) for clip in clips]
    table = {}
    for file, clips in found.items():
        table[FILES[file]] = {name: value for name, value in score(clips, threshold, names).items() if name != "lag ms"}
        if file == "others" and lags_ms:
            table[FILES[file]]["lag ms"] = bootstrap(np.array(lags_ms), lambda rows: float(np.median(rows)))
    return table
