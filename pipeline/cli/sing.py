"""`python -m pipeline sing`: a portrait and a song become a film."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

from rich.console import Console

from motion.intensity import points_of_argument
from pipeline.cache import CacheSettings, StageCache
from pipeline.cli.arguments import add_emotion_arguments, add_lips_argument, print_json, show_notes
from pipeline.cli.terminal import StageBars
from pipeline.engine_options import (
    SIZES,
    PoseChoice,
    PreprocessChoice,
    SadTalkerOptions,
    frame_of_argument,
    turns_of_argument,
)
from pipeline.film_settings import DeviceChoice, EngineChoice, InBetweenChoice, SongToVideoSettings

DEFAULT = SongToVideoSettings()
ENGINE_HELP = (
    "what moves the portrait: mesh takes the picture for a photo or painting, anime for a drawing; auto looks which it is"
    " (default %(default)s)"
)


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
    parser.add_argument("--engine", choices=get_args(EngineChoice), default=DEFAULT.engine, help=ENGINE_HELP)
    parser.add_argument("--fps", type=float, default=DEFAULT.fps, help="frames per second, 10 to 60 (default %(default)g)")
    parser.add_argument("--height", type=int, metavar="PX", help="height of the film (default: the picture's, at most 1080)")
    parser.add_argument("--start", type=float, default=DEFAULT.start_s, metavar="S", help="begin this many seconds into the song")
    parser.add_argument("--duration", type=float, metavar="S", help="take this many seconds of the song (default: to its end)")
    parser.add_argument("--seed", type=int, default=DEFAULT.seed, help="start of the random choices (default %(default)d)")
    parser.add_argument("--face", type=int, metavar="N", help="which face sings where there are several (see `faces`)")
    parser.add_argument("--allow-animals", action="store_true", help="let an animal's face sing where no human one is found")
    parser.add_argument("--turn-back", action="store_true", help="a film that lies as the picture, where that is turned upright")
    parser.add_argument(
        "--frame", default="", metavar="L,T,R,B", help="frame a drawn face by hand: left,top,right,bottom in pixels"
    )
    parser.add_argument("--expressiveness", type=float, default=1.0, metavar="X", help="strength of the face's motion, 0 to 2")
    parser.add_argument("--head-motion", type=float, default=1.0, metavar="X", help="strength of the head's motion, 0 to 2")
    add_lips_argument(parser)
    add_emotion_arguments(parser)
    add_neural_arguments(parser)
    add_sadtalker_arguments(parser)
    parser.add_argument("--label", action="store_true", help='mark the film visibly as "AI-generated"')
    parser.add_argument("--motion", type=Path, metavar="M.csv", help="take the motion from a Live Link Face file")
    parser.add_argument("--title", help="title in the film's metadata (default: the song's file name)")
    parser.add_argument("--no-cache", action="store_true", help="keep no stage results and use none")
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout, errors too")
    parser.set_defaults(run=run)


def add_neural_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of networks that any engine's film may go through."""
    parser.add_argument(
        "--restore", type=float, default=DEFAULT.restore, metavar="X", help="share of the face restored by GFPGAN, 0 to 1 (GPU)"
    )
    parser.add_argument(
        "--in-between",
        choices=get_args(InBetweenChoice),
        default=DEFAULT.in_between,
        help="frames beyond 30 a second: all drawn, or every second one interpolated by RIFE (default %(default)s)",
    )
    parser.add_argument("--device", choices=get_args(DeviceChoice), default=DEFAULT.device, help="where networks on torch run")


def add_sadtalker_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the engine sadtalker alone."""
    own = DEFAULT.sadtalker
    parser.add_argument("--size", type=int, choices=SIZES, default=own.size, help="sadtalker: pixels of the head's square")
    parser.add_argument(
        "--preprocess",
        choices=get_args(PreprocessChoice),
        default=own.preprocess,
        help="sadtalker: the whole picture (full), the head's square (crop), or the picture as that square (resize)",
    )
    parser.add_argument(
        "--pose", default=own.pose, metavar="motion|voice|FILM", help="sadtalker: the beat, the voice or a film moves the head"
    )
    parser.add_argument(
        "--pose-style", type=int, default=own.pose_style, metavar="N", help="sadtalker: 0 to 45, with --pose voice"
    )
    for angle in ("yaw", "pitch", "roll"):
        parser.add_argument(f"--{angle}", default="", metavar="DEG,...", help=f"sadtalker: degrees, such as --{angle}=-20,30")


def sadtalker_of(options: argparse.Namespace) -> SadTalkerOptions:
    """The options of SadTalker. Raises `InputError` where one is out of range."""
    named = options.pose in get_args(PoseChoice)
    turns = {f"{angle}_deg": turns_of_argument(angle, getattr(options, angle)) for angle in ("yaw", "pitch", "roll")}
    return SadTalkerOptions(
        size=options.size,
        preprocess=options.preprocess,
        pose=options.pose if named else SadTalkerOptions.pose,
        pose_style=options.pose_style,
        pose_film=None if named else Path(options.pose),
        **turns,
    )


def settings_of(options: argparse.Namespace) -> SongToVideoSettings:
    """The options as settings. Raises `InputError` where one is out of range."""
    return SongToVideoSettings(
        engine=options.engine,
        fps=options.fps,
        height=options.height,
        start_s=options.start,
        duration_s=options.duration,
        seed=options.seed,
        face=options.face,
        allow_animals=options.allow_animals,
        turn_back=options.turn_back,
        face_frame=frame_of_argument(options.frame),
        expressiveness=options.expressiveness,
        head_motion=options.head_motion,
        lips=options.lips,
        style=options.style,
        intensity_points=points_of_argument(options.intensity),
        restore=options.restore,
        in_between=options.in_between,
        device=options.device,
        sadtalker=sadtalker_of(options),
        label=options.label,
        title=options.title,
        motion_csv=options.motion,
    )


def run(options: argparse.Namespace, console: Console) -> None:
    """Make the film and say how it went."""
    from pipeline.song_to_video import song_to_video

    settings = settings_of(options)
    with ExitStack() as stack:
        cache_settings = CacheSettings.from_environment()
        if options.no_cache:
            folder = stack.enter_context(TemporaryDirectory(prefix="belcanto-"))
            cache_settings = CacheSettings(Path(folder), cache_settings.limit_bytes)
        bars = stack.enter_context(StageBars(console))
        report = song_to_video(
            *(options.portrait, options.song, options.out, settings, bars),
            cache=StageCache(cache_settings),
            tell=lambda note: show_notes(console, [note]),
        )
    if options.json:
        print_json(report.as_json())
    else:
        print(report.video)
