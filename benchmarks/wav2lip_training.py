"""What Wav2Lip's training reaches on a small set that it makes itself, with people and sounds held out.

`python -m benchmarks.wav2lip_training --portraits FOLDER --work FOLDER [--songs FILE ...] [--steps 1600]
[--generator-steps 400] [--json]`.

Portraits speak and sing by the mesh engine (`wav2lip_people.py`); an expert, a generator that it teaches, and one by LipGAN's
loss learn from most of them, in narrow networks, and are asked about the others. What was made stands in the folder, so that a
second call goes on with more steps.
"""

from __future__ import annotations

import argparse
import importlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.ending import ends_in_words
from benchmarks.machine import print_figures
from benchmarks.spoken_texts import ENGLISH

#: People who are held out, one of each so many; and by how many people each sound is said.
EVERY, TAKES = 4, 2
#: A small set wants a higher rate than the published one.
RATES = {"expert": 1e-3, "generator": 1e-3, "lipgan": 1e-3}
BATCHES = {"expert": 64, "generator": 4, "lipgan": 4}
#: How much faces and sounds are varied, 1 as real films are, and which share of the expert's steps a generator
#: takes where their number is not told.
VARIETY, GENERATOR_SHARE = 1.0, 0.25
#: Stretches that the expert is asked about, and clips in which landmarks look at the drawn lips.
QUESTIONS, COMPARED = 1000, 12


@dataclass(frozen=True)
class Figure:
    """One line of the result."""

    name: str
    value: float
    unit: str

    def sentence(self) -> str:
        """The line for a person."""
        return f"{self.name}: {self.value:.3f} {self.unit}".rstrip()


def make_people(portraits: Path, songs: Sequence[Path], work: Path) -> tuple[Path, Path]:
    """The folders of the clips to learn from, and of those that are held out."""
    own, strangers = work / "clips", work / "strangers"
    if not (work / "people.txt").is_file():
        made: Any = importlib.import_module("benchmarks.wav2lip_people")
        people = list(made.portraits_of(portraits))
        held_out = people[1::EVERY]
        said = made.say_texts(work / "said", f"{made.MORE}\n{ENGLISH}", made.VOICES)
        theirs = made.say_texts(work / "said-by-strangers", made.STRANGERS_SAY, made.STRANGERS_VOICES)
        for folder in (own, strangers, work / "heard"):
            shutil.rmtree(folder, ignore_errors=True)
        told = made.write_clips(own, [each for each in people if each not in held_out], heard(work, [*songs, *said]), TAKES)
        told += made.write_clips(strangers, held_out, heard(work, theirs), TAKES)
        (work / "people.txt").write_text(f"{told} frames\n", encoding="utf-8")
    return own, strangers


def heard(work: Path, sounds: Sequence[Path]) -> list[Any]:
    """What faces do that say these sounds, in an order by chance, so that each person says several texts."""
    spoken = importlib.import_module("benchmarks.wav2lip_people").spoken
    made = []
    for number in np.random.default_rng(0).permutation(len(sounds)):
        folder = work / "heard" / sounds[number].stem
        folder.mkdir(parents=True)
        made.append(spoken(sounds[number], folder, int(number)))
    return made


def train_all(own: Path, work: Path, steps: int, generator_steps: int, width: float) -> dict[str, Path]:
    """The files of the three networks."""
    training: Any = importlib.import_module("lipsync.wav2lip.training.train")
    lessons: Any = importlib.import_module("lipsync.wav2lip.training.lessons")
    clips = importlib.import_module("lipsync.wav2lip.training.dataset").read_clips(own)
    files: dict[str, Path] = {}
    for what in training.FILES:
        settings = lessons.LessonSettings(width=width, batch=BATCHES[what], rate=RATES[what], variety=VARIETY)
        wanted = steps if what == "expert" else generator_steps
        files[what] = training.train(what, clips, settings, wanted, work / what, files.get("expert"), training.say)
    return files


def figures_of(files: dict[str, Path], strangers: Path) -> list[Figure]:
    """What the networks do with people held out."""
    evaluate: Any = importlib.import_module("lipsync.wav2lip.training.evaluate")
    checkpoint: Any = importlib.import_module("lipsync.wav2lip.checkpoint")
    clips = importlib.import_module("lipsync.wav2lip.training.dataset").read_clips(strangers)
    expert = checkpoint.read_expert(files["expert"]).network
    told = evaluate.expert_figures(expert, clips, QUESTIONS)
    figures = [
        Figure("expert: own sound preferred to that of another time, five frames", told.chosen, "of 1"),
        Figure("expert: the same, a second", told.chosen_by_a_second, "of 1"),
        Figure("expert: right about a pair", told.right, "of 1"),
        Figure("expert: shift of the sound that fits best", told.best_shift, "frames"),
        Figure("real lips: agreement by the expert", told.agreements[evaluate.FARTHEST], ""),
    ]
    for what in ("generator", "lipgan"):
        network = checkpoint.read_generator(files[what]).network
        figures += figures_of_lips(what, network, expert, clips)
    return figures


def figures_of_lips(what: str, network: Any, expert: Any, clips: Sequence[Any]) -> list[Figure]:
    """What one generator does with them; the landmarks look at some of the clips."""
    evaluate: Any = importlib.import_module("lipsync.wav2lip.training.evaluate")
    seen: Any = importlib.import_module("benchmarks.wav2lip_apertures")
    drawn = evaluate.lip_figures(network, expert, clips)
    opened = seen.opening_figures(lambda clip: evaluate.drawn_clip(network, clip), clips[:: max(1, len(clips) // COMPARED)])
    return [
        Figure(f"{what}: opening of the lips and the real one, correlation", opened.real, ""),
        Figure(f"{what}: opening of the lips and the real one of another time", opened.elsewhere, ""),
        Figure(f"{what}: opening of the lips and the voice's loudness", opened.voice, ""),
        Figure(f"{what}: movement of the mouth's pixels, correlation", drawn.movement, ""),
        Figure(f"{what}: agreement by the expert", drawn.agreement, ""),
        Figure(f"{what}: difference of the lower half", drawn.likeness, "of 255"),
    ]


def measure(portraits: Path, songs: Sequence[Path], work: Path, steps: int, generator_steps: int, width: float) -> list[Figure]:
    """Everything, from the people to the figures. Raises MissingError where torch or the voices' weights can't be had."""
    importlib.import_module("neural.device").choose_device("cpu")
    own, strangers = make_people(portraits, songs, work)
    return figures_of(train_all(own, work, steps, generator_steps, width), strangers)


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.wav2lip_training", description=__doc__)
    parser.add_argument("--portraits", type=Path, required=True, help="folder of pictures with one face each")
    parser.add_argument("--songs", type=Path, nargs="*", default=[], help="voices that are sung, besides the spoken texts")
    parser.add_argument("--work", type=Path, required=True, help="folder for clips, states and curves")
    parser.add_argument("--steps", type=int, default=1600, help="of the expert")
    parser.add_argument("--generator-steps", type=int, help="of each generator (default: a quarter of the expert's)")
    parser.add_argument("--width", type=float, default=0.25, help="of the networks, 1 as published")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args(arguments)
    generator_steps = round(GENERATOR_SHARE * given.steps) if given.generator_steps is None else given.generator_steps
    print_figures(
        lambda: measure(given.portraits, given.songs, given.work, given.steps, generator_steps, given.width), given.json
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
