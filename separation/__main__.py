"""`python -m separation SONG --out DIR [--stems 2|4|5]`: writes vocals.wav and accompaniment.wav, or a file a stem."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from core import contracts
from core.errors import BelcantoError, Cancelled
from core.places import call_of
from neural.device import CardChoice
from separation.own_networks import OWN_NETWORKS, STEM_COUNTS
from separation.settings import SpleeterSettings


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog=call_of("separation"), description="Takes a song apart (Spleeter).")
    parser.add_argument("song", type=Path, help="sound file, or film with sound")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for vocals.wav and the other stems")
    own = " and ".join(f"{stems} by the files that {each.variable} names" for stems, each in OWN_NETWORKS.items())
    stems_help = f"2: the voice and all else (default); {own}"
    parser.add_argument("--stems", type=int, choices=STEM_COUNTS, default=STEM_COUNTS[0], help=stems_help)
    parser.add_argument("--start", type=float, default=0.0, metavar="S", help="begin this many seconds into the song")
    parser.add_argument("--duration", type=float, default=None, metavar="S", help="take this many seconds of it")
    parser.add_argument("--threads", type=int, default=2, metavar="N", help="processor threads (default 2)")
    parser.add_argument(
        "--device", choices=get_args(CardChoice), default=SpleeterSettings.device, help="where the network runs (default auto)"
    )
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 done, 2 unusable input, 3 something missing, 130 cancelled."""
    options = build_parser().parse_args(arguments)
    console = Console(stderr=True)
    try:
        settings = SpleeterSettings(options.start, options.duration, options.threads, device=options.device)
        with progress_bar(console) as progress:
            files, told = separate(options, settings, progress)
    except BelcantoError as error:
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        return error.exit_code
    except KeyboardInterrupt:
        console.print("Cancelled; no file was written.")
        return Cancelled.exit_code
    for note in told["notes"]:
        console.print(note, markup=False, highlight=False, soft_wrap=True)
    if options.json:
        print(json.dumps(told, default=str))
    else:
        print(*files, sep="\n")
    return 0


def separate(
    options: argparse.Namespace, settings: SpleeterSettings, progress: contracts.Progress
) -> tuple[list[Path], dict[str, Any]]:
    """The files that were written, and what the report tells. Raises BelcantoError."""
    from separation.parts import PartsSeparator
    from separation.runner import SpleeterSeparator

    if options.stems in OWN_NETWORKS:
        parts = PartsSeparator(options.stems, settings).take_apart(options.song, options.out, progress)
        return list(parts.files.values()), {**asdict(parts), "notes": []}
    stems = SpleeterSeparator(settings).separate(options.song, options.out, progress)
    return [stems.voice, stems.accompaniment], {**asdict(stems), "notes": [str(note) for note in stems.notes]}


@contextmanager
def progress_bar(console: Console) -> Iterator[contracts.Progress]:
    """A bar with the time left, as a progress callback; where stderr is no terminal, nothing is drawn."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("separate", total=None)

        def progress(stage: str, done: int, total: int) -> None:
            bar.update(task, description=stage, completed=done, total=total)

        yield progress


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ended from outside, we clean up as after Ctrl-C
    sys.exit(main())
