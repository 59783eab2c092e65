"""Trains and measures all that stands beside one another: the whole network, its four ablations, the baselines, the plan:

    python -m motion.emotion.training.compare SET --work DIR --seeds 3 --config small [--steps N] [--beside SET...]

Every network is taught on the same windows for as many steps, once with each seed; the first seed of all comes before the second
of any. What is done is kept in DIR/runs, one file a run, and never done again; after each run DIR/comparison.md and .json tell
what is known so far. A run that was broken off goes on where it was. Called twice at a time, the two share the runs between them.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.errors import BelcantoError
from core.file_lock import EntryLock
from core.rigs.rig import Rig
from core.rigs.rig_list import RIGS, rig_named
from motion.emotion.training.baselines.base import BaselineShape
from motion.emotion.training.baselines.kinds import KINDS, save_baseline
from motion.emotion.training.baselines.lesson import BaselineLesson, best_network
from motion.emotion.training.comparison import comparison_tables
from motion.emotion.training.evaluate import Bench, bench_of
from motion.emotion.training.evaluation import SetFigures
from motion.emotion.training.predictors import PLAN, PlanPredictor, open_network
from motion.emotion.training.prepare import Corpus, Hearing, print_prepared
from motion.emotion.training.report import as_json, write_text
from motion.emotion.training.settings import ABLATIONS, TrainSettings, read_settings
from motion.emotion.training.train import say, train
from neural.training_loop import learn

WHOLE = "whole"
#: Runs of each seed, in this order.
NAMES = (PLAN, WHOLE, *(f"without {part}" for part in ABLATIONS), *KINDS)


@dataclass(frozen=True)
class Run:
    """One training: what is trained, and its seed. The plan-based performance needs one run alone."""

    name: str
    seed: int

    @property
    def stem(self) -> str:
        """How its files begin."""
        return f"{self.name.replace(' ', '-')}-{self.seed}"


@dataclass(frozen=True)
class Comparing:
    """What all runs share. work: folder of all that is kept. threads: processor threads of a training."""

    bench: Bench
    settings: TrainSettings
    rig: Rig
    work: Path
    threads: int = 1

    @property
    def hearing(self) -> Hearing:
        """Through what all networks hear."""
        return Hearing("whisper", self.settings.layers)

    def record(self, run: Run) -> Path:
        """Where a run's figures are kept."""
        return self.work / "runs" / f"{run.stem}.json"


def runs(names: Sequence[str], seeds: int) -> Iterator[Run]:
    """All runs in their order; the plan-based performance, which learns nothing, has one."""
    if PLAN in names:
        yield Run(PLAN, 0)
    for seed in range(seeds):
        yield from (Run(name, seed) for name in names if name != PLAN)


def make_run(comparing: Comparing, run: Run) -> None:
    """Train, measure, and keep the figures, unless they are there, or another process is making them."""
    record = comparing.record(run)
    if record.is_file():
        return
    record.parent.mkdir(parents=True, exist_ok=True)
    with EntryLock(record.with_suffix(".lock")) as lock:
        if lock.try_own() and not record.is_file():
            _made(comparing, run, record)


def _made(comparing: Comparing, run: Run, record: Path) -> None:
    began_s = time.perf_counter()
    model = comparing.work / "models" / f"{run.stem}.safetensors"
    told = {} if run.name == PLAN else trained(comparing, run, model)
    trained_s = time.perf_counter() - began_s
    predictor = PlanPredictor(comparing.work, comparing.hearing) if run.name == PLAN else open_network(model)
    measured = comparing.bench.measured(predictor)
    facts = {"name": run.name, "seed": run.seed, "training": told, "trained_s": trained_s}
    facts["measured_s"] = time.perf_counter() - began_s - trained_s
    write_text(record, json.dumps({**facts, "sets": as_json({run.name: measured})[run.name]}, indent=1))


