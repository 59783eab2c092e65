"""Measures trained networks, baselines and the plan-based performance on takes that none has learned from:

    python -m motion.emotion.training.evaluate SET MODEL... --work DIR --report OUT [--beside SET...]

MODEL: a network's file, or the word plan. SET: its test part is measured on, its training part teaches the reader of styles.
Where they lie beside it, SET-long, SET-languages and SET-speech are measured on too, and those of --beside. OUT.json holds every
figure with its interval over takes, OUT.md the tables, with the paper's figures for reference.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch

from core.contracts import FloatArray
from core.errors import BelcantoError, InputError
from core.messages import as_written
from core.rigs.rig import Rig
from motion.emotion.training.evaluation import SetFigures, figures_of
from motion.emotion.training.known_truth import beside
from motion.emotion.training.measures import StyleReader, learned_reader
from motion.emotion.training.predictors import PLAN, PlanPredictor, Predictor, open_network
from motion.emotion.training.prepare import Corpus, Example, Hearing, Report, prepare
from motion.emotion.training.report import write_report
from motion.emotion.training.take_set import read_set

#: Sets that are measured on where they lie beside the set, by the end of their name.
BESIDE = ("long", "languages", "speech")


@dataclass
class Bench:
    """The sets that everything is measured on, heard once for each hearing.

    folders: by the names that reports use, the set itself first. work: folder of what was heard. report: hears how far a set is.
    """

    folders: Mapping[str, Path]
    work: Path
    report: Report | None = None
    _heard: dict[tuple[str, Hearing, str], Corpus] = field(default_factory=dict)
    _readers: dict[str, StyleReader] = field(default_factory=dict)

    def corpus(self, name: str, hearing: Hearing, rig: Rig) -> Corpus:
        """A set as it is heard. Raises like `prepare`."""
        key = name, hearing, rig.name
        if key not in self._heard:
            self._heard[key] = prepare(read_set(self.folders[name]), hearing, rig, self.work, self.report)
        return self._heard[key]

    def reader(self, hearing: Hearing, rig: Rig) -> StyleReader:
        """Reads styles from faces: learned from the true ones of the set's training part."""
        if rig.name not in self._readers:
            training = self.corpus(next(iter(self.folders)), hearing, rig).parts["training"]
            curves: list[FloatArray] = [example.curves for example in training]
            self._readers[rig.name] = learned_reader(curves, [example.take.style for example in training])
        return self._readers[rig.name]

    def measured(self, predictor: Predictor) -> dict[str, SetFigures]:
        """Figures of the test part of every set."""
        hearing, rig = predictor.hearing, predictor.rig
        figures = {}
        for name in self.folders:
            examples: list[Example] = self.corpus(name, hearing, rig).parts["test"]
            several = len({example.take.style for example in examples}) > 1
            figures[name] = figures_of(predictor, examples, self.reader(hearing, rig) if several else None)
        return figures


def bench_of(folder: Path, others: Sequence[Path], work: Path, report: Report | None = None) -> Bench:
    """The bench of a set, of what lies beside it, and of others. Raises InputError where two have one name."""
    folders = {"test": folder}
    folders |= {name: beside(folder, name) for name in BESIDE if beside(folder, name).is_dir()}
    for other in others:
        if other.name in folders:
            raise InputError(as_written(f"Two sets are called {other.name}; give one of their folders another name."))
        folders[other.name] = other
    return Bench(folders, work, report)


def predictors_of(models: Sequence[str], work: Path) -> dict[str, Predictor]:
    """Networks by their files, and the plan-based performance, by the titles that a report gives them.

    Raises InputError where one is neither, or two have one title.
    """
    networks = {title_of(model): open_network(Path(model)) for model in models if model != PLAN}
    if len(networks) + models.count(PLAN) < len(models):
        raise InputError(as_written("Two networks have the same name; give one of their files another."))
    hearing = next((each.hearing for each in networks.values()), Hearing())  # the plan hears for itself
    plan = PlanPredictor(work, hearing)
    return {title_of(model): plan if model == PLAN else networks[title_of(model)] for model in models}


def title_of(model: str) -> str:
    """How a report calls it."""
    return model if model == PLAN else Path(model).stem


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write the report. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m motion.emotion.training.evaluate", description=__doc__)
    parser.add_argument("set", type=Path, metavar="SET", help="folder of the set")
    parser.add_argument("models", nargs="+", metavar="MODEL", help=f"a network's file, or {PLAN}")
    parser.add_argument("--work", type=Path, required=True, metavar="DIR", help="folder for what is heard")
    parser.add_argument("--report", type=Path, required=True, metavar="OUT", help="OUT.json and OUT.md are written")
    parser.add_argument("--beside", type=Path, nargs="+", default=[], metavar="SET", help="further sets to measure on")
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    try:
        bench = bench_of(given.set, given.beside, given.work)
        measured = {}
        for title, predictor in predictors_of(given.models, given.work).items():
            measured[title] = bench.measured(predictor)
            print(f"measured {title}", flush=True)
        print(write_report(given.report, measured))
    except BelcantoError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
