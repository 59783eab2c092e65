"""How well the live performer's lips speak: against the film performer's, and by the closures of m, b and p.

`python -m benchmarks.live_lips [--voices af_bella am_puck ...] [--portrait P --out FOLDER]` has several voices say sentences that
no constant of the live lips was fitted to. For each voice: how its jaw and its lips (jaw less what closes them) correlate with
those of a film of the same sound, told the phonemes and by ear; the share of m, b and p in which the lips are shut, within 60 ms
under 15 % of their 95th percentile, and of t, d, k and their like for comparison; milliseconds to tell a second of speech, and
for a frame. With a portrait the sentences are drawn, and the closures read off the frames by the Face Landmarker.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.ending import ends_in_words
from benchmarks.languages import CLOSING, OTHERS
from benchmarks.live_scene import FPS, live_portrait
from benchmarks.machine import describe_machine
from benchmarks.speak import SHUT_SHARE, closures_of, film_opening
from core.contracts import FloatArray, Motion
from core.timebase import frame_count
from media.media import FilmWriter
from motion.live.performer import LivePerformer
from motion.singing.runner import SingingSettings, analyse, perform
from speech.speaker import SpeechSettings, open_voice
from speech.voice import Phoneme, Said

VOICES = ("af_bella", "am_puck", "bm_fable", "bf_lily")
SENTENCES = (
    "Hello there, how are you feeling today, my friend?",
    "Music makes people happy, even when the weather is awful outside.",
    "Bob and Pam bought a purple lamp from the market by the bridge.",
    "You should have seen his face when the phone began to ring.",
    "Let me explain what this program can do, and what it can not.",
    "Could you show me how to open the window, please? It is too warm in here.",
)
#: Silence before and after each sentence.
AROUND_S = 0.5


@dataclass(frozen=True)
class Sentence:
    """A sentence with silence around: as it is said, its phonemes in the film's time, and the film performer's motion."""

    said: Said
    phonemes: tuple[Phoneme, ...]
    film: Motion


def sentence_of(said: Said) -> Sentence:
    """The sentence as a film of its text performs it."""
    silence = np.zeros(round(AROUND_S * said.rate_hz), dtype=np.float32)
    phonemes = tuple(replace(each, start_s=each.start_s + AROUND_S, end_s=each.end_s + AROUND_S) for each in said.phonemes)
    with tempfile.TemporaryDirectory() as folder:
        voice = Path(folder) / "voice.wav"
        soundfile.write(voice, np.concatenate([silence, said.sound, silence]), said.rate_hz)
        frames = frame_count(len(said.sound) / said.rate_hz + 2 * AROUND_S, FPS)
        song = analyse(voice, voice, FPS, frames, lips="learned", alone=True)
    return Sentence(said, phonemes, perform(song, SingingSettings(), phonemes))


def live_motion(said: Said, frames: int) -> tuple[Motion, float, float]:
    """What the live performer does, frame by frame, and seconds to tell it and of all frames."""
    performer = LivePerformer(FPS)
    performer.attend("speaking")
    begin_s = time.perf_counter()
    performer.say(AROUND_S, said)
    told_s = time.perf_counter()
    blocks = [performer.block(1) for _ in range(frames)]
    frames_s = time.perf_counter() - told_s
    names = ("blendshapes", "rotation_deg", "translation", "gaze_deg", "intensity")
    whole = Motion(FPS, *(np.concatenate([getattr(block, name) for block in blocks]) for name in names))
    return whole, told_s - begin_s, frames_s


def opening(motion: Motion) -> FloatArray:
    """(T,) how far the lips are apart."""
    return np.maximum(motion.shape("jawOpen") - motion.shape("mouthClose"), 0.0)


def alike(one: FloatArray, other: FloatArray) -> float:
    """Correlation of two curves."""
    return float(np.corrcoef(one, other)[0, 1])


def row_of(voice: str) -> tuple[str, list[Sentence]]:
    """A voice's figures as a row of a Markdown table, and its sentences."""
    sentences = [sentence_of(said) for text in SENTENCES for said in open_voice(SpeechSettings(voice, early=False)).say(text)]
    figures, shut, others, heard = [], [], [], []
    told_s = frames_s = sound_s = 0.0
    count = 0
    for each in sentences:
        motion, told, drawn = live_motion(each.said, len(each.film))
        by_ear, *_ = live_motion(replace(each.said, phonemes=(), words=()), len(each.film))
        jaws = [alike(live.shape("jawOpen"), each.film.shape("jawOpen")) for live in (motion, by_ear)]
        figures.append([jaws[0], alike(opening(motion), opening(each.film)), jaws[1]])
        shut += closures_of(each.phonemes, opening(motion), FPS, CLOSING)
        others += closures_of(each.phonemes, opening(motion), FPS, OTHERS)
        heard += closures_of(each.phonemes, opening(by_ear), FPS, CLOSING)
        told_s, frames_s, count = told_s + told, frames_s + drawn, count + len(motion)
        sound_s += len(each.said.sound) / each.said.rate_hz
    jaw, lips, ear = np.mean(figures, axis=0)
    shares = " | ".join(f"{np.mean(np.asarray(kind) < SHUT_SHARE):.3f}" for kind in (shut, others, heard))
    times = f"{1000 * told_s / sound_s:.1f} | {1000 * frames_s / count:.2f}"
    return f"| {voice} | {len(shut)} | {jaw:.3f} | {lips:.3f} | {ear:.3f} | {shares} | {times} |", sentences


def shut_when_drawn(sentences: Sequence[Sentence], portrait: Path, out: Path) -> float:
    """The share of m, b and p whose lips are seen shut in the frames of the sentences' films."""
    picture, card = live_portrait(portrait, 512, "mesh", out / "cache")
    assert card.live is not None
    drawer, shares = card.live(picture), []
    height, width = picture.image.shape[:2]
    for number, each in enumerate(sentences):
        film, sound = out / f"sentence-{number}.mp4", out / f"sentence-{number}.wav"
        silence = np.zeros(round(AROUND_S * each.said.rate_hz), dtype=np.float32)
        soundfile.write(sound, np.concatenate([silence, each.said.sound, silence]), each.said.rate_hz)
        motion, *_ = live_motion(each.said, len(each.film))
        with FilmWriter(film, (width, height), FPS, sound) as writer:
            for frame in drawer.draw(motion):
                writer.write(frame)
        shares += closures_of(each.phonemes, film_opening(film), FPS, CLOSING)
    return float(np.mean([share < SHUT_SHARE for share in shares]))


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live_lips", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--voices", nargs="+", default=list(VOICES), help="who speaks")
    parser.add_argument("--portrait", type=Path, help="also draw the first voice's sentences with this picture")
    parser.add_argument("--out", type=Path, help="folder of those films")
    options = parser.parse_args(arguments)
    print(describe_machine().sentence())
    print("| voice | m b p | jaw r | lips r | by ear: jaw r | shut | others shut | by ear: shut | ms to tell 1 s | ms a frame |")
    print("|---" * 10 + "|")
    first: list[Sentence] = []
    for voice in options.voices:
        row, sentences = row_of(voice)
        first = first or sentences
        print(row, flush=True)
    if options.portrait and options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        print(f"Drawn, and read off the frames: {shut_when_drawn(first, options.portrait, options.out):.3f} shut.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
