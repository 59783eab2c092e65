"""An avatar's scene, performed and drawn live, as a film to look at: it waits, listens, thinks, and answers with two feelings.

`python -m benchmarks.live_scene PORTRAIT ... --out FOLDER [--engine auto] [--height 512] [--voice af_heart] [--by-ear]` makes one
film a portrait, with a sheet of its frames and one of its mouth in a sentence. By ear: the voice does not tell its phonemes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.ending import ends_in_words
from core.contracts import FloatArray, LiveDrawer, Motion, Portrait, silent
from core.engine_card import EngineCard
from core.errors import InputError
from media.media import FilmWriter
from metrics.contact_sheet import ContactSheetSettings, contact_sheet, write_png
from motion.live.performer import LivePerformer
from pipeline.cache import CacheSettings, StageCache
from pipeline.film_settings import SongToVideoSettings
from pipeline.portrait_step import find_portrait
from pipeline.run import Run
from speech.speaker import SpeechSettings, open_voice
from speech.voice import Said

FPS, RATE_HZ = 25.0, 24_000
#: What is answered: style, strength, sentence.
ANSWER = (
    ("happy", 0.9, "Oh, hello! What a beautiful morning, I am so happy that you came back to me."),
    ("sad", 0.9, "But my poor old piano fell down from the balcony, and now nobody can play music any more."),
)
#: Seconds of waiting, listening and thinking before, and of waiting after.
IDLE_S, LISTENING_S, THINKING_S, AFTER_S = 2.5, 3.0, 2.0, 1.5
#: A piece is told to the performer so long before it is heard; between sentences it is silent for so long.
TOLD_AHEAD_S, BETWEEN_S = 0.3, 0.35
#: Frames that are asked for at a time.
BLOCK = 3


@dataclass(frozen=True)
class Scene:
    """A performance: motion in blocks, and its sound (n,) at `RATE_HZ`. sentences_s: start and end of each sentence."""

    blocks: list[Motion]
    sound: FloatArray
    sentences_s: list[tuple[float, float]]


def perform(pieces: Sequence[tuple[str, float, Said]], seed: int) -> Scene:
    """Wait, listen, think, answer. pieces: style, strength and what is said, each."""
    performer, blocks, spans = LivePerformer(FPS, seed), [], []
    heard: list[tuple[float, FloatArray]] = []

    def go(until_s: float) -> None:
        while performer.now_s < until_s:
            blocks.append(performer.block(BLOCK))

    go(IDLE_S)
    performer.attend("listening")
    for step in range(round(LISTENING_S / 0.2)):
        performer.notice(0.0 if 6 <= step < 9 or step > 12 else 0.6, 0.5)
        go(IDLE_S + 0.2 * (step + 1))
    performer.attend("thinking")
    go(performer.now_s + THINKING_S)
    performer.attend("speaking")
    at_s = performer.now_s + TOLD_AHEAD_S
    for style, strength, said in pieces:
        go(at_s - TOLD_AHEAD_S)
        performer.feel(style, strength)
        performer.say(at_s, said)
        heard.append((at_s, said.sound))
        spans.append((at_s, at_s + len(said.sound) / said.rate_hz))
        at_s = spans[-1][1] + BETWEEN_S
    go(spans[-1][1])
    performer.attend("idle")
    performer.feel("neutral", 0.0)
    go(performer.now_s + AFTER_S)
    sound = np.zeros(round(performer.now_s * RATE_HZ), dtype=np.float32)
    for start_s, samples in heard:
        first = round(start_s * RATE_HZ)
        sound[first : first + len(samples)] += samples
    return Scene(blocks, sound, spans)


def spoken_answer(voice: str, by_ear: bool) -> list[tuple[str, float, Said]]:
    """The answer as the voice says it. by_ear: without its phonemes and words."""
    speaker = open_voice(SpeechSettings(voice=voice, early=False))
    pieces = [(style, strength, said) for style, strength, text in ANSWER for said in speaker.say(text)]
    return [
        (style, strength, replace(said, phonemes=(), words=())) if by_ear else (style, strength, said)
        for style, strength, said in pieces
    ]


def live_portrait(path: Path, height: int, engine: str, cache: Path) -> tuple[Portrait, EngineCard]:
    """The portrait as a session of that height gets it, and its engine; what is made of it is kept in the folder `cache`.

    Raises InputError where the engine does not draw live.
    """
    with ExitStack() as release:
        run = Run(StageCache(CacheSettings(cache)), silent, release)
        portrait, card = find_portrait(run, path, SongToVideoSettings(height=height, engine=engine))
    if card.live is None:
        raise InputError("pipeline.no_such_engine", name=card.name, list=["mesh", "anime"])
    return portrait, card


def drawn(scene: Scene, drawer: LiveDrawer) -> Iterator[np.ndarray]:
    """The frames of a scene."""
    for block in scene.blocks:
        yield from drawer.draw(block)


def write_film(scene: Scene, path: Path, portrait: Portrait, drawer: LiveDrawer) -> None:
    """The film of a scene with its sound, and sheets of its frames beside it."""
    sound = path.with_suffix(".wav")
    soundfile.write(sound, scene.sound, RATE_HZ)
    height, width = portrait.image.shape[:2]
    with FilmWriter(path, (width, height), FPS, sound, duration_s=len(scene.sound) / RATE_HZ) as writer:
        for frame in drawn(scene, drawer):
            writer.write(frame)
    write_png(contact_sheet(path, ContactSheetSettings(frames=32)), path.with_suffix(".png"))
    start_s, end_s = scene.sentences_s[0]
    times_s = tuple(np.arange(start_s, min(end_s, start_s + 1.9), 1.0 / FPS).tolist())
    mouth = contact_sheet(path, ContactSheetSettings(times_s=times_s, crop="mouth"))
    write_png(mouth, path.with_name(f"{path.stem}-mouth.png"))


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Make the films. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live_scene", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("portraits", type=Path, nargs="+", help="pictures with a face")
    parser.add_argument("--out", type=Path, required=True, help="folder of films, sheets, and what is kept of the portraits")
    parser.add_argument("--engine", default="auto", help="auto, mesh or anime")
    parser.add_argument("--height", type=int, default=512, help="of the films in pixels (default 512)")
    parser.add_argument("--voice", default="af_heart", help="who answers (default af_heart)")
    parser.add_argument("--seed", type=int, default=1, help="which performance (default 1)")
    parser.add_argument("--by-ear", action="store_true", help="the performer is not told the phonemes")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    scene = perform(spoken_answer(options.voice, options.by_ear), options.seed)
    for path in options.portraits:
        portrait, card = live_portrait(path, options.height, options.engine, options.out / "cache")
        assert card.live is not None
        film = options.out / f"{path.stem}-{card.name}{'-by-ear' if options.by_ear else ''}.mp4"
        write_film(scene, film, portrait, card.live(portrait))
        print(film)
    return 0


if __name__ == "__main__":
    sys.exit(main())
