"""`python -m live`: serves the avatars that answer. `python -m app` starts it beside itself, and speaks for it to the world."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from core.errors import BelcantoError


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m live",
        description="Serves avatars on this machine, to whoever shows the key in BELCANTO_LIVE_KEY. Prints its port.",
    )
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: any free one)")
    parser.add_argument("--films", type=Path, metavar="DIR", help="folder of recorded films (default: one that goes at the end)")
    parser.add_argument("--with-parent", action="store_true", help="end when stdin does, which whoever started it holds")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve; returns the exit code."""
    options = build_parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s live: %(message)s")
    for noisy in ("aioice", "aiortc", "aiohttp", "libav"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    try:
        from live.service.limits import ServiceLimits
        from live.service.server import ServiceSettings, key_of_environment, run
        from live.streaming.addresses import IceSettings

        limits, ice = ServiceLimits.from_environment(), IceSettings.from_environment()
        settings = ServiceSettings(key_of_environment(), limits, ice, options.films and options.films.absolute())
        asyncio.run(run(settings, options.port, options.with_parent))
        return 0
    except BelcantoError as error:
        print(str(error), file=sys.stderr)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
