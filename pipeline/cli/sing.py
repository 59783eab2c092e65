"""`python -m pipeline sing`: a portrait and a song become a film."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

from rich.console import Console

from pipeline.cache import CacheSettings, StageCache
from pipeline.chunks.settings import ExecutorName, ExecutorSettings
from pipeline.cli.arguments import print_json, show_notes
from pipeline.cli.options import add_film_options, film_settings
from pipeline.cli.terminal import StageBars
from pipeline.film_report import FilmReport
from pipeline.film_settings import SongToVideoSettings


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("sing", help="make a film of a portrait singing a song", allow_abbrev=False)
    parser.add_argument(
        "--portrait",
        type=Path,
        required=True,
        metavar="P",
        help="picture with a face (PNG, JPEG, WebP, HEIC and others)",
    )
    parser.add_argument("--song", type=Path, required=True, metavar="S", help="sound file, or film with sound")
    parser.add_argument("--out", type=Path, required=True, metavar="F.mp4", help="the film to write")
    parser.add_argument(
        "--metahuman", type=Path, metavar="M.csv", help="write the performance as a MetaHuman's curves too (.csv or .json)"
    )
    add_film_options(parser)
    parser.add_argument(
        "--executor",
        choices=get_args(ExecutorName),
        help="who draws: this process, or Ray's workers, here or where BELCANTO_RAY_ADDRESS says (default: BELCANTO_EXECUTOR)",
    )
    parser.add_argument("--no-cache", action="store_true", help="keep no stage results and use none")
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout, errors too")
    parser.set_defaults(run=run)


def film_path(out: Path, settings: SongToVideoSettings) -> Path:
    """Where the film is written; a preview never takes the place of the film that it is of."""
    return out.with_name(f"{out.stem}-preview{out.suffix}") if settings.preview and out.name else out


def cache_of(options: argparse.Namespace, stack: ExitStack) -> StageCache:
    """The stages' results; with --no-cache in a folder that is gone when `stack` is closed."""
    settings = CacheSettings.from_environment()
    if options.no_cache:
        folder = stack.enter_context(TemporaryDirectory(prefix="belcanto-"))
        settings = CacheSettings(Path(folder), settings.limit_bytes)
    return StageCache(settings)


def run(options: argparse.Namespace, console: Console) -> None:
    """Make the film and say how it went."""
    from pipeline.song_to_video import song_to_video

    settings = film_settings(options)
    video = film_path(options.out, settings)
    executor = ExecutorSettings.from_environment()
    if options.executor is not None:
        executor = replace(executor, name=options.executor)
    files = options.portrait, options.song, video
    make = partial(song_to_video, *files, settings, metahuman=options.metahuman, executor=executor)
    make_shown(make, options, console)


def make_shown(make: Callable[..., FilmReport], options: argparse.Namespace, console: Console) -> None:
    """Make a film by a recipe that lacks only progress, `cache` and `tell`, showing how it goes, and say how it went."""
    with ExitStack() as stack:
        cache = cache_of(options, stack)
        bars = stack.enter_context(StageBars(console))
        report = make(bars, cache=cache, tell=lambda note: show_notes(console, [note]))
    if options.json:
        print_json(report.as_json())
    else:
        print(report.video)
