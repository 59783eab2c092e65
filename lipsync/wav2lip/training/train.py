"""Trains Wav2Lip's networks from clips (`prepare.py` makes them of films):

    python -m lipsync.wav2lip.training.train expert --data clips --out results/expert
    python -m lipsync.wav2lip.training.train generator --data clips --out results/lips --expert results/expert/expert.pth

Called again it goes on where it was broken off; the same clips and seed give the same network on the same machine. The networks
are written in the published layout, so that the engine, and other programs, read them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from core.errors import InputError
from core.messages import as_written
from lipsync.training_films import apart, told
from lipsync.wav2lip.checkpoint import read_expert
from lipsync.wav2lip.training.dataset import Clip, read_clips
from lipsync.wav2lip.training.evaluate import expert_figures
from lipsync.wav2lip.training.lessons import ExpertLesson, GeneratorLesson, LessonSettings, LipGanLesson
from neural.training_loop import StepReport, learn

#: What is trained: the file that it is written to.
FILES = {"expert": "expert.pth", "generator": "wav2lip.pth", "lipgan": "lipgan_loss.pth"}
SAID_EVERY = 50


def train(
    what: str,
    clips: Sequence[Clip],
    settings: LessonSettings,
    steps: int,
    folder: Path,
    expert: Path | None = None,
    report: StepReport | None = None,
) -> Path:
    """Train up to `steps` steps in all, in `folder`, and write the network there; returns its file.

    what: a key of `FILES`; a generator is taught by the `expert`'s file. Raises InputError where that is missing, or what lies in
    the folder is of another training.
    """
    lesson: ExpertLesson | GeneratorLesson | LipGanLesson
    if what == "expert":
        lesson = ExpertLesson(clips, settings)
        network: torch.nn.Module = lesson.expert
    else:
        if what == "lipgan":
            lesson = LipGanLesson(clips, settings)
        elif expert is None:
            raise InputError(as_written("A generator is taught by an expert; train one first and name its file by --expert."))
        else:
            lesson = GeneratorLesson(clips, read_expert(expert).network, settings)
        network = lesson.generator
    learn(lesson, steps, folder, report)
    torch.save({"state_dict": network.state_dict()}, folder / FILES[what])
    return folder / FILES[what]


def say(done: int, steps: int, figures: Mapping[str, float]) -> None:
    """Tell the losses every few steps."""
    if done % SAID_EVERY == 0 or done == steps:
        sys.stdout.write(f"{done} of {steps}: " + ", ".join(f"{name} {value:.4f}" for name, value in figures.items()) + "\n")


def parser() -> argparse.ArgumentParser:
    """The command line's words."""
    made = argparse.ArgumentParser(prog="python -m lipsync.wav2lip.training.train", description="Trains Wav2Lip's networks.")
    made.add_argument("what", choices=list(FILES), help="the expert, a generator taught by it, or one by LipGAN's loss")
    made.add_argument("--data", type=Path, required=True, metavar="FOLDER", help="clips that training.prepare made")
    made.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="for the network, the state and the curves")
    made.add_argument("--expert", type=Path, metavar="FILE", help="the expert that teaches a generator")
    made.add_argument("--held-out", nargs="*", default=[], metavar="PERSON", help="people who are left for the examination")
    made.add_argument("--steps", type=int, default=100_000, help="of the optimiser, in all")
    made.add_argument("--batch", type=int, default=16, help="stretches of five frames a step, for the expert in rows of eight")
    made.add_argument("--width", type=float, default=1.0, help="of the networks; 1 as published, less is quicker")
    made.add_argument("--rate", type=float, default=1e-4, help="the optimiser's; as published")
    made.add_argument("--variety", type=float, default=0.0, help="0 to 1: how much light, place and sound are changed")
    made.add_argument("--seed", type=int, default=0, help="the same one gives the same network")
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; returns the exit code."""
    given = parser().parse_args(argv)
    return told(lambda: work(given))


def work(given: argparse.Namespace) -> Path:
    """Train as the command says; the network's file. Raises InputError or MissingError."""
    own, strangers = apart(read_clips(given.data), given.held_out)
    settings = LessonSettings(given.seed, given.width, given.batch, given.rate, variety=given.variety)
    file = train(given.what, own, settings, given.steps, given.out, given.expert, say)
    if given.what == "expert" and strangers:
        figures = expert_figures(read_expert(file).network, strangers)
        sys.stdout.write(f"Of people held out it chooses the sound rightly in {figures.chosen:.1%} of cases.\n")
    return file


if __name__ == "__main__":
    raise SystemExit(main())
