"""What the subcommands share: a parser that answers in sentences, and how a command shows its work."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping
from typing import NoReturn, get_args

from rich.console import Console

from core.errors import InputError
from core.messages import Message
from motion.intensity import StyleChoice
from pipeline.film_settings import LipsChoice, SongToVideoSettings


class SentenceParser(argparse.ArgumentParser):
    """argparse whose complaints are one sentence, raised as `InputError`."""

    def error(self, message: str) -> NoReturn:
        """Raises `InputError`: what argparse found wrong, and where help is."""
        raise InputError(
            "pipeline.arguments_not_understood", first=message[:1].upper(), rest=message[1:].rstrip("."), program=self.prog
        )


def add_lips_argument(parser: argparse.ArgumentParser) -> None:
    """The option of what moves the lips."""
    parser.add_argument(
        "--lips",
        choices=get_args(LipsChoice),
        default=SongToVideoSettings.lips,
        help="what moves the lips: a network that learned from people, or signal features (default %(default)s)",
    )


def add_emotion_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of what the face feels and how strongly."""
    parser.add_argument(
        "--style", choices=get_args(StyleChoice), default="auto", help="what the face feels (default: as the song)"
    )
    parser.add_argument(
        "--intensity", default="", metavar="T:I,...", help="how strongly, 0 to 1: key points 0:0.3,12.5:0.9 or @FILE.csv"
    )


def show_notes(console: Console, notes: Iterable[Message]) -> None:
    """Sentences for the user on stderr."""
    for note in notes:
        console.print(str(note), markup=False, highlight=False, soft_wrap=True)


def print_json(values: Mapping[str, object]) -> None:
    """One JSON object as the last line of stdout."""
    print(json.dumps(values, ensure_ascii=False, allow_nan=False), flush=True)
