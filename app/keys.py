"""`python -m app.keys` (`belcanto keys`): how what people keep is sealed, and turning it over: other keys, sealed, open."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from app.database import Database
from app.migrations.upgrade import upgrade
from app.services import sealing
from app.settings import AppSettings
from app.terminal import add_data_dir, settings_of
from core.errors import BelcantoError
from core.places import call_of

#: Does it and says what came of it.
Command = Callable[[Session, AppSettings], str]


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog=call_of("app.keys"), description="How what people keep is sealed on the disk.")
    add_data_dir(parser)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("status", help="what is sealed, and by which keys")
    rotate = commands.add_parser("rotate", help="wrap all data keys by a new master key; called again, it goes on")
    rotate.add_argument("--data-keys", action="store_true", help="seal all files anew under new data keys instead")
    commands.add_parser("encrypt", help="seal all files that lie open")
    commands.add_parser("decrypt", help="have all files lie open; for BELCANTO_ENCRYPTION=off")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = build_parser().parse_args(arguments)
    try:
        settings = settings_of(options)
        database = Database(settings)
        try:
            upgrade(database.engine, settings)
            settings.vault.keys.check(False)
            with database.session() as session:
                print(command_of(options)(session, settings))
        finally:
            database.close()
    except BelcantoError as error:
        print(str(error), file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(f"It stopped here ({error.strerror}); nothing is lost. Call it again to go on.", file=sys.stderr)
        return 1
    return 0


def command_of(options: argparse.Namespace) -> Command:
    """What was asked for."""
    if options.command == "rotate" and not options.data_keys:
        return rotate
    return {"status": status, "rotate": rotate_data_keys, "encrypt": encrypt, "decrypt": decrypt}[str(options.command)]


def status(session: Session, settings: AppSettings) -> str:
    """How things stand."""
    told = sealing.status_of(session, settings)
    rows = [
        f"New files are {'sealed' if told.sealing else 'not sealed (BELCANTO_ENCRYPTION=off)'}.",
        f"Files: {told.sealed} sealed, {told.plain} open. Working copies at the moment: {told.held}.",
        f"Master key: {told.place}",
        *(f"  {master} wraps {count} data keys" for master, count in sorted(told.masters.items())),
        f"Data keys that seal nothing new: {told.retired}",
    ]
    return "\n".join(rows)


def rotate(session: Session, settings: AppSettings) -> str:
    """Another master key."""
    count = sealing.rotate_master(settings, progress)
    return f"{count} data keys are wrapped by the new master key in {sealing.ring_of(settings).source.place}. Keep a copy of it."


def rotate_data_keys(session: Session, settings: AppSettings) -> str:
    """Other data keys."""
    return f"{sealing.rotate_data_keys(session, settings, progress)} files are sealed under new data keys."


def encrypt(session: Session, settings: AppSettings) -> str:
    """All sealed."""
    return f"{sealing.encrypt(session, settings, progress)} files were sealed."


def decrypt(session: Session, settings: AppSettings) -> str:
    """All open."""
    count = sealing.decrypt(session, settings, progress)
    return f"{count} files lie open now. Start with BELCANTO_ENCRYPTION=off, or new ones are sealed again."


def progress(done: int, total: int) -> None:
    """A line that is written over, where somebody looks on."""
    if sys.stderr.isatty():
        print(f"\r{done} of {total}", end="\n" if done == total else "", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
