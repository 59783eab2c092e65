"""Blind pairs of two performances for a listener, as in DEITalk's user study: `python -m benchmarks.feeling_study --keep FOLDER`.

Each case is one portrait, one sound and one style, performed by the network and by the plan. People are asked three things of
each: which whole face is more real, which lips go better with the sound (all above the nose is covered), and which face feels
more like the voice (all below the nose is covered). Hidden controls, where one film's sound is late, tell who does not look. The
films, `pairs.json` and `page.html` lie in the folder; `python -m metrics.preference count` counts the answers.

Source of the questions: "DEITalk: Speech-Driven 3D Facial Animation with Dynamic Emotional Intensity Modeling" (2024), user
study.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.covered_faces import SeenHalf, covered
from benchmarks.ending import ends_in_words
from core.errors import InputError
from core.messages import as_written
from media.film_opening import open_film
from media.film_writer import FilmWriter
from metrics.preference import FIRST, Pair, page_of
from pipeline.film_settings import SongToVideoSettings
from pipeline.song_to_video import song_to_video

DEMO = Path(__file__).resolve().parent.parent / "demo"
STYLES = ("happy", "sad", "angry", "surprised")
PLAN, LEARNED = "plan", "deitalk"
WHOLE, LIPS, FEELING = (
    "Which face is more real?",
    "Whose lips go better with the sound?",
    "Which face feels more like the voice?",
)
QUESTIONS: dict[str, SeenHalf | None] = {WHOLE: None, LIPS: "lips", FEELING: "feeling"}
#: By how much the control's sound is late, in seconds, and of how many cases one is a control.
LATE_S, CONTROL_EVERY = 0.3, 5


@dataclass(frozen=True)
class Case:
    """One portrait, one sound, one style. wild: the sound is none of the kind that the network learned from."""

    name: str
    portrait: Path
    sound: Path
    style: str
    wild: bool


def cases_of(portraits: Sequence[Path], known: Sequence[Path], wild: Sequence[Path], count: int) -> list[Case]:
    """`count` cases, every second of them of wild sound; portraits, sounds and styles go round at lengths of their own, so that
    no style stays with one portrait. Raises InputError where a kind of sound lacks."""
    if not portraits or not known or not wild:
        raise InputError(as_written("The study needs at least one portrait, one --speech and one --wild sound."))
    sounds = {False: cycle(known), True: cycle(wild)}
    made = []
    for number, portrait in enumerate(islice(cycle(portraits), count)):
        style = STYLES[(number // 2 + number // (2 * len(STYLES))) % len(STYLES)]
        is_wild = number % 2 == 1
        made.append(Case(f"{number + 1:02d}", portrait, next(sounds[is_wild]), style, is_wild))
    return made


def make_films(case: Case, keep: Path, settings: dict[str, object]) -> list[Path]:
    """Both performances; films that lie there already are kept. The network's comes first."""
    films = []
    for performance in (LEARNED, PLAN):
        film = keep / f"{case.name}-{performance}.mp4"
        if not film.exists():
            told = {**settings, "performance": performance, "style": case.style}
            told |= {} if performance == LEARNED else {"performance_model": None}
            song_to_video(case.portrait, case.sound, film, SongToVideoSettings.from_json(told))
        films.append(film)
    return films


def cover_film(film: Path, seen: SeenHalf) -> Path:
    """The film with the other half of its face covered, beside it, under its own sound."""
    out = film.with_name(f"{film.stem}-{seen}.mp4")
    if not out.exists():
        source = open_film(film)
        size = (source.width, source.height)
        with closing(source.frames()) as frames, FilmWriter(out, size, source.fps, film) as writer:
            for frame in covered(frames, source.fps, seen):
                writer.write(frame)
    return out


def late_film(film: Path) -> Path:
    """The film under its own sound, `LATE_S` late: whoever looks prefers the other one."""
    out = film.with_name(f"{film.stem}-late.mp4")
    if not out.exists():
        source, sound = open_film(film), film.with_suffix(".late.wav")
        source.write_sound(sound)
        samples, rate_hz = soundfile.read(sound, dtype="float32", always_2d=True)
        silence = np.zeros((round(LATE_S * rate_hz), samples.shape[1]), np.float32)
        soundfile.write(sound, np.concatenate([silence, samples])[: len(samples)], rate_hz)
        size = (source.width, source.height)
        with closing(source.frames()) as frames, FilmWriter(out, size, source.fps, sound) as writer:
            for frame in frames:
                writer.write(frame)
        sound.unlink()
    return out


def pairs_of(cases: Iterable[Case], keep: Path, settings: dict[str, object]) -> list[Pair]:
    """The pairs of all cases, three questions each, and the controls; the films are made."""
    pairs = []
    for number, case in enumerate(cases):
        films = make_films(case, keep, settings)
        for question, seen in QUESTIONS.items():
            first, second = (film if seen is None else cover_film(film, seen) for film in films)
            pairs.append(Pair(f"{case.name} {seen or 'whole'}", first.name, second.name, question=question))
        if number % CONTROL_EVERY == 0:
            shown, late = films[number % 2], late_film(films[number % 2])
            pairs.append(Pair(f"{case.name} control", shown.name, late.name, FIRST, LIPS))
        print(f"Case {case.name}: {case.portrait.name}, {case.sound.name}, {case.style}", flush=True)
    return pairs


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; see the module."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.feeling_study", description=__doc__)
    parser.add_argument("--keep", type=Path, required=True, metavar="FOLDER", help="where films and page go")
    parser.add_argument("--model", type=Path, metavar="FILE", help="the trained network (default: the one that is shipped)")
    parser.add_argument("--portraits", nargs="+", type=Path, default=[DEMO / "portrait.jpg"], metavar="P")
    parser.add_argument("--speech", nargs="+", type=Path, required=True, metavar="S", help="sounds of the kind it learned from")
    parser.add_argument("--wild", nargs="+", type=Path, default=[DEMO / "song.mp3"], metavar="S", help="any other sounds")
    parser.add_argument("--cases", type=int, default=20, metavar="N")
    parser.add_argument("--seconds", type=float, default=6.0, metavar="S", help="of each film (default: 6)")
    parser.add_argument("--height", type=int, default=512, metavar="PX")
    options = parser.parse_args(arguments)
    options.keep.mkdir(parents=True, exist_ok=True)
    settings: dict[str, object] = {"height": options.height, "duration_s": options.seconds}
    settings |= {"performance_model": str(options.model)} if options.model else {}
    cases = cases_of(options.portraits, options.speech, options.wild, options.cases)
    pairs = pairs_of(cases, options.keep, settings)
    (options.keep / "pairs.json").write_text(json.dumps([asdict(pair) for pair in pairs], indent=1) + "\n", encoding="utf-8")
    (options.keep / "page.html").write_text(page_of(pairs, WHOLE), encoding="utf-8")
    print(f"{options.keep / 'page.html'}: {len(pairs)} pairs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
