"""Measures the learned lips on sentences they never heard and writes the report:
`python -m motion.singing.training.evaluate --data ../shared/talking --weights weights/trained`.

Held-out clips beside the ridge regressions, loudness alone, the lips of signal features, and broken pairings; the same clips in
far
voices; and, with --leave-out, networks that never met a class of words, tested on just those words.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.contracts import FloatArray
from core.errors import BelcantoError
from motion.singing.lips.lip_curves import GEOMETRY_NAMES
from motion.singing.networks.lip_network import LipNetwork, LipNetworkShape
from motion.singing.training import baselines
from motion.singing.training.augment import FAR_VOICES
from motion.singing.training.base import without_base
from motion.singing.training.checkpoint import load_network
from motion.singing.training.dataset import CLOSED_APERTURE_MM, Corpus, Stream, load_corpus, plain_streams, split
from motion.singing.training.inputs import MEL_CHANNELS
from motion.singing.training.lag import sound_to_lips_s
from motion.singing.training.lstm import load_lstm, lstm_predictor
from motion.singing.training.measures import ClipCurves, Estimate, bootstrap, closure_threshold, score
from motion.singing.training.predictions import (
    Detector,
    by_aperture,
    by_closure,
    clip_curves,
    network_predictor,
    predicted_clips,
)
from motion.singing.training.prepare import ENCODER_LAYERS, Example, Preparation, prepare, training_parts
from motion.singing.training.report import Report, write_report
from motion.singing.training.strangers import as_loudness, halves_tables, load_strangers
from motion.singing.training.train import (
    DEFAULT_CACHE,
    LSTM_FILES,
    OFFLINE_NAME,
    TrainSettings,
    fit,
    music_beside,
    without_clips,
)
from motion.singing.training.variants import VariantSettings
from motion.singing.training.words import align, shut_at_words, words_of
from neural.hearing.speech_encoder import CHANNELS, SpeechEncoder

#: Curves whose correlation and error are stated.
STATED = ("aperture", "width", "protrusion")
#: Classes of words of which a network is kept ignorant: name, place of the letter in the clip's name, letters.
LEFT_OUT = (
    ("command 'place'", 0, "p"),
    ("colour 'blue'", 1, "b"),
    ("digits 7, 8, 9, zero", 4, "789z"),
)
#: A ridge learns from every so many-th stretch of the data before it meets strangers: more of one man makes it no better on them.
RIDGE_CLIPS = 4
#: Steps of a network that is trained for one such test.
LEFT_OUT_STEPS = 750


@dataclass(frozen=True)
class Bench:
    """All that the tests share: the corpus, the clips for thresholds and for tests, heard and ready."""

    preparation: Preparation
    corpus: Corpus
    training: list[int]
    development: list[Example]
    held_out: list[Example]
    held_out_clips: list[int]
    development_clips: list[int]


def bench(preparation: Preparation) -> Bench:
    """Prepare the clips of the tests."""
    corpus = load_corpus(preparation.data, preparation.limit)
    training, development, held_out = split(corpus.names)
    heard, unheard = (list(prepare(preparation, [("plain", clips)])) for clips in (development, held_out))
    return Bench(preparation, corpus, training, heard, unheard, held_out, development)


def score_predictor(on: Bench, predict: baselines.Predictor, detector: Callable[[FloatArray], FloatArray]) -> dict[str, Estimate]:
    """Figures of the held-out clips; the threshold of closures comes from the development clips."""
    threshold = closure_threshold(predicted_clips(on.corpus, on.development, predict, detector))
    return score(predicted_clips(on.corpus, on.held_out, predict, detector), threshold, STATED)


def main_table(on: Bench, network: LipNetwork, weights: Path) -> dict[str, dict[str, Estimate]]:
    """Figures by row: the learned lips, told by their closure curve and by their aperture alone, the baselines, the LSTMs whose
    files lie in `weights`, and the controls.
    """
    predict = network_predictor(network)
    development = predicted_clips(on.corpus, on.development, predict, by_closure)
    threshold, clips = closure_threshold(development), predicted_clips(on.corpus, on.held_out, predict, by_closure)
    training = list(prepare(on.preparation, [("plain", on.training)]))
    ridge = baselines.ridge(training, baselines.WHISPER_VIEW)
    return {
        "learned lips": score(clips, threshold, STATED),
        "learned lips, closures by aperture": score_predictor(on, predict, by_aperture),
        "ridge, Whisper": score_predictor(on, ridge, by_closure),
        "ridge, Whisper, closures by aperture": score_predictor(on, ridge, by_aperture),
        "ridge, Whisper, a third of the clips": score_predictor(
            on, baselines.ridge(training[::3], baselines.WHISPER_VIEW), by_closure
        ),
        "ridge, Whisper with neighbours": score_predictor(
            on, baselines.ridge(training, baselines.WHISPER_CONTEXT_VIEW), by_closure
        ),
        "ridge, log-mel with neighbours": score_predictor(on, baselines.ridge(training, baselines.MEL_VIEW), by_closure),
        "loudness alone": loudness_score(on),
        "signal features": feature_score(on),
        **lstm_rows(on, weights),
        "control: another clip's sound": score(baselines.shuffled(clips), threshold, STATED),
        "control: 200 ms late": score(baselines.shifted(clips), threshold, STATED),
    }


def lstms(on: Bench, weights: Path) -> dict[str, baselines.Predictor]:
    """The time-delayed LSTM and its control, those whose files lie in the folder `weights`."""
    neutral = on.corpus.neutral[: len(GEOMETRY_NAMES)]
    paths = {title: weights / name for title, name in LSTM_FILES.items()}
    return {title: lstm_predictor(load_lstm(path)[0], neutral) for title, path in paths.items() if path.is_file()}


def lstm_rows(on: Bench, weights: Path) -> dict[str, dict[str, Estimate]]:
    """Their figures on the held-out clips; they have no curve of closures."""
    return {title: score_predictor(on, predict, by_aperture) for title, predict in lstms(on, weights).items()}


def strangers_tables(
    on: Bench, network: LipNetwork, facts: dict[str, Any], weights: Path, open_held_out: bool
) -> dict[str, dict[str, dict[str, Estimate]]]:
    """By title: the learned lips beside the ridges, loudness and the LSTMs, on one or both halves of the strangers."""
    encoder = SpeechEncoder(layers=ENCODER_LAYERS, threads=1).features
    strangers = load_strangers(on.preparation.data, encoder, facts["level_db"])
    training = list(prepare(on.preparation, [("plain", on.training)]))[::RIDGE_CLIPS]
    views = {
        "ridge, Whisper, lower layer": (baselines.LOWER_NEAR_VIEW, baselines.STRONG_RIDGE),
        "ridge, Whisper, upper layer": (baselines.UPPER_NEAR_VIEW, baselines.STRONG_RIDGE),
        "ridge, log-mel with neighbours": (baselines.MEL_VIEW, baselines.STRONG_RIDGE),
    }
    asked: dict[str, tuple[baselines.Predictor, Detector]] = {"learned lips": (network_predictor(network), by_closure)}
    if facts.get("base_share"):
        alone = without_base(network, facts["base_share"])
        asked["learned lips without the base"] = network_predictor(alone), by_closure
    asked |= {title: (baselines.ridge(training, *view), by_closure) for title, view in views.items()}
    asked |= {title: (predict, by_aperture) for title, predict in lstms(on, weights).items()}
    thresholds = {title: closure_threshold(predicted_clips(on.corpus, on.development, *each)) for title, each in asked.items()}
    tables = halves_tables(strangers, {title: (*each, thresholds[title]) for title, each in asked.items()}, STATED, open_held_out)
    loud = baselines.ridge(loud_examples(on.corpus, on.training), baselines.View(0, None, baselines.NEIGHBOURS))
    loudness = halves_tables(as_loudness(strangers), {"loudness alone": (loud, by_closure, 0.5)}, STATED, open_held_out)
    return {half: table | loudness[half] for half, table in tables.items()}


def loud_examples(corpus: Corpus, clips: Sequence[int]) -> list[Example]:
    """Clips as `loudness_rows` hears them."""
    return [
        Example(baselines.loudness_rows(each.sound), each.curves, each.closure, each.clip, each.time_s, "plain")
        for each in plain_streams(corpus, clips)
    ]


def loudness_score(on: Bench) -> dict[str, Estimate]:
    """Ridge regression on the level of the sound and of its neighbours."""
    predict = baselines.ridge(loud_examples(on.corpus, on.training), baselines.View(0, None, baselines.NEIGHBOURS))
    development, held_out = (loud_examples(on.corpus, clips) for clips in (on.development_clips, on.held_out_clips))
    heard = replace(on, development=development, held_out=held_out)
    return score_predictor(heard, predict, by_closure)


def feature_score(on: Bench) -> dict[str, Estimate]:
    """The performer made of signal features: its opening of the lips; it is not in mm, so it has no error, and no other curve."""

    def clips(which: list[int]) -> list[ClipCurves]:
        streams: list[Example | Stream] = list(plain_streams(on.corpus, which))
        opening = [curve for _, curve in baselines.feature_lips([each for each in streams if isinstance(each, Stream)])]
        return clip_curves(on.corpus, streams, opening, by_aperture)

    threshold = closure_threshold(clips(on.development_clips))
    figures = score(clips(on.held_out_clips), threshold, STATED[:1])
    return {name: value for name, value in figures.items() if not name.endswith("error")}


def word_edges(on: Bench, network: LipNetwork) -> dict[str, dict[str, Estimate]]:
    """How often the true and the learned lips shut where a word asks for it (b, m, p), and where it does not: the control."""
    predict = network_predictor(network)
    threshold = closure_threshold(predicted_clips(on.corpus, on.development, predict, by_closure))
    clips = predicted_clips(on.corpus, on.held_out, predict, by_closure)
    every = [*on.held_out, *prepare(on.preparation, [("plain", on.training)])]
    upper = slice(-MEL_CHANNELS - CHANNELS, -MEL_CHANNELS)
    vectors = [example.rows[example.clip == clip][:, upper] for example in every for clip in _clips_in_order([example])]
    spoken = align(vectors, [words_of(on.corpus.names[clip]) for clip in _clips_in_order(every)])
    counts = np.array(
        [
            shut_at_words(clip, words, threshold, CLOSED_APERTURE_MM)
            for clip, words in zip(clips, spoken[: len(clips)], strict=True)
        ]
    )
    table: dict[str, dict[str, Estimate]] = {}
    for row, first in (("edges of words with b, m, p", 0), ("words that begin with open lips", 4)):
        table[row] = {
            name: bootstrap(counts[:, [first, first + 1 + column]], _share)
            for column, name in enumerate(("truly shut", "shut by aperture", "told by closure"))
        }
    return table


def _share(rows: np.ndarray) -> float:
    """Of (K, 2) how many there are and how many are so: the share that is."""
    return float(rows[:, 1].sum() / max(rows[:, 0].sum(), 1))


def far_voices(on: Bench, network: LipNetwork) -> dict[str, dict[str, Estimate]]:
    """The held-out clips in voices far from the speaker's, beside the ridge on the same."""
    predict = network_predictor(network)
    ridge = baselines.ridge(list(prepare(on.preparation, [("plain", on.training)])), baselines.WHISPER_VIEW)
    threshold = closure_threshold(predicted_clips(on.corpus, on.development, predict, by_closure))
    ridge_threshold = closure_threshold(predicted_clips(on.corpus, on.development, ridge, by_closure))
    table = {}
    for voice in FAR_VOICES:
        examples = list(prepare(on.preparation, [(voice, on.held_out_clips)]))
        table[voice] = score(predicted_clips(on.corpus, examples, predict, by_closure), threshold, STATED)
        table[f"{voice}, ridge, Whisper"] = score(
            predicted_clips(on.corpus, examples, ridge, by_closure), ridge_threshold, STATED
        )
    return table


