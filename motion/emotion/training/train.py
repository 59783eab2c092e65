"""Trains the emotion's network from a set of takes:

    python -m motion.emotion.training.train SET --work DIR --out MODEL.safetensors --config small

Called again it goes on where it was broken off; the same set and seed give the same network on the same machine. The weights of
the best validation are kept; beside the model comes a report with the set, its licence, the split and the losses.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from core.errors import BelcantoError, InputError
from core.messages import as_written
from core.output_files import whole_file
from core.rigs.rig_list import rig_named
from motion.emotion.model_file import SUFFIX, Facts, save_model
from motion.emotion.training.lesson import DeitalkLesson
from motion.emotion.training.prepare import LAST_LAYER, Corpus, Hearing, add_hearing, prepare, print_prepared
from motion.emotion.training.settings import ABLATIONS, CONFIGS, TrainSettings, read_settings
from motion.emotion.training.take_set import read_set
from neural.training_loop import StepReport, learn

REPORT_SUFFIX = ".report.json"
SAID_EVERY = 50


@dataclass(frozen=True)
class Trained:
    """What a training gave: the model's file, its report, and both in numbers."""

    model: Path
    report: Path
    figures: Mapping[str, Any]


def train(corpus: Corpus, settings: TrainSettings, work: Path, out: Path, report: StepReport | None = None) -> Trained:
    """Train on a corpus and write the model with its report.

    work: for the state; each training has a folder of its own in it, by what it depends on. out: the model's file.
    Raises InputError where the corpus is too small, or a state in the folder is another training's.
    """
    lesson = DeitalkLesson(corpus.parts["training"], corpus.parts["validation"], settings)
    folder = work / f"training-{_identity(corpus, lesson.settings)}"
    began_s = time.perf_counter()
    made = learn(lesson, lesson.steps, folder, report, keep_every=settings.check_steps)
    figures = figures_of(corpus, lesson, made, time.perf_counter() - began_s)
    tensors = {name: tensor.detach().numpy() for name, tensor in lesson.best.items()}
    hearing, rig = corpus.hearing, corpus.rig
    facts = Facts(hearing.encoder, hearing.layers, rig.name, rig.curves, lesson.settings.shape, training=figures)
    save_model(out, tensors, facts, settings.half)
    report_path = out.with_suffix(REPORT_SUFFIX)
    with whole_file(report_path, "The report") as file:
        file.write((json.dumps({**figures, "split": _split(corpus)}, indent=1) + "\n").encode())
    return Trained(out, report_path, figures)


def figures_of(corpus: Corpus, lesson: DeitalkLesson, made: int, took_s: float) -> dict[str, Any]:
    """What the file and the report tell of the training."""
    examples = {part: len(chosen) for part, chosen in corpus.parts.items()}
    facts = corpus.takes.facts
    return {
        "set": corpus.takes.folder.name,
        "licence": facts.get("licence", "unknown"),
        "source": facts.get("source", "unknown"),
        "takes": examples,
        "left_out": list(corpus.takes.left_out),
        "windows": len(lesson.windows),
        "steps": lesson.steps,
        "epochs": lesson.steps / lesson.windows.steps_an_epoch,
        "best_step": lesson.best_step,
        "best_validation": lesson.best_loss,
        "seconds_a_step": took_s / made if made else None,
        "settings": {name: value for name, value in asdict(lesson.settings).items() if name != "shape"},
    }


def _split(corpus: Corpus) -> dict[str, list[str]]:
    return {part: [example.take.name for example in chosen] for part, chosen in corpus.parts.items()}


def _identity(corpus: Corpus, settings: TrainSettings) -> str:
    """What a training depends on, but for the steps that are made of it; a state of another is not gone on from."""
    told = [asdict(settings), asdict(corpus.hearing), corpus.rig.name, str(corpus.takes.folder.resolve()), _split(corpus)]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def say(done: int, steps: int, figures: Mapping[str, float]) -> None:
    """Tell the losses every few steps."""
    if done % SAID_EVERY == 0 or done == steps:
        print(f"{done} of {steps}: " + ", ".join(f"{name} {value:.4f}" for name, value in figures.items()), flush=True)


def parser() -> argparse.ArgumentParser:
    """The command line's words."""
    made = argparse.ArgumentParser(prog="python -m motion.emotion.training.train", description="Trains the emotion's network.")
    add_hearing(made)
    made.add_argument("--out", type=Path, required=True, metavar="MODEL", help="the model's file, *.safetensors")
    made.add_argument("--config", default="small", metavar="NAME", help=f"{', '.join(CONFIGS)}, or a TOML file")
    made.add_argument("--without", choices=ABLATIONS, action="append", default=[], help="leave a part out, to see its use")
    made.add_argument("--seed", type=int, help="another seed gives another network")
    made.add_argument("--epochs", type=float, help="passes over all windows, in place of the configuration's")
    made.add_argument("--steps", type=int, help="steps of the optimiser, in place of epochs")
    made.add_argument("--widths", type=int, nargs="+", metavar="N", help="filters of the decoder, then of the motion encoder")
    made.add_argument("--threads", type=int, default=1, help="processor threads")
    return made


def chosen_settings(given: argparse.Namespace) -> TrainSettings:
    """The settings that the command line chooses. Raises InputError where they can't be."""
    numbers = {"--epochs": given.epochs, "--steps": given.steps, "--threads": given.threads}
    for name, value in numbers.items():
        if value is not None and not value > 0:
            raise InputError(as_written(f"{name} is {value}; more than 0 is accepted."))
    if given.seed is not None and given.seed < 0:
        raise InputError(as_written(f"--seed is {given.seed}; 0 or more is accepted."))
    if given.out.suffix != SUFFIX:
        raise InputError(as_written(f"--out is {given.out}; a name that ends in {SUFFIX} is accepted."))
    settings = read_settings(given.config).without(given.without)
    if given.widths:
        settings = settings.of_widths(given.widths)
    changes: dict[str, Any] = {} if given.seed is None else {"seed": given.seed}
    if given.epochs is not None:
        changes |= {"epochs": given.epochs, "steps": 0}
    if given.steps is not None:
        changes["steps"] = given.steps
    if given.layers or given.encoder != Hearing.encoder:
        changes["layers"] = tuple(given.layers or LAST_LAYER[given.encoder])
    return replace(settings, **changes)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and write the model. Returns the exit code."""
    given = parser().parse_args(arguments)
    try:
        settings = chosen_settings(given)
        torch.set_num_threads(given.threads)
        torch.use_deterministic_algorithms(True)
        takes = read_set(given.set)
        for sentence in takes.left_out:
            print(sentence, file=sys.stderr)
        hearing = Hearing(given.encoder, settings.layers)
        corpus = prepare(takes, hearing, rig_named(given.rig), given.work, print_prepared)
        trained = train(corpus, settings, given.work, given.out, say)
    except BelcantoError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    size_mb = trained.model.stat().st_size / 1e6
    best = f"best validation {trained.figures['best_validation']:.4f} after {trained.figures['best_step']} steps"
    print(f"{trained.model}: {size_mb:.1f} MB, {best}; {trained.report.name} tells the rest.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
