"""What the commands of the web interface have in common: which data folder they are about."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from app.settings import AppSettings


def add_data_dir(parser: argparse.ArgumentParser) -> None:
    """The option that names it."""
    parser.add_argument(
        "--data-dir",
        type=Path,
        metavar="DIR",
        help="folder with uploads/ and results/ (default: the checkout, or your own data folder)",
    )


def settings_of(options: argparse.Namespace) -> AppSettings:
    """What the environment says, of the data folder that was named. Raises InputError for an environment that can't be read."""
    settings = AppSettings.from_environment()
    return settings if options.data_dir is None else replace(settings, data_dir=options.data_dir.absolute())
