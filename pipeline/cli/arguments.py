"""What the subcommands share: a parser that answers in sentences, and how a command shows its work."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping
from typing import NoReturn

from rich.console import Console

from core.errors import InputError
from core.messages import Message


class SentenceParser(argparse.ArgumentParser):
    """argparse whose complaints are one sentence, raised as `InputError`."""

    def error(self, message: str) -> NoReturn:
        """Raises `InputError`: what argparse found wrong, and where help is."""
        raise InputError(
            "pipeline.arguments_not_understood", first=message[:1].upper(), rest=message[1:].rstrip("."), program=self.prog
        )


def show_notes(console: Console, notes: Iterable[Message]) -> None:
    """Sentences for the user on stderr."""
    for note in notes:
        console.print(str(note), markup=False, highlight=False, soft_wrap=True)


def print_json(values: Mapping[str, object]) -> None:
    """One JSON object as the last line of stdout."""
    print(json.dumps(values, ensure_ascii=False, allow_nan=False), flush=True)
