"""What Wav2Lip's training reaches on a small set that it makes itself, with people and sounds held out.

`python -m benchmarks.wav2lip_training --portraits FOLDER --work FOLDER [--songs FILE ...] [--steps 1500] [--json]`.

Portraits speak and sing by the mesh engine (`wav2lip_people.py`); an expert, a generator that it teaches, and one by LipGAN's
loss learn from most of them, in narrow networks, and are asked about the others. What was made stands in the folder, so that a
second call goes on with more steps.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.ending import ends_in_words
from benchmarks.machine import print_figures

#: People who are held out, one of each so many, and how many of the texts and of the voices only they say.
EVERY, OWN_TEXTS, OWN_VOICES = 4, 2, 2
#: Sounds that each person says, and that each who is held out says.
SOUNDS_EACH, SOUNDS_OF_STRANGERS = 4, 3
#: A small set wants a higher rate than the published one.
RATES = {"expert": 3e-4, "generator": 1e-3, "lipgan": 1e-3}
BATCHES = {"expert": 16, "generator": 4, "lipgan": 4}


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
        people_module = importlib.import_module("benchmarks.wav2lip_people")
        people = list(people_module.portraits_of(portraits))
        held_out = people[1::EVERY]
        texts, voices = people_module.TEXTS, people_module.VOICES
        sounds = [*songs, *say(work / "said", texts[:-OWN_TEXTS], voices[:-OWN_VOICES])]
        told = people_module.write_clips(
            own, [each for each in people if each not in held_out], heard(work / "heard", sounds), SOUNDS_EACH
        )
        theirs = heard(work / "heard-by-strangers", say(work / "said-by-strangers", texts[-OWN_TEXTS:], voices[-OWN_VOICES:]))
        people_module.write_clips(strangers, held_out, theirs, SOUNDS_OF_STRANGERS)
        (work / "people.txt").write_text(f"{told} frames\n", encoding="utf-8")
    return own, strangers


def say(folder: Path, texts: Sequence[str], voices: Sequence[str]) -> list[Path]:
    """The files of every text by every voice, in the new folder."""
    folder.mkdir(parents=True)
    said: list[Path] = importlib.import_module("benchmarks.wav2lip_people").say_texts(folder, texts, voices)
    return said


def heard(folder: Path, sounds: Sequence[Path]) -> list[Any]:
    """What faces do that say these sounds, in an order by chance, so that each person says several texts."""
    spoken = importlib.import_module("benchmarks.wav2lip_people").spoken
    made = []
    for number in np.random.default_rng(0).permutation(len(sounds)):
        (folder / str(number)).mkdir(parents=True)
        made.append(spoken(sounds[number], folder / str(number), int(number)))
    return made


def train_all(own: Path, work: Path, steps: int, width: float) -> dict[str, Path]:
    """The files of the three networks."""
    training: Any = importlib.import_module("lipsync.wav2lip.training.train")
    lessons: Any = importlib.import_module("lipsync.wav2lip.training.lessons")
    clips = importlib.import_module("lipsync.wav2lip.training.dataset").read_clips(own)
    files: dict[str, Path] = {}
    for what in training.FILES:
        settings = lessons.LessonSettings(width=width, batch=BATCHES[what], rate=RATES[what])
        wanted = steps if what == "expert" else steps // 2
        files[what] = training.train(what, clips, settings, wanted, work / what, files.get("expert"), training.say)
    return files


def figures_of(files: dict[str, Path], strangers: Path) -> list[Figure]:
    """What the networks do with people held out."""
    evaluate: Any = importlib.import_module("lipsync.wav2lip.training.evaluate")
    checkpoint: Any = importlib.import_module("lipsync.wav2lip.checkpoint")
    clips = importlib.import_module("lipsync.wav2lip.training.dataset").read_clips(strangers)
    expert = checkpoint.read_expert(files["expert"]).network
    told = evaluate.expert_figures(expert, clips)
    figures = [
        Figure("expert: own sound preferred to that of another time", told.chosen, "of 1"),
        Figure("expert: right about a pair", told.right, "of 1"),
        Figure("expert: shift of the sound that fits best", told.best_shift, "frames"),
    ]
    for what in ("generator", "lipgan"):
        drawn = evaluate.lip_figures(checkpoint.read_generator(files[what]).network, expert, clips)
        figures += [
            Figure(f"{what}: movement of the lips, correlation", drawn.movement, ""),
            Figure(f"{what}: agreement by the expert", drawn.agreement, ""),
            Figure(f"{what}: difference of the lower half", drawn.likeness, "of 255"),
        ]
    return figures


def measure(portraits: Path, songs: Sequence[Path], work: Path, steps: int, width: float) -> list[Figure]:
    """Everything, from the people to the figures. Raises MissingError where torch or the voices' weights can't be had."""
    importlib.import_module("neural.device").choose_device("cpu")
    own, strangers = make_people(portraits, songs, work)
    return figures_of(train_all(own, work, steps, width), strangers)


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.wav2lip_training", description=__doc__)
    parser.add_argument("--portraits", type=Path, required=True, help="folder of pictures with one face each")
    parser.add_argument("--songs", type=Path, nargs="*", default=[], help="voices that are sung, besides the spoken texts")
    parser.add_argument("--work", type=Path, required=True, help="folder for clips, states and curves")
    parser.add_argument("--steps", type=int, default=1500, help="of the expert; generators take half as many")
    parser.add_argument("--width", type=float, default=0.25, help="of the networks, 1 as published")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args(arguments)
    print_figures(lambda: measure(given.portraits, given.songs, given.work, given.steps, given.width), given.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
