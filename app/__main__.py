"""`python -m app`: serves the web interface on this machine and prints its address."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from core.errors import BelcantoError
from core.places import call_of
from core.watching.logs import begin_log
from core.watching.traces import begin_traces


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog=call_of("app"), description="Serves the wizard: music, image, result.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s: this machine alone)")
    parser.add_argument("--port", type=int, default=5000, help="port to listen on (default %(default)s; 0: any free one)")
    parser.add_argument("--no-worker", action="store_true", help="serve pages only; films are made by " + call_of("app.worker"))
    parser.add_argument("--no-live", action="store_true", help="serve without avatars that answer, and without their process")
    parser.add_argument("--colab", action="store_true", help="serve a Colab notebook, whose proxy the pages are seen through")
    parser.add_argument(
        "--data-dir",
        type=Path,
        metavar="DIR",
        help="folder with uploads/ and results/ (default: the checkout, or your own data folder)",
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve; returns the exit code."""
    options = build_parser().parse_args(arguments)
    try:
        begin_log()
        begin_traces("belcanto-web")
        from app.server import ServeOptions, serve

        worker, live = not options.no_worker, not options.no_live
        return serve(ServeOptions(options.host, options.port, worker, options.colab, options.data_dir, live))
    except BelcantoError as error:
        print(str(error), file=sys.stderr)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