def trained(comparing: Comparing, run: Run, model: Path) -> dict[str, Any]:
    """Write a run's network; returns steps, seconds a step and the best validation."""
    corpus = comparing.bench.corpus("test", comparing.hearing, comparing.rig)
    settings = replace(comparing.settings, seed=run.seed)
    folder = comparing.work / "states"
    if run.name in KINDS:
        return trained_baseline(corpus, run.name, settings, folder / run.stem, model)
    figures = train(
        corpus, settings.without([run.name.removeprefix("without ")] if run.name != WHOLE else []), folder, model, say
    ).figures
    return {name: figures[name] for name in ("steps", "seconds_a_step", "best_step", "best_validation")}


def trained_baseline(corpus: Corpus, kind: str, settings: TrainSettings, folder: Path, model: Path) -> dict[str, Any]:
    """The same of a baseline."""
    shape = BaselineShape(0, 0, lips=corpus.rig.lips)
    lesson = BaselineLesson(kind, shape, corpus.parts["training"], corpus.parts["validation"], settings)
    began_s = time.perf_counter()
    made = learn(lesson, lesson.steps, folder, say, keep_every=settings.check_steps)
    took_s = time.perf_counter() - began_s
    save_baseline(model, kind, best_network(lesson), corpus.hearing, corpus.rig.name)
    found = {"steps": lesson.steps, "best_step": lesson.best_step, "best_validation": lesson.best_loss}
    return {**found, "seconds_a_step": took_s / made if made else None}


def read_records(comparing: Comparing, names: Sequence[str], seeds: int) -> dict[str, dict[int, dict[str, SetFigures]]]:
    """What is known: figures by name, seed and set."""
    known: dict[str, dict[int, dict[str, SetFigures]]] = {}
    for run in runs(names, seeds):
        if comparing.record(run).is_file():
            told = json.loads(comparing.record(run).read_text(encoding="utf-8"))
            known.setdefault(run.name, {})[run.seed] = {name: _figures(kept) for name, kept in told["sets"].items()}
    return known


def _figures(kept: dict[str, Any]) -> SetFigures:
    rows = {name: np.array([np.nan if value is None else value for value in row]) for name, row in kept["rows"].items()}
    return SetFigures(tuple(kept["takes"]), rows)


def compare(comparing: Comparing, names: Sequence[str], seeds: int) -> str:
    """Make all runs; returns the tables."""
    tables = ""
    for run in runs(names, seeds):
        make_run(comparing, run)
        tables, figures = comparison_tables(read_records(comparing, names, seeds))
        write_text(comparing.work / "comparison.md", tables)
        write_text(comparing.work / "comparison.json", json.dumps(figures, indent=1))
        print(f"{run.name}, seed {run.seed}: {'done' if comparing.record(run).is_file() else 'left to another'}", flush=True)
    return tables


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m motion.emotion.training.compare", description=__doc__)
    parser.add_argument("set", type=Path, metavar="SET", help="folder of the set")
    parser.add_argument("--work", type=Path, required=True, metavar="DIR", help="folder of all that is kept")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each network (default: %(default)s)")
    parser.add_argument("--config", default="small", help="the networks' settings: a name or a TOML file")
    parser.add_argument("--steps", type=int, help="steps of every training, in place of the configuration's")
    parser.add_argument("--only", nargs="+", choices=NAMES, default=list(NAMES), metavar="NAME", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--beside", type=Path, nargs="+", default=[], metavar="SET", help="further sets to measure on")
    parser.add_argument("--rig", choices=sorted(RIGS), default="arkit", help="whose curves are learned")
    parser.add_argument("--threads", type=int, default=1, help="processor threads")
    given = parser.parse_args(arguments)
    try:
        settings = read_settings(given.config)
        settings = replace(settings, steps=given.steps) if given.steps else settings
        torch.set_num_threads(given.threads)
        torch.use_deterministic_algorithms(True)
        bench = bench_of(given.set, given.beside, given.work, print_prepared)
        comparing = Comparing(bench, settings, rig_named(given.rig), given.work, given.threads)
        print(compare(comparing, given.only, given.seeds))
    except BelcantoError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