def left_out(on: Bench, network: LipNetwork, steps: int) -> dict[str, dict[str, Estimate]]:
    """For each class of words: a network that never met it, and the full one, on the held-out clips that hold it."""
    classes = [frozenset(clip for clip, code in enumerate(on.corpus.names) if code[place] in set_) for _, place, set_ in LEFT_OUT]
    count, settings = len(classes), TrainSettings(steps=steps, settling_steps=steps // 3)
    with ProcessPoolExecutor(min(count, os.cpu_count() or 1), mp_context=get_context("spawn")) as pool:
        asked = ([each] * count for each in (on.preparation, on.training, network.shape, settings))
        ignorant = list(pool.map(train_without, classes, *asked))
    full, table = network_predictor(network), {}
    for (name, _, _), of_class, other in zip(LEFT_OUT, classes, ignorant, strict=True):
        predict = network_predictor(other)
        threshold = closure_threshold(predicted_clips(on.corpus, on.development, predict, by_closure))
        for label, told in ((f"never met {name}", predict), (f"met {name}", full)):
            every = predicted_clips(on.corpus, on.held_out, told, by_closure)
            clips = [each for each, clip in zip(every, _clips_in_order(on.held_out), strict=True) if clip in of_class]
            table[label] = score(clips, threshold, STATED)
    return table


def train_without(
    clips: frozenset[int], preparation: Preparation, training: list[int], shape: LipNetworkShape, settings: TrainSettings
) -> LipNetwork:
    """A network that never heard `clips`, in whatever voice."""
    torch.set_num_threads(1)
    jobs = [(part, training) for part in training_parts(preparation.variants)]
    return fit(without_clips(list(prepare(preparation, jobs)), clips), shape, settings)


def _clips_in_order(examples: Sequence[Example]) -> list[int]:
    return [clip for example in examples for clip in dict.fromkeys(int(each) for each in example.clip if each >= 0)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table and write the report. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m motion.singing.training.evaluate", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the talking tracks")
    parser.add_argument("--weights", type=Path, required=True, help="folder of the weights; the report is written there")
    parser.add_argument("--name", default=OFFLINE_NAME, help="file of the weights")
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE, help="folder for what was heard")
    parser.add_argument("--open-held-out", action="store_true", help="also the other half of the strangers: once, at the end")
    parser.add_argument("--leave-out", action="store_true", help="also train networks that never met a class of words (slow)")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    preparation = Preparation(options.data, options.cache, VariantSettings(music=music_beside(options.data)), seed=0)
    try:
        network, facts = load_network(options.weights / options.name)
        on = bench(preparation)
        report = Report(options.name, facts, len(on.training), len(on.development_clips), len(on.held_out_clips))
        report.tables["Held-out sentences"] = main_table(on, network, options.weights)
        report.tables["Lips at the edges of words"] = word_edges(on, network)
        report.tables["Held-out sentences in far voices"] = far_voices(on, network)
        report.tables |= strangers_tables(on, network, facts, options.weights, options.open_held_out)
        if options.leave_out:
            report.tables["Words that were never met"] = left_out(on, network, LEFT_OUT_STEPS)
        report.sound_to_lips = sound_to_lips_s(on.corpus, np.array(on.held_out_clips + on.development_clips))
        write_report(report, options.weights)
    except BelcantoError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(report.as_markdown())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
