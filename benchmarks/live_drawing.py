"""What an avatar costs: how soon its drawing is ready, and what each frame takes, performer and drawer, at several heights.

`python -m benchmarks.live_drawing PORTRAIT ... [--engine auto] [--heights 512 384 256] [--seconds 8] [--json]` draws each
portrait in processes of their own, by a performer that speaks made-up syllables: once with nothing prepared, once for every
height with what the first one kept. Frames are asked for one by one, as a session does. Memory is that of the whole process.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.ending import ends_in_words
from benchmarks.live_scene import FPS, live_portrait
from benchmarks.machine import describe_machine
from benchmarks.programs import last_line, run_measured
from core.contracts import Motion
from motion.live.performer import LivePerformer
from speech.voice import Phoneme, Said, Word

RATE_HZ = 24_000
#: What is said over and over, and how long each symbol lasts.
SYMBOLS, SYMBOL_S = "mAbidæfuntOskɛpɹɑm", 0.085
#: Pieces are so long, with so much silence between them.
PIECE_S, PAUSE_S = 2.0, 0.3
#: Frames that are drawn before any is counted.
FIRST_FRAMES = 25


@dataclass(frozen=True)
class Figures:
    """portrait_s: until the portrait is found; ready_s: from there until it can be drawn. performer_ms, frame_ms: of a frame.

    processor_s: of all threads for a second of film. late: the share of frames that took longer than a frame lasts. peak_mb: the
    most memory of the process in 10^6 bytes, where the system tells.
    """

    name: str
    engine: str
    width: int
    height: int
    portrait_s: float
    ready_s: float
    performer_ms: float
    frame_ms: float
    processor_s: float
    late: float
    peak_mb: float | None = None

    def line(self) -> str:
        """A row of a Markdown table."""
        size, memory = f"{self.width} x {self.height}", "" if self.peak_mb is None else f"{self.peak_mb:.0f} MB"
        times = f"{self.portrait_s:.1f} | {self.ready_s:.1f} | {self.performer_ms:.2f} | {self.frame_ms:.1f}"
        return f"| {self.name} | {self.engine} | {size} | {times} | {self.processor_s:.2f} | {100 * self.late:.1f} % | {memory} |"


HEAD = (
    "| portrait | engine | px | found s | ready s | performer ms | frame ms | processor s per s | late | memory |",
    "|---|---|---|---|---|---|---|---|---|---|",
)


def made_up_piece() -> Said:
    """A piece of syllables: a buzz that comes and goes with them."""
    count = round(PIECE_S / SYMBOL_S)
    symbols = [SYMBOLS[number % len(SYMBOLS)] for number in range(count)]
    phonemes = tuple(Phoneme(each, SYMBOL_S * k, SYMBOL_S * (k + 1)) for k, each in enumerate(symbols))
    words = tuple(Word("syllables", SYMBOL_S * k, SYMBOL_S * (k + 4)) for k in range(0, count - 4, 4))
    time_s = np.arange(round(PIECE_S * RATE_HZ)) / RATE_HZ
    sound = 0.3 * np.sign(np.sin(2 * np.pi * 150.0 * time_s)) * np.abs(np.sin(np.pi * time_s / (4 * SYMBOL_S)))
    return Said("", sound.astype(np.float32), RATE_HZ, phonemes, words)


def performed(performer: LivePerformer, said: Said, next_s: float) -> tuple[Motion, float]:
    """The next frame, with the next piece told where it is due; and when the one after it is."""
    if performer.now_s >= next_s - 0.2:
        performer.say(next_s, said)
        next_s += PIECE_S + PAUSE_S
    return performer.block(1), next_s


def measure(path: Path, engine: str, height: int, seconds: float, kept: Path) -> Figures:
    """Draw one portrait in this process."""
    begin_s = time.perf_counter()
    portrait, card = live_portrait(path, height, engine, kept)
    found_s = time.perf_counter()
    assert card.live is not None
    drawer = card.live(portrait)
    ready_s = time.perf_counter()
    performer, said, next_s = LivePerformer(FPS), made_up_piece(), 0.3
    performer.attend("speaking")
    performing_s, drawing_s = [], []
    processor_s = 0.0
    for number in range(FIRST_FRAMES + round(seconds * FPS)):
        if number == FIRST_FRAMES:
            processor_s = time.process_time()
        start_s = time.perf_counter()
        motion, next_s = performed(performer, said, next_s)
        middle_s = time.perf_counter()
        for _ in drawer.draw(motion):
            pass
        performing_s.append(middle_s - start_s)
        drawing_s.append(time.perf_counter() - middle_s)
    processor_s = (time.process_time() - processor_s) / seconds
    frames = np.asarray(drawing_s[FIRST_FRAMES:]) + np.asarray(performing_s[FIRST_FRAMES:])
    return Figures(
        path.stem,
        card.name,
        portrait.image.shape[1],
        portrait.image.shape[0],
        found_s - begin_s,
        ready_s - found_s,
        1000.0 * float(np.mean(performing_s[FIRST_FRAMES:])),
        1000.0 * float(np.mean(drawing_s[FIRST_FRAMES:])),
        processor_s,
        float(np.mean(frames > 1.0 / FPS)),
    )


def measured(given: Sequence[str], path: Path, height: int, kept: Path) -> Figures:
    """The same in a process of its own."""
    own = [sys.executable, "-m", "benchmarks.live_drawing", str(path), *given, "--heights", str(height), "--kept-in", str(kept)]
    ended = run_measured(own)
    if ended.code:
        raise RuntimeError(f"Drawing in a process of its own ended with {ended.code}: {last_line(ended.stderr)}")
    return replace(Figures(**json.loads(last_line(ended.stdout))), peak_mb=ended.tree_mb)


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live_drawing", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("portraits", type=Path, nargs="+", help="pictures with a face")
    parser.add_argument("--engine", default="auto", help="auto, mesh or anime")
    parser.add_argument("--heights", type=int, nargs="+", default=[512, 384, 256], help="of the pictures in pixels")
    parser.add_argument("--seconds", type=float, default=8.0, help="of film that are drawn each time (default 8)")
    parser.add_argument("--kept-in", type=Path, help="draw the first portrait here, and keep what is made of it in this folder")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    options = parser.parse_args(arguments)
    if options.kept_in:
        found = measure(options.portraits[0], options.engine, options.heights[0], options.seconds, options.kept_in)
        print(json.dumps(asdict(found)))
        return 0
    machine, rows = describe_machine(), []
    given = ["--engine", options.engine, "--seconds", str(options.seconds)]
    for path in options.portraits:
        with tempfile.TemporaryDirectory() as folder:
            fresh = measured(given, path.resolve(), options.heights[0], Path(folder))
            rows.append(replace(fresh, name=f"{fresh.name}, nothing prepared"))
            rows += [measured(given, path.resolve(), height, Path(folder)) for height in options.heights]
    if options.json:
        print(json.dumps({"machine": machine.sentence(), "rows": [asdict(row) for row in rows]}))
    else:
        print(machine.sentence(), *HEAD, *(row.line() for row in rows), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
