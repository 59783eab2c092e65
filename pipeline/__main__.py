"""`python -m pipeline sing|speak|...`: the command line, which translates between a person and the pipeline.

Exit codes: 0 done; 2 the input can't be used; 3 a weight or a dependency is missing; 130 cancelled;
`verify` has more of its own.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from rich.console import Console

from core.errors import BelcantoError, Cancelled, InputError
from core.places import call_of
from pipeline.cli import avatars as cli_avatars
from pipeline.cli import caption as cli_caption
from pipeline.cli import compare as cli_compare
from pipeline.cli import dub as cli_dub
from pipeline.cli import emotion as cli_emotion
from pipeline.cli import export as cli_export
from pipeline.cli import faces as cli_faces
from pipeline.cli import fill as cli_fill
from pipeline.cli import look as cli_look
from pipeline.cli import lyrics as cli_lyrics
from pipeline.cli import motion as cli_motion
from pipeline.cli import reshape as cli_reshape
from pipeline.cli import script as cli_script
from pipeline.cli import sing as cli_sing
from pipeline.cli import speak as cli_speak
from pipeline.cli import sync as cli_sync
from pipeline.cli import track as cli_track
from pipeline.cli import transfer as cli_transfer
from pipeline.cli import verify as cli_verify
from pipeline.cli.arguments import SentenceParser, print_json
from pipeline.cli.terminal import clean_stderr, stop_signals
from pipeline.stages import missing_package


def build_parser() -> SentenceParser:
    """The command line's grammar: one subcommand a module."""
    parser = SentenceParser(
        prog=call_of("pipeline"),
        description="Makes a portrait sing, speak or follow a film, and gives films other lips.",
        allow_abbrev=False,
    )
    ways = (
        "sing|speak|transfer|dub|script|lyrics|motion|track|emotion|faces|sync|fill|compare|look|caption|avatars|export|reshape"
        "|verify"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar=ways)
    for command in (
        *(cli_sing, cli_speak, cli_transfer, cli_dub, cli_script, cli_lyrics, cli_motion, cli_track),
        *(
            cli_emotion,
            cli_faces,
            cli_sync,
            cli_fill,
            cli_compare,
            cli_look,
            cli_caption,
            cli_avatars,
            cli_export,
            cli_reshape,
            cli_verify,
        ),
    ):
        command.add_parser(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    with stop_signals() as stop, clean_stderr() as console:
        options: argparse.Namespace | None = None
        try:
            options = build_parser().parse_args(arguments)
            return int(options.run(options, console) or 0)
        except KeyboardInterrupt:
            say(console, "Cancelled; no file was left behind.")
            return Cancelled.exit_code
        except (BelcantoError, ImportError, OSError, MemoryError) as error:
            if stop.heard:  # what broke was broken by the stopping
                say(console, "Cancelled; no file was left behind.")
                return Cancelled.exit_code
            told = as_told(error)
            say(console, str(told))
            if getattr(options, "json", False):
                print_json(told.as_json())
            return told.exit_code


def as_told(error: BelcantoError | ImportError | OSError | MemoryError) -> BelcantoError:
    """The error as a sentence for a person, with its exit code."""
    if isinstance(error, BelcantoError):
        return error
    if isinstance(error, ImportError):
        return missing_package(error)
    if isinstance(error, MemoryError):
        return InputError("core.too_little_memory")
    where = f" ({error.filename})" if error.filename else ""
    return InputError("pipeline.system_refused", reason=error.strerror or error, where=where)


def say(console: Console, sentence: str) -> None:
    """One line on stderr, whatever its length."""
    console.print(" ".join(sentence.split()), markup=False, highlight=False, soft_wrap=True)


def leave(exit_code: int) -> NoReturn:
    """End the process with this code.

    A KeyboardInterrupt that met Python while it ran a string of code (dataclasses do, while they are imported) makes it end by
    SIGINT even where the interrupt was handled; so a cancelled run, which has cleaned up by now, leaves without asking it again.
    """
    if exit_code == Cancelled.exit_code:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(exit_code)
    sys.exit(exit_code)


if __name__ == "__main__":
    leave(main())
